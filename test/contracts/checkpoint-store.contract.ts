import type { CaseRecord, EventIdsPart, RetryEntry } from '../../lambda/export/domain/case-items';
import type { CommitHead, CommittedState } from '../../lambda/export/domain/state';
import { NEW_DOMAIN } from '../../lambda/export/domain/stored-items';
import type { CheckpointStore } from '../../lambda/export/ports';
import {
  aHistoryProof,
  aLiveLane,
  aPartialRead,
  aRecord,
  aRelatedLane,
  aRetry,
  aSweep,
  aWaitingCase,
} from '../support/stored-values';

export interface CheckpointStoreSetup {
  /** An empty table. */
  readonly store: CheckpointStore;
  close(): Promise<void>;
}

const D = 'd1';
const NOW = 1_800_000_000_000;

/**
 * What the port promises, whoever implements it: one lease at a time, a fence that only rises, one commit a number, ledger
 * entries that never go back, reads that are complete.
 */
export function describeCheckpointStore(name: string, setUp: () => Promise<CheckpointStoreSetup>): void {
  describe(`checkpoint store: ${name}`, () => {
    let setup: CheckpointStoreSetup;
    let store: CheckpointStore;

    beforeEach(async () => {
      setup = await setUp();
      store = setup.store;
    });
    afterEach(() => setup.close());

    async function lease(owner: string, now = NOW): Promise<number> {
      const answer = await store.acquireLease({ domainId: D, owner, now, expiresAt: now + 1000 });
      if (answer.kind !== 'acquired') throw new Error(`busy until ${answer.expiresAt}`);
      return answer.state.fence;
    }

    const commit = (fence: number, seq: number, by = 'a') =>
      store.commit({ domainId: D, fence, head: commitHead(seq, by), state: committedState(seq) });
    const bid = (owner: string, now: number, expiresAt: number) =>
      store.acquireLease({ domainId: D, owner, now, expiresAt });

    describe('lease', () => {
      test('a domain that nobody exported has no state', async () => {
        expect(await store.readState(D)).toBeNull();
      });

      test('the first lease makes the first state', async () => {
        const answer = await bid('a', NOW, NOW + 1000);
        const state = { ...NEW_DOMAIN, fence: 1, startsSinceCommit: 1, leaseOwner: 'a', leaseExpiresAt: NOW + 1000 };
        expect(answer).toEqual({ kind: 'acquired', state });
        expect(await store.readState(D)).toEqual(state);
      });

      test('while it lasts another is busy and learns until when; at its end the lease is free', async () => {
        await lease('a');
        const busy = { kind: 'busy', expiresAt: NOW + 1000 };
        expect(await bid('b', NOW + 999, NOW + 2000)).toEqual(busy);
        const answer = await bid('b', NOW + 1000, NOW + 2000);
        expect(answer).toMatchObject({ kind: 'acquired', state: { fence: 2, startsSinceCommit: 2, leaseOwner: 'b' } });
      });

      test('of 20 who want it one gets it', async () => {
        const bids = Array.from({ length: 20 }, (_, n) => bid(`o${n}`, NOW, NOW + 1000 + n));
        const answers = await Promise.all(bids);
        const winners = answers.flatMap((answer, n) => (answer.kind === 'acquired' ? [n] : []));
        expect(winners).toHaveLength(1);
        expect(await store.readState(D)).toMatchObject({ fence: 1, leaseOwner: `o${winners[0]}` });
        expect(answers.filter((answer) => answer.kind === 'busy').map((answer) => answer.expiresAt)).toEqual(
          Array.from({ length: 19 }, () => NOW + 1000 + (winners[0] ?? Number.NaN)),
        );
      });

      test('asking again for the very lease that one holds gives it, once', async () => {
        await lease('a');
        expect(await lease('a')).toBe(1);
        expect(await store.readState(D)).toMatchObject({ fence: 1, startsSinceCommit: 1 });
      });

      test('a released lease is free at once, and starts are forgotten', async () => {
        const fence = await lease('a');
        expect(await store.releaseLease({ domainId: D, fence })).toBe(true);
        expect(await store.readState(D)).toMatchObject({ leaseExpiresAt: 0, startsSinceCommit: 0, fence: 1 });
        expect(await lease('b')).toBe(2);
      });

      test('the case that is tried is noted, stays over leases that die, and is forgotten by a release', async () => {
        const old = await lease('a');
        const tried = { caseId: 'c1', templateId: null, touched: NOW };
        expect(await store.noteTrying({ domainId: D, fence: old, tried })).toBe(true);
        const fence = await lease('b', NOW + 5000);
        expect(await store.readState(D)).toMatchObject({ trying: tried, startsSinceCommit: 2, fence });
        expect(await store.noteTrying({ domainId: D, fence: old, tried: { ...tried, caseId: 'c2' } })).toBe(false);
        expect(await store.readState(D)).toMatchObject({ trying: tried });
        expect(await store.releaseLease({ domainId: D, fence })).toBe(true);
        expect(await store.readState(D)).toMatchObject({ trying: null });
      });

      test('what is tried can be taken back, and is no business of a domain without state', async () => {
        const fence = await lease('a');
        const tried = { caseId: 'c1', templateId: 't', touched: NOW };
        await store.noteTrying({ domainId: D, fence, tried });
        await store.noteTrying({ domainId: D, fence, tried: null });
        expect(await store.readState(D)).toMatchObject({ trying: null });
        expect(await store.noteTrying({ domainId: 'unknown', fence: 1, tried })).toBe(false);
      });

      test('with an old fence nothing is released', async () => {
        const old = await lease('a');
        const fence = await lease('b', NOW + 5000);
        expect(await store.releaseLease({ domainId: D, fence: old })).toBe(false);
        expect(await store.releaseLease({ domainId: 'unknown', fence: 1 })).toBe(false);
        expect(await store.readState(D)).toMatchObject({ fence, leaseOwner: 'b', leaseExpiresAt: NOW + 6000 });
      });

      test('starts that end without release add up', async () => {
        for (let n = 0; n < 3; n++) await lease(`o${n}`, NOW + n * 2000);
        expect(await store.readState(D)).toMatchObject({ fence: 3, startsSinceCommit: 3 });
      });

      test('domains have nothing to do with each other', async () => {
        await lease('a');
        const other = await store.acquireLease({ domainId: 'd2', owner: 'b', now: NOW, expiresAt: NOW + 1 });
        expect(other).toMatchObject({ kind: 'acquired', state: { fence: 1 } });
      });
    });

    describe('commit', () => {
      test('writes head and state, and leaves lease, fence and applied', async () => {
        const fence = await lease('a');
        expect(await commit(fence, 1)).toBe('committed');
        expect(await store.readState(D)).toEqual({
          ...committedState(1),
          head: commitHead(1, 'a'),
          fence,
          applied: 0,
          startsSinceCommit: 1,
          trying: null,
          leaseOwner: 'a',
          leaseExpiresAt: NOW + 1000,
          redone: null,
        });
      });

      test('numbers go up one by one, each only after the one before is applied', async () => {
        const fence = await lease('a');
        expect(await commit(fence, 2)).toBe('refused');
        expect(await commit(fence, 1)).toBe('committed');
        expect(await commit(fence, 2)).toBe('refused');
        expect(await store.markApplied(D, 1)).toBe(true);
        expect(await commit(fence, 3)).toBe('refused');
        expect(await commit(fence, 2)).toBe('committed');
        expect(await store.readState(D)).toMatchObject({ head: commitHead(2, 'a'), applied: 1 });
      });

      test('an old fence commits nothing, a domain without state neither', async () => {
        const old = await lease('a');
        await lease('b', NOW + 5000);
        expect(await commit(old, 1)).toBe('refused');
        const unknown = { domainId: 'unknown', fence: 1, head: commitHead(1, 'a'), state: committedState(1) };
        expect(await store.commit(unknown)).toBe('refused');
        expect(await store.readState(D)).toMatchObject({ head: null, lanes: NEW_DOMAIN.lanes });
      });

      test('a number is committed once: the same manifest again is the same commit, another one is refused', async () => {
        const fence = await lease('a');
        expect(await commit(fence, 1, 'mine')).toBe('committed');
        expect(await commit(fence, 1, 'mine')).toBe('committed');
        expect(await commit(fence, 1, 'other')).toBe('refused');
        await store.markApplied(D, 1);
        expect(await commit(fence, 1, 'other')).toBe('refused');
        expect(await store.readState(D)).toMatchObject({ head: commitHead(1, 'mine'), applied: 1 });
      });

      test('a commit that is made and not published can be replaced, by whoever knows it and has the fence', async () => {
        const old = await lease('a');
        await commit(old, 1);
        await store.markApplied(D, 1);
        await commit(old, 2);
        const fence = await lease('b', NOW + 5000);
        const replace = (by: string, replaces: string, as = fence) =>
          store.commit({ domainId: D, fence: as, head: commitHead(2, by), state: committedState(1), replaces });
        const standing = commitHead(2, 'a').manifestKey;
        expect(await replace('void', commitHead(2, 'x').manifestKey)).toBe('refused');
        expect(await replace('void', standing, old)).toBe('refused');
        expect(await replace('void', standing)).toBe('committed');
        expect(await replace('void', standing)).toBe('committed');
        expect(await replace('other', standing)).toBe('refused');
        const replaced = { ...committedState(1), head: commitHead(2, 'void'), applied: 1 };
        expect(await store.readState(D)).toMatchObject(replaced);
        expect(await store.markApplied(D, 2)).toBe(true);
        expect(await replace('late', commitHead(2, 'void').manifestKey)).toBe('refused');
      });

      test('of 20 commits of one number one wins', async () => {
        const fence = await lease('a');
        const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => commit(fence, 1, `w${n}`)));
        const winners = answers.flatMap((answer, n) => (answer === 'committed' ? [n] : []));
        expect(winners).toHaveLength(1);
        expect(await store.readState(D)).toMatchObject({ head: commitHead(1, `w${winners[0]}`) });
      });

      test('applied follows head, step by step, and never goes back', async () => {
        expect(await store.markApplied(D, 1)).toBe(false);
        const fence = await lease('a');
        expect(await store.markApplied(D, 1)).toBe(false);
        await commit(fence, 1);
        expect(await store.markApplied(D, 2)).toBe(false);
        expect(await store.markApplied(D, 1)).toBe(true);
        expect(await store.markApplied(D, 1)).toBe(true);
        await commit(fence, 2);
        expect(await store.markApplied(D, 1)).toBe(false);
        expect(await store.readState(D)).toMatchObject({ applied: 1, head: { seq: 2 } });
      });

      test('recovery applies a commit with any fence', async () => {
        await commit(await lease('a'), 1);
        await lease('b', NOW + 5000);
        expect(await store.markApplied(D, 1)).toBe(true);
      });
    });

    describe('redone', () => {
      test('is the manifest of the head, and no other, whoever marks it and however often', async () => {
        const fence = await lease('a');
        expect(await store.markRedone(D, commitHead(1, 'a'))).toBe(false);
        await commit(fence, 1);
        expect(await store.markRedone(D, commitHead(1, 'b'))).toBe(false);
        expect(await store.markRedone(D, commitHead(2, 'a'))).toBe(false);
        expect(await store.readState(D)).toMatchObject({ redone: null });
        await lease('b', NOW + 5000);
        expect(await store.markRedone(D, commitHead(1, 'a'))).toBe(true);
        expect(await store.markRedone(D, commitHead(1, 'a'))).toBe(true);
        expect(await store.readState(D)).toMatchObject({ redone: commitHead(1, 'a').sha256, applied: 0 });
      });

      test('stays until the next commit is redone: a writer that was frozen cannot put it back', async () => {
        const fence = await lease('a');
        await commit(fence, 1);
        await store.markRedone(D, commitHead(1, 'a'));
        await store.markApplied(D, 1);
        await commit(fence, 2);
        expect(await store.readState(D)).toMatchObject({ redone: commitHead(1, 'a').sha256, head: commitHead(2, 'a') });
        expect(await store.markRedone(D, commitHead(2, 'a'))).toBe(true);
        expect(await store.markRedone(D, commitHead(1, 'a'))).toBe(false);
        expect(await store.readState(D)).toMatchObject({ redone: commitHead(2, 'a').sha256 });
      });

      test('of a domain without state nothing is marked', async () => {
        expect(await store.markRedone('unknown', commitHead(1, 'a'))).toBe(false);
        expect(await store.readState('unknown')).toBeNull();
      });
    });

    describe('heads', () => {
      test('come back by case id, and only those that exist', async () => {
        const head = caseHead('c1', 1);
        expect(await store.putCaseRecord(D, head)).toBe(true);
        await store.putCaseRecord('d2', caseHead('c2', 1));
        expect(await store.readCaseRecords(D, ['c1', 'c2', 'c3'])).toEqual(new Map([['c1', head]]));
        expect(await store.readCaseRecords(D, [])).toEqual(new Map());
      });

      test('more than a batch, some asked for twice', async () => {
        // A batch holds 100.
        const ids = Array.from({ length: 210 }, (_, n) => `case-${n}`);
        await Promise.all(ids.map((id) => store.putCaseRecord(D, caseHead(id, 1))));
        const heads = await store.readCaseRecords(D, [...ids, ...ids.slice(0, 120), 'unknown']);
        expect([...heads.keys()].sort()).toEqual([...ids].sort());
        expect([...heads.values()]).toContainEqual(caseHead('case-209', 1));
      });

      test.each([['c#1'], ['x'.repeat(500)], ['ü 😀/c'], [`sha256-${'0'.repeat(64)}`]])(
        'of a case called %p',
        async (id) => {
          await store.putCaseRecord(D, caseHead(id, 1));
          expect(await store.readCaseRecords(D, [id])).toEqual(new Map([[id, caseHead(id, 1)]]));
        },
      );

      test('a later commit replaces, an earlier one does not, the same one is done', async () => {
        await store.putCaseRecord(D, caseHead('c', 5));
        expect(await store.putCaseRecord(D, caseHead('c', 4))).toBe(false);
        expect(await store.putCaseRecord(D, caseHead('c', 5))).toBe(true);
        expect(await store.readCaseRecords(D, ['c'])).toEqual(new Map([['c', caseHead('c', 5)]]));
        expect(await store.putCaseRecord(D, caseHead('c', 6))).toBe(true);
        expect(await store.readCaseRecords(D, ['c'])).toEqual(new Map([['c', caseHead('c', 6)]]));
      });

      test('whatever the order of 20 writers, the latest stands', async () => {
        const seqs = Array.from({ length: 20 }, (_, n) => ((n * 7) % 20) + 1);
        await Promise.all(seqs.map((seq) => store.putCaseRecord(D, caseHead('c', seq))));
        expect((await store.readCaseRecords(D, ['c'])).get('c')).toEqual(caseHead('c', 20));
      });
    });

    describe('event ids', () => {
      test('a case that was never read has none', async () => {
        expect(await store.readEventIds(D, 'c')).toEqual(new Uint8Array());
      });

      test('all parts come back, one after the other, of this case only', async () => {
        const parts = [
          eventIds('c', 2, 0, 3),
          eventIds('c', 10, 1, 1),
          eventIds('c', 10, 0, 2),
          eventIds('c', 1, 0, 1),
        ];
        await Promise.all(parts.map((part) => store.putEventIds(D, [part])));
        await store.putEventIds(D, [eventIds('c1', 1, 0, 4)]);
        await store.putEventIds('d2', [eventIds('c', 1, 0, 4)]);
        const [second, last, third, first] = parts.map((part) => part.ids);
        expect(Buffer.from(await store.readEventIds(D, 'c'))).toEqual(
          Buffer.concat([first, second, third, last].map((ids) => ids ?? new Uint8Array())),
        );
      });

      test('more than a megabyte, over several pages', async () => {
        const parts = Array.from({ length: 9 }, (_, part) => eventIds('c', 1, part, 10_000));
        await store.putEventIds(D, parts);
        const all = Buffer.from(await store.readEventIds(D, 'c'));
        expect(all.length).toBe(9 * 160_000);
        expect(all.equals(Buffer.concat(parts.map((part) => part.ids)))).toBe(true);
      });

      test('any number of parts at once, of any cases, none of them too', async () => {
        const parts = Array.from({ length: 120 }, (_, n) => eventIds(`case-${n % 60}`, 1, Math.floor(n / 60), 1));
        await store.putEventIds(D, parts);
        await store.putEventIds(D, []);
        for (const n of [0, 24, 25, 26, 59]) {
          expect(Buffer.from(await store.readEventIds(D, `case-${n}`))).toEqual(
            Buffer.concat([parts[n]?.ids ?? '', parts[n + 60]?.ids ?? ''].map((ids) => Buffer.from(ids))),
          );
        }
        expect(await store.readEventIds(D, 'case-60')).toEqual(new Uint8Array());
      });

      test('the same part written again is harmless, also twice at once', async () => {
        const part = eventIds('c', 1, 0, 2);
        await store.putEventIds(D, [part]);
        await store.putEventIds(D, [part, eventIds('c', 2, 0, 1), part]);
        await store.putEventIds(D, [part]);
        await store.putEventIds(D, [eventIds('c', 2, 0, 1)]);
        expect(Buffer.from(await store.readEventIds(D, 'c'))).toEqual(
          Buffer.concat([part.ids, eventIds('c', 2, 0, 1).ids]),
        );
      });
    });

    describe('retry list', () => {
      test('open entries come back whole, closed ones stay away', async () => {
        expect(await store.readOpenRetries(D)).toEqual([]);
        expect(await store.putRetry(D, retry('c1', 1))).toBe(true);
        expect(await store.putRetry(D, retry('c2', 1))).toBe(true);
        expect(await store.putRetry(D, { ...retry('c2', 2), closed: true })).toBe(true);
        await store.putRetry('d2', retry('c3', 1));
        expect(await store.readOpenRetries(D)).toEqual([retry('c1', 1)]);
      });

      test('a closed entry stands against a late writer, and a later failure opens it again', async () => {
        await store.putRetry(D, { ...retry('c', 5), closed: true });
        expect(await store.putRetry(D, retry('c', 4))).toBe(false);
        expect(await store.readOpenRetries(D)).toEqual([]);
        expect(await store.putRetry(D, retry('c', 6))).toBe(true);
        expect(await store.readOpenRetries(D)).toEqual([retry('c', 6)]);
      });

      test('a list that is longer than a page comes back whole', async () => {
        // A page holds a megabyte.
        const ids = Array.from({ length: 40 }, (_, n) => `${n}`.padStart(400, 'c'));
        const entryOf = (id: string, n: number) => ({
          ...retry(id, 1),
          templateId: 't'.repeat(60_000),
          closed: n % 2 === 1,
        });
        await Promise.all(ids.map((id, n) => store.putRetry(D, entryOf(id, n))));
        const open = await store.readOpenRetries(D);
        expect(open.map((entry) => entry.caseId).sort()).toEqual(ids.filter((_, n) => n % 2 === 0).sort());
      });
    });
  });
}

function commitHead(seq: number, by: string): CommitHead {
  return { seq, manifestKey: `staging/${D}/${seq}-${by}/manifest.json`, sha256: `${seq}`.padEnd(64, 'ab') };
}

function committedState(seq: number): CommittedState {
  return {
    lanes: {
      live: aLiveLane({ watermark: NOW + seq }),
      related: aRelatedLane({ walk: { startedAt: NOW, lowest: NOW - seq, token: 't' }, ticksWithoutBottom: 1 }),
      sweep: aSweep({ number: 2, purpose: 'check', startedAt: NOW, anchor: seq, paidUntil: NOW + seq, casesRead: seq }),
    },
    halfRead: [aPartialRead({ caseId: 'c', touched: NOW, firstPageAt: NOW, newest: NOW - 1, neverRead: false })],
    lastExportDate: '2026-01-01',
    fields: { seq, sha256: 'cd'.repeat(32) },
    openRetries: seq,
    openQuarantine: 0,
    history: aHistoryProof({ startedAt: NOW, finishedAt: NOW + seq, casesFound: seq }),
    waiting: [aWaitingCase({ caseId: `w-${seq}`, touched: NOW, since: NOW })],
    notShown: { cause: 'not-shown', cases: 1, neverRead: 1, since: NOW, missingFrom: null },
    touches: { explained: seq, unexplained: 1, accepted: 1 },
    canaries: [`case-${seq}`],
    idsHaveRecords: true,
    signedAt: NOW,
  };
}

function caseHead(caseId: string, seq: number): CaseRecord {
  const read = { touched: NOW + seq, readAt: NOW, eventCount: seq, content: 'ab'.repeat(16) };
  return aRecord({ caseId, ...read, seq, unexplained: seq % 2 === 1 });
}

function retry(caseId: string, seq: number): RetryEntry {
  const times = { touched: NOW, firstSeen: NOW, notBefore: NOW + seq, triedAt: NOW, sweptAt: NOW };
  const pending = [{ eventKey: 'e', positions: [0, 2], length: 3 }];
  const owed = { ...times, missingFrom: NOW - seq, neverRead: false, pending };
  return aRetry({ caseId, templateId: 't', cause: 'malformed', attempts: seq, seq, ...owed });
}

function eventIds(caseId: string, seq: number, part: number, count: number): EventIdsPart {
  const ids = Buffer.alloc(count * 16);
  for (let n = 0; n < count; n++) ids.write(`${seq}/${part}/${n}`, n * 16, 'latin1');
  return { caseId, seq, part, ids: new Uint8Array(ids) };
}
