import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  type Attributes,
  absent,
  type Changes,
  compares,
  type Only,
  type TableRequests,
} from '../../../lambda/export/aws/table-requests';
import type { CaseRecord, EventIdsPart } from '../../../lambda/export/domain/case-items';
import { StoreError } from '../../../lambda/export/domain/errors';
import type { TableKey } from '../../../lambda/export/domain/keys';
import type { CommitHead, CommittedState } from '../../../lambda/export/domain/state';
import { NEW_DOMAIN } from '../../../lambda/export/domain/stored-items';
import type { CheckpointStore } from '../../../lambda/export/ports';
import { createManualClock, type ManualClock } from '../../fakes/manual-clock';
import { rejection } from '../../support/rejections';
import { aRecord } from '../../support/stored-values';
import { type FaultKind, type FaultRates, Faults } from '../faults';
import {
  createSimulatedCheckpointStore,
  createSimulatedTable,
  type PlainItem,
  type SimulatedTable,
} from './simulated-table';

const D = 'd1';
const NOW = 1_800_000_000_000;
const LEASE = { domainId: D, owner: 'me', now: NOW, expiresAt: NOW + 1000 };
const KEY = { pk: 'p', sk: 's' };

interface Simulated {
  readonly table: SimulatedTable;
  readonly requests: TableRequests;
  readonly store: CheckpointStore;
  readonly clock: ManualClock;
  readonly faults: Faults;
  readonly writes: { readonly item: PlainItem; readonly previous: PlainItem | undefined }[];
}

function simulated(rates: FaultRates = {}, seed = 1): Simulated {
  const clock = createManualClock({ auto: true });
  const faults = new Faults(seed, rates);
  const writes: Simulated['writes'] = [];
  const table = createSimulatedTable({ faults, onWrite: (item, previous) => writes.push({ item, previous }) });
  const store = createSimulatedCheckpointStore({ table, clock });
  return { table, requests: table.requestsFor(clock), store, clock, faults, writes };
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

function eventIds(caseId: string, part = 0): EventIdsPart {
  return { caseId, seq: 1, part, ids: new Uint8Array(16).fill(part + 1) };
}

const ALWAYS: Only = { condition: absent('never'), values: {} };
const ONLY_IF_ABSENT: Only = { condition: absent('pk'), values: {} };

function put({ requests }: Simulated, attributes: object, only = ALWAYS): Promise<void> {
  return requests.putItem({ ...KEY, ...attributes }, only);
}

function keysOf(count: number): (TableKey & Attributes)[] {
  return Array.from({ length: count }, (_, n) => ({ pk: 'p', sk: `s${n}` }));
}

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
    const world = simulated({ 'dynamodb.throttled': 1 });
    const names = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const error = await rejection(put(world, {}));
      expect(error).toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 3 } });
      names.add(error.name);
    }
    expect([...names].sort()).toEqual(['ProvisionedThroughputExceededException', 'ThrottlingException']);
    expect(world.clock.monotonic()).toBeGreaterThan(0);
  });

  test('a lost request changed nothing, a lost answer did', async () => {
    const before = simulated({ 'dynamodb.lost-request': 1 });
    await rejection(put(before, { n: 1 }));
    expect([before.table.items(), before.writes]).toEqual([[], []]);
    const after = simulated({ 'dynamodb.lost-answer': 1 });
    await rejection(put(after, { n: 1 }));
    expect(after.table.items()).toEqual([{ ...KEY, n: 1 }]);
    expect(after.writes).toEqual([{ item: { ...KEY, n: 1 }, previous: undefined }]);
  });

  test('a lost connection is reset at once, or hangs for three attempts by the clock of the process', async () => {
    const { table, clock: other } = simulated({ 'dynamodb.lost-request': 1 });
    const clock = createManualClock({ auto: true });
    const requests = table.requestsFor(clock);
    const seen = new Set<string>();
    for (let n = 0; n < 20; n++) {
      const began = clock.monotonic();
      const error = await rejection(requests.getItem(KEY));
      expect(error).toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } });
      seen.add(`${(error as Error & { code: string }).code} ${clock.monotonic() - began > 9_000}`);
    }
    expect([...seen].sort()).toEqual(['ECONNRESET false', 'ETIMEDOUT true']);
    expect(other.monotonic()).toBe(0);
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

  test('the write stands, and its second attempt is refused', async () => {
    const world = simulated(RATE);
    const { table, faults, writes } = world;
    const error = await rejection(put(world, { n: 1 }, ONLY_IF_ABSENT));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ $metadata: { attempts: 2 } });
    expect(table.items()).toEqual([{ ...KEY, n: 1 }]);
    expect(faults.counts['dynamodb.condition-failed-own-write']).toBe(1);
    expect(writes).toHaveLength(1);
  });

  test('only where the condition fails after the write, and held before it', async () => {
    const world = simulated(RATE);
    const { faults, store } = world;
    await put(world, { n: 1 });
    expect(await rejection(put(world, { n: 2 }, ONLY_IF_ABSENT))).toMatchObject({ $metadata: { attempts: 1 } });
    faults.heal();
    await store.acquireLease(LEASE);
    expect(faults.counts).toEqual({});
    const again = simulated(RATE);
    await again.store.acquireLease(LEASE);
    expect(again.faults.counts).toEqual({ 'dynamodb.condition-failed-own-write': 1 });
    expect(await again.store.releaseLease({ domainId: D, fence: 1 })).toBe(true);
    expect(again.faults.counts).toEqual({ 'dynamodb.condition-failed-own-write': 1 });
  });
});

describe('reads in pieces', () => {
  test('keys left unprocessed: some, and all of them at times, never all twice in a row', async () => {
    const { requests, faults } = simulated({ 'dynamodb.unprocessed-keys': 1 });
    await requests.batchWriteItem(keysOf(10));
    const rounds: number[] = [];
    for (let n = 0; n < 100; n++) {
      const { items, left } = await requests.batchGetItem(keysOf(10));
      expect(items).toHaveLength(10 - left.length);
      rounds.push(left.length);
    }
    expect(rounds.filter((left) => left === 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left) => left > 0 && left < 10).length).toBeGreaterThan(3);
    expect(rounds.filter((left, n) => left === 10 && rounds[n + 1] === 10)).toEqual([]);
    expect(faults.counts['dynamodb.unprocessed-keys']).toBe(100);
  });

  test('a page cut short has at most three items and says that there is more', async () => {
    const { requests, faults } = simulated({ 'dynamodb.short-page': 1 });
    await requests.batchWriteItem(keysOf(10));
    const found: unknown[] = [];
    let after: TableKey | undefined;
    do {
      const page = await requests.query({ partition: 'p', prefix: 's', after });
      expect(page.items.length).toBeLessThanOrEqual(3);
      found.push(...page.items.map((item) => item['sk']));
      after = page.end;
    } while (after);
    expect(found).toEqual(keysOf(10).map(({ sk }) => sk));
    expect(faults.counts['dynamodb.short-page']).toBeGreaterThan(3);
  });

  test('a page ends at a megabyte, fault or not', async () => {
    const { requests } = simulated();
    await requests.batchWriteItem(keysOf(9).map((key) => ({ ...key, ids: new Uint8Array(160_000) })));
    const page = await requests.query({ partition: 'p', prefix: '' });
    expect(page.items).toHaveLength(7);
    expect(page.end).toEqual({ pk: 'p', sk: 's6' });
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
  test('some are left unprocessed, all of them at times, never all twice in a row; the others stand', async () => {
    const rounds: number[] = [];
    const { table, requests } = simulated({ 'dynamodb.unprocessed-writes': 1 });
    for (let n = 0; n < 100; n++) {
      const before = table.items().length;
      const batch = Array.from({ length: 10 }, (_, i) => ({ pk: 'p', sk: `s${n}-${i}` }));
      const left = await requests.batchWriteItem(batch);
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
      const { table, requests } = simulated({ 'dynamodb.lost-answer': 1 }, seed);
      await rejection(requests.batchWriteItem(keysOf(3)));
      stood.add(table.items().length);
    }
    expect([...stood].sort()).toEqual([1, 2, 3]);
  });

  test('each write is seen in its moment, with what stood before', async () => {
    const { requests, writes } = simulated();
    await requests.batchWriteItem([{ pk: 'p', sk: 's1', n: 1 }]);
    await requests.batchWriteItem(keysOf(2));
    expect(writes).toEqual([
      { item: { pk: 'p', sk: 's1', n: 1 }, previous: undefined },
      { item: { pk: 'p', sk: 's0' }, previous: undefined },
      { item: { pk: 'p', sk: 's1' }, previous: { pk: 'p', sk: 's1', n: 1 } },
    ]);
  });

  test.each<[string, (TableKey & Attributes)[], RegExp]>([
    ['26 items', keysOf(26), /Too many/],
    ['no item', [], /Too many or no/],
    ['an item twice', [...keysOf(2), ...keysOf(1)], /duplicates/],
    ['an item without a key', [{ pk: 'p', sk: '' }], /pk and sk/],
  ])('%s is refused, and nothing of the batch stands', async (_, items, message) => {
    const { table, requests } = simulated();
    expect((await rejection(requests.batchWriteItem(items))).message).toMatch(message);
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

  test('items are in the order of their keys as bytes', async () => {
    const { table, requests } = simulated();
    // In UTF-16 the emoji would come before the private-use character.
    const keys = ['b', '\u{1F600}', 'a', '\uE000', 'ab'].map((sk) => ({ pk: 'p', sk }));
    await requests.batchWriteItem([...keys, { pk: 'o', sk: 'z' }]);
    expect(table.items().map((item) => item['sk'])).toEqual(['z', 'a', 'ab', 'b', '\uE000', '\u{1F600}']);
  });

  test('nobody’s bytes are shared: not those written, not those read', async () => {
    const { requests, store } = simulated();
    const ids = Buffer.alloc(32, 1);
    await store.putEventIds(D, [{ caseId: 'c', seq: 1, part: 0, ids }]);
    ids.fill(2);
    const { items } = await requests.query({ partition: `DOMAIN#${D}`, prefix: '' });
    for (const item of items) (item['ids'] as Uint8Array).fill(3);
    expect(items).toHaveLength(1);
    expect(Buffer.from(await store.readEventIds(D, 'c'))).toEqual(Buffer.alloc(32, 1));
  });
});

describe('what the service refuses, and what nobody simulated, is loud', () => {
  const INVALID: [string, object, Only, RegExp][] = [
    ['an unused value', {}, { ...ONLY_IF_ABSENT, values: { ':x': 1 } }, /unused.*:x/],
    ['an undefined value', {}, { condition: compares('n', '=', ':x'), values: {} }, /:x is used and not defined/],
    ['a bound that has no order', {}, { condition: compares('n', '<', ':x'), values: { ':x': true } }, /< of BOOL/],
    ['an item that is too large', { text: 'x'.repeat(410_000) }, ALWAYS, /maximum allowed size/],
    ['an item without key', { sk: null }, ALWAYS, /pk and sk/],
    ['an empty key', { sk: '' }, ALWAYS, /pk and sk/],
    ['an attribute without a value', { n: undefined }, ALWAYS, /undefined/],
  ];

  test.each(INVALID)('%s', async (_, attributes, only, message) => {
    const world = simulated();
    const { table } = world;
    const error = await rejection(put(world, attributes, only));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toMatch(message);
    expect(table.invalidRequests).toEqual([error.message]);
    expect(table.items()).toEqual([]);
  });

  test.each<[string, Changes, RegExp]>([
    ['a key that is changed', { pk: ':v' }, /part of the key/],
    ['a sum with text', { a: { unlessThere: ':v', plus: ':v' } }, /Incorrect operand type.*\+ of S/],
    ['a change within a map', { 'a.b': ':v' }, /not simulated/],
  ])('an update: %s', async (_, changes, message) => {
    const { table, requests } = simulated();
    const update = requests.updateItem(KEY, changes, { ...ONLY_IF_ABSENT, values: { ':v': 'text' } });
    expect((await rejection(update)).message).toMatch(message);
    expect([table.items(), table.invalidRequests.length]).toEqual([[], 1]);
  });
});
