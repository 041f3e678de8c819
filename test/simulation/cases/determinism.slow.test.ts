/** One seed, one world: also with every fault at once, and all is well once it is healed. */

import { losslessJson } from '../../../lambda/export/domain/values';
import { Random } from '../../support/random';
import { FAULT_KINDS, type FaultKind, type FaultRates } from '../faults';
import { HOUR, MINUTE, never, OPERATIONS, SECOND, START, TryOut } from './try-out';

const KINDS = (Object.keys(FAULT_KINDS) as FaultKind[]).filter((kind) => kind.startsWith('cases.'));
const OPTIONS = {
  pageSize: { searchCases: 4, getCaseAuditEvents: 3, searchAllRelatedItems: 3, listFields: 3 },
  resultCap: 6,
  hugeCaseEvents: 50,
  hugeEventFields: 70,
} as const;

/** What fails every call for minutes, and would hide the rest. */
const LASTING: ReadonlySet<FaultKind> = new Set([
  'cases.throttling-storm',
  'cases.all-denied',
  'cases.related-denied',
  'cases.labels-denied',
]);

/** What seldom has an occasion. */
const SELDOM: ReadonlySet<FaultKind> = new Set([
  'cases.404-at-birth',
  'cases.token-cycle',
  'cases.related-silent',
  'cases.related-edited',
  'cases.related-deleted',
]);

function everyFault(rate: number): FaultRates {
  const factor = (kind: FaultKind) => (LASTING.has(kind) ? 0.1 : SELDOM.has(kind) ? 10 : 1);
  return Object.fromEntries(KINDS.map((kind) => [kind, rate * factor(kind)]));
}

/** Changes and calls in turn, some of them with the token that came last. All that came of it. */
async function live(tryOut: TryOut, seed: number, steps: number): Promise<unknown[]> {
  const random = new Random(seed);
  const tokens = new Map<string, string | undefined>();
  const outcomes: unknown[] = [];
  for (let step = 0; step < steps; step += 1) {
    tryOut.pass(random.below(20) === 0 ? 5 * MINUTE : random.below(3) * SECOND);
    if (random.below(4) === 0) tryOut.cases.change();
    outcomes.push(await call(tryOut, random, tokens));
  }
  return outcomes;
}

async function call(tryOut: TryOut, random: Random, tokens: Map<string, string | undefined>) {
  const ids = tryOut.cases.caseIds();
  // Few, so that tokens meet again; the youngest among them.
  const caseId = ids.at(random.below(4) - 2) ?? 'none';
  const name = ['search', `audit ${caseId}`, 'related', 'fields', 'templates'][random.below(5)] ?? '';
  const nextToken = tokens.get(name);
  const controller = new AbortController();
  const request = { domainId: 'domain-1', nextToken };
  const calls: Record<string, () => Promise<{ nextToken: string | undefined }>> = {
    search: () => tryOut.search({ from: 0, nextToken }, controller.signal),
    related: () => tryOut.cases.searchAllRelatedItems(request, controller.signal),
    fields: () => tryOut.cases.listFields(request, controller.signal),
    templates: () => tryOut.cases.listTemplates(request, controller.signal),
  };
  const audit = () => tryOut.cases.getCaseAuditEvents({ ...request, caseId }, controller.signal);
  const made = (calls[name] ?? audit)();
  // Whatever has not answered by then never will.
  setImmediate(() => controller.abort());
  return made.then(
    (answer) => {
      tokens.set(name, answer.nextToken);
      return answer;
    },
    (error) => {
      tokens.delete(name);
      return { failure: error.failure, details: error.details, message: error.message };
    },
  );
}

test('The same seed gives the same answers, history and counts, with every fault at once', async () => {
  const run = async (seed: number) => {
    const tryOut = new TryOut(everyFault(0.05), OPTIONS, seed);
    for (let count = 0; count < 15; count += 1) tryOut.cases.createCase({ at: START - HOUR * (15 - count) });
    const outcomes = await live(tryOut, seed, 1_000);
    const { callCounts } = tryOut.cases;
    // As text, as an invalid date does not even equal itself.
    return losslessJson({ outcomes, history: tryOut.cases.history(), counts: tryOut.faults.counts, callCounts });
  };
  const first = await run(7);
  expect(await run(7)).toBe(first);
  expect(await run(8)).not.toBe(first);
});

test('What happens in the domain does not depend on how it is called', async () => {
  const history = async (calls: number) => {
    const tryOut = new TryOut({}, OPTIONS, 3);
    for (let step = 0; step < 200; step += 1) {
      tryOut.pass(SECOND);
      tryOut.cases.change();
      for (let made = 0; made < calls; made += 1) await tryOut.search();
    }
    return tryOut.cases.history();
  };
  expect(await history(2)).toEqual(await history(0));
});

test('Every kind strikes somewhere', async () => {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (let seed = 1; seed <= 12; seed += 1) {
    const tryOut = new TryOut(everyFault(0.03), OPTIONS, seed);
    for (let count = 0; count < 15; count += 1) tryOut.cases.createCase({ at: START - HOUR });
    await live(tryOut, seed, 500);
    for (const kind of KINDS) counts[kind] = (counts[kind] ?? 0) + (tryOut.faults.counts[kind] ?? 0);
  }
  expect(KINDS.filter((kind) => !counts[kind])).toEqual([]);
});

test('Once healed, every walk shows exactly the history, and nothing more is counted', async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const tryOut = new TryOut(everyFault(0.05), OPTIONS, seed);
    for (let count = 0; count < 15; count += 1) tryOut.cases.createCase({ at: START - HOUR });
    await live(tryOut, seed, 300);
    tryOut.faults.heal();
    const counts = { ...tryOut.faults.counts };
    const alive = tryOut.cases.history().filter(({ deletedAt }) => deletedAt === null);
    expect((await tryOut.found()).sort()).toEqual(alive.map(({ caseId }) => caseId).sort());
    for (const { caseId, events } of alive) {
      const shown = await tryOut.events(caseId);
      expect(new Set(shown)).toEqual(new Set(events.map(({ event }) => event)));
      expect(shown).toHaveLength(events.length);
    }
    for (const [, call] of OPERATIONS.filter(([name]) => name !== 'getCaseAuditEvents')) await call(tryOut, never);
    for (const kind of ['cases.newest-first', 'cases.oldest-first'] as const)
      counts[kind] = expect.any(Number) as never;
    expect(tryOut.faults.counts).toEqual(counts);
  }
});
