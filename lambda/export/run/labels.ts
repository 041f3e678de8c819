import type { AuditEvent } from '../domain/audit-event';
import { CasesCallError } from '../domain/errors';
import type { FieldDictionary, FieldOptions, StoredLabels, TemplateNames } from '../domain/fields';
import { ReadingOver } from './budget';
import type { PacedCalls } from './calls';
import { countNulls, type RunCounters } from './counters';
import { walkPages } from './field-names';

type LookUp = 'ListFieldOptions' | 'ListTemplates';

/** A service that was busy, down or muddled may answer the next run, so such a failure is not remembered. */
const MAY_ANSWER_LATER: ReadonlySet<string> = new Set(['throttled', 'unavailable', 'malformed']);

const HOUR_MS = 3_600_000;

/** Labels change seldom, and no event reports it: they are looked up once a day while changes come. */
const MAX_AGE_MS = 24 * HOUR_MS;

/** An unknown value may be new, or long deleted: it is looked up again, but not with every page. */
const MAX_AGE_OF_UNKNOWN_MS = HOUR_MS;

/**
 * Looks up the labels of select values and templates, for the dictionary that views join to the rows. Rows neither wait
 * for labels nor hold them: a look-up that is denied, unknown or down leaves the names unknown, is an anomaly, and
 * never ends the run.
 */
export class Labels {
  readonly #options = new Map<string, FieldOptions>();
  #templates: TemplateNames | undefined;
  /** Not tried again in this run. */
  readonly #givenUp = new Set<LookUp>();

  constructor(
    private readonly domainId: string,
    private readonly calls: PacedCalls,
    private readonly counters: RunCounters,
    private readonly now: () => number,
  ) {}

  /** Takes over the labels of the dictionary that was written last. */
  recall({ options = [], templates }: StoredLabels): void {
    for (const field of options) this.#options.set(field.fieldId, field);
    this.#templates = templates;
  }

  /** All known labels, to be written; the same bytes as long as nothing was looked up. */
  get stored(): StoredLabels {
    const options = [...this.#options.values()].sort((a, b) => (a.fieldId < b.fieldId ? -1 : 1));
    return { ...(options.length > 0 && { options }), ...(this.#templates && { templates: this.#templates }) };
  }

  /**
   * Looks up labels that are due for these values, by field, and for the template. Rejects only with errors that are
   * not failures of the Cases service.
   */
  async ensure(values: ReadonlyMap<string, ReadonlySet<string>>, templateId: string | null): Promise<void> {
    for (const [fieldId, wanted] of values) {
      const known = this.#options.get(fieldId);
      const names = new Set(known?.options?.map(({ value }) => value));
      if (
        this.#isDue(
          known?.asOf,
          [...wanted].every((value) => names.has(value)),
        )
      )
        await this.#askOptions(fieldId);
    }
    if (templateId === null) return;
    const isKnown = this.#templates?.templates?.some((template) => template.templateId === templateId) === true;
    if (this.#isDue(this.#templates?.asOf, isKnown)) await this.#askTemplates();
  }

  #isDue(asOf: string | undefined, knowsAll: boolean): boolean {
    return isDue(asOf, knowsAll, this.now());
  }

  #askOptions(fieldId: string): Promise<void> {
    return this.#ask(
      'ListFieldOptions',
      (nextToken) => this.calls.listFieldOptions({ domainId: this.domainId, fieldId, nextToken }),
      ({ options }) => options,
      (options, asOf) =>
        this.#options.set(fieldId, { fieldId, asOf, options: options ?? this.#options.get(fieldId)?.options ?? null }),
    );
  }

  #askTemplates(): Promise<void> {
    return this.#ask(
      'ListTemplates',
      (nextToken) => this.calls.listTemplates({ domainId: this.domainId, nextToken }),
      ({ templates }) => templates,
      (templates, asOf) => {
        this.#templates = { asOf, templates: templates ?? this.#templates?.templates ?? null };
      },
    );
  }

  /**
   * Looks up all pages, or nothing: `keep` gets null where the service refused, and is not called where it was down.
   */
  async #ask<Page extends { readonly nextToken: string | undefined }, Element>(
    lookUp: LookUp,
    call: (nextToken: string | undefined) => Promise<Page>,
    elementsOf: (page: Page) => readonly (Element | null)[],
    keep: (elements: Element[] | null, asOf: string) => void,
  ): Promise<void> {
    if (this.#givenUp.has(lookUp)) return;
    const asOf = new Date(this.now()).toISOString();
    try {
      keep(await this.#allPages(call, elementsOf), asOf);
    } catch (error) {
      if (!(error instanceof CasesCallError || error instanceof ReadingOver)) throw error;
      this.#givenUp.add(lookUp);
      if (error instanceof ReadingOver) return;
      const isRefused = !MAY_ANSWER_LATER.has(error.failure);
      this.counters.anomaly('labels-unavailable', {
        lookUp,
        failure: error.failure,
        denied: error.failure === 'denied',
      });
      if (isRefused) keep(null, asOf);
    }
  }

  async #allPages<Page extends { readonly nextToken: string | undefined }, Element>(
    call: (nextToken: string | undefined) => Promise<Page>,
    elementsOf: (page: Page) => readonly (Element | null)[],
  ): Promise<Element[]> {
    const { pages } = await walkPages(call);
    const elements = pages.flatMap(elementsOf);
    this.counters.add('nullElements', countNulls(elements));
    return elements.filter((element) => element !== null);
  }
}

/**
 * Whether to look up again. `asOf` is undefined if nothing was ever looked up; the age counts in both directions,
 * because clocks may jump.
 */
export function isDue(asOf: string | undefined, knowsAll: boolean, now: number): boolean {
  if (asOf === undefined) return true;
  const ageMs = Math.abs(now - Date.parse(asOf));
  return !(ageMs < (knowsAll ? MAX_AGE_MS : MAX_AGE_OF_UNKNOWN_MS));
}

/** Returns the values of select fields that the events name, by field id. */
export function selectValues(
  events: readonly AuditEvent[],
  dictionary: FieldDictionary,
): Map<string, ReadonlySet<string>> {
  const byField = new Map<string, Set<string>>();
  for (const field of events.filter(hasFields).flatMap(({ fields }) => (Array.isArray(fields) ? fields : []))) {
    const fieldId: unknown = field?.eventFieldId;
    if (typeof fieldId !== 'string' || dictionary.get(fieldId)?.type !== 'SingleSelect') continue;
    const values = byField.get(fieldId) ?? new Set();
    for (const value of [field?.oldValue, field?.newValue]) {
      const text: unknown = value?.stringValue;
      if (typeof text === 'string') values.add(text);
    }
    byField.set(fieldId, values);
  }
  return byField;
}

/** An SLA or a comment has members instead of fields, which may share an id with one, as `status` does. */
function hasFields({ type, relatedItemType }: AuditEvent): boolean {
  return relatedItemType === 'Custom' || !String(type).startsWith('RelatedItem.');
}
