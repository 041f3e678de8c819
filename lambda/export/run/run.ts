import { Batch, halvedLimits } from '../domain/batch';
import { parseDictionary } from '../domain/fields';
import { fieldsKey } from '../domain/keys';
import { ServiceTime } from '../domain/service-time';
import type { DomainState, PartialRead, TouchCounts } from '../domain/state';
import type { CasesApi, CheckpointStore, Clock, EncodeRows, ObjectStore, Telemetry } from '../ports';
import type { Settings } from '../settings';
import type { Budget } from './budget';
import { PacedCalls } from './calls';
import type { CountersSnapshot, RunCounters } from './counters';
import { FailureWatch } from './failure-watch';
import { FieldNames } from './field-names';
import { Labels } from './labels';
import { LaneProgress } from './lane-progress';
import { Mutex } from './mutex';
import { Published } from './published';
import { runClock } from './run-clock';
import { WaitingCases } from './waiting-cases';

/** What the workflow is given; the handler wires it. */
export interface Dependencies {
  readonly cases: CasesApi;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly encodeRows: EncodeRows;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newRunId: () => string;
  readonly settings: Settings;
  /** SHA-256 of the deployed bundle and of the settings, for the manifest. */
  readonly build: { readonly bundleSha256: string; readonly settingsSha256: string };
}

/** Share of the calls of a run that one case may take, and at least so many. */
const CASE_SHARE = 0.25;
const MIN_PAGES_PER_CASE = 20;

/** One invocation's working memory. */
export interface Run {
  readonly domainId: string;
  readonly runId: string;
  readonly fence: number;
  readonly deps: Dependencies;
  readonly budget: Budget;
  readonly time: ServiceTime;
  readonly counters: RunCounters;
  readonly calls: PacedCalls;
  readonly fieldNames: FieldNames;
  /** Recalled from the stored dictionary by the first look at field names. */
  readonly labels: Labels;
  readonly published: Published;
  batch: Batch;
  readonly progress: LaneProgress;
  /** Cases with pages read and a token to go on from. */
  readonly partialReads: Map<string, PartialRead>;
  /** Events enter the batch, and batches are committed, one at a time. */
  readonly batchLock: Mutex;
  /** Cases being read now, so that no case is ever read twice at once. */
  readonly reading: Map<string, Promise<unknown>>;
  /** One case may take so many pages of a run: the others are to have theirs. */
  readonly maxPagesPerCase: number;
  readonly watch: FailureWatch;
  readonly waiting: WaitingCases;
  /** As the next commit will store them. */
  touches: TouchCounts;
  /** Cases for which this run has written a record. */
  readonly recorded: Set<string>;
  /** Cases whose content changed upstream, since the last commit. */
  readonly changedUpstream: Set<string>;
  /** Why a commit of this run failed, if one did. */
  commitFailure: { readonly reason: unknown } | null;
  /** The counters as of the last commit. */
  committedCounters: CountersSnapshot;
  /** Invocations in a row before this one that died. */
  readonly deaths: number;
}

export function startRun(
  deps: Dependencies,
  identity: { domainId: string; runId: string; state: DomainState },
  budget: Budget,
  counters: RunCounters,
): Run {
  const clock = runClock(deps.clock);
  const { settings, cases } = deps;
  const { domainId, runId, state } = identity;
  const deaths = state.startsSinceCommit - 1;
  const time = new ServiceTime();
  const calls = new PacedCalls(cases, clock, budget, time, counters, settings);
  const labels = new Labels(domainId, calls, counters, () => time.correct(clock.now()));
  const readStored = async () => {
    const stored = await readDictionary(deps.objects, domainId, state);
    labels.recall(stored);
    return stored.fields;
  };
  return {
    domainId,
    runId,
    fence: state.fence,
    deps: { ...deps, clock },
    budget,
    time,
    counters,
    calls,
    fieldNames: new FieldNames(domainId, calls, counters, readStored),
    labels,
    published: new Published(domainId, runId, state),
    batch: newBatch(settings, deaths),
    progress: new LaneProgress(state),
    partialReads: new Map(state.halfRead.map((half) => [half.caseId, half])),
    batchLock: new Mutex(),
    reading: new Map(),
    maxPagesPerCase: Math.max(MIN_PAGES_PER_CASE, (budget.readingMs() / 1000) * settings.auditEventsRps * CASE_SHARE),
    watch: new FailureWatch(domainId, calls, budget, state.canaries),
    waiting: new WaitingCases(state.waiting),
    touches: state.touches,
    recorded: new Set(),
    changedUpstream: new Set(),
    commitFailure: null,
    committedCounters: counters.snapshot(),
    deaths,
  };
}

/** The dictionary as it was written last; empty before, or if it is gone: it only saves calls. */
async function readDictionary(
  objects: ObjectStore,
  domainId: string,
  { fields }: DomainState,
): Promise<ReturnType<typeof parseDictionary>> {
  if (fields === null) return { fields: [] };
  const key = fieldsKey(domainId, fields.seq);
  const bytes = await objects.get('archive', key);
  return bytes === null ? { fields: [] } : parseDictionary(bytes, key);
}

export function newBatch({ maxRowsPerCommit, maxBytesPerCommit }: Settings, deaths: number): Batch {
  return new Batch(halvedLimits({ maxRows: maxRowsPerCommit, maxBytes: maxBytesPerCommit }, deaths));
}

/** Now, no later than the service's own time. */
export function now(run: Run): number {
  return run.time.correct(run.deps.clock.now());
}
