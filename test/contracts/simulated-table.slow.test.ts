/**
 * The simulated table against another implementation of the service: random requests of the kind that the exporter makes,
 * the same answers, the same refusals, the same items in the end.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type LocalDynamoDB, localClient, startDynamoDB } from '../../local/dynamodb';
import { createManualClock } from '../fakes/manual-clock';
import { Faults } from '../simulation/faults';
import { createSimulatedTable, TABLE } from '../simulation/stores/simulated-table';
import { Random } from '../support/random';

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
// Where the other implementation differs from the service: it lets anything be ordered, and orders text by UTF-16 units.
const COMPARABLE = [0, 1, 2, 10, -1, '', 'a', 'ab', 'b', '\u{1F600}'];
const BYTES = [Buffer.from([1]), Buffer.from([1, 255])];
const SORT_KEYS = ['STATE', 'CASE#a', 'CASE#b', 'CASE#\u{1F600}', 'CASE#\uE000', 'IDS#a#1', 'IDS#a#10', 'IDS#ab#1'];

let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  dynamodb = await startDynamoDB();
  await dynamodb.createTable(TABLE);
});
afterAll(() => dynamodb.close());

test.each(SEEDS)('seed %i', async (seed) => {
  const reference = localClient(dynamodb.url);
  const table = createSimulatedTable({ faults: new Faults(seed, {}), clock: createManualClock({ auto: true }) });
  const draw = new Drawer(seed);
  const outcomes = new Set<string>();
  for (let n = 0; n < REQUESTS; n++) {
    const request = draw.request(`p${seed}`);
    const [expected, found] = [await outcome(reference, request), await outcome(table.client, request)];
    expect({ request: request.input, outcome: found }).toEqual({ request: request.input, outcome: expected });
    outcomes.add(`${request.constructor.name} ${expected['refused'] ?? 'answered'}`);
  }
  reference.destroy();
  expect(sorted(table.items())).toEqual(sorted((await dynamodb.items(TABLE)).filter(({ pk }) => pk === `p${seed}`)));
  // What was compared is not all of one kind.
  expect([...outcomes]).toEqual(
    expect.arrayContaining([
      'UpdateItemCommand answered',
      'UpdateItemCommand ConditionalCheckFailedException',
      'UpdateItemCommand ValidationException',
      'PutItemCommand answered',
      'PutItemCommand ConditionalCheckFailedException',
      'QueryCommand answered',
      'BatchGetItemCommand answered',
      'BatchWriteItemCommand answered',
      'BatchWriteItemCommand ValidationException',
    ]),
  );
});

type Request =
  | GetItemCommand
  | PutItemCommand
  | UpdateItemCommand
  | QueryCommand
  | BatchGetItemCommand
  | BatchWriteItemCommand;

/** What a caller can tell of an answer; a batch has no order. */
async function outcome(client: DynamoDBClient, request: Request): Promise<Record<string, unknown>> {
  try {
    const { $metadata, Responses, ScannedCount, UnprocessedKeys, ...output } = (await client.send(
      request as GetItemCommand,
    )) as unknown as Record<string, unknown> & { Responses?: Record<string, object[]> };
    return Responses === undefined ? output : { ...output, items: sorted(Responses[TABLE] ?? []) };
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
  #values: Record<string, unknown> = {};

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  request(pk: string): Request {
    this.#values = {};
    const kind = this.#below(10);
    const Key = marshall({ pk, sk: this.#one(SORT_KEYS) });
    const keyed = { TableName: TABLE, Key };
    if (kind < 1) return new GetItemCommand({ ...keyed, ConsistentRead: true });
    if (kind < 2) return this.#below(2) === 0 ? this.#batch(pk) : this.#batchOfWrites(pk);
    if (kind < 4) return this.#query(pk);
    const ConditionExpression = this.#below(4) > 0 ? this.#condition(2) : undefined;
    const more = { ConditionExpression };
    if (kind < 7) {
      const Item = { ...Key, ...this.#attributes() };
      return new PutItemCommand({ TableName: TABLE, Item, ...more, ...this.#aliases(ConditionExpression) });
    }
    const UpdateExpression = this.#update();
    const aliases = this.#aliases(UpdateExpression, ConditionExpression);
    const ReturnValues = this.#below(2) === 0 ? 'ALL_NEW' : 'NONE';
    return new UpdateItemCommand({ ...keyed, UpdateExpression, ReturnValues, ...more, ...aliases });
  }

  /** At times with an item twice, or one too many of them. */
  #batchOfWrites(pk: string): BatchWriteItemCommand {
    const drawn = Array.from({ length: 1 + this.#below(3) }, () => this.#one(SORT_KEYS));
    const many = Array.from({ length: 26 }, (_, n) => `BATCH#${n}`);
    const keys = this.#below(8) === 0 ? many : drawn;
    const requests = keys.map((sk) => ({ PutRequest: { Item: { ...marshall({ pk, sk }), ...this.#attributes() } } }));
    return new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } });
  }

  #batch(pk: string): BatchGetItemCommand {
    const Keys = SORT_KEYS.filter(() => this.#below(2) === 0).map((sk) => marshall({ pk, sk }));
    if (Keys.length === 0) Keys.push(marshall({ pk, sk: 'STATE' }));
    return new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } });
  }

  #query(pk: string): QueryCommand {
    const range = '#pk = :pk AND begins_with(#sk, :prefix)';
    const FilterExpression = this.#below(2) === 0 ? this.#condition(1) : undefined;
    Object.assign(this.#values, { ':pk': pk, ':prefix': this.#one(['CASE#', 'IDS#', 'IDS#a#', 'STATE', 'NONE']) });
    return new QueryCommand({
      TableName: TABLE,
      ConsistentRead: true,
      KeyConditionExpression: range,
      FilterExpression,
      ...this.#aliases(range, FilterExpression),
    });
  }

  #condition(depth: number): string {
    const kind = this.#below(depth > 0 ? 8 : 5);
    if (kind === 0) return `${this.#path()} ${this.#one(['=', '<>'])} ${this.#value(VALUES)}`;
    if (kind === 1) return `${this.#path()} ${this.#one(['<', '<=', '>', '>='])} ${this.#value(COMPARABLE)}`;
    if (kind === 2) return `attribute_exists(${this.#path()})`;
    if (kind === 3) return `attribute_not_exists(${this.#path()})`;
    if (kind === 4) return `begins_with(${this.#path()}, ${this.#value(['', 'a', 'ab'])})`;
    const [left, right] = [this.#condition(depth - 1), this.#condition(depth - 1)];
    if (kind === 5) return `${left} AND ${right}`;
    if (kind === 6) return `NOT (${left} OR ${right})`;
    return `${left} OR ${right}`;
  }

  #update(): string {
    const names = NAMES.filter(() => this.#below(3) === 0);
    const [removed, ...set] = names;
    const assignments = set.map((name) => `#${name} = ${this.#operand()}${this.#seldom('+')}`);
    const sums = assignments.map((text) => (text.endsWith('+') ? `${text} ${this.#operand()}` : text));
    const clauses = [removed && `REMOVE #${removed}`, sums.length > 0 && `SET ${sums.join(', ')}`];
    return clauses.filter(Boolean).join(' ') || `SET #n = ${this.#value([5])}`;
  }

  #operand(): string {
    const kind = this.#below(3);
    if (kind === 0) return this.#path();
    const value = this.#value(this.#below(2) === 0 ? [1, 2] : VALUES);
    return kind === 1 ? value : `if_not_exists(${this.#path()}, ${value})`;
  }

  #path(): string {
    return this.#below(5) === 0 ? '#map.#n' : `#${this.#one(NAMES)}`;
  }

  #value(among: readonly unknown[]): string {
    const alias = `:v${Object.keys(this.#values).length}`;
    this.#values[alias] = among === VALUES && this.#below(10) === 0 ? this.#one(BYTES) : this.#one(among);
    return alias;
  }

  #attributes(): Record<string, AttributeValue> {
    const drawn = NAMES.slice(0, -1).filter(() => this.#below(2) === 0);
    return marshall(Object.fromEntries(drawn.map((name) => [name, this.#one([...VALUES, ...BYTES])])));
  }

  #aliases(...expressions: readonly (string | undefined)[]) {
    const text = expressions.join(' ');
    const names = Object.fromEntries((text.match(/#\w+/g) ?? []).map((alias) => [alias, alias.slice(1)]));
    return {
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: marshall(this.#values) }),
    };
  }

  #seldom(text: string): string {
    return this.#below(4) === 0 ? text : '';
  }

  #one<T>(among: readonly T[]): T {
    return among[this.#below(among.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
