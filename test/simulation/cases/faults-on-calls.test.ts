/** Calls that fail whatever they ask for. */
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import { createManualClock } from '../../fakes/manual-clock';
import type { FaultKind } from '../faults';
import { errorOf, failureOf, MINUTE, never, OPERATIONS, SECOND, START, TryOut } from './try-out';

const SINGLE: readonly (readonly [FaultKind, CasesFailure])[] = [
  ['cases.reset', 'unavailable'],
  ['cases.500', 'unavailable'],
  ['cases.500-retry-after', 'unavailable'],
  ['cases.500-retry-after-3600', 'unavailable'],
  ['cases.undecodable-page', 'malformed'],
];

describe.each(SINGLE)('%s', (kind, failure) => {
  test(`strikes each operation as ${failure}, counted each time, until healed`, async () => {
    const tryOut = new TryOut({ [kind]: 1 });
    tryOut.createCases(1);
    for (const [operation, call] of OPERATIONS) {
      const error = await errorOf(call(tryOut, never));
      expect([error.failure, error.operation]).toEqual([failure, operation]);
    }
    expect(tryOut.faults.counts).toEqual({ [kind]: OPERATIONS.length });
    tryOut.faults.heal();
    for (const [, call] of OPERATIONS) await expect(call(tryOut, never)).resolves.toBeDefined();
  });

  test('strikes as often as its rate says', async () => {
    const tryOut = new TryOut({ [kind]: 0.5 });
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => tryOut.search()));
    const failed = outcomes.filter(({ status }) => status === 'rejected').length;
    expect(failed).toBe(tryOut.faults.counts[kind]);
    expect(failed).toBeGreaterThan(60);
    expect(failed).toBeLessThan(140);
  });
});

test('Only an answer carries the time of the service, in whole seconds', async () => {
  const serviceTimeOf = async (kind: FaultKind) => {
    const tryOut = new TryOut({ [kind]: 1 });
    tryOut.pass(1_234);
    return (await errorOf(tryOut.search())).details.serviceTime;
  };
  expect(await serviceTimeOf('cases.500')).toBe(START + SECOND);
  expect(await serviceTimeOf('cases.all-denied')).toBe(START + SECOND);
  expect(await serviceTimeOf('cases.reset')).toBeNull();
});

test('Retry-After is absent, some seconds, or an hour', async () => {
  const retryAfter = async (kind: FaultKind) =>
    (await errorOf(new TryOut({ [kind]: 1 }).search())).details.retryAfterMs;
  expect(await retryAfter('cases.500')).toBeUndefined();
  expect(await retryAfter('cases.500-retry-after')).toBeGreaterThanOrEqual(SECOND);
  expect(await retryAfter('cases.500-retry-after')).toBeLessThanOrEqual(30 * SECOND);
  expect(await retryAfter('cases.500-retry-after-3600')).toBe(3600 * SECOND);
});

describe.each([
  ['cases.throttling-storm', 'throttled', 5 * SECOND, 3 * MINUTE],
  ['cases.all-denied', 'denied', MINUTE, 30 * MINUTE],
] as const)('%s', (kind, failure, shortestMs, longestMs) => {
  test('once struck, fails every operation as long as it lasts, and counts once', async () => {
    const lengths = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      const rates: { [kind: string]: number } = { [kind]: 1 };
      const tryOut = new TryOut(rates, {}, seed);
      tryOut.createCases(1);
      const begins = tryOut.now;
      expect(await failureOf(tryOut.search())).toBe(failure);
      rates[kind] = 0; // No second one.
      for (const [, call] of OPERATIONS) expect(await failureOf(call(tryOut, never))).toBe(failure);
      while ((await failureOf(tryOut.search())) !== null) tryOut.pass(SECOND);
      lengths.push(tryOut.now - begins);
      expect(tryOut.faults.counts).toEqual({ [kind]: 1 });
    }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(shortestMs);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(longestMs + SECOND);
    expect(new Set(lengths).size).toBeGreaterThan(5);
  });

  test('ends when the service is healed', async () => {
    const tryOut = new TryOut({ [kind]: 1 });
    await errorOf(tryOut.search());
    tryOut.faults.heal();
    await expect(tryOut.search()).resolves.toMatchObject({ cases: [] });
  });
});

test.each([
  ['cases.related-denied', ['searchAllRelatedItems']],
  ['cases.labels-denied', ['listFieldOptions', 'listTemplates']],
] as const)('%s: only %j, the others go on', async (kind, denied: readonly string[]) => {
  const tryOut = new TryOut({ [kind]: 1 });
  tryOut.createCases(1);
  for (const [operation, call] of OPERATIONS) {
    expect(await failureOf(call(tryOut, never))).toBe(denied.includes(operation) ? 'denied' : null);
  }
  expect(tryOut.faults.counts[kind]).toBeGreaterThan(0);
});

test('cases.404-incident: nearly all reads, and nothing else, for twelve minutes', async () => {
  const rates: { [kind: string]: number } = { 'cases.404-incident': 1 };
  const tryOut = new TryOut(rates);
  const caseIds = tryOut.createCases(100);
  await errorOf(tryOut.audit(caseIds[0] ?? ''));
  rates['cases.404-incident'] = 0; // No second one.
  const count404 = async () => {
    const failures = await Promise.all(caseIds.map((caseId) => failureOf(tryOut.audit(caseId))));
    return failures.filter((failure) => failure === 'not-found').length;
  };
  expect(await count404()).toBeGreaterThan(85);
  expect(await count404()).toBeLessThan(100);
  expect(await tryOut.found()).toHaveLength(100);
  tryOut.pass(12 * MINUTE);
  expect(await count404()).toBe(0);
});

test('cases.list-fields-fails: in one way or another, until healed; nothing else', async () => {
  const tryOut = new TryOut({ 'cases.list-fields-fails': 1 });
  const listFields = () => tryOut.cases.listFields({ domainId: 'domain-1' }, never);
  const failures = new Set<string>();
  for (let call = 0; call < 30; call += 1) failures.add((await errorOf(listFields())).failure);
  expect([...failures].sort()).toEqual(['denied', 'malformed', 'unavailable']);
  await expect(tryOut.search()).resolves.toMatchObject({ cases: [] });
  tryOut.faults.heal();
  await expect(listFields()).resolves.toMatchObject({ nextToken: undefined });
});

test('What lasts is healed last', async () => {
  const tryOut = new TryOut({ 'cases.list-fields-fails': 1, 'cases.500': 1 });
  tryOut.faults.heal(['cases.list-fields-fails']);
  await expect(tryOut.search()).resolves.toMatchObject({ cases: [] });
  await errorOf(tryOut.cases.listFields({ domainId: 'domain-1' }, never));
});

test('cases.never-answers: nothing comes before the signal fires', async () => {
  const tryOut = new TryOut({ 'cases.never-answers': 1 });
  const controller = new AbortController();
  let outcome: string | undefined;
  const call = errorOf(tryOut.search({}, controller.signal)).then(({ failure }) => {
    outcome = failure;
  });
  await new Promise(setImmediate);
  expect(outcome).toBeUndefined();
  controller.abort();
  await call;
  expect(outcome).toBe('unavailable');
  expect(tryOut.faults.counts).toEqual({ 'cases.never-answers': 1 });
});

describe('Time', () => {
  test('each call takes some, and a signal ends it meanwhile', async () => {
    const clock = createManualClock();
    const tryOut = new TryOut({}, { now: clock.now, sleep: clock.sleep, latencyMs: [50, 50] });
    const controller = new AbortController();
    let answered = 0;
    void tryOut.search().then(() => {
      answered += 1;
    });
    const ended = errorOf(tryOut.search({}, controller.signal));
    clock.advance(49);
    await new Promise(setImmediate);
    expect(answered).toBe(0);
    controller.abort();
    expect((await ended).failure).toBe('unavailable');
    clock.advance(1);
    await new Promise(setImmediate);
    expect(answered).toBe(1);
  });

  test('calls that reached the service are counted by operation, also those that fail', async () => {
    const tryOut = new TryOut({ 'cases.500': 1 });
    await errorOf(tryOut.search());
    await errorOf(tryOut.related());
    await errorOf(tryOut.related());
    await errorOf(tryOut.search({}, AbortSignal.abort()));
    expect(tryOut.cases.callCounts).toEqual({
      searchCases: 1,
      getCaseAuditEvents: 0,
      searchAllRelatedItems: 2,
      listFields: 0,
      batchGetFields: 0,
      listFieldOptions: 0,
      listTemplates: 0,
    });
  });
});
