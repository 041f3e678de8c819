import { CasesCallError, type CasesFailure } from '../domain/errors';
import type { FieldDefinition, FieldDictionary } from '../domain/fields';
import { Mutex } from '../domain/pacer';
import type { PacedCalls } from './calls';
import type { RunCounters } from './counters';

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
      this.counters.anomaly('fields-unavailable', { failure: error.failure, denied: error.failure === 'denied' });
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
      this.counters.anomaly('fields-unavailable', { failure: error.failure, denied: error.failure === 'denied' });
    }
    for (const id of fieldIds) this.#asked.add(id);
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

export interface Pages<Page> {
  readonly pages: readonly Page[];
  /** False where the list repeated a token or did not end: something may be missing. */
  readonly isWhole: boolean;
}

/** Requests one page after the other, at most 50, until one has no token or a token that occurred before. */
export async function walkPages<Page extends Paged>(
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
