/**
 * The checkpoint table in memory and deterministic, with the `dynamodb.*` faults: requests as data, errors as DynamoDB's
 * client throws them. Every request takes effect at one moment; others may come in between any two.
 *
 * A fault is what became of one whole request, the SDK's own attempts included (`sdk-errors.ts`):
 * - `throttled`, `lost-request`: all three attempts, and nothing happened;
 * - `lost-answer`: an attempt of a write took effect, of a batch perhaps in part, and no answer to any attempt came;
 * - `condition-failed-own-write`: the first attempt took effect, the second was answered that its condition failed. Strikes
 *   only a write whose condition does not hold once it has happened;
 * - `read-fails`: all three attempts at a read;
 * - `unprocessed-writes`: some puts of a batch are left, never all of them twice in a row;
 * - `unprocessed-keys`: some keys of a batch are left, now and then all of them, but never all of them twice in a row;
 * - `short-page`: a query ends after one to three items, and may then promise more where nothing follows.
 */
import {
  DynamoDBServiceException,
  ProvisionedThroughputExceededException,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createCheckpointStore } from '../../../lambda/export/aws/checkpoint-store';
import type { Attributes, TableRequests } from '../../../lambda/export/aws/table-requests';
import type { CheckpointStore, Clock } from '../../../lambda/export/ports';
import type { Faults } from '../faults';
import type { Item } from './attribute-values';
import { type ItemKey, OrderedItems } from './ordered-items';
import { ATTEMPTS, dynamoDBError, lostConnection, refusedWith, retriesTake } from './sdk-errors';
import {
  conditionFailed,
  getItem,
  getMany,
  given,
  keysOfBatch,
  type PlannedWrite,
  planPut,
  planUpdate,
  putsOfBatch,
  queryPage,
} from './table-operations';

/** The name of the one table there is. */
export const TABLE = 'checkpoints';

/** Time limit of one attempt of the exporter's client. */
const ATTEMPT_MS = 3_000;

/** An item in its document form. Shared and kept: not to be changed. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** A moment of the table: all that was written until then, in order. */
export type TableSnapshot = readonly { readonly key: ItemKey; readonly item: Item }[];

interface SimulatedTableOptions {
  readonly faults: Faults;
  /**
   * Called in the moment in which a write took effect, with the item as it stands and as it stood. Must not throw: the
   * adapter would take it for a failure of the service.
   */
  readonly onWrite?: (item: PlainItem, previous: PlainItem | undefined) => void;
}

export interface SimulatedTable {
  /** Those of a process: while the SDK tries again, or waits for an answer, its time passes. */
  requestsFor(clock: Clock): TableRequests;
  /** Requests that the service would have refused as invalid, or that are not simulated. An exporter makes none. */
  readonly invalidRequests: readonly string[];
  /** Every item there is, in the order of its keys. */
  items(): PlainItem[];
  /** As a backup: what is written later does not change it. */
  snapshot(): TableSnapshot;
  /** The table is again what it was then; may be done any number of times. No hook is called. */
  restore(snapshot: TableSnapshot): void;
  /** How many writes took effect. */
  readonly writes: number;
  /**
   * The table as it was after so many writes, for `restore`: as a point-in-time restore has it, which knows nothing of commits and
   * may end in the middle of one.
   */
  momentAfter(writes: number): TableSnapshot;
}

/** An empty table. */
export function createSimulatedTable(options: SimulatedTableOptions): SimulatedTable {
  const { faults, onWrite } = options;
  const items = new OrderedItems();
  const writes: TableSnapshot[number][] = [];
  const invalidRequests: string[] = [];
  const written = ({ key, item, previous }: PlannedWrite): void => {
    writes.push({ key, item });
    onWrite?.(plain(item), previous && plain(previous));
  };

  return {
    requestsFor: (clock) => new Requests({ items, faults, clock, written, invalidRequests }),
    invalidRequests,
    items: () => [...items.all()].map(plain),
    snapshot: () => [...writes],
    restore(snapshot) {
      items.clear();
      writes.length = 0;
      for (const write of snapshot) {
        items.set(write.key, write.item);
        writes.push(write);
      }
    },
    get writes() {
      return writes.length;
    },
    momentAfter: (count) => writes.slice(0, count),
  };
}

/** The real adapter over a simulated table. One for each process: everything in it waits by this clock. */
export function createSimulatedCheckpointStore(options: {
  readonly table: SimulatedTable;
  readonly clock: Clock;
}): CheckpointStore {
  const { table, clock } = options;
  return createCheckpointStore({
    requests: table.requestsFor(clock),
    pause: (ms) => clock.sleep(ms),
    monotonic: () => clock.monotonic(),
  });
}

/** What one client is answered. */
class Requests implements TableRequests {
  readonly table = TABLE;
  #allWereLeft = false;
  #allWereUnwritten = false;

  constructor(
    private readonly world: {
      readonly items: OrderedItems;
      readonly faults: Faults;
      readonly clock: Clock;
      readonly written: (write: PlannedWrite) => void;
      readonly invalidRequests: string[];
    },
  ) {}

  getItem(key: ItemKey): Promise<Attributes | null> {
    return this.#read('GetItem', () => getItem(this.world.items, key));
  }

  batchGetItem(keys: readonly ItemKey[]): Promise<{ items: Attributes[]; left: ItemKey[] }> {
    return this.#read('BatchGetItem', () => {
      const asked = keysOfBatch(keys);
      const left = asked.slice(0, this.#countOfKeysLeft(asked.length));
      this.#allWereLeft = left.length === asked.length;
      return { items: getMany(this.world.items, asked.slice(left.length)), left };
    });
  }

  query(query: Parameters<TableRequests['query']>[0]): Promise<{ items: Attributes[]; end: ItemKey | undefined }> {
    return this.#read('Query', () => {
      const { items, faults } = this.world;
      const whole = queryPage(items, query, Number.POSITIVE_INFINITY);
      const isCut = whole.seen > 0 && faults.strikes('dynamodb.short-page');
      const page = isCut ? queryPage(items, query, 1 + faults.below(3)) : whole;
      return { items: page.items, end: page.end };
    });
  }

  async putItem(...[item, only]: Parameters<TableRequests['putItem']>): Promise<void> {
    await this.#answer('PutItem', () => this.#write(planPut(this.world.items, item, only)));
  }

  updateItem(...[key, changes, only]: Parameters<TableRequests['updateItem']>): Promise<Attributes> {
    return this.#answer('UpdateItem', () => this.#write(planUpdate(this.world.items, key, changes, only)));
  }

  batchWriteItem<T extends Attributes>(batch: readonly T[]): Promise<T[]> {
    return this.#answer('BatchWriteItem', async () => {
      const { items, faults, clock, written } = this.world;
      const writes = putsOfBatch(items, batch);
      const isLost = faults.strikes('dynamodb.lost-answer');
      const left = isLost ? faults.below(writes.length) : this.#countOfWritesLeft(writes.length);
      for (const write of writes.slice(left)) {
        items.set(write.key, write.item);
        written(write);
      }
      if (isLost) throw await lostConnection(faults, clock, ATTEMPT_MS);
      return batch.slice(0, left);
    });
  }

  #read<T>(operation: string, read: () => T): Promise<T> {
    return this.#answer(operation, async () => {
      const { faults, clock } = this.world;
      if (faults.strikes('dynamodb.read-fails')) {
        await retriesTake(clock);
        throw dynamoDBError('InternalServerError', 'Internal server error', 500);
      }
      return read();
    });
  }

  async #answer<T>(operation: string, answer: () => Promise<T>): Promise<T> {
    const { faults, clock, invalidRequests } = this.world;
    // Nobody is answered in the moment in which he asks.
    await Promise.resolve();
    try {
      if (faults.strikes('dynamodb.throttled')) {
        await retriesTake(clock);
        throw throttled(faults);
      }
      if (faults.strikes('dynamodb.lost-request')) throw await lostConnection(faults, clock, ATTEMPT_MS);
      return await answer();
    } catch (error) {
      if (error instanceof DynamoDBServiceException || isLostConnection(error)) throw error;
      const what = `${operation}: ${error instanceof Error ? error.message : String(error)}`;
      invalidRequests.push(what);
      throw dynamoDBError('ValidationException', what);
    }
  }

  async #write(write: PlannedWrite): Promise<Attributes> {
    const { items, faults, clock, written } = this.world;
    items.set(write.key, write.item);
    written(write);
    if (faults.strikes('dynamodb.lost-answer')) throw await lostConnection(faults, clock, ATTEMPT_MS);
    if (write.wouldRefuseItself && faults.strikes('dynamodb.condition-failed-own-write')) {
      await retriesTake(clock);
      throw conditionFailed(2);
    }
    return given(write.item);
  }

  #countOfWritesLeft(writes: number): number {
    const { faults } = this.world;
    const kind = 'dynamodb.unprocessed-writes';
    const most = this.#allWereUnwritten ? writes - 1 : writes;
    const left = most === 0 || !faults.strikes(kind) ? 0 : 1 + faults.below(most, kind);
    this.#allWereUnwritten = left === writes;
    return left;
  }

  /** Of two rounds one makes progress, so that the fault alone never becomes a failure. */
  #countOfKeysLeft(keys: number): number {
    const { faults } = this.world;
    const most = this.#allWereLeft ? keys - 1 : keys;
    if (most === 0 || !faults.strikes('dynamodb.unprocessed-keys')) return 0;
    return faults.below(4) === 0 ? most : 1 + faults.below(most);
  }
}

/** Either of the two names under which the service has it. */
function throttled(faults: Faults): DynamoDBServiceException {
  const $metadata = refusedWith(400, ATTEMPTS);
  return faults.below(2) === 0
    ? new ProvisionedThroughputExceededException({
        message: 'The level of configured provisioned throughput for the table was exceeded.',
        $metadata,
      })
    : new ThrottlingException({ message: 'Throughput exceeds the current capacity of your table.', $metadata });
}

function isLostConnection(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

const documents = new WeakMap<Item, PlainItem>();

/** Stored items never change, so each is translated once. */
function plain(item: Item): PlainItem {
  let document = documents.get(item);
  if (document === undefined) {
    document = unmarshall(item);
    documents.set(item, document);
  }
  return document;
}
