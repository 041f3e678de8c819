/**
 * The six operations on the checkpoint table that the exporter may use. Reads are complete, errors are translated, and
 * a failed condition is told apart from a failure.
 */
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../domain/errors';
import type { TableKey } from '../domain/keys';
import { backoffMs, describeError, errorName, isDenied, readAgain, type Waiting, type Written } from './store-failures';
import type { Attributes, Changes, Only, TableRequests } from './table-requests';

/** Repeats reads that fail in a passing way (`readAgain`), except `get`, which reads back the outcome of a write. */
interface CheckpointTable {
  get(key: TableKey): Promise<Attributes | null>;
  /** Returns the existing items, in no order, for any number of different keys. */
  getMany(keys: readonly TableKey[]): Promise<Attributes[]>;
  /** Returns every item of the partition whose sort key has this prefix, in order; `filter` leaves items out. */
  query(partition: string, prefix: string, filter?: Only): Promise<Attributes[]>;
  put(item: TableKey & Attributes, only: Only): Promise<Written>;
  /**
   * Writes at most `ITEMS_PER_BATCH` items of different keys, unconditionally. If the promise rejects, any of them may
   * be stored.
   */
  putBatch(items: readonly (TableKey & Attributes)[]): Promise<void>;
  /** Returns all attributes of the item after the update. */
  update(key: TableKey, changes: Changes, only: Only): Promise<Written>;
}

/** The largest number of keys that BatchGetItem takes. */
const KEYS_PER_BATCH = 100;
/**
 * The largest number of items that BatchWriteItem takes. At 400 kB per item they are 10 MB of the 16 MB that a request
 * may have.
 */
export const ITEMS_PER_BATCH = 25;
/** Rounds in a row that may process nothing at all. */
const MAX_ROUNDS_WITHOUT_PROGRESS = 8;

export function createCheckpointTable(requests: TableRequests, waiting: Waiting): CheckpointTable {
  const { table } = requests;

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

  /** Asks for everything, then with pauses for whatever was left, until nothing is left. */
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

  async function writing(operation: string, write: () => Promise<Attributes>): Promise<Written> {
    try {
      return { done: true, attributes: await write() };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { done: false, requests: error.$metadata.attempts ?? 1 };
      }
      throw translate(error, operation, table);
    }
  }

  return {
    get: (key) => calling('GetItem', () => requests.getItem(key)),

    async getMany(keys) {
      const items: Attributes[] = [];
      for (let start = 0; start < keys.length; start += KEYS_PER_BATCH) {
        await untilProcessed('BatchGetItem', keys.slice(start, start + KEYS_PER_BATCH), async (some) => {
          const answer = await reading('BatchGetItem', () => requests.batchGetItem(some));
          items.push(...answer.items);
          return answer.left;
        });
      }
      return items;
    },

    async query(partition, prefix, filter) {
      const items: Attributes[] = [];
      let next: TableKey | undefined;
      do {
        const after = next;
        const page = await reading('Query', () => requests.query({ partition, prefix, filter, after }));
        items.push(...page.items);
        next = page.end;
      } while (next);
      return items;
    },

    put(item, only) {
      return writing('PutItem', async () => {
        await requests.putItem(item, only);
        return {};
      });
    },

    putBatch(items) {
      return untilProcessed('BatchWriteItem', items, (some) =>
        calling('BatchWriteItem', () => requests.batchWriteItem(some)),
      );
    },

    update: (key, changes, only) => writing('UpdateItem', () => requests.updateItem(key, changes, only)),
  };
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
