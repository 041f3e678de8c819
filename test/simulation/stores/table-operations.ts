/** The six operations of DynamoDB that the exporter may call, on items in memory: what is answered when nothing fails. */
import {
  type AttributeValue,
  type BatchGetItemCommandInput,
  type BatchWriteItemCommandInput,
  ConditionalCheckFailedException,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  ResourceNotFoundException,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { copyOf, type Item, sizeOf, withOwnBytes } from './attribute-values';
import { type Aliases, holds, nameOf, updated } from './expression-evaluator';
import { type Condition, ExpressionError, type Parsed, parseCondition, parseUpdate } from './expression-parser';
import { checkConditionTypes, checkUpdateTypes } from './operand-types';
import type { ItemKey, OrderedItems } from './ordered-items';
import { refusedWith } from './sdk-errors';

type Attributes = Record<string, AttributeValue>;

/** The limits of the service that the exporter could meet. */
const MAX_KEYS_A_BATCH = 100;
const MAX_WRITES_A_BATCH = 25;
const MAX_BYTES_AN_ITEM = 400 * 1024;
const MAX_BYTES_A_PAGE = 1024 * 1024;

/** A conditional write that may happen: what will stand there, and what its condition would say of that. */
export interface PlannedWrite {
  readonly key: ItemKey;
  readonly item: Item;
  readonly previous: Item | undefined;
  /** The same request, once more, would meet its own write and be refused. */
  readonly wouldRefuseItself: boolean;
  /** What it would be refused with, at the attempt of this number. */
  refusal(attempts: number): ConditionalCheckFailedException;
  readonly answer: { readonly Attributes?: Attributes };
}

/** A page of a query: so many items were looked at, and those that the filter let through are given. */
interface QueryPage {
  readonly items: Attributes[];
  readonly seen: number;
  readonly lastKey: Attributes | undefined;
}

/** @throws ConditionalCheckFailedException if the condition does not hold; ExpressionError for what the service refuses. */
export function planPut(items: OrderedItems, input: PutItemCommandInput): PlannedWrite {
  knows(input, 'TableName', 'Item', 'ConditionExpression', 'ReturnValuesOnConditionCheckFailure');
  const condition = input.ConditionExpression === undefined ? undefined : parseCondition(input.ConditionExpression);
  const aliases = aliasesOf(input, condition);
  if (condition) checkConditionTypes(condition.tree, aliases.values);
  const key = keyOf(input.Item);
  const previous = items.get(key);
  checkCondition(condition, previous, aliases, input);
  return planned(input, condition, aliases, { key, previous, item: copyOf(input.Item ?? {}) });
}

/** As `planPut`; of an item that is not there, the update makes one. */
export function planUpdate(items: OrderedItems, input: UpdateItemCommandInput): PlannedWrite {
  const known = ['TableName', 'Key', 'UpdateExpression', 'ConditionExpression', 'ReturnValues'];
  knows(input, ...known, 'ReturnValuesOnConditionCheckFailure');
  const update = parseUpdate(input.UpdateExpression ?? refuse('an update without UpdateExpression is not simulated'));
  const condition = input.ConditionExpression === undefined ? undefined : parseCondition(input.ConditionExpression);
  const aliases = aliasesOf(input, update, condition);
  checkUpdateTypes(update.tree, aliases.values);
  if (condition) checkConditionTypes(condition.tree, aliases.values);
  const key = onlyKey(input.Key);
  const previous = items.get(key);
  checkCondition(condition, previous, aliases, input);
  // A copy: values of the request must not stay shared with who made it.
  const item = copyOf(updated(update.tree, previous ?? attributesOf(key), aliases));
  if (item['pk']?.S !== key.pk || item['sk']?.S !== key.sk) {
    refuse('One or more parameter values were invalid: Cannot update an attribute that is part of the key');
  }
  return planned(input, condition, aliases, { key, previous, item });
}

export function getItem(items: OrderedItems, input: GetItemCommandInput): { Item?: Attributes } {
  knows(input, 'TableName', 'Key', 'ConsistentRead');
  isConsistent(input.ConsistentRead);
  const item = items.get(onlyKey(input.Key));
  return item === undefined ? {} : { Item: withOwnBytes(item) };
}

/** The keys of a batch that asks for this table alone. */
export function keysOfBatch(input: BatchGetItemCommandInput, table: string): Attributes[] {
  knows(input, 'RequestItems');
  const { [table]: request, ...others } = input.RequestItems ?? {};
  if (Object.keys(others).length > 0) throw noSuchTable();
  knows(request ?? {}, 'Keys', 'ConsistentRead');
  isConsistent(request?.ConsistentRead);
  const keys = request?.Keys ?? [];
  if (keys.length < 1 || keys.length > MAX_KEYS_A_BATCH) refuse(`Too many or no items requested: ${keys.length}`);
  const different = new Set(keys.map((key) => JSON.stringify(onlyKey(key))));
  if (different.size < keys.length) refuse('Provided list of item keys contains duplicates');
  return keys;
}

/** The puts of a batch that writes to this table alone, each of which may take effect without the others. */
export function putsOfBatch(items: OrderedItems, input: BatchWriteItemCommandInput, table: string): PlannedWrite[] {
  knows(input, 'RequestItems');
  const { [table]: requests = [], ...others } = input.RequestItems ?? {};
  if (Object.keys(others).length > 0) throw noSuchTable();
  if (requests.length < 1 || requests.length > MAX_WRITES_A_BATCH) {
    refuse(`Too many or no items in the BatchWriteItem call: ${requests.length}`);
  }
  const writes = requests.map((request) => {
    knows(request, 'PutRequest');
    const { Item } = request.PutRequest ?? refuse('a request of a batch that is no put is not simulated');
    return planPut(items, { TableName: table, Item });
  });
  const different = new Set(writes.map(({ key }) => JSON.stringify(key)));
  if (different.size < writes.length) refuse('Provided list of item keys contains duplicates');
  return writes;
}

/** Items that exist, in an order that is not the one asked for. */
export function getMany(items: OrderedItems, keys: readonly Attributes[]): Attributes[] {
  const found = keys.map((key) => items.get(onlyKey(key))).filter((item) => item !== undefined);
  return found.map(withOwnBytes).reverse();
}

/** `cutAfter`: the page ends after so many items were looked at, if it does not end before. */
export function queryPage(items: OrderedItems, input: QueryCommandInput, cutAfter: number): QueryPage {
  const known = ['TableName', 'ConsistentRead', 'KeyConditionExpression', 'FilterExpression', 'ExclusiveStartKey'];
  knows(input, ...known);
  isConsistent(input.ConsistentRead);
  const range = parseCondition(input.KeyConditionExpression ?? refuse('a query has a KeyConditionExpression'));
  const filter = input.FilterExpression === undefined ? undefined : parseCondition(input.FilterExpression);
  const aliases = aliasesOf(input, range, filter);
  if (filter) checkConditionTypes(filter.tree, aliases.values);
  const { pk, prefix } = rangeOf(range.tree, aliases);
  const start = input.ExclusiveStartKey === undefined ? undefined : onlyKey(input.ExclusiveStartKey);
  if (start !== undefined && (start.pk !== pk || !start.sk.startsWith(prefix))) {
    refuse('The provided starting key is outside query boundaries based on provided conditions');
  }
  const page: Attributes[] = [];
  let [seen, bytes] = [0, 0];
  for (const item of items.beginningWith(pk, prefix, start?.sk)) {
    if (filter === undefined || holds(filter.tree, item, aliases)) page.push(withOwnBytes(item));
    seen += 1;
    bytes += sizeOf(item);
    if (seen >= cutAfter || bytes >= MAX_BYTES_A_PAGE) {
      return { items: page, seen, lastKey: attributesOf(keyOf(item)) };
    }
  }
  return { items: page, seen, lastKey: undefined };
}

export function noSuchTable(): ResourceNotFoundException {
  return new ResourceNotFoundException({ message: 'Requested resource not found', $metadata: refusedWith(400) });
}

/** `pk`, `sk` of an item; both are strings and not empty. */
function keyOf(attributes: Item | undefined): ItemKey {
  const [pk, sk] = [attributes?.['pk']?.S, attributes?.['sk']?.S];
  if (!pk || !sk) refuse('One or more parameter values are not valid: pk and sk are strings that are not empty');
  return { pk, sk };
}

interface Conditional {
  readonly ReturnValues?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

function planned(
  input: Conditional,
  condition: Parsed<Condition> | undefined,
  aliases: Aliases,
  write: Pick<PlannedWrite, 'key' | 'item' | 'previous'>,
): PlannedWrite {
  const { item } = write;
  if (sizeOf(item) > MAX_BYTES_AN_ITEM) refuse('Item size has exceeded the maximum allowed size');
  if (input.ReturnValues !== undefined && input.ReturnValues !== 'ALL_NEW' && input.ReturnValues !== 'NONE') {
    refuse(`ReturnValues ${input.ReturnValues} is not simulated`);
  }
  return {
    ...write,
    wouldRefuseItself: condition !== undefined && !holds(condition.tree, item, aliases),
    refusal: (attempts) => conditionFailed(input, item, attempts),
    answer: input.ReturnValues === 'ALL_NEW' ? { Attributes: withOwnBytes(item) } : {},
  };
}

function checkCondition(
  condition: Parsed<Condition> | undefined,
  item: Item | undefined,
  aliases: Aliases,
  input: Conditional,
): void {
  if (condition !== undefined && !holds(condition.tree, item, aliases)) throw conditionFailed(input, item, 1);
}

function conditionFailed(
  { ReturnValuesOnConditionCheckFailure: wanted }: Conditional,
  item: Item | undefined,
  attempts: number,
): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: refusedWith(400, attempts),
    ...(wanted === 'ALL_OLD' && item !== undefined && { Item: withOwnBytes(item) }),
  });
}

/** `#pk = :pk`, alone or AND `begins_with(#sk, :prefix)`. */
function rangeOf(tree: Condition, aliases: Aliases): { pk: string; prefix: string } {
  const [partition, sortKey] = tree.kind === 'and' ? [tree.left, tree.right] : [tree, undefined];
  const text = (alias: string): string => aliases.values[alias]?.S ?? refuse(`${alias} is no string`);
  if (
    partition.kind !== 'compare' ||
    partition.comparator !== '=' ||
    partition.left.kind !== 'path' ||
    nameOf(partition.left.path.join('.'), aliases) !== 'pk' ||
    partition.right.kind !== 'value'
  ) {
    refuse('this key condition is not simulated');
  }
  const pk = text(partition.right.alias);
  if (sortKey === undefined) return { pk, prefix: '' };
  if (
    sortKey.kind !== 'begins-with' ||
    sortKey.subject.kind !== 'path' ||
    nameOf(sortKey.subject.path.join('.'), aliases) !== 'sk' ||
    sortKey.prefix.kind !== 'value'
  ) {
    refuse('this key condition is not simulated');
  }
  return { pk, prefix: text(sortKey.prefix.alias) };
}

interface Expressions {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Attributes | undefined;
}

/** The service refuses an alias that is not used, as it does one that is not defined. */
function aliasesOf(input: Expressions, ...expressions: readonly (Parsed<unknown> | undefined)[]): Aliases {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
  for (const given of [input.ExpressionAttributeNames, input.ExpressionAttributeValues]) {
    if (given === undefined) continue;
    const aliases = Object.keys(given);
    if (aliases.length === 0) refuse('ExpressionAttributeNames and ExpressionAttributeValues must not be empty');
    const unused = aliases.filter((alias) => !expressions.some((expression) => expression?.aliases.has(alias)));
    if (unused.length > 0) refuse(`Value provided is unused in expressions: ${unused.join()}`);
  }
  for (const expression of expressions) {
    for (const alias of expression?.aliases ?? []) {
      if (names[alias] === undefined && values[alias] === undefined) refuse(`${alias} is used and not defined`);
    }
  }
  return { names, values };
}

function onlyKey(key: Item | undefined): ItemKey {
  if (Object.keys(key ?? {}).length !== 2) refuse('The provided key element does not match the schema');
  return keyOf(key);
}

function attributesOf({ pk, sk }: ItemKey): Attributes {
  return { pk: { S: pk }, sk: { S: sk } };
}

function isConsistent(ConsistentRead: boolean | undefined): void {
  if (ConsistentRead !== true) refuse('a read that is not strongly consistent is not simulated');
}

/** An option that nobody has simulated must not be passed over in silence. */
function knows(input: object, ...known: readonly string[]): void {
  for (const [option, value] of Object.entries(input)) {
    if (value !== undefined && !known.includes(option) && !option.startsWith('ExpressionAttribute')) {
      refuse(`the option ${option} is not simulated`);
    }
  }
}

function refuse(what: string): never {
  throw new ExpressionError(what);
}
