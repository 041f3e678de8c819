/**
 * The end of every world: all is healed, enough time passes, ticks until quiet. Then what is visible is compared with what
 * really happened.
 */
import { judgePeriod } from '../../lambda/export/domain/completeness';
import { noteKey } from '../../lambda/export/domain/keys';
import type { Manifest } from '../../lambda/export/domain/manifest';
import { compare, findableWithoutSweep } from './compare';
import type { Invariants } from './invariants';
import type { Outcome } from './invocation';
import { judgeSlices } from './note-invariants';
import type { Simulation } from './simulation';
import { DAY, HOUR } from './times';
import { judgeUpstream } from './upstream';

/** More than a clock that is six hours ahead can keep a lease, or a pause of a day an entry of the retry list. */
export const REST_MS = 26 * HOUR;
const MAX_TICKS = 60;
/** Calls a tick that are not for pages to be read: cases found gone, a token that died. */
const CALLS_A_TICK = 10;

/** Before and after a later sweep. @throws Violation of the first promise that does not hold. */
export async function judge(simulation: Simulation): Promise<void> {
  await judgeWithoutSweep(simulation);
  const swept = simulation.checks.mirror.state?.lanes.sweep?.number ?? 0;
  await simulation.scheduler.pass(31 * DAY);
  await quietTicks(simulation, ({ answer }) => {
    const sweep = simulation.checks.mirror.state?.lanes.sweep;
    // A touch that only the sweep has met, and that no event explains, is read again a few times.
    return sweep != null && sweep.number > swept && sweep.finishedAt !== null && answer.retrying === 0;
  });
  compare(simulation, () => true, 'after a later sweep');
  judgeUpstream(simulation);
  await judgeSlices({ ...simulation.checks, rows: simulation.rows });
  judgeBooks(simulation);
  judgeProof(simulation.checks);
  await judgeReplay(simulation);
}

/** Who never says yes is never wrong: once all is well and all is scanned, the answer is yes, unless events are in quarantine. */
function judgeProof({ archive, violations, mirror }: Invariants): void {
  const manifests = [...archive.manifests.values()].map(({ manifest }) => manifest);
  const { live, related } = mirror.state?.lanes ?? {};
  const until = Math.min(live?.watermark ?? 0, related?.watermark ?? 0);
  const answer = judgePeriod(manifests, archive.rowsByCommit, until);
  if (answer.isComplete || answer.openQuarantine > 0) return;
  const { history, debts } = manifests.at(-1) ?? {};
  violations.add(
    '9, says yes',
    `all is exported, and ${JSON.stringify(answer)}: ${JSON.stringify({ history, debts })}`,
  );
}

/** The same code can flatten no more than before: a replay looks at what is in quarantine, and leaves it there. */
async function judgeReplay(simulation: Simulation): Promise<void> {
  const { archive, mirror, violations } = simulation.checks;
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
  simulation.heal({ butForEver: false });
  const healedAt = simulation.now;
  await simulation.scheduler.pass(REST_MS);
  await quietTicks(simulation, ({ answer }) => {
    const { live, related } = simulation.checks.mirror.state?.lanes ?? {};
    // A pass that began on a bad day may end without what happened since.
    const isUpToDate = Math.min(live?.watermark ?? 0, related?.watermark ?? 0) >= healedAt;
    return isUpToDate && answer.retrying === 0 && answer.eventsExported === 0;
  });
  compare(simulation, findableWithoutSweep(simulation), 'without a later sweep');
  judgeBooks(simulation);
}

/** What the exporter says of itself. */
function judgeBooks(simulation: Simulation): void {
  judgeRetries(simulation.checks);
  judgeChain(simulation);
  judgeCounts(simulation.checks);
  simulation.checks.violations.throwFirst();
}

type Answered = Extract<Outcome, { kind: 'answered' }>;

/** Ticks until `isQuiet`; nothing may fail any more. */
async function quietTicks(simulation: Simulation, isQuiet: (outcome: Answered) => boolean): Promise<void> {
  const { cases, checks } = simulation;
  const { mirror, violations } = checks;
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
      // A touch that no event explains costs two reads more, and a read that begins anew as much again.
      const most = 2 * pagesOf(simulation) * (sweeps + 1) + CALLS_A_TICK * tick;
      if (!isDone) violations.add('5, ends', `not quiet after ${tick} ticks`);
      if (calls > most) violations.add('5, calls', `${calls} audit calls in ${tick} ticks, at most ${most} expected`);
      simulation.checks.violations.throwFirst();
      return;
    }
    await simulation.scheduler.pass(outcome.answer.status === 'complete' ? 25 * HOUR : 15 * 60_000);
  }
}

/** Calls that it takes to read every case once. */
export function pagesOf({ checks, plan }: Simulation): number {
  let pages = 0;
  for (const { events } of checks.truth.cases().values()) {
    pages += Math.max(1, Math.ceil(events.size / plan.pageSize.getCaseAuditEvents));
  }
  return pages;
}

function judgeRetries({ mirror, violations }: Invariants): void {
  const open = [...mirror.retries.values()].filter(({ closed }) => !closed);
  for (const { caseId, cause } of open) violations.add('6, retry list', `${caseId} is still on it for ${cause}`);
  const { state } = mirror;
  if (state?.openRetries !== 0) violations.add('6, retry list', `STATE says ${state?.openRetries} are open`);
  if ((state?.halfRead.length ?? 0) > 0) violations.add('2, half-read', `${state?.halfRead.length} cases are left`);
}

/** Manifests are numbered without a hole, each has its note and lists what is there with its hash, and nothing else is there. */
function judgeChain({ checks, buckets, table }: Simulation): void {
  const { archive, mirror, violations } = checks;
  const listed = new Set<string>();
  for (let seq = 1; seq <= archive.manifests.size; seq += 1) {
    const found = archive.manifests.get(seq);
    if (found === undefined) violations.add('chain', `no manifest ${seq}`);
    for (const { key } of found?.manifest.objects ?? []) listed.add(key);
    listed.add(noteKey('domain-1', seq));
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

function judgeCounts({ archive, mirror, violations }: Invariants): void {
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
