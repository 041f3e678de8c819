import { countAlarmingDebts } from '../domain/alarming-debts';
import { accountOf } from '../domain/debts';
import { METRICS } from '../domain/metrics';
import type { SweepLane } from '../domain/state';
import type { LogValue } from '../ports';
import { now, type Run } from './run';

/** How far the sweep is, for the dashboard. */
function sweepFacts(sweep: SweepLane | null): Record<string, LogValue> {
  if (sweep === null) return {};
  return {
    sweepNumber: sweep.number,
    sweepPurpose: sweep.purpose,
    sweepCasesRead: sweep.casesRead,
    sweepUpTo: sweep.anchor === null ? null : new Date(sweep.anchor).toISOString(),
    sweepFinished: sweep.finishedAt !== null,
  };
}

/** One log line and one set of metrics at the end of a run, also of one that failed: ids and counts only. */
export function reportRun(run: Run): void {
  const { domainId, runId, fence, counters } = run;
  const { state, openRetries, hasUnpublishedCommit } = run.published;
  const { watermark } = state.lanes.live;
  const openDebts = countAlarmingDebts(accountOf(openRetries.values(), state), state);
  const calls = Object.values(counters.calls).reduce((sum, count) => sum + count, 0);
  run.deps.telemetry.info('run ended', {
    domainId,
    runId,
    fence,
    head: state.head?.seq ?? 0,
    headSha256: state.head?.sha256 ?? null,
    calls,
    ...counters.counts,
    commits: counters.commits,
    openDebts,
    ...sweepFacts(state.lanes.sweep),
  });
  run.deps.telemetry.metrics(domainId, {
    ...(watermark === null ? {} : { [METRICS.watermarkAge]: Math.max(0, (now(run) - watermark) / 1000) }),
    ...(run.deps.signers.length === 0 ? {} : { [METRICS.signedNoteAge]: signedNoteAge(run) }),
    [METRICS.openDebts]: openDebts,
    [METRICS.unpublishedCommits]: hasUnpublishedCommit ? 1 : 0,
    [METRICS.throttledCalls]: counters.counts.throttledCalls,
    [METRICS.eventsExported]: counters.counts.events,
    [METRICS.anomalies]: counters.counts.anomalies,
  });
}

/** In seconds. A domain of which no note was ever signed, though a key is configured, counts since time began. */
function signedNoteAge(run: Run): number {
  return Math.max(0, (now(run) - (run.published.state.signedAt ?? 0)) / 1000);
}
