/**
 * The checkpoint table as DynamoDB's client shows it, in memory and deterministic, with the `dynamodb.*` faults. Every
 * request takes effect at one moment; others may come in between any two.
 *
 * A fault is what became of one whole `send`, the SDK's own attempts included (`sdk-errors.ts`):
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
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ThrottlingException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createCheckpointStore } from '../../../lambda/export/aws/checkpoint-store';
import type { CheckpointStore, Clock } from '../../../lambda/export/ports';
import type { Faults } from '../faults';
import type { Item } from './attribute-values';
import { type ItemKey, OrderedItems, type TableSnapshot } from './ordered-items';
import { ANSWERED, ATTEMPTS, dynamoDBError, lostConnection, refusedWith, retriesTake } from './sdk-errors';
import { TableHistory } from './table-history';
import {
  getItem,
  getMany,
  keysOfBatch,
  noSuchTable,
  type PlannedWrite,
  planPut,
  planUpdate,
  putsOfBatch,
  queryPage,
} from './table-operations';

export type { TableSnapshot } from './ordered-items';

/** The name of the one table there is. */
export const TABLE = 'checkpoints';

/** Time limit of one attempt of the exporter's client. */
const ATTEMPT_MS = 3_000;

/** An item in its document form. Shared and kept: not to be changed. */
export type PlainItem = Readonly<Record<string, unknown>>;

interface SimulatedTableOptions {
  readonly faults: Faults;
  /** What passes while the SDK tries again, or waits for an answer, with `client`. */
  readonly clock: Clock;
  /**
   * Called in the moment in which a write took effect, with the item as it stands and as it stood. Must not throw: the
   * adapter would take it for a failure of the service.
   */
  readonly onWrite?: (item: PlainItem, previous: PlainItem | undefined) => void;
  /** Keeps every write, for `momentAfter`. */
  readonly keepsHistory?: boolean;
}

export interface SimulatedTable {
  /** Of no process in particular: waits by the table's own clock. */
  readonly client: DynamoDBClient;
  /** One for each process, which waits by the process's clock. */
  clientFor(clock: Clock): DynamoDBClient;
  /** Requests that the service would have refused as invalid, or that are not simulated. An exporter makes none. */
  readonly invalidRequests: readonly string[];
  /** Every item there is, in the order of its keys. */
  items(): PlainItem[];
  item(key: ItemKey): PlainItem | undefined;
  /** Puts any item there, as an operator or another version could. No hook is called. */
  setItem(item: ItemKey & PlainItem): void;
  deleteItem(key: ItemKey): void;
  /** As a backup: what is written later does not change it. */
  snapshot(): TableSnapshot;
  /** The table is again what it was then; may be done any number of times. No hook is called. */
  restore(snapshot: TableSnapshot): void;
  /** How many writes took effect; 0 where no history is kept. */
  readonly writes: number;
  /** The table as it was after so many writes, for `restore`. */
  momentAfter(writes: number): TableSnapshot;
}

/** An empty table. */
export function createSimulatedTable(options: SimulatedTableOptions): SimulatedTable {
  const { faults, clock, onWrite, keepsHistory = false } = options;
  const items = new OrderedItems();
  const history = new TableHistory();
  const invalidRequests: string[] = [];
  const written = ({ key, item, previous }: PlannedWrite): void => {
    if (keepsHistory) history.note(key, item);
    onWrite?.(plain(item), previous && plain(previous));
  };

  function clientFor(clock: Clock): DynamoDBClient {
    const service = new Service({ items, faults, clock, written });
    async function send(command: { readonly input: object }): Promise<object> {
      // Nobody is answered in the moment in which he asks.
      await Promise.resolve();
      try {
        return { ...(await service.answer(command)), $metadata: ANSWERED };
      } catch (error) {
        if (error instanceof DynamoDBServiceException || isLostConnection(error)) throw error;
        const what = `${command.constructor.name}: ${error instanceof Error ? error.message : String(error)}`;
        invalidRequests.push(what);
        throw dynamoDBError('ValidationException', what);
      }
    }
    return { send, destroy: () => undefined } as unknown as DynamoDBClient;
  }

  return {
    client: clientFor(clock),
    clientFor,
    invalidRequests,
    items: () => [...items.all()].map(plain),
    item(key) {
      const item = items.get(key);
      return item && plain(item);
    },
    setItem: (item) => items.set(item, marshall(item)),
    deleteItem: (key) => items.delete(key),
    snapshot: () => ({ ...items.snapshot(), writes: history.copy() }),
    restore(snapshot) {
      items.restore(snapshot);
      history.replace(snapshot.writes ?? []);
    },
    get writes() {
      return history.length;
    },
    momentAfter: (writes) => history.momentAfter(writes),
  };
}

/** The real adapter over a simulated table. One for each process: everything in it waits by this clock. */
export function createSimulatedCheckpointStore(options: {
  readonly table: SimulatedTable;
  readonly clock: Clock;
}): CheckpointStore {
  const { table, clock } = options;
  return createCheckpointStore({
    client: table.clientFor(clock),
    table: TABLE,
    pause: (ms) => clock.sleep(ms),
    monotonic: () => clock.monotonic(),
  });
}

/** What one client is answered. */
class Service {
  #allWereLeft = false;
  #allWereUnwritten = false;

  constructor(
    private readonly world: {
      readonly items: OrderedItems;
      readonly faults: Faults;
      readonly clock: Clock;
      readonly written: (write: PlannedWrite) => void;
    },
  ) {}

  async answer(command: object): Promise<object> {
    const { faults, clock } = this.world;
    if (faults.strikes('dynamodb.throttled')) {
      await retriesTake(clock);
      throw throttled(faults);
    }
    if (faults.strikes('dynamodb.lost-request')) throw await lostConnection(faults, clock, ATTEMPT_MS);
    if (isRead(command) && faults.strikes('dynamodb.read-fails')) {
      await retriesTake(clock);
      throw dynamoDBError('InternalServerError', 'Internal server error', 500);
    }
    if (command instanceof BatchGetItemCommand) return this.#batch(command.input);
    if (command instanceof BatchWriteItemCommand) return this.#batchWrite(command.input);
    if (command instanceof GetItemCommand) return getItem(this.#of(command), command.input);
    if (command instanceof QueryCommand) return this.#query(this.#of(command), command.input);
    if (command instanceof PutItemCommand) return this.#write(planPut(this.#of(command), command.input));
    if (command instanceof UpdateItemCommand) return this.#write(planUpdate(this.#of(command), command.input));
    throw new TypeError('this operation is not simulated');
  }

  #of({ input }: { readonly input: { readonly TableName?: string | undefined } }): OrderedItems {
    if (input.TableName !== TABLE) throw noSuchTable();
    return this.world.items;
  }

  async #write(write: PlannedWrite): Promise<object> {
    const { items, faults, clock, written } = this.world;
    items.set(write.key, write.item);
    written(write);
    if (faults.strikes('dynamodb.lost-answer')) throw await lostConnection(faults, clock, ATTEMPT_MS);
    if (write.wouldRefuseItself && faults.strikes('dynamodb.condition-failed-own-write')) {
      await retriesTake(clock);
      throw write.refusal(2);
    }
    return write.answer;
  }

  async #batchWrite(input: BatchWriteItemCommandInput): Promise<object> {
    const { items, faults, clock, written } = this.world;
    const writes = putsOfBatch(items, input, TABLE);
    const isLost = faults.strikes('dynamodb.lost-answer');
    const left = isLost ? faults.below(writes.length) : this.#countOfWritesLeft(writes.length);
    for (const write of writes.slice(left)) {
      items.set(write.key, write.item);
      written(write);
    }
    if (isLost) throw await lostConnection(faults, clock, ATTEMPT_MS);
    return { UnprocessedItems: left > 0 ? { [TABLE]: input.RequestItems?.[TABLE]?.slice(0, left) ?? [] } : {} };
  }

  #countOfWritesLeft(writes: number): number {
    const { faults } = this.world;
    const kind = 'dynamodb.unprocessed-writes';
    const most = this.#allWereUnwritten ? writes - 1 : writes;
    const left = most === 0 || !faults.strikes(kind) ? 0 : 1 + faults.below(most, kind);
    this.#allWereUnwritten = left === writes;
    return left;
  }

  #batch(input: BatchGetItemCommandInput): object {
    const keys = keysOfBatch(input, TABLE);
    const left = keys.slice(0, this.#countOfKeysLeft(keys.length));
    this.#allWereLeft = left.length === keys.length;
    return {
      Responses: { [TABLE]: getMany(this.world.items, keys.slice(left.length)) },
      UnprocessedKeys: left.length > 0 ? { [TABLE]: { Keys: left, ConsistentRead: true } } : {},
    };
  }

  /** Of two rounds one makes progress, so that the fault alone never becomes a failure. */
  #countOfKeysLeft(keys: number): number {
    const { faults } = this.world;
    const most = this.#allWereLeft ? keys - 1 : keys;
    if (most === 0 || !faults.strikes('dynamodb.unprocessed-keys')) return 0;
    return faults.below(4) === 0 ? most : 1 + faults.below(most);
  }

  #query(items: OrderedItems, input: QueryCommandInput): object {
    const { faults } = this.world;
    const whole = queryPage(items, input, Number.POSITIVE_INFINITY);
    const isCut = whole.seen > 0 && faults.strikes('dynamodb.short-page');
    const page = isCut ? queryPage(items, input, 1 + faults.below(3)) : whole;
    return { Items: page.items, Count: page.items.length, ...(page.lastKey && { LastEvaluatedKey: page.lastKey }) };
  }
}

function isRead(command: object): boolean {
  return command instanceof GetItemCommand || command instanceof QueryCommand || command instanceof BatchGetItemCommand;
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
