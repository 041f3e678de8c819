import { compileFilter } from '../model/filters';
import { compareBy, type Listing, type SortKey } from '../model/paging';
import { hashUnit } from '../model/random';
import {
  createRelatedItem,
  deleteRelatedItem,
  type FoundItem,
  itemArn,
  shownItem,
  updateRelatedItem,
  visibleItems,
} from '../model/related-items';
import { listSwitches } from '../model/switches';
import { isoTime } from '../model/values';
import { type Domain, findDomain, type World } from '../model/world';
import type { ItemFilter, Requests } from '../requests';
import type { OperationName } from '../routes';
import { type Handlers, listPage, pageMembers } from './answer-lists';

const DEFAULT_PAGE = 25;
type Sorts = NonNullable<Requests['SearchAllRelatedItems']['sorts']>;

export const RELATED_OPERATIONS = {
  CreateRelatedItem: (world, input) => {
    const { relatedItemId } = createRelatedItem(world, input);
    return { relatedItemId, relatedItemArn: itemArn(world, input.domainId, input.caseId, relatedItemId) };
  },

  UpdateRelatedItem: (world, input) => {
    const item = updateRelatedItem(world, input);
    return {
      relatedItemId: item.relatedItemId,
      relatedItemArn: itemArn(world, input.domainId, input.caseId, item.relatedItemId),
      type: item.type,
      content: item.content,
      associationTime: isoTime(item.associatedAt),
      tags: {},
      ...(item.lastUpdatedBy === undefined ? {} : { lastUpdatedUser: item.lastUpdatedBy }),
      ...(item.createdBy === undefined ? {} : { createdBy: item.createdBy }),
    };
  },

  DeleteRelatedItem: (world, input) => {
    deleteRelatedItem(world, input);
    return {};
  },

  SearchRelatedItems: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const found = filtered(domain, visibleItems(world, domain, input.caseId), input.filters);
    const page = listPage(
      world,
      'SearchRelatedItems',
      input,
      DEFAULT_PAGE,
      listing(world, 'SearchRelatedItems', found),
    );
    return pageMembers(page, 'relatedItems', ({ item }) => shownItem(item));
  },

  SearchAllRelatedItems: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const found = filtered(domain, visibleItems(world, domain), input.filters);
    const sorted = listing(world, 'SearchAllRelatedItems', found, input.sorts);
    const page = listPage(world, 'SearchAllRelatedItems', input, DEFAULT_PAGE, sorted);
    return pageMembers(page, 'relatedItems', ({ caseId, item }) => ({ ...shownItem(item), caseId }));
  },
} satisfies Partial<Handlers>;

/** Items that pass any of the filters; all of them without filters. */
function filtered(domain: Domain, found: readonly FoundItem[], filters: readonly ItemFilter[] = []): FoundItem[] {
  const tests = filters.map((filter) => itemTest(domain, filter));
  return found.filter((each) => tests.length === 0 || tests.some((test) => test(each)));
}

function itemTest(domain: Domain, filter: ItemFilter): (found: FoundItem) => boolean {
  if ('custom' in filter) {
    const matches = filter.custom.fields === undefined ? () => true : compileFilter(domain, filter.custom.fields);
    return ({ item: { content } }) =>
      'custom' in content &&
      matches({ fields: new Map(content.custom.fields.map(({ id, value }) => [id, value])), tags: {} });
  }
  const [member, wanted] = Object.entries(filter)[0] as [string, Readonly<Record<string, unknown>>];
  return ({ item: { content } }) => {
    if (!(member in content)) return false;
    const actual = new Map(Object.entries('sla' in content ? content.sla.slaConfiguration : Object.values(content)[0]));
    return Object.entries(wanted).every(
      ([name, value]) =>
        value === undefined || (Array.isArray(value) ? value.includes(actual.get(name)) : value === actual.get(name)),
    );
  };
}

/** Newest association first unless the sorts say otherwise; ties by item id. */
function listing(
  world: World,
  operation: OperationName,
  found: readonly FoundItem[],
  sorts: Sorts = [],
): Listing<FoundItem> {
  const { seed } = world.switches;
  const honoured = listSwitches(world.switches, operation).sortHonoured;
  const effective: Sorts = sorts.length > 0 ? sorts : [{ sortProperty: 'AssociationTime', sortOrder: 'Desc' }];
  const idOf = ({ item }: FoundItem) => item.relatedItemId;
  const keyOf = (each: FoundItem): SortKey =>
    honoured
      ? [...effective.map(({ sortProperty }) => propertyOf(each, sortProperty)), idOf(each)]
      : [hashUnit(seed, 'unsorted', idOf(each))];
  const directions = honoured ? [...effective.map(({ sortOrder }) => (sortOrder === 'Asc' ? 1 : -1)), 1] : [1];
  const compareKeys = compareBy(directions);
  const items = found.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compareKeys(a.key, b.key));
  return { items: items.map(({ item }) => item), idOf, keyOf, compareKeys };
}

function propertyOf({ caseId, item }: FoundItem, property: 'AssociationTime' | 'CaseId'): string | number {
  return property === 'CaseId' ? caseId : item.associatedAt;
}
