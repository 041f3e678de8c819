import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createCheckpointStore } from '../../../lambda/export/aws/checkpoint-store';
import {
  createDynamoDBClient,
  createTableRequests,
  type TableRequests,
} from '../../../lambda/export/aws/table-requests';
import type { CaseRecord, EventIdsPart } from '../../../lambda/export/domain/case-items';
import { IntegrityError, StoreError } from '../../../lambda/export/domain/errors';
import type { CommitHead, CommittedState } from '../../../lambda/export/domain/state';
import { NEW_DOMAIN, stateItem } from '../../../lambda/export/domain/stored-items';
import type { CheckpointStore } from '../../../lambda/export/ports';
import type { DynamoDBCall, DynamoDBFault } from '../../../local/dynamodb/server';
import { type LocalDynamoDB, startDynamoDB } from '../../../local/dynamodb/server';
import { Random } from '../../support/random';
import { rejection } from '../../support/rejections';
import { aRecord } from '../../support/stored-values';
import { setAwsEnvironment } from './aws-environment';

const TABLE = 'checkpoints';
const NOW = 1_800_000_000_000;
const D = 'd1';
const LEASE = { domainId: D, owner: 'me', now: NOW, expiresAt: NOW + 1000 };
const STATE: CommittedState = { ...NEW_DOMAIN, lastExportDate: '2026-01-01' };

let dynamodb: LocalDynamoDB;
let client: DynamoDBClient;
let requests: TableRequests;
let store: CheckpointStore;
let pauses: number[];

beforeEach(async () => {
  dynamodb = await startDynamoDB();
  await dynamodb.createTable(TABLE);
  setAwsEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url });
  client = createDynamoDBClient();
  requests = createTableRequests(client, TABLE);
  pauses = [];
  store = createCheckpointStore({ requests, pause: async (ms) => void pauses.push(ms) });
});
afterEach(async () => {
  client.destroy();
  await dynamodb.close();
});

const LOST_ANSWER: DynamoDBFault = { kind: 'apply-then-reset' };
const LOST_REQUEST: DynamoDBFault = { kind: 'reset-before' };
const FAILS: DynamoDBFault = { kind: 'error', status: 500, type: 'InternalServerError' };
const DENIED: DynamoDBFault = { kind: 'error', status: 400, type: 'AccessDeniedException' };

const times = (count: number, fault: DynamoDBFault) => Array.from({ length: count }, () => fault);
const always = (fault: DynamoDBFault, of?: string) =>
  dynamodb.setFault(({ operation }) => (of === undefined || operation === of ? fault : undefined));

/** The first requests of this operation fail so; the rest do not. */
function failFirst(operation: string, ...faults: (DynamoDBFault | undefined)[]): void {
  const queue = [...faults];
  dynamodb.setFault((call) => (call.operation === operation ? queue.shift() : undefined));
}

function head(seq: number, by = 'me'): CommitHead {
  return { seq, manifestKey: `staging/${seq}-${by}/manifest.json`, sha256: 'ab'.repeat(32) };
}

/** Of a domain whose lease is the first. */
const commit = (seq = 1, by = 'me') => store.commit({ domainId: D, fence: 1, head: head(seq, by), state: STATE });

function caseHead(caseId: string, seq: number): CaseRecord {
  return aRecord({ caseId, touched: 1, readAt: 1, eventCount: 1, seq });
}

function eventIds(caseId: string, part = 0): EventIdsPart {
  return { caseId, seq: 1, part, ids: new Uint8Array(16).fill(part + 1) };
}

async function putItem(item: Record<string, unknown>): Promise<void> {
  await client.send(new PutItemCommand({ TableName: TABLE, Item: marshall(item) }));
}

/** Answers of BatchGetItem and BatchWriteItem that leave all but the first `done` unprocessed, as the service may. Counts them. */
function leaveUnprocessed(done: (round: number) => number): () => number {
  let rounds = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      type Batch = { RequestItems?: Record<string, { Keys: unknown[] } | unknown[]> };
      const request = (args.input as Batch).RequestItems?.[TABLE];
      if (!request) return next(args);
      const count = done(rounds++);
      const all = Array.isArray(request) ? request : request.Keys;
      const of = (some: unknown[]) => ({ [TABLE]: Array.isArray(request) ? some : { ...request, Keys: some } });
      const left = all.length > count ? of(all.slice(count)) : {};
      const unprocessed = { UnprocessedKeys: left, UnprocessedItems: left };
      if (count === 0) return Promise.resolve({ response: {}, output: { $metadata: {}, ...unprocessed } }) as never;
      return next({ ...args, input: { RequestItems: of(all.slice(0, count)) } } as typeof args).then((result) => {
        Object.assign(result.output, unprocessed);
        return result;
      });
    },
    { step: 'initialize' },
  );
  return () => rounds;
}

describe('an answer that was lost', () => {
  test('of a lease: the lease is mine, and counts once', async () => {
    failFirst('UpdateItem', LOST_ANSWER);
    expect(await store.acquireLease(LEASE)).toMatchObject({
      kind: 'acquired',
      state: { fence: 1, startsSinceCommit: 1 },
    });
    expect(await store.readState(D)).toMatchObject({ fence: 1, leaseOwner: 'me' });
  });

  test('of a commit: it is recognised as mine', async () => {
    await store.acquireLease(LEASE);
    failFirst('UpdateItem', LOST_ANSWER);
    expect(await commit()).toBe('committed');
  });

  test('of a commit, and of every try after it, down to the last of the SDK: still recognised', async () => {
    await store.acquireLease(LEASE);
    failFirst('UpdateItem', ...times(4, LOST_ANSWER));
    expect(await commit()).toBe('committed');
    expect(await store.readState(D)).toMatchObject({ head: head(1) });
  });

  test('of a commit that another has gone on from: never called refused, as it did happen', async () => {
    await store.acquireLease(LEASE);
    const answers: Promise<unknown>[] = [];
    dynamodb.setFault(async ({ operation }) => {
      if (operation === 'UpdateItem') return LOST_ANSWER;
      // The read back: by now a rival has taken over, published this commit and made the next.
      dynamodb.setFault(undefined);
      const rival = createCheckpointStore({ requests });
      await rival.acquireLease({ ...LEASE, owner: 'rival', now: NOW + 2000, expiresAt: NOW + 3000 });
      answers.push(rival.markApplied(D, 1));
      await Promise.all(answers);
      answers.push(rival.commit({ domainId: D, fence: 2, head: head(2, 'rival'), state: STATE }));
      await Promise.all(answers);
      return undefined;
    });
    const error = await rejection(commit());
    expect(await Promise.all(answers)).toEqual([true, 'committed']);
    expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable' });
    expect(error.message).toContain('could not be found out');
  });

  test('of markRedone: it is marked', async () => {
    await store.acquireLease(LEASE);
    await commit();
    failFirst('UpdateItem', LOST_ANSWER);
    expect(await store.markRedone(D, head(1))).toBe(true);
    failFirst('UpdateItem', ...times(5, LOST_REQUEST));
    expect(await store.markRedone(D, head(1))).toBe(true);
    expect(await store.readState(D)).toMatchObject({ redone: head(1).sha256 });
  });

  test('of markRedone, while another goes on to the next commit: false, and his mark stands', async () => {
    await store.acquireLease(LEASE);
    await commit();
    dynamodb.setFault(async ({ operation }) => {
      if (operation === 'UpdateItem') return LOST_REQUEST;
      dynamodb.setFault(undefined);
      const rival = createCheckpointStore({ requests });
      await rival.markRedone(D, head(1));
      await rival.markApplied(D, 1);
      await rival.commit({ domainId: D, fence: 1, head: head(2), state: STATE });
      return undefined;
    });
    expect(await store.markRedone(D, head(1))).toBe(false);
    expect(await store.readState(D)).toMatchObject({ redone: head(1).sha256, head: head(2) });
  });

  test('of a batch of ids, once and beyond the SDK’s tries: all of them stand, once', async () => {
    const parts = Array.from({ length: 60 }, (_, n) => eventIds(`c${n}`));
    failFirst('BatchWriteItem', LOST_ANSWER, undefined, ...times(4, LOST_ANSWER));
    await store.putEventIds(D, parts);
    expect((await dynamodb.items(TABLE)).map(({ caseId }) => caseId).sort()).toEqual(
      parts.map(({ caseId }) => caseId).sort(),
    );
  });

  test('of markApplied, putCaseRecord, putRetry and a release: done, once', async () => {
    await store.acquireLease(LEASE);
    await commit();
    failFirst('UpdateItem', LOST_ANSWER);
    expect(await store.markApplied(D, 1)).toBe(true);
    failFirst('UpdateItem', LOST_ANSWER);
    expect(await store.releaseLease({ domainId: D, fence: 1 })).toBe(true);
    failFirst('PutItem', LOST_ANSWER);
    expect(await store.putCaseRecord(D, caseHead('c', 3))).toBe(true);
    failFirst('PutItem', ...times(4, LOST_ANSWER));
    expect(await store.putCaseRecord(D, caseHead('c', 4))).toBe(true);
    expect((await store.readCaseRecords(D, ['c'])).get('c')).toEqual(caseHead('c', 4));
    expect(await store.readState(D)).toMatchObject({ applied: 1, leaseExpiresAt: 0 });
  });
});

describe('a request that never arrived', () => {
  test('beyond the SDK’s tries: a commit is tried again until it is known', async () => {
    await store.acquireLease(LEASE);
    failFirst('UpdateItem', ...times(5, LOST_REQUEST));
    expect(await commit()).toBe('committed');
    expect(await store.readState(D)).toMatchObject({ head: head(1) });
  });

  test('a rival that commits in the meantime: refused, and his commit stands', async () => {
    await store.acquireLease(LEASE);
    const rival = createCheckpointStore({ requests });
    const overtaken = createCheckpointStore({
      requests,
      async pause() {
        await rival.acquireLease({ ...LEASE, owner: 'rival', now: NOW + 2000, expiresAt: NOW + 3000 });
        await rival.commit({ domainId: D, fence: 2, head: head(1, 'rival'), state: STATE });
      },
    });
    failFirst('UpdateItem', ...times(4, LOST_REQUEST));
    expect(await overtaken.commit({ domainId: D, fence: 1, head: head(1), state: STATE })).toBe('refused');
    expect(await store.readState(D)).toMatchObject({ head: head(1, 'rival') });
  });

  test('a table that stays away: unavailable, after a bounded number of calls', async () => {
    await store.acquireLease(LEASE);
    const before = dynamodb.calls.length;
    always(FAILS, 'UpdateItem');
    const error = await rejection(commit());
    expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable', store: 'dynamodb' });
    expect(dynamodb.calls.length - before).toBeLessThan(40);
    expect(pauses.length).toBeGreaterThan(0);
    dynamodb.setFault(undefined);
    expect(await store.readState(D)).toMatchObject({ head: null });
  });
});

describe('a random half of all requests and answers lost', () => {
  test('never a commit twice, never one that was refused and yet happened', async () => {
    const random = new Random(42);
    const lose = () =>
      dynamodb.setFault(() => [LOST_ANSWER, LOST_REQUEST, undefined, undefined][Math.floor(random.next() * 4)]);
    await store.acquireLease(LEASE);
    lose();
    const committed: CommitHead[] = [];
    for (let seq = 1; seq <= 12; seq++) {
      const answers = await Promise.all(
        ['a', 'b', 'c'].map(async (by) => ({
          by,
          answer: await commit(seq, by).catch(() => 'unknown'),
        })),
      );
      dynamodb.setFault(undefined);
      const stands = (await store.readState(D))?.head;
      for (const { by, answer } of answers) {
        if (answer === 'committed') expect(stands).toEqual(head(seq, by));
        if (answer === 'refused') expect(stands?.manifestKey).not.toBe(head(seq, by).manifestKey);
      }
      if (stands) committed.push(stands);
      await store.markApplied(D, seq);
      lose();
    }
    expect(committed.map((each) => each.seq)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });
});

describe('reads are complete', () => {
  test('keys that were left unprocessed are asked for again, with a growing pause', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => `c${n}`);
    for (const id of ids) await store.putCaseRecord(D, caseHead(id, 1));
    const rounds = leaveUnprocessed((round) => (round < 3 ? 0 : 11));
    expect([...(await store.readCaseRecords(D, ids)).keys()].sort()).toEqual([...ids].sort());
    expect(rounds()).toBe(6);
    expect(pauses.slice(0, 3)).toEqual([100, 200, 400]);
  });

  test('keys that nobody ever processes are an error, never a case without history', async () => {
    await store.putCaseRecord(D, caseHead('c', 1));
    const rounds = leaveUnprocessed(() => 0);
    const error = await rejection(store.readCaseRecords(D, ['c']));
    expect(error).toMatchObject({ failure: 'unavailable' });
    expect(error.message).toContain('1 keys unprocessed');
    expect(rounds()).toBeLessThan(20);
  });

  test('strongly consistent, whichever', async () => {
    await store.acquireLease(LEASE);
    await store.readState(D);
    await store.readCaseRecords(D, ['c']);
    await store.readEventIds(D, 'c');
    await store.readOpenRetries(D);
    const isRead = ({ operation }: DynamoDBCall) => operation === 'GetItem' || operation === 'Query';
    const reads = dynamodb.calls.filter(isRead);
    expect(reads.map((call) => call.input['ConsistentRead'])).toEqual([true, true, true]);
    const [batch] = dynamodb.calls.filter((call) => call.operation === 'BatchGetItem');
    expect(batch?.input['RequestItems']).toMatchObject({ [TABLE]: { ConsistentRead: true } });
  });
});

describe('what a person must mend', () => {
  test('a table that is not there: named, with the setting to check', async () => {
    const lost = createCheckpointStore({ requests: createTableRequests(client, 'nowhere') });
    for (const call of [
      () => lost.acquireLease(LEASE),
      () => lost.readState(D),
      () => lost.readCaseRecords(D, ['c']),
      () => lost.readEventIds(D, 'c'),
      () => lost.putCaseRecord(D, caseHead('c', 1)),
    ]) {
      const error = await rejection(call());
      expect(error).toMatchObject({ name: 'StoreError', failure: 'missing-resource' });
      expect(error.message).toMatch(/table nowhere: there is no such table.*CHECKPOINT_TABLE/);
    }
    expect(dynamodb.calls.filter((call) => call.input['TableName'] === 'nowhere').length).toBeLessThanOrEqual(5);
  });

  test('a permission that is missing: named, not tried again', async () => {
    always(DENIED);
    const before = dynamodb.calls.length;
    const error = await rejection(store.acquireLease(LEASE));
    expect(error).toMatchObject({ name: 'StoreError', failure: 'denied' });
    expect(error.message).toContain('dynamodb:UpdateItem');
    expect(dynamodb.calls.length - before).toBe(1);
  });

  test('STATE of a newer version: refused, and left as it was', async () => {
    const item = { ...stateItem.encode(D, NEW_DOMAIN), schemaVersion: 2 };
    await putItem(item);
    const error = await rejection(store.acquireLease(LEASE));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error.message).toMatch(/schemaVersion 2.*deploy/);
    expect(await dynamodb.items(TABLE)).toEqual([item]);
  });

  test('a malformed STATE: refused each time, its lease not held', async () => {
    await putItem({ ...stateItem.encode(D, NEW_DOMAIN), lanes: 'none' });
    for (const owner of ['a', 'b']) {
      const error = await rejection(store.acquireLease({ ...LEASE, owner }));
      expect(error).toBeInstanceOf(IntegrityError);
      expect(error.message).toContain('lanes');
    }
    await putItem({ ...stateItem.encode(D, NEW_DOMAIN), fence: 'one' });
    expect(await rejection(store.acquireLease(LEASE))).toBeInstanceOf(IntegrityError);
  });

  test('a malformed ledger entry: refused by name', async () => {
    await store.putCaseRecord(D, caseHead('c', 1));
    const [item = {}] = await dynamodb.items(TABLE);
    await putItem({ ...item, eventCount: 'many' });
    expect((await rejection(store.readCaseRecords(D, ['c']))).message).toMatch(
      /"CASE#c" is malformed: eventCount.*"many"/,
    );
  });
});

test('leaseExpiresAt alone decides whether a domain is busy', async () => {
  await putItem({ pk: `DOMAIN#${D}`, sk: 'STATE', leaseExpiresAt: NOW + 1 });
  expect(await store.acquireLease(LEASE)).toEqual({ kind: 'busy', expiresAt: NOW + 1 });
  expect(await store.acquireLease({ ...LEASE, now: NOW + 1 })).toMatchObject({ kind: 'acquired', state: { fence: 1 } });
});

test('only the operations that the role may use', async () => {
  await store.acquireLease(LEASE);
  await commit();
  await store.markApplied(D, 1);
  await store.putCaseRecord(D, caseHead('c', 1));
  await store.putEventIds(D, [eventIds('c')]);
  await store.markRedone(D, head(1));
  await store.readCaseRecords(D, ['c']);
  await store.readEventIds(D, 'c');
  await store.readOpenRetries(D);
  await store.releaseLease({ domainId: D, fence: 1 });
  const allowed = ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem'];
  expect(dynamodb.calls.map((call) => call.operation).filter((operation) => !allowed.includes(operation))).toEqual([]);
  expect(dynamodb.calls).toHaveLength(10);
});

describe('ids in batches', () => {
  const batches = () =>
    dynamodb.calls
      .filter(({ operation }) => operation === 'BatchWriteItem')
      .map(({ input }) => (input['RequestItems'] as Record<string, unknown[]>)[TABLE]?.length);

  test('25 a request, and not one more request than that takes', async () => {
    const parts = Array.from({ length: 51 }, (_, n) => eventIds(`c${n}`));
    await store.putEventIds(D, parts);
    expect(batches()).toEqual([25, 25, 1]);
    await store.putEventIds(D, []);
    expect(dynamodb.calls).toHaveLength(3);
  });

  test('items that were left unprocessed are written again, with a growing pause while none gets through', async () => {
    const parts = Array.from({ length: 25 }, (_, n) => eventIds(`c${n}`));
    const rounds = leaveUnprocessed((round) => (round < 3 ? 0 : 10));
    await store.putEventIds(D, parts);
    expect(rounds()).toBe(6);
    expect(pauses).toEqual([100, 200, 400, 50, 50]);
    expect(await dynamodb.items(TABLE)).toHaveLength(25);
  });

  test('items that nobody ever writes are an error, after a bounded number of requests', async () => {
    const rounds = leaveUnprocessed(() => 0);
    const error = await rejection(store.putEventIds(D, [eventIds('c'), eventIds('d')]));
    expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable' });
    expect(error.message).toContain('2 items unprocessed');
    expect(rounds()).toBeLessThan(50);
  });

  test('a table that stays away is unavailable, a permission that is missing is named', async () => {
    always(FAILS);
    expect(await rejection(store.putEventIds(D, [eventIds('c')]))).toMatchObject({ failure: 'unavailable' });
    always(DENIED);
    const error = await rejection(store.putEventIds(D, [eventIds('c')]));
    expect(error).toMatchObject({ failure: 'denied' });
    expect(error.message).toContain('dynamodb:BatchWriteItem');
  });

  test('a part that no version could read is refused before anything is written', async () => {
    const broken = { ...eventIds('d'), ids: new Uint8Array(15) };
    expect(await rejection(store.putEventIds(D, [eventIds('c'), broken]))).toBeInstanceOf(IntegrityError);
    expect(dynamodb.calls).toEqual([]);
  });
});

describe('a table of an earlier build', () => {
  const { history, waiting, notShown, touches, canaries, idsHaveRecords, redone, ...old } = stateItem.encode(
    D,
    NEW_DOMAIN,
  );

  test('is given what it lacks by the lease, and nothing that would claim more than is known', async () => {
    await putItem(old);
    await store.acquireLease(LEASE);
    const [item = {}] = await dynamodb.items(TABLE);
    const lacking = { history, waiting, notShown, touches, canaries, redone };
    expect(item).toMatchObject({ ...lacking, idsHaveRecords: false });
    expect(idsHaveRecords).toBe(false);
  });

  test('keeps what a run has decided since', async () => {
    await putItem(old);
    await store.acquireLease(LEASE);
    const state = { ...STATE, openRetries: 3, idsHaveRecords: true };
    await store.commit({ domainId: D, fence: 1, head: head(1), state });
    await store.markRedone(D, head(1));
    await store.releaseLease({ domainId: D, fence: 1 });
    await store.acquireLease({ ...LEASE, owner: 'next' });
    expect(await store.readState(D)).toMatchObject({ openRetries: 3, idsHaveRecords: true, redone: head(1).sha256 });
  });
});

describe('a read that fails', () => {
  const reads: [string, string, () => Promise<unknown>][] = [
    ['readState', 'GetItem', () => store.readState(D)],
    ['readCaseRecords', 'BatchGetItem', () => store.readCaseRecords(D, ['c'])],
    ['readEventIds', 'Query', () => store.readEventIds(D, 'c')],
    ['readOpenRetries', 'Query', () => store.readOpenRetries(D)],
  ];

  test.each(reads)(
    '%s is asked again, beyond the SDK’s own tries, and gives what is there',
    async (_, operation, read) => {
      await store.acquireLease(LEASE);
      await store.putCaseRecord(D, caseHead('c', 1));
      await store.putEventIds(D, [eventIds('c')]);
      const expected = await read();
      failFirst(operation, ...times(10, FAILS));
      expect(await read()).toEqual(expected);
      expect(pauses).toEqual([100, 200, 400]);
    },
  );

  test.each(reads)(
    '%s ends as unavailable where the table stays away, after a few tries',
    async (_, operation, read) => {
      always(FAILS, operation);
      expect(await rejection(read())).toMatchObject({ name: 'StoreError', failure: 'unavailable' });
      expect(pauses).toEqual([100, 200, 400, 800, 1_600]);
      expect(dynamodb.calls).toHaveLength(18);
    },
  );

  test.each(reads)('%s is not asked again where nothing would come of it', async (_, _operation, read) => {
    for (const type of ['AccessDeniedException', 'ValidationException', 'ResourceNotFoundException']) {
      always({ kind: 'error', status: 400, type });
      const before = dynamodb.calls.length;
      expect(await rejection(read())).toBeInstanceOf(StoreError);
      expect(dynamodb.calls.length - before).toBe(1);
    }
    expect(pauses).toEqual([]);
  });

  test('no new try begins once five seconds have passed: a table that hangs ends the read by itself', async () => {
    let ms = 0;
    const slow = createCheckpointStore({ requests, pause: async () => undefined, monotonic: () => ms });
    dynamodb.setFault(() => {
      ms += 1_000;
      return FAILS;
    });
    expect(await rejection(slow.readState(D))).toMatchObject({ failure: 'unavailable' });
    expect(dynamodb.calls).toHaveLength(6);
  });
});

test('errors of this store say so', async () => {
  always(FAILS);
  expect(await rejection(store.readState(D))).toBeInstanceOf(StoreError);
});
