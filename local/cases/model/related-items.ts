import { notFound, validationError } from './api-error';
import { type Happening, recordEvent } from './audit-events';
import { addVersion, checkFields } from './cases';
import { changesOfContent, type ItemInput, type ItemUpdate, itemContent } from './related-content';
import { EMPTY, type FieldChange, isoTime, type UserUnion } from './values';
import {
  arnOf,
  type Case,
  currentFields,
  type Domain,
  findCase,
  findDomain,
  type RelatedItem,
  type World,
} from './world';

interface CreateItemInput {
  readonly domainId: string;
  readonly caseId: string;
  readonly type: string;
  readonly content: ItemInput;
  readonly performedBy?: UserUnion | undefined;
}

interface UpdateItemInput {
  readonly domainId: string;
  readonly caseId: string;
  readonly relatedItemId: string;
  readonly content: ItemUpdate;
  readonly performedBy?: UserUnion | undefined;
}

/** Attaches a new item to the case, with its RelatedItem.Created. */
export function createRelatedItem(world: World, input: CreateItemInput): { relatedItemId: string } {
  const domain = findDomain(world, input.domainId);
  const subject = findCase(domain, input.caseId);
  if (Object.keys(input.content)[0] !== memberOfType(input.type)) {
    throw validationError(`A related item of type ${input.type} takes the content ${memberOfType(input.type)}`);
  }
  if ('connectCase' in input.content) findCase(domain, input.content.connectCase.caseId);
  if ('custom' in input.content) checkFields(domain, input.content.custom.fields);
  const now = world.now();
  const item: RelatedItem = {
    relatedItemId: world.newId(),
    type: input.type,
    content: itemContent(input.content, now),
    associatedAt: now,
    createdBy: input.performedBy,
    lastUpdatedBy: undefined,
    deletedAt: null,
  };
  subject.relatedItems.set(item.relatedItemId, item);
  const changes = changesOfContent(undefined, item.content);
  record(world, subject, item, { type: 'RelatedItem.Created', changes, performedBy: input.performedBy, at: now });
  return { relatedItemId: item.relatedItemId };
}

/** Replaces the content of a comment or a custom item, with its RelatedItem.Updated. */
export function updateRelatedItem(world: World, input: UpdateItemInput): RelatedItem {
  const domain = findDomain(world, input.domainId);
  const subject = findCase(domain, input.caseId);
  const item = findItem(subject, input.relatedItemId);
  if (Object.keys(input.content)[0] !== memberOfType(item.type)) {
    throw validationError(`Related item ${item.relatedItemId} is of type ${item.type}, which cannot be updated so`);
  }
  if ('custom' in input.content) checkFields(domain, input.content.custom.fields);
  const before = item.content;
  item.content = itemContent(input.content, item.associatedAt);
  item.lastUpdatedBy = input.performedBy;
  const changes = changesOfContent(before, item.content);
  const at = world.now();
  record(world, subject, item, { type: 'RelatedItem.Updated', changes, performedBy: input.performedBy, at });
  return item;
}

/** Removes the item from the case, with its RelatedItem.Deleted: every field goes from its value to empty. */
export function deleteRelatedItem(
  world: World,
  input: { readonly domainId: string; readonly caseId: string; readonly relatedItemId: string },
): void {
  const subject = findCase(findDomain(world, input.domainId), input.caseId);
  const item = findItem(subject, input.relatedItemId);
  const at = world.now();
  item.deletedAt = at;
  const changes = changesOfContent(undefined, item.content).map(
    ({ fieldId, after }): FieldChange => ({ fieldId, before: after, after: EMPTY }),
  );
  record(world, subject, item, { type: 'RelatedItem.Deleted', changes, performedBy: undefined, at });
}

export interface FoundItem {
  readonly caseId: string;
  readonly item: RelatedItem;
}

/** Items of one case, or of all, that the index shows by now, without those of deleted cases. */
export function visibleItems(world: World, domain: Domain, caseId?: string): FoundItem[] {
  const until = world.now() - world.switches.relatedLagMs;
  const cases = caseId === undefined ? [...domain.cases.values()] : [findCase(domain, caseId)];
  return cases
    .filter((subject) => subject.deletedAt === null)
    .flatMap((subject) => [...subject.relatedItems.values()].map((item) => ({ caseId: subject.caseId, item })))
    .filter(({ item }) => item.associatedAt <= until && (item.deletedAt === null || item.deletedAt > until));
}

/** The item as SearchRelatedItems shows it. */
export function shownItem(item: RelatedItem): object {
  return {
    relatedItemId: item.relatedItemId,
    type: item.type,
    associationTime: isoTime(item.associatedAt),
    content: item.content,
    ...(item.createdBy === undefined ? {} : { performedBy: item.createdBy }),
    tags: {},
  };
}

export function itemArn(world: World, domainId: string, caseId: string, relatedItemId: string): string {
  return arnOf(world, domainId, 'case', caseId, 'related-item', relatedItemId);
}

function memberOfType(type: string): string {
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
}

function findItem(subject: Case, relatedItemId: string): RelatedItem {
  const item = subject.relatedItems.get(relatedItemId);
  if (item === undefined || item.deletedAt !== null) throw notFound('RelatedItem', relatedItemId);
  return item;
}

function record(world: World, subject: Case, item: RelatedItem, happening: Happening): void {
  recordEvent(world, subject, { ...happening, relatedItemType: item.type });
  if (!world.switches.relatedItemsTouchCase) return;
  const lastUpdated = { stringValue: isoTime(happening.at) };
  addVersion(subject, happening.at, new Map(currentFields(subject)).set('last_updated_datetime', lastUpdated));
}
