/** The six requests that the exporter may make of the table, on items in memory: what is answered when nothing fails. */
import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Attributes, Changes, Only, TableRequests } from '../../../lambda/export/aws/table-requests';
import { copyOf, type Item, sizeOf, withOwnBytes } from './attribute-values';
import { changed, check, holds, refuse } from './conditions';
import type { ItemKey, OrderedItems } from './ordered-items';
import { refusedWith } from './sdk-errors';

/** The limits of the service that the exporter could meet. */
const MAX_KEYS_A_BATCH = 100;
const MAX_WRITES_A_BATCH = 25;
const MAX_BYTES_AN_ITEM = 400 * 1024;
const MAX_BYTES_A_PAGE = 1024 * 1024;

/** A write that may happen: what will stand there, and what its condition would say of that. */
export interface PlannedWrite {
  readonly key: ItemKey;
  readonly item: Item;
  readonly previous: Item | undefined;
  /** The same request, once more, would meet its own write and be refused. */
  readonly wouldRefuseItself: boolean;
}

/** A page of a query: so many items were looked at, and those that the filter let through are given. */
interface QueryPage {
  readonly items: Attributes[];
  readonly seen: number;
  readonly end: ItemKey | undefined;
}

/** @throws ConditionalCheckFailedException if the condition does not hold; InvalidRequest for what the service refuses. */
export function planPut(items: OrderedItems, item: Attributes, only?: Only): PlannedWrite {
  const values = valuesOf(only);
  check(values, only?.condition);
  const made = marshall(item);
  const key = keyOf(made);
  return planned(items, key, only, values, () => copyOf(made));
}

/** As `planPut`; of an item that is not there, the changes make one. */
export function planUpdate(items: OrderedItems, key: ItemKey, changes: Changes, only: Only): PlannedWrite {
  const values = valuesOf(only);
  check(values, only.condition, changes);
  const asked = onlyKey(key);
  if ('pk' in changes || 'sk' in changes) {
    refuse('One or more parameter values were invalid: Cannot update an attribute that is part of the key');
  }
  // A copy: values of the request must not stay shared with who made it.
  return planned(items, asked, only, values, (before) => copyOf(changed(changes, before ?? marshall(asked), values)));
}

export function getItem(items: OrderedItems, key: ItemKey): Attributes | null {
  const item = items.get(onlyKey(key));
  return item === undefined ? null : given(item);
}

/** The keys of a batch, if the service takes it. */
export function keysOfBatch(keys: readonly ItemKey[]): readonly ItemKey[] {
  if (keys.length < 1 || keys.length > MAX_KEYS_A_BATCH) refuse(`Too many or no items requested: ${keys.length}`);
  refuseTwice(keys.map(onlyKey));
  return keys;
}

/** The puts of a batch, each of which may take effect without the others. */
export function putsOfBatch(items: OrderedItems, batch: readonly Attributes[]): PlannedWrite[] {
  if (batch.length < 1 || batch.length > MAX_WRITES_A_BATCH) {
    refuse(`Too many or no items in the BatchWriteItem call: ${batch.length}`);
  }
  const writes = batch.map((item) => planPut(items, item));
  refuseTwice(writes.map(({ key }) => key));
  return writes;
}

/** Items that exist, in an order that is not the one asked for. */
export function getMany(items: OrderedItems, keys: readonly ItemKey[]): Attributes[] {
  const found = keys.map((key) => items.get(key)).filter((item) => item !== undefined);
  return found.map(given).reverse();
}

/** `cutAfter`: the page ends after so many items were looked at, if it does not end before. */
export function queryPage(
  items: OrderedItems,
  query: Parameters<TableRequests['query']>[0],
  cutAfter: number,
): QueryPage {
  const { partition, prefix, filter, after } = query;
  const values = valuesOf(filter);
  check(values, filter?.condition);
  if (after !== undefined && (after.pk !== partition || !after.sk.startsWith(prefix))) {
    refuse('The provided starting key is outside query boundaries based on provided conditions');
  }
  const page: Attributes[] = [];
  let [seen, bytes] = [0, 0];
  for (const item of items.beginningWith(partition, prefix, after?.sk)) {
    if (filter === undefined || holds(filter.condition, item, values)) page.push(given(item));
    seen += 1;
    bytes += sizeOf(item);
    if (seen >= cutAfter || bytes >= MAX_BYTES_A_PAGE) return { items: page, seen, end: keyOf(item) };
  }
  return { items: page, seen, end: undefined };
}

/** An item as the client gives it: nothing in it is the table's own. */
export function given(item: Item): Attributes {
  return unmarshall(withOwnBytes(item));
}

/** What the client throws at the attempt of this number. */
export function conditionFailed(attempts: number): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: refusedWith(400, attempts),
  });
}

function planned(
  items: OrderedItems,
  key: ItemKey,
  only: Only | undefined,
  values: Item,
  make: (previous: Item | undefined) => Item,
): PlannedWrite {
  const previous = items.get(key);
  if (only !== undefined && !holds(only.condition, previous, values)) throw conditionFailed(1);
  const item = make(previous);
  if (sizeOf(item) > MAX_BYTES_AN_ITEM) refuse('Item size has exceeded the maximum allowed size');
  return { key, item, previous, wouldRefuseItself: only !== undefined && !holds(only.condition, item, values) };
}

function valuesOf(only: Only | undefined): Item {
  return marshall({ ...only?.values });
}

/** `pk`, `sk` of an item; both are strings and not empty. */
function keyOf(attributes: Record<string, AttributeValue> | Item): ItemKey {
  const [pk, sk] = [attributes['pk']?.S, attributes['sk']?.S];
  if (!pk || !sk) refuse('One or more parameter values are not valid: pk and sk are strings that are not empty');
  return { pk, sk };
}

function onlyKey(key: ItemKey): ItemKey {
  if (Object.keys(key).length !== 2) refuse('The provided key element does not match the schema');
  return keyOf(marshall(key));
}

function refuseTwice(keys: readonly ItemKey[]): void {
  const different = new Set(keys.map((key) => JSON.stringify(key)));
  if (different.size < keys.length) refuse('Provided list of item keys contains duplicates');
}
