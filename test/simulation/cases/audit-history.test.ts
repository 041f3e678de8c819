/** What the audit history of a case shows, and when. */
import { pagesOf } from '../../support/pages';
import type { FaultRates } from '../faults';
import { failureOf, HOUR, MINUTE, SECOND, START, TryOut } from './try-out';

const LAG = MINUTE;

async function times(tryOut: TryOut, caseId: string): Promise<(number | undefined)[]> {
  return (await tryOut.events(caseId)).map((event) => event.performedTime?.getTime());
}

describe('Order', () => {
  const ascending = Array.from({ length: 30 }, (_, index) => START + (index + 1) * SECOND);
  const order = async (rates: FaultRates, seed: number) => {
    const tryOut = new TryOut(rates, {}, seed);
    const shown = await times(tryOut, tryOut.updatedCase(29));
    expect([...shown].sort()).toEqual(ascending);
    const name = isEqual(shown, ascending) ? 'oldest' : isEqual(shown, ascending.toReversed()) ? 'newest' : 'none';
    return { name, counts: tryOut.faults.counts };
  };

  test('cases.newest-first and cases.oldest-first: that order for every case, counted once a case', async () => {
    expect(await order({ 'cases.newest-first': 1 }, 1)).toEqual({
      name: 'newest',
      counts: { 'cases.newest-first': 1 },
    });
    expect(await order({ 'cases.oldest-first': 1 }, 1)).toEqual({
      name: 'oldest',
      counts: { 'cases.oldest-first': 1 },
    });
  });

  test('neither: no order, but the same one each time', async () => {
    expect(await order({}, 1)).toEqual({ name: 'none', counts: {} });
    const tryOut = new TryOut();
    const caseId = tryOut.updatedCase(29);
    expect(await times(tryOut, caseId)).toEqual(await times(tryOut, caseId));
  });

  test('both: one of them for one case, the other for another', async () => {
    const rates = { 'cases.newest-first': 1, 'cases.oldest-first': 1 };
    const names = await Promise.all(Array.from({ length: 20 }, (_, seed) => order(rates, seed)));
    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['newest', 'oldest', 'none']));
  });

  test('is for good: healing does not change it, for new cases either', async () => {
    const tryOut = new TryOut({ 'cases.newest-first': 1 });
    const before = tryOut.updatedCase(5);
    tryOut.faults.heal();
    for (const caseId of [before, tryOut.updatedCase(5)]) {
      const shown = await times(tryOut, caseId);
      expect(shown).toEqual([...shown].sort().reverse());
    }
  });
});

test('Whatever comes in while a case is read, a walk shows all that was there when it began', async () => {
  for (const rates of [{ 'cases.newest-first': 1 }, { 'cases.oldest-first': 1 }, {}]) {
    for (const offsets of [0, 1]) {
      const options = { pageSize: { getCaseAuditEvents: 3 } };
      const tryOut = new TryOut({ ...rates, 'cases.offset-token-moves': offsets }, options);
      const caseId = tryOut.updatedCase(10);
      const before = tryOut.truth(caseId).map(({ event }) => event.eventId);
      const pages = await pagesOf((nextToken) => {
        tryOut.pass(SECOND);
        if (tryOut.truth(caseId).length < 15) tryOut.cases.updateCase(caseId);
        return tryOut.audit(caseId, nextToken);
      });
      const shown = pages.flatMap(({ events }) => events ?? []).map((event) => event?.eventId);
      expect(before.filter((eventId) => !shown.includes(eventId))).toEqual([]);
    }
  }
});

describe('cases.audit-lag', () => {
  test('a change is found at once and shown later, within the promised time', async () => {
    const tryOut = new TryOut({ 'cases.audit-lag': 1 }, { auditLagMs: LAG });
    const lags = new Set<number>();
    for (const caseId of tryOut.createCases(30)) {
      const [truth] = tryOut.truth(caseId);
      lags.add((truth?.visibleAt ?? 0) - (truth?.occurredAt ?? 0));
      expect(truth?.findableAt).toBe(truth?.occurredAt);
    }
    expect(Math.min(...lags)).toBeGreaterThan(0);
    expect(Math.max(...lags)).toBeLessThanOrEqual(LAG);
    expect(lags.size).toBeGreaterThan(10);
    expect(tryOut.faults.counts).toEqual({ 'cases.audit-lag': 30 });
  });

  test('is shown from visibleAt on, or once healed', async () => {
    const tryOut = new TryOut({ 'cases.audit-lag': 1 }, { auditLagMs: LAG });
    const [caseId = ''] = tryOut.createCases(1);
    tryOut.pass((tryOut.truth(caseId)[0]?.visibleAt ?? 0) - tryOut.now - 1);
    expect(await tryOut.events(caseId)).toEqual([]);
    tryOut.pass(1);
    expect(await tryOut.events(caseId)).toHaveLength(1);
    tryOut.cases.updateCase(caseId);
    expect(await tryOut.events(caseId)).toHaveLength(1);
    tryOut.faults.heal();
    expect(await tryOut.events(caseId)).toHaveLength(2);
    expect(tryOut.truth(caseId).at(-1)?.visibleAt).toBe(tryOut.now);
  });
});

describe('cases.stale-replica', () => {
  test('an answer may lack what is young, never what is older than the promised lag', async () => {
    const tryOut = new TryOut({ 'cases.stale-replica': 1, 'cases.audit-lag': 0.5 }, { auditLagMs: LAG });
    const caseId = tryOut.updatedCase(150);
    const counts = new Set<number>();
    for (let call = 0; call < 50; call += 1) {
      const shown = (await tryOut.events(caseId)).map(({ eventId }) => eventId);
      const old = tryOut.truth(caseId).filter(({ occurredAt }) => occurredAt + LAG <= tryOut.now);
      expect(old.filter(({ event }) => !shown.includes(event.eventId))).toEqual([]);
      counts.add(shown.length);
    }
    expect(counts.size).toBeGreaterThan(10);
    tryOut.faults.heal();
    expect(await tryOut.events(caseId)).toHaveLength(151);
  });

  test('a walk over replicas, some behind, some not, shows all that is old, also where tokens are offsets', async () => {
    const rates = { 'cases.stale-replica': 0.5, 'cases.offset-token-moves': 1, 'cases.newest-first': 1 };
    const tryOut = new TryOut(rates, { auditLagMs: LAG, pageSize: { getCaseAuditEvents: 3 } });
    const caseId = tryOut.updatedCase(90);
    const old = tryOut.truth(caseId).filter(({ occurredAt }) => occurredAt + LAG <= tryOut.now);
    for (let walk = 0; walk < 20; walk += 1) {
      const shown = (await tryOut.events(caseId)).map(({ eventId }) => eventId);
      expect(old.filter(({ event }) => !shown.includes(event.eventId))).toEqual([]);
    }
  });

  test('does not know a case that has just been born, and still knows one that has just gone', async () => {
    const tryOut = new TryOut({ 'cases.stale-replica': 1 }, { auditLagMs: LAG });
    const [caseId = ''] = tryOut.createCases(1);
    expect(await failureOf(tryOut.audit(caseId))).toBe('not-found');
    tryOut.pass(LAG);
    expect(await tryOut.events(caseId)).toHaveLength(1);
    tryOut.cases.deleteCase(caseId);
    expect(await tryOut.events(caseId)).toHaveLength(1);
    tryOut.faults.heal();
    expect(await failureOf(tryOut.audit(caseId))).toBe('not-found');
  });
});

describe('cases.404-at-birth', () => {
  test('a case that searches show is not found for its first seconds, 20 at most', async () => {
    const seconds = [];
    for (let seed = 1; seed <= 30; seed += 1) {
      const tryOut = new TryOut({ 'cases.404-at-birth': 1 }, {}, seed);
      const [caseId = ''] = tryOut.createCases(1);
      const born = tryOut.now;
      expect(await tryOut.found()).toEqual([caseId]);
      while ((await failureOf(tryOut.audit(caseId))) === 'not-found') tryOut.pass(SECOND);
      seconds.push((tryOut.now - born) / SECOND);
      expect(tryOut.faults.counts).toEqual({ 'cases.404-at-birth': 1 });
    }
    expect(Math.min(...seconds)).toBeGreaterThan(0);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(20);
    expect(new Set(seconds).size).toBeGreaterThan(5);
  });

  test('ends when healed, and never strikes an older case', async () => {
    const tryOut = new TryOut({ 'cases.404-at-birth': 1 });
    const [caseId = ''] = tryOut.createCases(1);
    expect(await failureOf(tryOut.audit(caseId))).toBe('not-found');
    expect(await failureOf(tryOut.audit(tryOut.cases.createCase({ at: START - HOUR })))).toBeNull();
    tryOut.faults.heal();
    expect(await failureOf(tryOut.audit(caseId))).toBeNull();
  });
});

describe('Deleted cases', () => {
  test('cases.deleted-while-read: gone behind a page with a token', async () => {
    const tryOut = new TryOut({ 'cases.deleted-while-read': 1 }, { pageSize: { getCaseAuditEvents: 2 } });
    const caseId = tryOut.updatedCase(3);
    const { events, nextToken } = await tryOut.audit(caseId);
    expect(events).toHaveLength(2);
    expect(await failureOf(tryOut.audit(caseId, nextToken))).toBe('not-found');
    expect([tryOut.cases.caseIds(), await tryOut.found()]).toEqual([[], []]);
    expect(tryOut.faults.counts).toEqual({ 'cases.deleted-while-read': 1 });
    tryOut.faults.heal();
    expect(await failureOf(tryOut.audit(caseId))).toBe('not-found');
  });

  test('never strikes at the last page', async () => {
    const tryOut = new TryOut({ 'cases.deleted-while-read': 1 });
    const caseId = tryOut.updatedCase(24);
    expect(await tryOut.events(caseId)).toHaveLength(25);
    expect(tryOut.faults.counts).toEqual({});
  });

  test('stay in the history, with when they went, and take their related items along', async () => {
    const tryOut = new TryOut();
    const caseId = tryOut.updatedCase(2);
    tryOut.cases.addRelatedItem(caseId);
    tryOut.pass(SECOND);
    tryOut.cases.deleteCase(caseId);
    expect((await tryOut.related()).items).toEqual([]);
    expect(tryOut.cases.history()).toMatchObject([{ caseId, created: START + SECOND, deletedAt: tryOut.now }]);
    expect(tryOut.truth(caseId)).toHaveLength(4);
  });
});

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
