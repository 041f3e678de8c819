import { accountOf, countAlarmingDebts } from '../domain/debts';
import {
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  ParquetError,
  StoreError,
} from '../domain/errors';
import { METRICS } from '../domain/metrics';
import type { SweepLane } from '../domain/state';
import type { LogValue, Telemetry } from '../ports';
import { SystemicError } from './calls';
import { now, type Run } from './run';

/** Returns the progress of the sweep, for the dashboard. */
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

/** Writes one log line and one set of metrics at the end of a run, also of a failed one: ids and counts only. */
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

/** Returns seconds. With a key configured, a domain without any signed note counts since 1970. */
function signedNoteAge(run: Run): number {
  return Math.max(0, (now(run) - (run.published.state.signedAt ?? 0)) / 1000);
}

/** The known ids of a run at its end; an unreadable event leaves both out. */
export interface RunIds {
  readonly domainId?: string;
  readonly runId?: string;
}

/** Errors whose messages hold ids and counts, never case data. */
const OUR_ERRORS = [
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  ParquetError,
  StoreError,
  SystemicError,
];

/**
 * Writes the line of level ERROR of a failed run: ids, the name of the error, its message, and the kind of failure. The
 * message of an unexpected error may quote case data, so the log has its name alone.
 */
export function reportFailure(telemetry: Telemetry, error: unknown, ids: RunIds): void {
  const errorName = error instanceof Error ? error.name : typeof error;
  const message = isOurs(error) ? error.message : `${errorName}, an unexpected error whose message may hold case data`;
  telemetry.error(`run failed: ${message}`, { ...ids, errorName, ...classOf(error) });
}

function isOurs(error: unknown): error is Error {
  return OUR_ERRORS.some((type) => error instanceof type);
}

function classOf(error: unknown): Record<string, LogValue> {
  if (error instanceof SystemicError) return classOf(error.cause);
  if (error instanceof CasesCallError) return { failure: error.failure, operation: error.operation };
  if (error instanceof StoreError) return { failure: error.failure, store: error.store };
  return isOurs(error) ? {} : { failure: 'unexpected' };
}
