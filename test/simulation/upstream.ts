/** What the service changes after it was exported: named in a manifest, once the case is read whole again. */
import type { Simulation } from './simulation';
import { HOUR } from './times';
import type { KnownCase, KnownEvent } from './truth';

/** Calls take their time, and `Date` headers hold whole seconds. */
const TIMES_DIFFER_BY_MS = 2_000;

const BEHIND = ['process.clock-6h-behind', 'process.clock-10s-behind', 'process.clock-set-back'] as const;

/**
 * A case of which an event read differently at a later whole read than at the one before is named "changed upstream". Two contents under
 * one id may come in one read. Not compared is what was exported between two whole reads by reads that did not come to their end, what
 * came as null, and what a read has seen that went on in a later run.
 */
export function judgeUpstream(simulation: Simulation): void {
  const { truth, archive, violations } = simulation.checks;
  const named = new Set([...archive.manifests.values()].flatMap(({ manifest }) => manifest.changedUpstream ?? []));
  for (const known of truth.cases().values()) {
    const { caseId, deletedAt } = known.truth;
    if (deletedAt !== null || named.has(caseId) || !isChanged(simulation, known)) continue;
    violations.add('1, changed upstream', `${caseId} reads differently than it was exported, and no manifest names it`);
  }
}

function isChanged(simulation: Simulation, { truth, events }: KnownCase): boolean {
  const { cases, checks, plan } = simulation;
  const { mirror, archive } = checks;
  // When a case was read is told by clocks that may be behind.
  const behindMs = BEHIND.some((kind) => plan.rates[kind] !== undefined) ? 6 * HOUR : 0;
  if ([...events.values()].some((one) => cases.isMaimed(one.truth.event))) return false;
  const reads = [...(mirror.readsOf.get(truth.caseId) ?? [])].sort(([a], [b]) => a - b);
  const exportedWith = [...events.keys()].map((key) => {
    const id = `${truth.caseId}|${key}`;
    return archive.visibleEvents.get(id)?.seq ?? archive.quarantined.get(id)?.seq ?? 0;
  });
  const isOfOneRun = (readAt: number, seq: number) => readAt >= startOfRun(simulation, seq) - TIMES_DIFFER_BY_MS;
  const pairs = reads.slice(1).map((read, at) => [reads[at] ?? read, read] as const);
  return pairs.some(([[readAt, seq], [nextAt, nextSeq]]) => {
    const isBetween = exportedWith.some((exported) => exported > seq && exported < nextSeq);
    if (isBetween || !isOfOneRun(readAt, seq) || !isOfOneRun(nextAt, nextSeq)) return false;
    return [...events.values()].some((event) => isEnrichedBetween(event, { readAt, behindMs, nextAt }));
  });
}

/** Of the run that made the commit. */
function startOfRun({ checks, invocations, now, scheduler }: Simulation, seq: number): number {
  const runId = checks.archive.manifests.get(seq)?.manifest.runId;
  const run = invocations.find(({ process }) => process.name === runId);
  return run === undefined ? Number.POSITIVE_INFINITY : now - scheduler.elapsed + run.startedAt;
}

/** Two reads of a case, the first of them up to `behindMs` later than it says. */
interface Reads {
  readonly readAt: number;
  readonly behindMs: number;
  readonly nextAt: number;
}

function isEnrichedBetween({ truth }: KnownEvent, { readAt, behindMs, nextAt }: Reads): boolean {
  const { enrichedAt, visibleAt } = truth;
  if (enrichedAt === undefined || readAt <= visibleAt + TIMES_DIFFER_BY_MS) return false;
  return readAt + behindMs < enrichedAt - TIMES_DIFFER_BY_MS && nextAt > enrichedAt + TIMES_DIFFER_BY_MS;
}
