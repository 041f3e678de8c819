/**
 * The simulated table against another implementation of the service: random requests of the kind that the exporter makes,
 * the same answers, the same refusals, the same items in the end. The other one is asked in the service's own language.
 */
import {
  type Attributes,
  absent,
  allOf,
  anyOf,
  type Changes,
  type Condition,
  compares,
  createTableRequests,
  type Only,
  type TableRequests,
} from '../../lambda/export/aws/table-requests';
import { type LocalDynamoDB, localClient, startDynamoDB } from '../../local/dynamodb/server';
import { createManualClock } from '../fakes/manual-clock';
import { Faults } from '../simulation/faults';
import { createSimulatedTable, TABLE } from '../simulation/stores/simulated-table';
import { Random } from '../support/random';

type Change = Changes[string];
type Comparator = Parameters<typeof compares>[1];
type ValueName = keyof Only['values'];

const SEEDS = [1, 2];
const REQUESTS = 150;

const NAMES = ['n', 'text', 'map', 'flag', 'bytes', 'absent'];
const VALUES = [
  0,
  1,
  2,
  10,
  -1,
  '',
  'a',
  'ab',
  'b',
  '\u{1F600}',
  '\uE000',
  true,
  false,
  null,
  { n: 1 },
  { n: 2, deep: 'x' },
  [1],
  [1, 'a'],
];
// Where the other implementation differs from the service: it lets anything be ordered, orders text by UTF-16 units, and
// takes equal maps and lists for different ones.
const SCALARS = VALUES.filter((value) => typeof value !== 'object' || value === null);
const COMPARABLE = [0, 1, 2, 10, -1, '', 'a', 'ab', 'b', '\u{1F600}'];
const BYTES = [Uint8Array.of(1), Uint8Array.of(1, 255)];
const SORT_KEYS = ['STATE', 'CASE#a', 'CASE#b', 'CASE#\u{1F600}', 'CASE#\uE000', 'IDS#a#1', 'IDS#a#10', 'IDS#ab#1'];

let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  dynamodb = await startDynamoDB();
  await dynamodb.createTable(TABLE);
});
afterAll(() => dynamodb.close());

test.each(SEEDS)('seed %i', async (seed) => {
  const client = localClient(dynamodb.url);
  const reference = createTableRequests(client, TABLE);
  const table = createSimulatedTable({ faults: new Faults(seed, {}) });
  const requests = table.requestsFor(createManualClock({ auto: true }));
  const draw = new Drawer(seed);
  const outcomes = new Set<string>();
  for (let n = 0; n < REQUESTS; n++) {
    const request = draw.request(`p${seed}`);
    const [expected, found] = [await outcome(reference, request), await outcome(requests, request)];
    expect({ request, outcome: found }).toEqual({ request, outcome: expected });
    outcomes.add(`${request[0]} ${'refused' in expected ? expected.refused : 'answered'}`);
  }
  client.destroy();
  expect(sorted(table.items())).toEqual(sorted((await dynamodb.items(TABLE)).filter(({ pk }) => pk === `p${seed}`)));
  // What was compared is not all of one kind.
  expect([...outcomes]).toEqual(
    expect.arrayContaining([
      'updateItem answered',
      'updateItem ConditionalCheckFailedException',
      'updateItem ValidationException',
      'putItem answered',
      'putItem ConditionalCheckFailedException',
      'query answered',
      'batchGetItem answered',
      'batchWriteItem answered',
      'batchWriteItem ValidationException',
    ]),
  );
});

type Request = {
  [Operation in Exclude<keyof TableRequests, 'table'>]: [Operation, ...Parameters<TableRequests[Operation]>];
}[Exclude<keyof TableRequests, 'table'>];

/** What a caller can tell of an answer; a batch has no order. */
async function outcome(table: TableRequests, [operation, ...args]: Request): Promise<object> {
  try {
    const answer = await (table[operation] as (...args: unknown[]) => Promise<unknown>)(...args);
    return { answer: operation === 'batchGetItem' ? sorted((answer as { items: object[] }).items) : answer };
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

function sorted(items: readonly object[]): object[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Requests, and everything in them, by seed. */
class Drawer {
  readonly #random: Random;
  #values: Record<ValueName, unknown> = {};

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  request(pk: string): Request {
    this.#values = {};
    const kind = this.#random.below(10);
    const key = { pk, sk: this.#random.pick(SORT_KEYS) };
    if (kind < 1) return ['getItem', key];
    if (kind < 2) return this.#random.below(2) === 0 ? this.#batch(pk) : this.#batchOfWrites(pk);
    if (kind < 4) return this.#query(pk);
    if (kind < 7) return ['putItem', { ...key, ...this.#attributes() }, this.#only(this.#condition(2))];
    const changes = this.#changes();
    return ['updateItem', key, changes, this.#only(this.#condition(2))];
  }

  /** At times with an item twice, or one too many of them. */
  #batchOfWrites(pk: string): Request {
    const drawn = Array.from({ length: 1 + this.#random.below(3) }, () => this.#random.pick(SORT_KEYS));
    const many = Array.from({ length: 26 }, (_, n) => `BATCH#${n}`);
    const keys = this.#random.below(8) === 0 ? many : drawn;
    return ['batchWriteItem', keys.map((sk) => ({ pk, sk, ...this.#attributes() }))];
  }

  #batch(pk: string): Request {
    const keys = SORT_KEYS.filter(() => this.#random.below(2) === 0).map((sk) => ({ pk, sk }));
    return ['batchGetItem', keys.length > 0 ? keys : [{ pk, sk: 'STATE' }]];
  }

  #query(pk: string): Request {
    const prefix = this.#random.pick(['CASE#', 'IDS#', 'IDS#a#', 'STATE', 'NONE']);
    const filter = this.#random.below(2) === 0 ? this.#only(this.#condition(1)) : undefined;
    return ['query', { partition: pk, prefix, filter }];
  }

  /** At times with a value that nothing names. */
  #only(condition: Condition): Only {
    return { condition, values: this.#random.below(20) === 0 ? { ...this.#values, ':unused': 1 } : this.#values };
  }

  #condition(depth: number): Condition {
    const kind = this.#random.below(depth > 0 ? 6 : 4);
    if (kind === 0) return compares(this.#path(), this.#random.pick<Comparator>(['=', '<>']), this.#value(SCALARS));
    if (kind === 1)
      return compares(this.#path(), this.#random.pick<Comparator>(['<', '<=', '>', '>=']), this.#value(COMPARABLE));
    if (kind < 4) return absent(this.#path());
    const inner = Array.from({ length: 2 + this.#random.below(2) }, () => this.#condition(depth - 1));
    return kind === 4 ? allOf(...inner) : anyOf(...inner);
  }

  #changes(): Changes {
    const names = NAMES.filter(() => this.#random.below(3) === 0);
    return Object.fromEntries((names.length === 0 ? ['n'] : names).map((name) => [name, this.#change()]));
  }

  #change(): Change {
    if (this.#random.below(2) === 0) return this.#value(VALUES);
    const unlessThere = this.#value(this.#random.below(4) > 0 ? [1, 2] : VALUES);
    return this.#random.below(2) === 0 ? { unlessThere } : { unlessThere, plus: this.#value([1, 2]) };
  }

  #path(): string {
    return this.#random.below(5) === 0 ? 'map.n' : this.#random.pick(NAMES);
  }

  #value(among: readonly unknown[]): ValueName {
    const name: ValueName = `:v${Object.keys(this.#values).length}`;
    this.#values[name] =
      (among === VALUES || among === SCALARS) && this.#random.below(10) === 0
        ? this.#random.pick(BYTES)
        : this.#random.pick(among);
    return name;
  }

  #attributes(): Attributes {
    const drawn = NAMES.slice(0, -1).filter(() => this.#random.below(2) === 0);
    return Object.fromEntries(drawn.map((name) => [name, this.#random.pick([...VALUES, ...BYTES])]));
  }
}
