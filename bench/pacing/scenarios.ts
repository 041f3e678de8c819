import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchStack, pacedRate, pacedTick, startBenchStack } from './bench-stack';
import { busiestSecond, longestWait, secondsToFullRate, steadyRate, throttledCalls, timesOf } from './call-rates';

export interface Outcome {
  readonly rows: readonly (readonly string[])[];
  readonly isMet: boolean;
}

const LEAST_SHARE = 0.98;
const MAX_RECOVERY_SECONDS = 30;
/** What the sweep is left with while live changes would take all the time. */
const LEAST_SWEEP_SHARE = 0.09;
const OPERATIONS = ['SearchCases', 'GetCaseAuditEvents', 'SearchAllRelatedItems'] as const;

/** Rows that a case of the bench makes. */
const ROWS_A_CASE = 6;

interface BacklogPlan {
  readonly seconds: number;
  readonly reserveSeconds: number;
  /** Batches are made so small that one is full after so many seconds. */
  readonly commitEverySeconds: number;
}

/** A backlog that outlasts the tick, with commits under way: rate achieved against the rate that is set. */
export async function backlog(scale: number, plan: BacklogPlan): Promise<Outcome> {
  const { seconds, reserveSeconds, commitEverySeconds } = plan;
  const rps = pacedRate(scale);
  const bench = await startBenchStack(['one'], Math.ceil(rps * seconds) + 200, scale);
  try {
    const more = { MAX_ROWS_PER_COMMIT: `${Math.ceil(rps * commitEverySeconds * ROWS_A_CASE)}` };
    const { answer } = await pacedTick(bench, { domainId: 'one', rps, seconds, reserveSeconds, more });
    const { log } = bench.stack.cases.calls;
    const { rate, seconds: measured } = steadyRate(timesOf(log, 'GetCaseAuditEvents'));
    const throttled = throttledCalls(log);
    const figures = [`${measured.toFixed(0)} s`, rate.toFixed(3), (rate / rps).toFixed(4), `${answer?.commits}`];
    return {
      rows: [[`${rps} of ${2 * scale} rps`, ...figures, `${throttled}`]],
      isMet: rate / rps >= LEAST_SHARE && throttled === 0 && answer?.status === 'continues',
    };
  } finally {
    await bench.stack.close();
  }
}

/** A quota of 20 per second whose burst is no more than the documented 10, and three quarters of it set, from a tick's first call on. */
export async function burst(seconds: number): Promise<Outcome> {
  const perSecond = 20;
  const rps = 0.75 * perSecond;
  const bench = await startBenchStack(['one'], Math.ceil(rps * seconds) + 200, perSecond / 2);
  const { cases } = bench.stack;
  try {
    cases.set({ rates: { ...cases.switches.rates, GetCaseAuditEvents: { perSecond, burst: 10 } } });
    await pacedTick(bench, { domainId: 'one', rps, seconds, reserveSeconds: 5 });
    const times = timesOf(cases.calls.log, 'GetCaseAuditEvents');
    const startedAt = times[0] ?? Number.NaN;
    const shares = [0, 10, 20].map((from) => {
      const count = times.filter(
        (time) => time >= startedAt + from * 1000 && time < startedAt + (from + 10) * 1000,
      ).length;
      return `${((100 * count) / (10 * rps)).toFixed(1)} %`;
    });
    const { rate } = steadyRate(times);
    const throttled = throttledCalls(cases.calls.log);
    return {
      rows: [[`${rps} of ${perSecond} rps, burst 10`, ...shares, (rate / rps).toFixed(4), `${throttled}`]],
      isMet: rate / rps >= LEAST_SHARE && throttled === 0,
    };
  } finally {
    await bench.stack.close();
  }
}

/** Every call is throttled for a while: how long until the full rate is back. */
export async function storm(scale: number, stormSeconds: number, retryAfterSeconds: number | null): Promise<Outcome> {
  const rps = pacedRate(scale);
  const seconds = stormSeconds + 80;
  const bench = await startBenchStack(['one'], Math.ceil(rps * seconds) + 200, scale);
  const { cases } = bench.stack;
  try {
    const ticking = pacedTick(bench, { domainId: 'one', rps, seconds, reserveSeconds: 10 });
    await sleep(15_000);
    const retryAfter = retryAfterSeconds === null ? {} : { retryAfterSeconds };
    cases.setFault(() => ({ status: 429, errorType: 'ThrottlingException', message: 'Storm', ...retryAfter }));
    await sleep(stormSeconds * 1000);
    cases.setFault(undefined);
    const endedAt = Date.now();
    await ticking;
    const times = timesOf(cases.calls.log, 'GetCaseAuditEvents');
    const back = secondsToFullRate(times, endedAt, rps);
    const first = times.find((time) => time >= endedAt) ?? Number.NaN;
    const throttledAfter = cases.calls.log.filter(({ status, time }) => status === 429 && time > endedAt).length;
    const during = throttledCalls(cases.calls.log);
    const answers = retryAfterSeconds === null ? '429' : `429, Retry-After ${retryAfterSeconds}`;
    const figures = [`${during}`, `${((first - endedAt) / 1000).toFixed(1)} s`, `${back?.toFixed(1) ?? 'never'} s`];
    return {
      rows: [[`${rps} of ${2 * scale} rps`, `${stormSeconds} s of ${answers}`, ...figures]],
      isMet: back !== null && back <= MAX_RECOVERY_SECONDS && throttledAfter === 0,
    };
  } finally {
    await bench.stack.close();
  }
}

interface StarvationPlan {
  readonly ticks: number;
  readonly tickSeconds: number;
  /** Cases changed for each that can be read at the paced rate: above 1 the live lane alone could take all the time. */
  readonly changesPerRead: number;
}

/** History to read and changes going on, tick after tick: what each operation gets. */
export async function starvation(scale: number, plan: StarvationPlan): Promise<Outcome> {
  const rps = pacedRate(scale);
  const { ticks, tickSeconds, changesPerRead } = plan;
  const bench = await startBenchStack(['one'], Math.ceil(rps * tickSeconds * ticks * 2), scale);
  const changed = new Set<string>();
  const stopChanges = keepChanging(bench, rps * changesPerRead, changed);
  try {
    const byTick: number[][] = [];
    let secondTickAt = 0;
    for (let tick = 0; tick < ticks; tick += 1) {
      if (tick === 1) secondTickAt = Date.now();
      const more = { SETTLE_SECONDS: '2', OVERLAP_SECONDS: '5', MAX_LAG_SECONDS: '10' };
      await pacedTick(bench, { domainId: 'one', rps, seconds: tickSeconds, reserveSeconds: 3, more });
      byTick.push(OPERATIONS.map((operation) => timesOf(bench.stack.cases.calls.log, operation).length));
    }
    return starvationOutcome(bench, byTick, { changed, secondTickAt }, plan);
  } finally {
    stopChanges();
    await bench.stack.close();
  }
}

/** The changes hit the first half of the cases, so what is read of the second half is the sweep's doing. */
function keepChanging(bench: BenchStack, changesASecond: number, changed: Set<string>): () => void {
  const ids = bench.caseIds['one'] ?? [];
  const half = Math.floor(ids.length / 2);
  const startedAt = Date.now();
  let next = 0;
  const timer = setInterval(() => {
    while (next < ((Date.now() - startedAt) / 1000) * changesASecond) {
      const caseId = ids[half + (next++ % half)] ?? '';
      changed.add(caseId);
      bench.change('one', caseId);
      if (next % 10 !== 0) continue;
      const commented = ids[half - 1 - (next % half)] ?? '';
      changed.add(commented);
      bench.comment('one', commented);
    }
  }, 100);
  return () => clearInterval(timer);
}

function starvationOutcome(
  { stack, scale }: BenchStack,
  byTick: readonly (readonly number[])[],
  { changed, secondTickAt }: { changed: ReadonlySet<string>; secondTickAt: number },
  { ticks, tickSeconds, changesPerRead }: StarvationPlan,
): Outcome {
  const { log } = stack.cases.calls;
  // The first tick finds few changes yet.
  const audit = log.filter(({ operation, time }) => operation === 'GetCaseAuditEvents' && time >= secondTickAt);
  const sweep = audit.filter(({ caseId }) => caseId !== undefined && !changed.has(caseId)).length / audit.length;
  const inEveryTick = OPERATIONS.every((_, at) =>
    byTick.every((counts, tick) => (counts[at] ?? 0) > (byTick[tick - 1]?.[at] ?? 0)),
  );
  const throttled = throttledCalls(log);
  const rows = OPERATIONS.map((operation) => {
    const times = timesOf(log, operation);
    const load = `${(pacedRate(scale) * changesPerRead).toFixed(1)}/s at ${pacedRate(scale)} rps`;
    const wait = `${longestWait(times).toFixed(1)} s`;
    return [load, operation, `${times.length}`, wait, `${ticks} × ${tickSeconds} s`, `${(100 * sweep).toFixed(1)} %`];
  });
  return { rows, isMet: inEveryTick && sweep >= LEAST_SWEEP_SHARE && throttled === 0 };
}

/** Two processes, each with half of the rate, on one quota. */
export async function twoDomains(scale: number, seconds: number, reserveSeconds: number): Promise<Outcome> {
  const rps = pacedRate(scale) / 2;
  const domains = ['one', 'two'];
  const bench = await startBenchStack(domains, Math.ceil(rps * seconds) + 200, scale);
  try {
    await Promise.all(domains.map((domainId) => pacedTick(bench, { domainId, rps, seconds, reserveSeconds })));
    const { log } = bench.stack.cases.calls;
    const rates = domains.map((domainId) => steadyRate(timesOf(log, 'GetCaseAuditEvents', domainId)).rate);
    const all = timesOf(log, 'GetCaseAuditEvents');
    const sum = steadyRate(all).rate;
    const throttled = throttledCalls(log);
    const shares = rates.map((rate) => (rate / rps).toFixed(4));
    const sums = [sum.toFixed(3), `${2 * scale}`, `${busiestSecond(all)}`, `${throttled}`];
    return {
      rows: [[`2 × ${rps} of ${2 * scale} rps`, ...shares, ...sums]],
      isMet: rates.every((rate) => rate / rps >= LEAST_SHARE) && sum <= 2 * scale && throttled === 0,
    };
  } finally {
    await bench.stack.close();
  }
}
