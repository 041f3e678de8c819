import { type CaseFilter, compileFilter, knownField } from './filters';
import { compareBy, type Listing, type SortKey } from './paging';
import { hashUnit } from './random';
import { listSwitches } from './switches';
import { bareValue, type FieldType, instantOf } from './values';
import type { Case, CaseFields, Domain, World } from './world';

interface SearchQuery {
  readonly searchTerm?: string | undefined;
  readonly filter?: CaseFilter | undefined;
  readonly sorts?: readonly { readonly fieldId: string; readonly sortOrder: 'Asc' | 'Desc' }[] | undefined;
}

/** A case as the search index shows it. */
interface IndexedCase {
  readonly subject: Case;
  readonly fields: CaseFields;
}

/**
 * Cases in the index that the query matches, in the query's order: cases without a value of the sort field last, ties
 * by case id. Without sorts, in the order of creation, because AWS documents none.
 */
export function searchIndex(world: World, domain: Domain, query: SearchQuery): Listing<IndexedCase> {
  const matches = query.filter === undefined ? () => true : compileFilter(domain, query.filter);
  const term = query.searchTerm?.toLowerCase() ?? '';
  const until = world.now() - world.switches.indexLagMs;
  const found: IndexedCase[] = [];
  for (const subject of domain.cases.values()) {
    const fields = indexedFields(world, subject, until);
    if (fields === null || !matches({ fields, tags: subject.tags })) continue;
    if (term === '' || hasTerm(fields, term)) found.push({ subject, fields });
  }
  const listing = { idOf: ({ subject }: IndexedCase) => subject.caseId, ...order(world, domain, query, found) };
  const keyed = found.map((item) => ({ item, key: listing.keyOf(item) }));
  keyed.sort((a, b) => listing.compareKeys(a.key, b.key));
  return { ...listing, items: keyed.map(({ item }) => item) };
}

function indexedFields(world: World, subject: Case, until: number): CaseFields | null {
  if (world.switches.indexLagMs === 0) return subject.versions.at(-1)?.fields ?? null;
  return subject.versions.findLast(({ at }) => at <= until)?.fields ?? null;
}

function hasTerm(fields: CaseFields, term: string): boolean {
  return [...fields.values()].some((value) => {
    const text = bareValue(value);
    return typeof text === 'string' && text.toLowerCase().includes(term);
  });
}

function order(
  world: World,
  domain: Domain,
  query: SearchQuery,
  found: readonly IndexedCase[],
): Pick<Listing<IndexedCase>, 'keyOf' | 'compareKeys'> {
  const sorts = (query.sorts ?? []).map((sort) => ({ ...sort, type: knownField(domain, sort.fieldId).type }));
  if (!listSwitches(world.switches, 'SearchCases').sortHonoured) {
    const { seed } = world.switches;
    return { keyOf: ({ subject }) => [hashUnit(seed, 'unsorted', subject.caseId)], compareKeys: compareBy([1]) };
  }
  if (sorts.length === 0) {
    const places = new Map([...domain.cases.keys()].map((caseId, index) => [caseId, index]));
    return { keyOf: ({ subject }) => [places.get(subject.caseId) ?? found.length], compareKeys: compareBy([1]) };
  }
  return {
    // Two parts per sort: whether there is a value, and the value.
    keyOf: ({ subject, fields }) => [
      ...sorts.flatMap(({ fieldId, type }) => sortParts(fields, fieldId, type)),
      subject.caseId,
    ],
    compareKeys: compareBy([...sorts.flatMap(({ sortOrder }) => [1, sortOrder === 'Asc' ? 1 : -1]), 1]),
  };
}

function sortParts(fields: CaseFields, fieldId: string, type: FieldType): SortKey {
  const value = fields.get(fieldId);
  const bare = value === undefined ? null : bareValue(value);
  if (value === undefined || bare === null || Number.isNaN(bare)) return [1, ''];
  if (typeof bare === 'boolean') return [0, bare ? 1 : 0];
  return [0, type === 'DateTime' ? instantOf(value) : bare];
}
