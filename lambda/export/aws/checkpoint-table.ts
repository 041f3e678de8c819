/**
 * The six operations on the checkpoint table that the exporter may use, on plain objects: reads strongly consistent and
 * complete, errors translated, a condition that did not hold told apart from a failure.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { StoreError } from '../domain/errors';
import type { TableKey } from '../domain/keys';
import { readAnswers, wholeAnswer, withoutLogger } from './http-answer';
import { readAgain, type Waiting } from './read-again';
import { backoffMs, describeError, errorName, isDenied } from './store-errors';

export type Attributes = Record<string, unknown>;

/** A write that happened, or whose condition did not hold when the last of so many requests was answered. */
export type Written =
  | { readonly done: true; readonly attributes: Attributes }
  | { readonly done: false; readonly requests: number };

/** Names in expressions are written `#name` (many are reserved words), values `:name`. */
interface Condition {
  readonly condition: string;
  readonly values: Attributes;
}

/** A read that fails in a way that may pass is tried again (`readAgain`), but for `get`, which reads back what became of a write. */
export interface CheckpointTable {
  get(key: TableKey): Promise<Attributes | null>;
  /** Those of the items that exist, in no order; any number of different keys. */
  getMany(keys: readonly TableKey[]): Promise<Attributes[]>;
  /** Every item of the partition whose sort key begins so, in order; `filter` leaves items out. */
  query(partition: string, prefix: string, filter?: Condition): Promise<Attributes[]>;
  put(item: TableKey & Attributes, only: Condition): Promise<Written>;
  /** At most `ITEMS_PER_BATCH` items of different keys, unconditionally: each stands, or the promise rejects and any of them may. */
  putBatch(items: readonly (TableKey & Attributes)[]): Promise<void>;
  /** The attributes are all of the item, after the update. */
  update(key: TableKey, expression: string, only: Condition): Promise<Written>;
}

/** The most keys that BatchGetItem takes. */
const KEYS_PER_BATCH = 100;
/** The most items that BatchWriteItem takes. With 400 kB an item they are 10 MB, of the 16 MB that a request may have. */
export const ITEMS_PER_BATCH = 25;
/** Rounds in a row that may process nothing at all. */
const MAX_ROUNDS_WITHOUT_PROGRESS = 8;

/**
 * A client that the standard SDK variables alone configure (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, credentials). Every
 * request has a time limit, the SDK repeats what may pass: a call ends within about 10 s, whatever hangs.
 */
export function createDynamoDBClient(): DynamoDBClient {
  const client = new DynamoDBClient({
    retryMode: 'standard',
    maxAttempts: 3,
    // A call a case is made of it, all alike: nothing changes its middleware, and no call brings options of its own.
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

export function createCheckpointTable(
  client: DynamoDBClient,
  table: string,
  waiting: Waiting = { pause: sleep, monotonic: () => performance.now() },
): CheckpointTable {
  async function calling<T>(operation: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw translate(error, operation, table);
    }
  }

  function reading<T>(operation: string, call: () => Promise<T>): Promise<T> {
    return readAgain(waiting, () => calling(operation, call));
  }

  /** Asks for all, then for what was left, with pauses, until nothing is. */
  async function untilProcessed<T>(
    operation: string,
    all: readonly T[],
    ask: (some: readonly T[]) => Promise<readonly T[]>,
  ): Promise<void> {
    let left = all;
    for (let idle = 0; left.length > 0; ) {
      const before = left.length;
      left = await ask(left);
      if (left.length === 0) break;
      idle = left.length < before ? 0 : idle + 1;
      if (idle === MAX_ROUNDS_WITHOUT_PROGRESS) throw unprocessed(operation, table, left.length);
      await waiting.pause(backoffMs(idle + 1));
    }
  }

  async function getBatch(keys: readonly TableKey[]): Promise<Attributes[]> {
    const items: Attributes[] = [];
    await untilProcessed(
      'BatchGetItem',
      keys.map((key) => marshall(key)),
      async (Keys) => {
        const command = new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: [...Keys], ConsistentRead: true } },
        });
        const output = await reading('BatchGetItem', () => client.send(command));
        items.push(...(output.Responses?.[table] ?? []).map((item) => unmarshall(item)));
        return output.UnprocessedKeys?.[table]?.Keys ?? [];
      },
    );
    return items;
  }

  async function writing(operation: string, write: () => Promise<Record<string, AttributeValue>>): Promise<Written> {
    try {
      return { done: true, attributes: unmarshall(await write()) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { done: false, requests: error.$metadata.attempts ?? 1 };
      }
      throw translate(error, operation, table);
    }
  }

  return {
    async get(key) {
      const { Item } = await calling('GetItem', () =>
        client.send(new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true })),
      );
      return Item ? unmarshall(Item) : null;
    },

    async getMany(keys) {
      const items: Attributes[] = [];
      for (let start = 0; start < keys.length; start += KEYS_PER_BATCH) {
        items.push(...(await getBatch(keys.slice(start, start + KEYS_PER_BATCH))));
      }
      return items;
    },

    async query(partition, prefix, filter) {
      const condition = '#pk = :partition AND begins_with(#sk, :prefix)';
      const items: Attributes[] = [];
      let next: Record<string, AttributeValue> | undefined;
      do {
        const from = next;
        const output = await reading('Query', () =>
          client.send(
            new QueryCommand({
              TableName: table,
              ConsistentRead: true,
              KeyConditionExpression: condition,
              FilterExpression: filter?.condition,
              ExpressionAttributeNames: namesIn(condition, filter?.condition),
              ExpressionAttributeValues: marshall({ ':partition': partition, ':prefix': prefix, ...filter?.values }),
              ExclusiveStartKey: from,
            }),
          ),
        );
        items.push(...(output.Items ?? []).map((item) => unmarshall(item)));
        next = output.LastEvaluatedKey;
      } while (next);
      return items;
    },

    put(item, only) {
      return writing('PutItem', async () => {
        const command = new PutItemCommand({
          TableName: table,
          Item: marshall(item),
          ConditionExpression: only.condition,
          ExpressionAttributeNames: namesIn(only.condition),
          ExpressionAttributeValues: marshall(only.values),
        });
        await client.send(command);
        return {};
      });
    },

    putBatch(items) {
      const requests = items.map((item): WriteRequest => ({ PutRequest: { Item: marshall(item) } }));
      return untilProcessed('BatchWriteItem', requests, async (some) => {
        const command = new BatchWriteItemCommand({ RequestItems: { [table]: [...some] } });
        const output = await calling('BatchWriteItem', () => client.send(command));
        return output.UnprocessedItems?.[table] ?? [];
      });
    },

    update(key, expression, only) {
      return writing('UpdateItem', async () => {
        const command = new UpdateItemCommand({
          TableName: table,
          Key: marshall(key),
          UpdateExpression: expression,
          ConditionExpression: only.condition,
          ExpressionAttributeNames: namesIn(expression, only.condition),
          ExpressionAttributeValues: marshall(only.values),
          ReturnValues: 'ALL_NEW',
        });
        const { Attributes = {} } = await client.send(command);
        return Attributes;
      });
    },
  };
}

/** `#name` stands for the attribute `name`. */
function namesIn(...expressions: readonly (string | undefined)[]): Record<string, string> {
  const aliases = expressions.flatMap((expression) => expression?.match(/#\w+/g) ?? []);
  return Object.fromEntries(aliases.map((alias) => [alias, alias.slice(1)]));
}

function unprocessed(operation: string, table: string, count: number): StoreError {
  const what = operation === 'BatchGetItem' ? 'keys' : 'items';
  return new StoreError(
    `DynamoDB ${operation} of table ${table} left ${count} ${what} unprocessed ${MAX_ROUNDS_WITHOUT_PROGRESS} times in a row: the table is throttled. The next run goes on.`,
    'dynamodb',
    'unavailable',
  );
}

function translate(error: unknown, operation: string, table: string): StoreError {
  const what = `DynamoDB ${operation} of table ${table}`;
  if (errorName(error) === 'ResourceNotFoundException') {
    return new StoreError(
      `${what}: there is no such table. Check CHECKPOINT_TABLE, and that the function runs in the table's Region and account.`,
      'dynamodb',
      'missing-resource',
      { cause: error },
    );
  }
  if (isDenied(error)) {
    return new StoreError(
      `${what} was denied: ${describeError(error)}. Allow dynamodb:${operation} on this table, and its encryption key if it has one.`,
      'dynamodb',
      'denied',
      { cause: error },
    );
  }
  return new StoreError(`${what} failed: ${describeError(error)}`, 'dynamodb', 'unavailable', { cause: error });
}
