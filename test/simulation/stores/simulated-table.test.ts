import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createCheckpointStore } from '../../../lambda/export/aws/checkpoint-store';
import { StoreError } from '../../../lambda/export/domain/errors';
import type { CaseRecord, CommitHead, CommittedState, EventIdsPart } from '../../../lambda/export/domain/state';
import { NEW_DOMAIN } from '../../../lambda/export/domain/stored-items';
import type { CheckpointStore } from '../../../lambda/export/ports';
import { createManualClock, type ManualClock } from '../../fakes/manual-clock';
import { aRecord, aRetry } from '../../support/stored-values';
import { type FaultKind, type FaultRates, Faults } from '../faults';
import {
  createSimulatedCheckpointStore,
  createSimulatedTable,
  type PlainItem,
  type SimulatedTable,
  TABLE,
} from './simulated-table';

const D = 'd1';
const NOW = 1_800_000_000_000;
const LEASE = { domainId: D, owner: 'me', now: NOW, expiresAt: NOW + 1000 };
const KEY = { pk: 'p', sk: 's' };

interface Simulated {
  readonly table: SimulatedTable;
  readonly store: CheckpointStore;
  readonly clock: ManualClock;
  readonly faults: Faults;
  readonly writes: { readonly item: PlainItem; readonly previous: PlainItem | undefined }[];
}

function simulated(rates: FaultRates = {}, seed = 1): Simulated {
  const clock = createManualClock({ auto: true });
  const faults = new Faults(seed, rates);
  const writes: Simulated['writes'] = [];
  const table = createSimulatedTable({ faults, clock, onWrite: (item, previous) => writes.push({ item, previous }) });
  return { table, store: createSimulatedCheckpointStore({ table, clock }), clock, faults, writes };
}

function caseHead(caseId: string, seq = 1): CaseRecord {
  return aRecord({ caseId, touched: 1, readAt: 1, eventCount: 1, seq });
}

function commitHead(seq: number): CommitHead {
  return { seq, manifestKey: `staging/${seq}/manifest.json`, sha256: 'ab'.repeat(32) };
}

function committed(): CommittedState {
  const { lanes, halfRead, fields, openRetries, openQuarantine, ...rest } = NEW_DOMAIN;
  return { ...rest, lanes, halfRead, lastExportDate: '2026-01-01', fields, openRetries, openQuarantine };
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`expected a rejection, got ${String(error)}`);
  return error;
}

function eventIds(caseId: string, part = 0): EventIdsPart {
  return { caseId, seq: 1, part, ids: new Uint8Array(16).fill(part + 1) };
}

function put(table: SimulatedTable, attributes: object, more: object = {}): Promise<unknown> {
  return table.client.send(
    new PutItemCommand({ TableName: TABLE, Item: marshall({ ...KEY, ...attributes }), ...more }),
  );
}

const ONLY_IF_ABSENT = { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': 'pk' } };

describe('faults that surface', () => {
  const SURFACING: [FaultKind, (store: CheckpointStore) => Promise<unknown>][] = [
    ['dynamodb.throttled', (store) => store.readState(D)],
    ['dynamodb.throttled', (store) => store.acquireLease(LEASE)],
    ['dynamodb.lost-request', (store) => store.readCaseRecords(D, ['c'])],
    ['dynamodb.lost-request', (store) => store.readOpenRetries(D)],
    ['dynamodb.lost-request', (store) => store.putCaseRecord(D, caseHead('c'))],
    ['dynamodb.lost-answer', (store) => store.putEventIds(D, [eventIds('c')])],
    ['dynamodb.throttled', (store) => store.putEventIds(D, [eventIds('c')])],
    ['dynamodb.read-fails', (store) => store.readState(D)],
    ['dynamodb.read-fails', (store) => store.readCaseRecords(D, ['c'])],
    ['dynamodb.read-fails', (store) => store.readEventIds(D, 'c')],
    ['dynamodb.read-fails', (store) => store.readOpenRetries(D)],
  ];

  test.each(SURFACING)('%s, all the time: the store is unavailable, and each strike is counted', async (kind, call) => {
    const { store, faults, table } = simulated({ [kind]: 1 });
    const error = await rejection(call(store));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ store: 'dynamodb', failure: 'unavailable' });
    expect(faults.counts[kind]).toBeGreaterThan(0);
    expect(table.invalidRequests).toEqual([]);
  });

  test('throttled has both of the service’s names, after the SDK’s three attempts', async () => {
    const { table, clock } = simulated({ 'dynamodb.throttled': 1 });
    const names = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const error = await rejection(put(table, {}));
      expect(error).toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 3 } });
      names.add(error.name);
    }
    expect([...names].sort()).toEqual(['ProvisionedThroughputExceededException', 'ThrottlingException']);
    expect(clock.monotonic()).toBeGreaterThan(0);
  });

  test('a lost request changed nothing, a lost answer did', async () => {
    const before = simulated({ 'dynamodb.lost-request': 1 });
    await rejection(put(before.table, { n: 1 }));
    expect([before.table.items(), before.writes]).toEqual([[], []]);
    const after = simulated({ 'dynamodb.lost-answer': 1 });
    await rejection(put(after.table, { n: 1 }));
    expect(after.table.items()).toEqual([{ ...KEY, n: 1 }]);
    expect(after.writes).toEqual([{ item: { ...KEY, n: 1 }, previous: undefined }]);
  });

  test('a lost connection is reset at once, or hangs for three attempts by the clock of the process', async () => {
    const { table, clock: other } = simulated({ 'dynamodb.lost-request': 1 });
    const clock = createManualClock({ auto: true });
    const client = table.clientFor(clock);
    const read = { TableName: TABLE, Key: marshall(KEY), ConsistentRead: true };
    const seen = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const began = clock.monotonic();
      const error = await rejection(client.send(new GetItemCommand(read)));
      expect(error).toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } });
      seen.add(`${(error as Error & { code: string }).code} ${clock.monotonic() - began > 9_000}`);
    }
    expect([...seen].sort()).toEqual(['ECONNRESET false', 'ETIMEDOUT true']);
    expect(other.monotonic()).toBe(0);
  });

  test('a lost answer of a commit is found out by reading back', async () => {
    const { store, faults, table } = simulated({ 'dynamodb.lost-answer': 1 });
    expect(await store.acquireLease(LEASE)).toMatchObject({ kind: 'acquired', state: { fence: 1 } });
    expect(await store.commit({ domainId: D, fence: 1, head: commitHead(1), state: committed() })).toBe('committed');
    expect(faults.counts['dynamodb.lost-answer']).toBe(2);
    expect(table.item({ pk: `DOMAIN#${D}`, sk: 'STATE' })).toMatchObject({ fence: 1, head: commitHead(1) });
  });

  test('healed, nothing strikes any more', async () => {
    const { store, faults } = simulated({ 'dynamodb.throttled': 1, 'dynamodb.lost-request': 1 });
    await rejection(store.readState(D));
    faults.heal();
    expect(await store.readState(D)).toBeNull();
  });
});

describe('own writes met again', () => {
  const RATE = { 'dynamodb.condition-failed-own-write': 1 };

  test('the write stands, and its second attempt is refused with what stands', async () => {
    const { table, faults, writes } = simulated(RATE);
    const more = { ...ONLY_IF_ABSENT, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    const error = await rejection(put(table, { n: 1 }, more));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ $metadata: { attempts: 2 }, Item: marshall({ ...KEY, n: 1 }) });
    expect(faults.counts['dynamodb.condition-failed-own-write']).toBe(1);
    expect(writes).toHaveLength(1);
  });

  test('only where the condition fails after the write, and held before it', async () => {
    const { table, faults, store } = simulated(RATE);
    await put(table, { n: 1 });
    expect(await rejection(put(table, { n: 2 }, ONLY_IF_ABSENT))).toMatchObject({ $metadata: { attempts: 1 } });
    faults.heal();
    await store.acquireLease(LEASE);
    expect(faults.counts).toEqual({});
    const again = simulated(RATE);
    await again.store.acquireLease(LEASE);
    expect(again.faults.counts).toEqual({ 'dynamodb.condition-failed-own-write': 1 });
    expect(await again.store.releaseLease({ domainId: D, fence: 1 })).toBe(true);
    expect(again.faults.counts).toEqual({ 'dynamodb.condition-failed-own-write': 1 });
  });

  test('a refusal names what stands, if it is asked to', async () => {
    const { table } = simulated();
    await put(table, { n: 1 });
    const more = { ...ONLY_IF_ABSENT, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    expect(await rejection(put(table, { n: 2 }, more))).toMatchObject({ Item: marshall({ ...KEY, n: 1 }) });
    expect(await rejection(put(table, { n: 2 }, ONLY_IF_ABSENT))).not.toHaveProperty('Item.pk');
  });
});

describe('reads in pieces', () => {
  test('keys left unprocessed: some, and all of them at times, never all twice in a row', async () => {
    const { table, faults } = simulated({ 'dynamodb.unprocessed-keys': 1 });
    const Keys = Array.from({ length: 10 }, (_, n) => marshall({ pk: 'p', sk: `s${n}` }));
    for (let n = 0; n < 10; n++) table.setItem({ pk: 'p', sk: `s${n}` });
    const rounds: number[] = [];
    for (let n = 0; n < 100; n++) {
      const { Responses, UnprocessedKeys } = await table.client.send(
        new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } }),
      );
      const left = UnprocessedKeys?.[TABLE]?.Keys ?? [];
      expect(Responses?.[TABLE]).toHaveLength(10 - left.length);
      rounds.push(left.length);
    }
    expect(rounds.filter((left) => left === 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left) => left > 0 && left < 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left, n) => left === 10 && rounds[n + 1] === 10)).toEqual([]);
    expect(faults.counts['dynamodb.unprocessed-keys']).toBe(100);
  });

  test('keys left unprocessed: every head comes, whatever was left', async () => {
    const { store, faults } = simulated({ 'dynamodb.unprocessed-keys': 1 });
    const ids = Array.from({ length: 150 }, (_, n) => `c${n}`);
    for (const id of ids) await store.putCaseRecord(D, caseHead(id));
    expect((await store.readCaseRecords(D, ids)).size).toBe(150);
    expect(faults.counts['dynamodb.unprocessed-keys']).toBeGreaterThan(3);
  });

  test('a page cut short has at most three items and says that there is more', async () => {
    const { table, faults } = simulated({ 'dynamodb.short-page': 1 });
    for (let n = 0; n < 10; n++) table.setItem({ pk: 'p', sk: `s${n}` });
    const found: unknown[] = [];
    let ExclusiveStartKey: never | undefined;
    do {
      const page = await table.client.send(
        new QueryCommand({
          TableName: TABLE,
          ConsistentRead: true,
          KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :s)',
          ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
          ExpressionAttributeValues: marshall({ ':pk': 'p', ':s': 's' }),
          ExclusiveStartKey,
        }),
      );
      expect(page.Items?.length).toBeLessThanOrEqual(3);
      found.push(...(page.Items ?? []).map((item) => item['sk']?.S));
      ExclusiveStartKey = page.LastEvaluatedKey as never;
    } while (ExclusiveStartKey);
    expect(found).toEqual(Array.from({ length: 10 }, (_, n) => `s${n}`));
    expect(faults.counts['dynamodb.short-page']).toBeGreaterThan(3);
  });

  test('a page ends at a megabyte, fault or not', async () => {
    const { table } = simulated();
    for (let n = 0; n < 9; n++) table.setItem({ pk: 'p', sk: `s${n}`, ids: new Uint8Array(160_000) });
    const page = await table.client.send(
      new QueryCommand({
        TableName: TABLE,
        ConsistentRead: true,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': 'pk' },
        ExpressionAttributeValues: marshall({ ':pk': 'p' }),
      }),
    );
    expect(page.Items).toHaveLength(7);
    expect(page.LastEvaluatedKey).toEqual(marshall({ pk: 'p', sk: 's6' }));
  });
});

describe('reads that fail', () => {
  const reads: [string, (store: CheckpointStore) => Promise<unknown>][] = [
    ['state', (store) => store.readState(D)],
    ['records', (store) => store.readCaseRecords(D, ['c'])],
    ['ids', (store) => store.readEventIds(D, 'c')],
    ['retries', (store) => store.readOpenRetries(D)],
  ];

  test.each(reads)('now and then, %s: nobody notices', async (_, read) => {
    const { store, faults } = simulated({ 'dynamodb.read-fails': 0.2, 'dynamodb.throttled': 0.1 });
    for (let n = 0; n < 300; n++) await read(store);
    expect(faults.counts['dynamodb.read-fails']).toBeGreaterThan(30);
  });

  test.each(reads)('for a second, %s: waited out, well before the table is given up', async (_, read) => {
    const { store, faults, clock } = simulated({ 'dynamodb.read-fails': 1 });
    const began = clock.monotonic();
    let isOver = false;
    const answer = read(store).finally(() => {
      isOver = true;
    });
    while (!isOver && clock.monotonic() - began < 1_000) await new Promise(setImmediate);
    faults.heal();
    await answer;
    expect(clock.monotonic() - began).toBeLessThan(5_000);
  });

  test.each(reads)('for good, %s: given up within fifteen seconds, also where each try hangs', async (_, read) => {
    for (const kind of ['dynamodb.read-fails', 'dynamodb.lost-request'] as const) {
      for (let seed = 1; seed <= 10; seed++) {
        const { store, clock } = simulated({ [kind]: 1 }, seed);
        expect(await rejection(read(store))).toMatchObject({ failure: 'unavailable' });
        expect(clock.monotonic()).toBeGreaterThan(3_000);
        expect(clock.monotonic()).toBeLessThan(15_000);
      }
    }
  });
});

describe('batches of writes', () => {
  const requests = (count: number): WriteRequest[] =>
    Array.from({ length: count }, (_, n) => ({ PutRequest: { Item: marshall({ pk: 'p', sk: `s${n}` }) } }));
  const write = (table: SimulatedTable, RequestItems: Record<string, WriteRequest[]>) =>
    table.client.send(new BatchWriteItemCommand({ RequestItems }));

  test('some are left unprocessed, all of them at times, never all twice in a row; the others stand', async () => {
    const rounds: number[] = [];
    const { table } = simulated({ 'dynamodb.unprocessed-writes': 1 });
    for (let n = 0; n < 100; n++) {
      const before = table.items().length;
      const batch = Array.from({ length: 10 }, (_, i) => ({
        PutRequest: { Item: marshall({ pk: 'p', sk: `s${n}-${i}` }) },
      }));
      const { UnprocessedItems } = await write(table, { [TABLE]: batch });
      const left = UnprocessedItems?.[TABLE] ?? [];
      expect(table.items()).toHaveLength(before + 10 - left.length);
      rounds.push(left.length);
    }
    expect(rounds.filter((left) => left === 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left) => left > 0 && left < 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left, n) => left === 10 && rounds[n + 1] === 10)).toEqual([]);
  });

  test('ids all stand in the end, whatever was left, lost or throttled', async () => {
    const { store, table, faults } = simulated({
      'dynamodb.unprocessed-writes': 0.8,
      'dynamodb.lost-answer': 0.1,
      'dynamodb.throttled': 0.1,
    });
    const parts = Array.from({ length: 260 }, (_, n) => eventIds(`c${n}`));
    await store.putEventIds(D, parts);
    expect(table.items().map((item) => item['caseId'])).toEqual(parts.map(({ caseId }) => caseId).sort());
    for (const kind of ['unprocessed-writes', 'lost-answer', 'throttled'] as const) {
      expect(faults.counts[`dynamodb.${kind}`]).toBeGreaterThan(0);
    }
    expect(table.invalidRequests).toEqual([]);
  });

  test('of a batch whose answer was lost some may stand, and some may not', async () => {
    const stood = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const { table } = simulated({ 'dynamodb.lost-answer': 1 }, seed);
      await rejection(write(table, { [TABLE]: requests(3) }));
      stood.add(table.items().length);
    }
    expect([...stood].sort()).toEqual([1, 2, 3]);
  });

  test('each write is seen in its moment, with what stood before', async () => {
    const { table, writes } = simulated();
    table.setItem({ pk: 'p', sk: 's1', n: 1 });
    await write(table, { [TABLE]: requests(2) });
    expect(writes).toEqual([
      { item: { pk: 'p', sk: 's0' }, previous: undefined },
      { item: { pk: 'p', sk: 's1' }, previous: { pk: 'p', sk: 's1', n: 1 } },
    ]);
  });

  test.each<[string, Record<string, WriteRequest[]>, RegExp]>([
    ['26 items', { [TABLE]: requests(26) }, /Too many/],
    ['no item', { [TABLE]: [] }, /Too many or no/],
    ['an item twice', { [TABLE]: [...requests(2), ...requests(1)] }, /duplicates/],
    ['another table', { nowhere: requests(1) }, /not found/],
    ['a delete', { [TABLE]: [{ DeleteRequest: { Key: marshall(KEY) } }] }, /not simulated/],
    ['an item without a key', { [TABLE]: [{ PutRequest: { Item: marshall({ pk: 'p' }) } }] }, /pk and sk/],
  ])('%s is refused, and nothing of the batch stands', async (_, items, message) => {
    const { table } = simulated();
    expect((await rejection(write(table, items))).message).toMatch(message);
    expect(table.items()).toEqual([]);
  });
});

describe('a table that others look into', () => {
  test('a snapshot stays what it was, and is restored any number of times', async () => {
    const { table, store } = simulated();
    await store.acquireLease(LEASE);
    await store.putCaseRecord(D, caseHead('a'));
    const lastWeek = table.snapshot();
    const then = table.items();
    for (let n = 0; n < 2; n++) {
      await store.putCaseRecord(D, caseHead('a', 2 + n));
      await store.putCaseRecord(D, caseHead('b'));
      await store.commit({ domainId: D, fence: 1, head: commitHead(1), state: committed() });
      expect(table.items()).toHaveLength(3);
      table.restore(lastWeek);
      expect(table.items()).toEqual(then);
      expect(await store.readState(D)).toMatchObject({ fence: 1, head: null });
    }
  });

  test('the hook sees each write in its moment, with what stood before, and no refused one', async () => {
    const { table, store, writes } = simulated();
    await store.putCaseRecord(D, caseHead('c', 2));
    expect(await store.putCaseRecord(D, caseHead('c', 1))).toBe(false);
    await store.putCaseRecord(D, caseHead('c', 3));
    expect(writes.map(({ item, previous }) => [item['seq'], previous?.['seq']])).toEqual([
      [2, undefined],
      [3, 2],
    ]);
    expect(writes[1]?.item).toEqual(table.items()[0]);
  });

  test('items are in the order of their keys as bytes, and go when they are deleted', () => {
    const { table } = simulated();
    // In UTF-16 the emoji would come before the private-use character.
    for (const sk of ['b', '\u{1F600}', 'a', '\uE000', 'ab']) table.setItem({ pk: 'p', sk });
    expect(table.items().map((item) => item['sk'])).toEqual(['a', 'ab', 'b', '\uE000', '\u{1F600}']);
    table.setItem({ pk: 'p', sk: 'aa' });
    table.setItem({ pk: 'o', sk: 'z' });
    table.deleteItem({ pk: 'p', sk: 'b' });
    table.deleteItem({ pk: 'p', sk: 'never there' });
    expect(table.items().map((item) => item['sk'])).toEqual(['z', 'a', 'aa', 'ab', '\uE000', '\u{1F600}']);
  });

  test('nobody’s bytes are shared: not those written, not those read', async () => {
    const { table, store } = simulated();
    const ids = Buffer.alloc(32, 1);
    await store.putEventIds(D, [{ caseId: 'c', seq: 1, part: 0, ids }]);
    ids.fill(2);
    const query = new QueryCommand({
      TableName: TABLE,
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: marshall({ ':pk': `DOMAIN#${D}` }),
    });
    const { Items = [] } = await table.client.send(query);
    Items[0]?.['ids']?.B?.fill(3);
    expect(Buffer.from(await store.readEventIds(D, 'c'))).toEqual(Buffer.alloc(32, 1));
  });
});

describe('what the service refuses, and what nobody simulated, is loud', () => {
  const INVALID: [string, object, RegExp][] = [
    ['an unknown option', { ReturnConsumedCapacity: 'TOTAL' }, /ReturnConsumedCapacity is not simulated/],
    ['an unused name', { ...ONLY_IF_ABSENT, ExpressionAttributeNames: { '#pk': 'pk', '#x': 'x' } }, /unused.*#x/],
    ['an unused value', { ...ONLY_IF_ABSENT, ExpressionAttributeValues: marshall({ ':x': 1 }) }, /unused.*:x/],
    ['no values', { ...ONLY_IF_ABSENT, ExpressionAttributeValues: {} }, /must not be empty/],
    ['an undefined name', { ConditionExpression: 'attribute_exists(#n)' }, /#n is used and not defined/],
    ['an item that is too large', { Item: marshall({ ...KEY, text: 'x'.repeat(410_000) }) }, /maximum allowed size/],
    ['an item without key', { Item: marshall({ pk: 'p' }) }, /pk and sk/],
    ['an empty key', { Item: marshall({ pk: 'p', sk: '' }) }, /pk and sk/],
  ];

  test.each(INVALID)('%s', async (_, more, message) => {
    const { table } = simulated();
    const error = await rejection(put(table, {}, more));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toMatch(message);
    expect(table.invalidRequests).toEqual([error.message]);
    expect(table.items()).toEqual([]);
  });

  test.each([
    ['a key that is changed', 'SET #pk = :v', { '#pk': 'pk' }, /part of the key/],
    ['an attribute that is set twice', 'SET #a = :v, #a = :v', { '#a': 'a' }, /overlap/],
    ['a sum with text', 'SET #a = if_not_exists(#a, :v) + :v', { '#a': 'a' }, /Incorrect operand type.*\+ of S/],
    ['a sum with nothing', 'SET #a = #b + #b, #c = :v', { '#a': 'a', '#b': 'b', '#c': 'c' }, /does not exist/],
    ['a change within a map', 'SET #a.#b = :v', { '#a': 'a', '#b': 'b' }, /not simulated/],
    ['another clause', 'ADD #a :v', { '#a': 'a' }, /SET or REMOVE/],
  ])('an update: %s', async (_, UpdateExpression, ExpressionAttributeNames, message) => {
    const { table } = simulated();
    const command = new UpdateItemCommand({
      TableName: TABLE,
      Key: marshall(KEY),
      UpdateExpression,
      ExpressionAttributeNames,
      ExpressionAttributeValues: marshall({ ':v': 'text' }),
    });
    expect((await rejection(table.client.send(command))).message).toMatch(message);
    expect([table.items(), table.invalidRequests.length]).toEqual([[], 1]);
  });

  test('another table is not there', async () => {
    const { table } = simulated();
    const store = createCheckpointStore({ client: table.client, table: 'nowhere' });
    for (const call of [
      () => store.readState(D),
      () => store.readCaseRecords(D, ['c']),
      () => store.acquireLease(LEASE),
    ]) {
      expect(await rejection(call())).toMatchObject({ failure: 'missing-resource' });
    }
  });
});

test('the same seed strikes the same calls', async () => {
  const rates = { 'dynamodb.throttled': 0.2, 'dynamodb.lost-answer': 0.2, 'dynamodb.short-page': 0.5 };
  async function run(seed: number): Promise<unknown> {
    const { store, faults, table, clock } = simulated(rates, seed);
    const entry = aRetry();
    const answers: unknown[] = [];
    for (let n = 0; n < 40; n++) {
      answers.push(await store.putRetry(D, { ...entry, caseId: `c${n}` }).catch((error: Error) => error.message));
      answers.push(await store.readOpenRetries(D).catch((error: Error) => error.message));
    }
    return { answers, counts: faults.counts, items: table.items(), elapsed: clock.monotonic() };
  }
  expect(await run(7)).toEqual(await run(7));
  expect(await run(7)).not.toEqual(await run(8));
});
