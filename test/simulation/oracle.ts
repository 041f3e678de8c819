/**
 * The end of every world: all is healed, enough time passes, ticks until quiet. Then what is visible is compared with what
 * really happened.
 */
import type { Manifest } from '../../lambda/export/domain/manifest';
import type { Outcome } from './invocation';
import { DAY, HOUR } from './plan';
import type { Simulation } from './simulation';
import type { KnownCase, KnownEvent } from './truth';

/** More than a clock that is six hours ahead can keep a lease, or a pause of a day an entry of the retry list. */
const REST_MS = 26 * HOUR;
const MAX_TICKS = 60;
const SEARCH_BEHIND_MS = 120_000;
/** Calls a tick that are not for pages to be read: cases found gone, a token that died. */
const CALLS_A_TICK = 10;

/** Before and after a later sweep. @throws Violation of the first promise that does not hold. */
export async function judge(simulation: Simulation): Promise<void> {
  await judgeWithoutSweep(simulation);
  const swept = simulation.mirror.state?.lanes.sweep?.number ?? 0;
  await simulation.scheduler.pass(31 * DAY);
  await quietTicks(simulation, () => {
    const sweep = simulation.mirror.state?.lanes.sweep;
    return sweep != null && sweep.number > swept && sweep.finishedAt !== null;
  });
  compare(simulation, () => true, 'after a later sweep');
  judgeBooks(simulation);
  await judgeReplay(simulation);
}

/** The same code can flatten no more than before: a replay looks at what is in quarantine, and leaves it there. */
async function judgeReplay(simulation: Simulation): Promise<void> {
  const { archive, mirror, violations } = simulation;
  if (mirror.state?.openQuarantine === 0) return;
  const visible = archive.visible.size;
  const outcome = await simulation.run({ minutes: 15, task: { kind: 'replay' } });
  if (outcome.kind !== 'answered' || outcome.answer.status !== 'complete' || archive.visible.size !== visible) {
    violations.add('6, replay', `a replay by the same code: ${JSON.stringify(outcome)}`);
  }
  judgeBooks(simulation);
}

/** What holds though no later sweep has looked yet. */
export async function judgeWithoutSweep(simulation: Simulation): Promise<void> {
  simulation.faults.heal();
  simulation.trace.tell(() => 'healed');
  const healedAt = simulation.now;
  await simulation.scheduler.pass(REST_MS);
  await quietTicks(simulation, ({ answer }) => {
    const { live, related } = simulation.mirror.state?.lanes ?? {};
    // A pass that began on a bad day may end without what happened since.
    const isUpToDate = Math.min(live?.watermark ?? 0, related?.watermark ?? 0) >= healedAt;
    return isUpToDate && answer.retrying === 0 && answer.eventsExported === 0;
  });
  compare(simulation, findableWithoutSweep(simulation), 'without a later sweep');
  judgeBooks(simulation);
}

/** What the exporter says of itself. */
function judgeBooks(simulation: Simulation): void {
  judgeRetries(simulation);
  judgeChain(simulation);
  judgeCounts(simulation);
  simulation.violations.throwFirst();
}

type Answered = Extract<Outcome, { kind: 'answered' }>;

/** Ticks until `isQuiet`; nothing may fail any more. */
async function quietTicks(simulation: Simulation, isQuiet: (outcome: Answered) => boolean): Promise<void> {
  const { cases, mirror, violations } = simulation;
  const callsBefore = cases.callCounts.getCaseAuditEvents;
  const sweepBefore = mirror.state?.lanes.sweep?.number ?? 0;
  for (let tick = 1; ; tick += 1) {
    const outcome = await simulation.run({
      minutes: 15,
      settings: { sweepDays: simulation.plan.settings.sweepDays || 30 },
    });
    if (outcome.kind !== 'answered') throw outcome.kind === 'failed' ? outcome.error : new Error(outcome.reason);
    const isDone = outcome.answer.status === 'complete' && isQuiet(outcome);
    if (isDone || tick >= MAX_TICKS) {
      const sweeps = 1 + (mirror.state?.lanes.sweep?.number ?? 0) - sweepBefore;
      const calls = cases.callCounts.getCaseAuditEvents - callsBefore;
      const most = 2 * pagesOf(simulation) * sweeps + CALLS_A_TICK * tick;
      if (!isDone) violations.add('5, ends', `not quiet after ${tick} ticks`);
      if (calls > most) violations.add('5, calls', `${calls} audit calls in ${tick} ticks, at most ${most} expected`);
      simulation.violations.throwFirst();
      return;
    }
    await simulation.scheduler.pass(outcome.answer.status === 'complete' ? 25 * HOUR : 15 * 60_000);
  }
}

/** Calls that it takes to read every case once. */
function pagesOf({ truth, plan }: Simulation): number {
  let pages = 0;
  for (const { events } of truth.cases().values()) {
    pages += Math.max(1, Math.ceil(events.size / plan.pageSize.getCaseAuditEvents));
  }
  return pages;
}

/**
 * Which events must be visible before any later sweep has looked: those that something led to in time. In worlds where searches
 * hide cases for longer than settle and overlap, or at random, nothing is promised but that the sweep finds them.
 */
function findableWithoutSweep({ plan }: Simulation): (event: KnownEvent) => boolean {
  const { rates, settings, auditLagMs } = plan;
  const { settleMs, overlapMs } = settings;
  const hides = ['cases.null-element', 'cases.unsorted', 'cases.results-capped', 'cases.offset-token-moves'] as const;
  const lags = (['cases.audit-lag', 'cases.stale-replica'] as const).filter((kind) => rates[kind] !== undefined);
  const behindMs = rates['cases.stale-replica'] === undefined ? 0 : SEARCH_BEHIND_MS;
  if (hides.some((kind) => rates[kind] !== undefined)) return () => false;
  // One answer of a replica may be behind by as much again as the history itself.
  if (auditLagMs * lags.length > settleMs) return () => false;
  return ({ truth: { findableAt, occurredAt } }) =>
    findableAt !== null && findableAt - occurredAt + behindMs <= settleMs + overlapMs;
}

function compare(simulation: Simulation, mustBeThere: (event: KnownEvent) => boolean, when: string): void {
  const { truth, archive, violations } = simulation;
  for (const known of truth.cases().values()) {
    for (const event of known.events.values()) {
      const id = `${known.truth.caseId}|${event.key}`;
      const visible = archive.visibleEvents.get(id)?.rows ?? 0;
      const expected = event.rows().length;
      if (visible !== 0 && visible !== expected) {
        violations.add('1, whole', `${visible} of ${expected} rows of event ${id} are visible ${when}`);
      }
      if (!mustBeThere(event) || known.truth.deletedAt !== null) continue;
      if (expected !== 0 && visible === 0) violations.add('1, nothing lost', `${when}: ${lost(known, event)}`);
      const quarantined = archive.quarantined.get(id);
      if (expected === 0 && quarantined?.emitted !== false) {
        violations.add('6, quarantine', `${when}: poison ${id} is not in quarantine`);
      }
    }
  }
}

function lost({ truth: { caseId } }: KnownCase, { key, truth }: KnownEvent): string {
  const { occurredAt, visibleAt, findableAt } = truth;
  const times = { occurredAt, visibleAt, findableAt };
  return `event ${key} of ${caseId} is not visible, ${JSON.stringify(times)}`;
}

function judgeRetries({ mirror, violations }: Simulation): void {
  const open = [...mirror.retries.values()].filter(({ closed }) => !closed);
  for (const { caseId, cause } of open) violations.add('6, retry list', `${caseId} is still on it for ${cause}`);
  const { state } = mirror;
  if (state?.openRetries !== 0) violations.add('6, retry list', `STATE says ${state?.openRetries} are open`);
  if ((state?.halfRead.length ?? 0) > 0) violations.add('2, half-read', `${state?.halfRead.length} cases are left`);
}

/** Manifests are numbered without a hole, each lists what is there with its hash, and nothing else is there. */
function judgeChain({ archive, buckets, mirror, violations, table }: Simulation): void {
  const listed = new Set<string>();
  for (let seq = 1; seq <= archive.manifests.size; seq += 1) {
    const found = archive.manifests.get(seq);
    if (found === undefined) violations.add('chain', `no manifest ${seq}`);
    for (const { key } of found?.manifest.objects ?? []) listed.add(key);
  }
  for (const key of buckets.keys('archive')) {
    if (key.startsWith('staging/') || key.startsWith('manifests/') || listed.has(key)) continue;
    violations.add('chain', `${key} is in no manifest`);
  }
  for (const [key, bytes] of archive.published()) {
    if (!Buffer.from(buckets.buckets.archive.get(key) ?? []).equals(bytes)) violations.add('1, immutable', key);
  }
  const { state } = mirror;
  if (state?.head?.seq !== archive.manifests.size || state.applied !== archive.manifests.size) {
    violations.add('chain', `${archive.manifests.size} manifests, head ${state?.head?.seq}, applied ${state?.applied}`);
  }
  for (const what of [...table.invalidRequests, ...buckets.invalidRequests]) violations.add('requests', what);
}

function judgeCounts({ archive, mirror, violations }: Simulation): void {
  const sum = (count: (manifest: Manifest) => number) =>
    [...archive.manifests.values()].reduce((total, { manifest }) => total + count(manifest), 0);
  const open = [...archive.quarantined.values()].filter(({ emitted }) => !emitted).length;
  const compared = [
    ['rows', sum(({ counts }) => counts.rows), archive.visible.size],
    [
      'rows of objects',
      sum(({ objects }) => objects.reduce((total, { rows = 0 }) => total + rows, 0)),
      archive.visible.size,
    ],
    ['events', sum(({ counts }) => counts.events), archive.visibleEvents.size + open],
    ['quarantined', sum(({ counts }) => counts.quarantined), archive.quarantined.size],
    ['open quarantine', mirror.state?.openQuarantine ?? 0, open],
  ] as const;
  for (const [what, told, found] of compared) {
    if (told !== found) violations.add('counts', `${what}: the manifests say ${told}, there are ${found}`);
  }
}
