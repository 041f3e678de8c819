/**
 * The six requests that the exporter may make of the checkpoint table, each as data: plain objects, conditions and
 * changes without a grammar. Only this file knows the service's expression language.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TableKey } from '../domain/keys';
import { readAnswers, wholeAnswer, withoutLogger } from './http-answer';

export type Attributes = Record<string, unknown>;

/** The name of a value in a request, `:fence`. */
type ValueName = `:${string}`;

type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/**
 * A clause over attributes. `path` is an attribute, or one within a map: `head.seq`. A missing attribute satisfies only
 * `<>` to a value.
 */
export type Condition =
  | { readonly absent: string }
  | { readonly path: string; readonly is: Comparator; readonly value: ValueName }
  | { readonly anyOf: readonly Condition[] }
  | { readonly allOf: readonly Condition[] };

/** The new value of an attribute: a value, or the present one (`unlessThere` if it is missing) plus another. */
type Change = ValueName | { readonly unlessThere: ValueName; readonly plus?: ValueName };

/** New attributes by name; the others of the item stay as they are. */
export type Changes = Readonly<Record<string, Change>>;

/** The condition of a request, with exactly the values that it and the changes name. */
export interface Only {
  readonly condition: Condition;
  readonly values: Readonly<Record<ValueName, unknown>>;
}

interface TableQuery {
  readonly partition: string;
  /** Prefix of the sort key. */
  readonly prefix: string;
  /** Leaves items out. */
  readonly filter?: Only | undefined;
  /** End of the page before. */
  readonly after?: TableKey | undefined;
}

/** Sends one request to the service per call. Reads are strongly consistent; the SDK's errors pass through. */
export interface TableRequests {
  /** Name of the table. */
  readonly table: string;
  getItem(key: TableKey): Promise<Attributes | null>;
  /** Reads at most 100 different keys. `left` were not processed and have to be requested again. */
  batchGetItem(keys: readonly TableKey[]): Promise<{ readonly items: Attributes[]; readonly left: TableKey[] }>;
  /** Reads one page in the order of the sort keys. More pages follow as long as it has an end. */
  query(query: TableQuery): Promise<{ readonly items: Attributes[]; readonly end: TableKey | undefined }>;
  /** Rejects with ConditionalCheckFailedException if the condition is false, as `updateItem` does. */
  putItem(item: TableKey & Attributes, only: Only): Promise<void>;
  /** Writes at most 25 items of different keys. Returns those that were not written. */
  batchWriteItem(items: readonly (TableKey & Attributes)[]): Promise<(TableKey & Attributes)[]>;
  /** Returns the item after the changes; a missing item is created. */
  updateItem(key: TableKey, changes: Changes, only: Only): Promise<Attributes>;
}

/** Is true if every one of them is. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return { allOf: conditions };
}

/** Is true if one of them is. */
export function anyOf(...conditions: readonly Condition[]): Condition {
  return { anyOf: conditions };
}

export function absent(path: string): Condition {
  return { absent: path };
}

export function compares(path: string, is: Comparator, value: ValueName): Condition {
  return { path, is, value };
}

/** Sets each attribute to the value of its name, `:name`. */
export function setting(attributes: Attributes): Changes {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, `:${name}` as const]));
}

/** Works as `setting`, but only for attributes that the item lacks. */
export function unlessThere(attributes: Attributes): Changes {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, { unlessThere: `:${name}` as const }]));
}

/** Returns the values that `setting` and `unlessThere` name. */
export function valuesOf(attributes: Attributes): Only['values'] {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]));
}

/**
 * Creates a client that the standard SDK variables alone configure (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB,
 * credentials). Every request has a time limit and the SDK repeats passing failures, so a call ends within about 10 s,
 * whatever hangs.
 */
export function createDynamoDBClient(): DynamoDBClient {
  const client = new DynamoDBClient({
    retryMode: 'standard',
    maxAttempts: 3,
    // Every case costs a call of this client, all alike: nothing changes its middleware, and no call has options of its
    // own.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      socketTimeout: 3_000,
    },
  });
  readAnswers(client, wholeAnswer);
  return withoutLogger(client);
}

/** Translates requests to the service's expression language and sends them through its client. */
export function createTableRequests(client: DynamoDBClient, table: string): TableRequests {
  return {
    table,

    async getItem(key) {
      const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
      const { Item } = await client.send(command);
      return Item ? unmarshall(Item) : null;
    },

    async batchGetItem(keys) {
      const Keys = keys.map((key) => marshall(key));
      const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } });
      const output = await client.send(command);
      return {
        items: (output.Responses?.[table] ?? []).map((item) => unmarshall(item)),
        left: (output.UnprocessedKeys?.[table]?.Keys ?? []).map(keyOf),
      };
    },

    async query({ partition, prefix, filter, after }) {
      const range = '#pk = :partition AND begins_with(#sk, :prefix)';
      const FilterExpression = filter && expressionOf(filter.condition);
      const command = new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: range,
        FilterExpression,
        ExpressionAttributeNames: namesIn(range, FilterExpression),
        ExpressionAttributeValues: marshall({ ':partition': partition, ':prefix': prefix, ...filter?.values }),
        ExclusiveStartKey: after && marshall(after),
      });
      const { Items = [], LastEvaluatedKey } = await client.send(command);
      return { items: Items.map((item) => unmarshall(item)), end: LastEvaluatedKey && keyOf(LastEvaluatedKey) };
    },

    async putItem(item, only) {
      const command = new PutItemCommand({ TableName: table, Item: marshall(item), ...conditional(only) });
      await client.send(command);
    },

    async batchWriteItem(items) {
      const requests = items.map((item): WriteRequest => ({ PutRequest: { Item: marshall(item) } }));
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      return (UnprocessedItems?.[table] ?? []).flatMap(({ PutRequest }) => {
        return PutRequest?.Item ? { ...unmarshall(PutRequest.Item), ...keyOf(PutRequest.Item) } : [];
      });
    },

    async updateItem(key, changes, only) {
      const UpdateExpression = updateOf(changes);
      const command = new UpdateItemCommand({
        TableName: table,
        Key: marshall(key),
        UpdateExpression,
        ...conditional(only, UpdateExpression),
        ReturnValues: 'ALL_NEW',
      });
      const { Attributes = {} } = await client.send(command);
      return unmarshall(Attributes);
    },
  };
}

/** Builds the condition with its values, beside the names of the update. */
function conditional({ condition, values }: Only, update?: string) {
  const ConditionExpression = expressionOf(condition);
  return {
    ConditionExpression,
    ExpressionAttributeNames: namesIn(update, ConditionExpression),
    // The service refuses an empty list of values.
    ExpressionAttributeValues: Object.keys(values).length > 0 ? marshall(values) : undefined,
  };
}

/** Names are written `#name`, as many are reserved words. */
function expressionOf(condition: Condition): string {
  if ('allOf' in condition) return condition.allOf.map(expressionOf).join(' AND ');
  if ('anyOf' in condition) return `(${condition.anyOf.map(expressionOf).join(' OR ')})`;
  if ('absent' in condition) return `attribute_not_exists(${aliasOf(condition.absent)})`;
  return `${aliasOf(condition.path)} ${condition.is} ${condition.value}`;
}

function updateOf(changes: Changes): string {
  const assignments = Object.entries(changes).map(([name, change]) => `${aliasOf(name)} = ${operandOf(name, change)}`);
  return `SET ${assignments.join(', ')}`;
}

function operandOf(name: string, change: Change): string {
  if (typeof change === 'string') return change;
  const operand = `if_not_exists(${aliasOf(name)}, ${change.unlessThere})`;
  return change.plus === undefined ? operand : `${operand} + ${change.plus}`;
}

function aliasOf(path: string): string {
  return path.replace(/\w+/g, '#$&');
}

/** `#name` stands for the attribute `name`. */
function namesIn(...expressions: readonly (string | undefined)[]): Record<string, string> {
  const aliases = expressions.flatMap((expression) => expression?.match(/#\w+/g) ?? []);
  return Object.fromEntries(aliases.map((alias) => [alias, alias.slice(1)]));
}

function keyOf(attributes: Record<string, AttributeValue>): TableKey {
  const { pk, sk } = unmarshall(attributes);
  return { pk, sk };
}
