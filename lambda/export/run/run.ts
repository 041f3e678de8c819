import { type BatchLimits, halvedLimits } from '../domain/batch';
import { parseDictionary } from '../domain/fields';
import { fieldsKey } from '../domain/keys';
import { ServiceTime } from '../domain/service-time';
import type { DomainState } from '../domain/state';
import type {
  CasesApi,
  CheckpointStore,
  Clock,
  EncodeRows,
  NewSeed,
  NoteSigner,
  ObjectStore,
  Telemetry,
} from '../ports';
import type { Settings } from '../settings';
import type { Budget } from './budget';
import { PacedCalls } from './calls';
import type { RunCounters } from './counters';
import { FailureWatch } from './failure-watch';
import { FieldNames } from './field-names';
import { Labels } from './labels';
import { LaneProgress } from './lane-progress';
import { OpenBatch } from './open-batch';
import { Published } from './published';

/** What the workflow is given; the handler wires it. */
export interface Dependencies {
  readonly cases: CasesApi;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly encodeRows: EncodeRows;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly newRunId: () => string;
  readonly newSeed: NewSeed;
  /** The keys that sign commit notes: none, one, or two during a rotation. */
  readonly signers: readonly NoteSigner[];
  readonly settings: Settings;
  /** SHA-256 of the deployed bundle and of the settings, for the manifest. */
  readonly build: { readonly bundleSha256: string; readonly settingsSha256: string };
}

/** Share of the calls of a run that one case may take, and at least so many. */
const CASE_SHARE = 0.25;
const MIN_PAGES_PER_CASE = 20;

/** One invocation: its fixed terms, and the three owners of what changes. What a function may change, its parameters say. */
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
  /** What is stored as of the last commit. */
  readonly published: Published;
  /** What the next commit will hold; its lock hands it out. */
  readonly batch: OpenBatch;
  /** How far each lane is. */
  readonly progress: LaneProgress;
  /** One case may take so many pages of a run: the others are to have theirs. */
  readonly maxPagesPerCase: number;
  readonly watch: FailureWatch;
  /** Invocations in a row before this one that died. */
  readonly deaths: number;
}

/** Whoever asks the Cases service. Nothing of a run changes by it but its counters and its pace. */
export type Asker = Pick<Run, 'domainId' | 'calls' | 'counters'>;

/** Whoever needs the time that a run goes by, or its settings. */
export type Timed = Pick<Run, 'time' | 'deps'>;

/** Whoever reads the archive and the table. */
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

function limitsOf({ maxRowsPerCommit, maxBytesPerCommit }: Settings, deaths: number): BatchLimits {
  return halvedLimits({ maxRows: maxRowsPerCommit, maxBytes: maxBytesPerCommit }, deaths);
}

/** Now, no later than the service's own time. */
export function now({ time, deps }: Timed): number {
  return time.correct(deps.clock.now());
}

/**
 * The clock of one run: what the wall clock showed at its start, and from there on time that never goes back nor jumps. A wall clock
 * that is set while a call is under way can then put no watermark into the future, and no read into the past.
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
