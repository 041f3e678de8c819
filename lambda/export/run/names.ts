/** What fields, select values and templates are called: looked up as changes name them, kept by the dictionary. */
import { CasesCallError, type CasesFailure } from '../domain/errors';
import type { FieldDefinition, FieldDictionary, StoredLabels } from '../domain/fields';
import { Mutex } from '../domain/pacer';
import { ReadingOver } from './budget';
import type { PacedCalls } from './calls';
import { countNulls, type RunCounters } from './counters';

/** Limit of BatchGetField. */
const IDS_PER_CALL = 50;

/** Failures that the next look-up of a run would probably meet as well: it is not made, because rows wait for it. */
const IS_LIKELY_AGAIN: ReadonlySet<CasesFailure> = new Set(['unavailable', 'throttled', 'denied']);

type ListFieldsPage = Awaited<ReturnType<PacedCalls['listFields']>>;

/**
 * Names, types and namespaces of fields. ListFields runs once per run, when the first event needs it; BatchGetField
 * looks up ids that it leaves out (deleted fields), each once, and the dictionary keeps them. It also keeps an id that
 * nobody knows, such as those of related items, without a name, so that no run asks for it again.
 */
export class FieldNames {
  readonly #known = new Map<string, FieldDefinition>();
  readonly #asked = new Set<string>();
  readonly #oneAtATime = new Mutex();
  #hasGivenUp = false;
  /** `stored`: ListFields failed, so the dictionary is that of earlier runs and is not written again. */
  #source: 'none' | 'stored' | 'listed' = 'none';

  constructor(
    private readonly domainId: string,
    private readonly calls: PacedCalls,
    private readonly counters: RunCounters,
    private readonly readStored: () => Promise<readonly FieldDefinition[]>,
  ) {}

  get dictionary(): FieldDictionary {
    return this.#known;
  }

  /** Whether the dictionary is everything that can be known, and so may be written. */
  get isWhole(): boolean {
    return this.#source === 'listed';
  }

  /** Resolves when the dictionary holds everything that can be known of these ids. */
  ensure(fieldIds: Iterable<string>): Promise<void> {
    const wanted = [...new Set(fieldIds)];
    return this.#oneAtATime.run(async () => {
      await this.#list();
      if (this.#hasGivenUp) return;
      const missing = wanted.filter((id) => !this.#known.has(id) && !this.#asked.has(id));
      for (let at = 0; at < missing.length && !this.#hasGivenUp; at += IDS_PER_CALL)
        await this.#lookUp(missing.slice(at, at + IDS_PER_CALL));
    });
  }

  async #list(): Promise<void> {
    if (this.#source !== 'none') return;
    const stored = await this.readStored();
    const listed = await this.#askList();
    if (listed === null) {
      this.#learn(stored);
      this.#source = 'stored';
      return;
    }
    const { pages, isWhole } = listed;
    for (const { fields } of pages) this.#learn(fields);
    // A field that is not listed any more was deleted, and keeps its name; a list that broke off proves no deletion.
    const unlisted = stored.filter(({ fieldId }) => !this.#known.has(fieldId));
    this.#learn(isWhole ? unlisted.map((field) => ({ ...field, deleted: field.name !== null })) : unlisted);
    this.#source = 'listed';
  }

  /** Returns null if it fails: names are worth less than the history. */
  async #askList(): Promise<Pages<ListFieldsPage> | null> {
    try {
      return await walkPages((nextToken) => this.calls.listFields({ domainId: this.domainId, nextToken }));
    } catch (error) {
      if (!(error instanceof CasesCallError)) throw error;
      this.#noteFailure(error);
      return null;
    }
  }

  async #lookUp(fieldIds: readonly string[]): Promise<void> {
    try {
      const page = await this.calls.batchGetFields({ domainId: this.domainId, fieldIds });
      this.#learn(page.fields);
      // A null may hide an answer, so no id of this call counts as unknown.
      const unknown = page.fields.includes(null) ? [] : fieldIds.filter((fieldId) => !this.#known.has(fieldId));
      this.#learn(unknown.map(withoutName));
    } catch (error) {
      if (!(error instanceof CasesCallError)) throw error;
      // A name is worth less than the history: the row is written with the field's id alone.
      this.#hasGivenUp ||= IS_LIKELY_AGAIN.has(error.failure);
      this.#noteFailure(error);
    }
    for (const id of fieldIds) this.#asked.add(id);
  }

  #noteFailure({ failure }: CasesCallError): void {
    this.counters.anomaly('fields-unavailable', { failure, denied: failure === 'denied' });
  }

  #learn(fields: readonly (FieldDefinition | null)[]): void {
    for (const field of fields) {
      if (field !== null) this.#known.set(field.fieldId, field);
      else this.counters.add('nullElements');
    }
  }
}

function withoutName(fieldId: string): FieldDefinition {
  return { fieldId, name: null, type: null, namespace: null, deleted: false };
}

/** No list of names has as many pages; an endless one must not use up the run. */
const MAX_PAGES = 50;

interface Paged {
  readonly nextToken: string | undefined;
}

interface Pages<Page> {
  readonly pages: readonly Page[];
  /** False where the list repeated a token or did not end: something may be missing. */
  readonly isWhole: boolean;
}

/** Requests one page after the other, at most 50, until one has no token or a token that occurred before. */
async function walkPages<Page extends Paged>(
  ask: (nextToken: string | undefined) => Promise<Page>,
): Promise<Pages<Page>> {
  const pages: Page[] = [];
  const seen = new Set<string>();
  let nextToken: string | undefined;
  while (pages.length < MAX_PAGES) {
    const page = await ask(nextToken);
    pages.push(page);
    nextToken = page.nextToken;
    if (nextToken === undefined) return { pages, isWhole: true };
    if (seen.has(nextToken)) break;
    seen.add(nextToken);
  }
  return { pages, isWhole: false };
}

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
  readonly #options = new Map<string, NonNullable<StoredLabels['options']>[number]>();
  #templates: StoredLabels['templates'];
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
      const knowsAll = [...wanted].every((value) => names.has(value));
      if (isDue(known?.asOf, knowsAll, this.now())) await this.#askOptions(fieldId);
    }
    if (templateId === null) return;
    const isKnown = this.#templates?.templates?.some((template) => template.templateId === templateId) === true;
    if (isDue(this.#templates?.asOf, isKnown, this.now())) await this.#askTemplates();
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
