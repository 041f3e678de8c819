import { type BatchLimits, halvedLimits } from '../domain/batch';
import { parseDictionary } from '../domain/fields';
import { fieldsKey } from '../domain/keys';
import type { DomainState } from '../domain/state';
import { ServiceTime } from '../domain/times';
import type { CasesApi, CheckpointStore, Clock, EncodeRows, NoteSigner, ObjectStore, Telemetry } from '../ports';
import type { Settings } from '../settings';
import type { Budget } from './budget';
import { PacedCalls } from './calls';
import type { RunCounters } from './counters';
import { FailureWatch } from './failure-watch';
import { LaneProgress } from './lane-progress';
import { FieldNames, Labels } from './names';
import { OpenBatch } from './open-batch';
import { Published } from './published';

/** The dependencies of the workflow; the handler wires them. */
export interface Dependencies {
  readonly cases: CasesApi;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly encodeRows: EncodeRows;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newRunId: () => string;
  /** Draws 32 random bytes, others at each call: the seed of a commit's case digests. No two commits share one. */
  readonly newSeed: () => Uint8Array;
  /** The keys that sign commit notes: none, one, or two during a rotation. */
  readonly signers: readonly NoteSigner[];
  readonly settings: Settings;
  /** SHA-256 of the deployed bundle and of the settings, for the manifest. */
  readonly build: { readonly bundleSha256: string; readonly settingsSha256: string };
}

/** Share of a run's calls that one case may take, and the least number of pages. */
const CASE_SHARE = 0.25;
const MIN_PAGES_PER_CASE = 20;

/**
 * One invocation: its fixed terms, and the three owners of everything that changes. A function's parameters show what
 * it may change.
 */
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
  /** The first look at field names fills them from the stored dictionary. */
  readonly labels: Labels;
  /** The stored state as of the last commit. */
  readonly published: Published;
  /** The content of the next commit; its lock hands it out. */
  readonly batch: OpenBatch;
  /** The progress of each lane. */
  readonly progress: LaneProgress;
  /** Number of pages that one case may take in a run, so that the others get theirs. */
  readonly maxPagesPerCase: number;
  readonly watch: FailureWatch;
  /** Invocations in a row before this one that died. */
  readonly deaths: number;
}

/** For functions that call the Cases service. They change only a run's counters and its pace. */
export type Asker = Pick<Run, 'domainId' | 'calls' | 'counters'>;

/** For functions that need the run's time, or its settings. */
export type Timed = Pick<Run, 'time' | 'deps'>;

/** For functions that read the archive and the table. */
export type Reader = Pick<Run, 'domainId' | 'deps'>;

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
  const published = new Published(domainId, runId, state);
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
    published,
    batch: new OpenBatch(limitsOf(settings, deaths), published),
    progress: new LaneProgress(state),
    maxPagesPerCase: Math.max(MIN_PAGES_PER_CASE, (budget.readingMs() / 1000) * settings.auditEventsRps * CASE_SHARE),
    watch: new FailureWatch(domainId, calls, budget, state.canaries),
    deaths,
  };
}

/** Reads the dictionary that was written last; empty before, or if it is lost, because it only saves calls. */
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

function limitsOf({ maxRowsPerCommit, maxBytesPerCommit }: Settings, deaths: number): BatchLimits {
  return halvedLimits({ maxRows: maxRowsPerCommit, maxBytes: maxBytesPerCommit }, deaths);
}

/** Returns the present time, no later than the service's own. */
export function now({ time, deps }: Timed): number {
  return time.correct(deps.clock.now());
}

/**
 * Creates the clock of one run: it starts at the wall clock's time and then neither goes back nor jumps. So a wall
 * clock that is set during a call can put no watermark into the future, and no read into the past.
 */
export function runClock(clock: Clock): Clock {
  const startedAt = clock.now();
  const startedAtMonotonic = clock.monotonic();
  return {
    now: () => startedAt + Math.floor(clock.monotonic() - startedAtMonotonic),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
