/** The common part of every kind of run: one invocation from the lease to its release. */
import type { RetryEntry } from '../domain/case-items';
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
import type { DebtCause, DomainState, SweepLane } from '../domain/state';
import type { CheckpointStore, Clock, LeaseAnswer, LogValue, Telemetry } from '../ports';
import { Budget } from './budget';
import { SystemicError } from './calls';
import { RunCounters } from './counters';
import { type Dependencies, now, type Run, startRun } from './run';

/** The answer of an invocation (docs/architecture.md, Contract). */
export interface ExportAnswer {
  /** `complete`: the live pass is done and the first sweep is finished. `busy`: another invocation has the lease. */
  readonly status: 'complete' | 'continues' | 'busy';
  readonly domainId: string;
  readonly runId: string;
  /** Distinct cases found, also skipped and waiting ones. */
  readonly casesFound: number;
  readonly casesRead: number;
  readonly eventsExported: number;
  readonly rowsWritten: number;
  readonly commits: number;
  /** Open entries of the retry list. */
  readonly retrying: number;
  /** Live watermark, ISO 8601 UTC; null before the first pass ended. */
  readonly watermark: string | null;
  /** Cases owed as of the last commit, by cause. */
  readonly debts: Readonly<Partial<Record<DebtCause, number>>>;
}

/**
 * Takes the domain's lease, does the work and gives the lease back, on every exit. `busy` if another invocation has it.
 * @param work resolves with whether it is done: then the answer is `complete`, else `continues`.
 */
export async function withLease(
  deps: Dependencies,
  domainId: string,
  remainingMs: () => number,
  work: (run: Run) => Promise<boolean>,
): Promise<ExportAnswer> {
  const { checkpoints, clock, settings, telemetry } = deps;
  const runId = deps.newRunId();
  const counters = new RunCounters(telemetry, { domainId, runId });
  const lease = await acquireLease(checkpoints, clock, {
    domainId,
    runId,
    remainingMs: remainingMs(),
    marginMs: settings.leaseMarginMs,
  });
  if (lease.kind === 'busy') return busy(deps, domainId, runId, lease.expiresAt);

  const run = startRun(
    deps,
    { domainId, runId, state: lease.state },
    new Budget(clock, remainingMs, settings.commitReserveMs),
    counters,
  );
  try {
    return answerOf(run, await work(run));
  } catch (error) {
    throw await unlessFencedOut(run, error);
  } finally {
    run.budget.endReading();
    await releaseLease(checkpoints, counters, { domainId, fence: run.fence });
    reportRun(run);
  }
}

/**
 * A run that froze and lost its lease compares a stale table with the current archive, so a mismatch proves nothing.
 */
async function unlessFencedOut({ deps, domainId, fence }: Run, error: unknown): Promise<unknown> {
  if (!(error instanceof IntegrityError)) return error;
  const state = await deps.checkpoints.readState(domainId).catch(() => null);
  if (state === null || state.fence === fence) return error;
  return new FencedOutError(
    `Another invocation has taken the lease of domain ${domainId} (our fence is ${fence}, its is ${state.fence}). Nothing further was done; that invocation goes on.`,
    { cause: error },
  );
}

function answerOf(run: Run, isDone: boolean): ExportAnswer {
  const { state, openRetries } = run.published;
  return {
    status: isDone ? 'complete' : 'continues',
    domainId: run.domainId,
    runId: run.runId,
    casesFound: run.counters.found.size,
    casesRead: run.counters.counts.casesRead,
    eventsExported: run.counters.counts.events,
    rowsWritten: run.counters.counts.rows,
    commits: run.counters.commits,
    retrying: openRetries.size,
    watermark: isoOrNull(state.lanes.live.watermark),
    debts: debtsOf(state, openRetries.values()),
  };
}

async function busy(
  { checkpoints, telemetry }: Dependencies,
  domainId: string,
  runId: string,
  expiresAt: number,
): Promise<ExportAnswer> {
  telemetry.info('busy: another invocation has the lease', {
    domainId,
    runId,
    leaseExpiresAt: new Date(expiresAt).toISOString(),
  });
  const state = await checkpoints.readState(domainId).catch(() => null); // The state only fills the answer; busy is busy.
  const nothing = { casesFound: 0, casesRead: 0, eventsExported: 0, rowsWritten: 0, commits: 0 };
  const watermark = isoOrNull(state?.lanes.live.watermark ?? null);
  return { status: 'busy', domainId, runId, ...nothing, retrying: state?.openRetries ?? 0, watermark, debts: {} };
}

function debtsOf(state: DomainState, openRetries: Iterable<RetryEntry>): ExportAnswer['debts'] {
  return Object.fromEntries(accountOf(openRetries, state).map(({ cause, cases }) => [cause, cases]));
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/**
 * Takes the domain's lease until a little after Lambda would end this invocation, by our clock alone. The lease gives
 * liveness; safety comes from the fence, which rises with every acquisition and is part of every COMMIT's condition.
 */
export function acquireLease(
  checkpoints: CheckpointStore,
  clock: Clock,
  lease: { domainId: string; runId: string; remainingMs: number; marginMs: number },
): Promise<LeaseAnswer> {
  const now = clock.now();
  const expiresAt = Math.ceil(now + Math.max(0, lease.remainingMs) + lease.marginMs);
  return checkpoints.acquireLease({ domainId: lease.domainId, owner: lease.runId, now, expiresAt });
}

/**
 * Gives the lease back, on every exit. A lease that cannot be given back expires by itself, so a failure here is only
 * counted.
 */
export async function releaseLease(
  checkpoints: CheckpointStore,
  counters: RunCounters,
  lease: { domainId: string; fence: number },
): Promise<void> {
  try {
    const released = await checkpoints.releaseLease(lease);
    if (!released) counters.anomaly('lease-not-released', { fence: lease.fence, reason: 'taken over' });
  } catch (error) {
    counters.anomaly('lease-not-released', {
      fence: lease.fence,
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
}

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
function reportRun(run: Run): void {
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
interface RunIds {
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
