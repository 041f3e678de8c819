/** A run and its parts over in-memory ports, so that a step can be looked at alone. */
import type { DomainState } from '../../lambda/export/domain/state';
import { ServiceTime } from '../../lambda/export/domain/times';
import type { CasesApi, Telemetry } from '../../lambda/export/ports';
import type { ReadTask } from '../../lambda/export/read/reading';
import { Budget } from '../../lambda/export/run/budget';
import { PacedCalls } from '../../lambda/export/run/calls';
import { RunCounters } from '../../lambda/export/run/counters';
import { type Run, startRun } from '../../lambda/export/run/run';
import { readSettings, type Settings } from '../../lambda/export/settings';
import { createFakeCases, type FakeCases, type FakeCasesOptions } from '../fakes/cases-api';
import { createManualClock, type ManualClock } from '../fakes/manual-clock';
import { createMemoryCheckpointStore, type MemoryCheckpointStore } from '../fakes/memory-checkpoint-store';
import { createMemoryObjectStore, type MemoryObjectStore } from '../fakes/memory-object-store';

export const DOMAIN = 'domain-1';
export const START = Date.UTC(2026, 0, 10, 12);
export const MINUTE = 60_000;

interface Logged {
  readonly level: string;
  readonly message: string;
  readonly values: object;
}

export function createTelemetry(): Telemetry & { readonly logs: Logged[] } {
  const logs: Logged[] = [];
  const log =
    (level: string) =>
    (message: string, values: object = {}) =>
      void logs.push({ level, message, values });
  return {
    logs,
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    metrics: (_, values) => log('metrics')('metrics', values),
  };
}

/** Kinds of anomalies that were logged. */
export function anomaliesOf({ logs }: { readonly logs: readonly Logged[] }): string[] {
  return logs.flatMap(({ message }) => (message.startsWith('anomaly: ') ? message.slice('anomaly: '.length) : []));
}

/** The settings of one pace for every operation. */
export const rates = (perSecond: number) => ({
  searchCasesRps: perSecond,
  auditEventsRps: perSecond,
  relatedItemsRps: perSecond,
});

/** Rates at which no call waits. */
export const FAST = rates(1000);

const SETTINGS = readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' });

/** A service of which only some operations are ever called. */
export function casesApi(operations: Partial<CasesApi>): CasesApi {
  const unexpected = (): never => {
    throw new Error('This operation is not expected to be called');
  };
  const none = {
    searchCases: unexpected,
    getCaseAuditEvents: unexpected,
    searchAllRelatedItems: unexpected,
    listFields: unexpected,
    batchGetFields: unexpected,
    listFieldOptions: unexpected,
    listTemplates: unexpected,
  };
  return { ...none, ...operations };
}

interface PacedWorld {
  readonly clock: ManualClock;
  readonly budget: Budget;
  readonly time: ServiceTime;
  readonly counters: RunCounters;
  readonly telemetry: ReturnType<typeof createTelemetry>;
  readonly calls: PacedCalls;
}

/** Paced calls on a clock that jumps to the next sleeper; the invocation has `minutes`, `reserveMs` of it for the commit. */
export function createPacedCalls(
  cases: CasesApi,
  options: { rates?: typeof FAST; minutes?: number; reserveMs?: number } = {},
): PacedWorld {
  const { rates: pace = FAST, minutes = 15, reserveMs = 0 } = options;
  const clock = createManualClock({ start: START, auto: true });
  const endsAt = minutes * MINUTE;
  const budget = new Budget(clock, () => endsAt - clock.monotonic(), reserveMs);
  const time = new ServiceTime();
  const telemetry = createTelemetry();
  const counters = new RunCounters(telemetry);
  return {
    clock,
    budget,
    time,
    counters,
    telemetry,
    calls: new PacedCalls(cases, clock, budget, time, counters, pace),
  };
}

interface RunWorld {
  readonly clock: ManualClock;
  readonly objects: MemoryObjectStore;
  readonly checkpoints: MemoryCheckpointStore;
  readonly telemetry: ReturnType<typeof createTelemetry>;
  readonly run: Run;
}

export interface RunOptions {
  readonly settings?: Partial<Settings>;
  readonly minutes?: number;
  readonly clock?: ManualClock;
  /** What STATE says besides what a new domain's does. */
  readonly state?: Partial<DomainState>;
}

/** A run that has just taken the lease. */
export async function createRun(cases: CasesApi, options: RunOptions = {}): Promise<RunWorld> {
  const clock = options.clock ?? createManualClock({ start: START, auto: true });
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  const telemetry = createTelemetry();
  const lease = { domainId: DOMAIN, owner: 'run-1', now: clock.now(), expiresAt: clock.now() + 15 * MINUTE };
  const answer = await checkpoints.acquireLease(lease);
  if (answer.kind === 'busy') throw new Error('the lease is taken');
  const settings = { ...SETTINGS, ...FAST, ...options.settings };
  const endsAt = clock.monotonic() + (options.minutes ?? 15) * MINUTE;
  const run = startRun(
    {
      cases,
      objects,
      checkpoints,
      encodeRows: async (rows) => Buffer.from(JSON.stringify(rows)),
      clock,
      telemetry,
      newRunId: () => 'run-1',
      newSeed: () => Buffer.alloc(32, 7),
      signers: [],
      settings,
      build: { bundleSha256: 'bundle', settingsSha256: 'settings' },
    },
    { domainId: DOMAIN, runId: 'run-1', state: { ...answer.state, ...options.state } },
    new Budget(clock, () => endsAt - clock.monotonic(), settings.commitReserveMs),
    new RunCounters(telemetry),
  );
  return { clock, objects, checkpoints, telemetry, run };
}

/** A run over a service in memory that goes by the run's own clock; the run sees what `change` makes of the service. */
export async function createRunWithCases(
  options: RunOptions = {},
  fake: Omit<FakeCasesOptions, 'now'> = {},
  change: (cases: FakeCases) => CasesApi = (cases) => cases,
): Promise<RunWorld & { readonly cases: FakeCases }> {
  const clock = options.clock ?? createManualClock({ start: START, auto: true });
  const cases = createFakeCases({ now: () => clock.now(), ...fake });
  return { ...(await createRun(change(cases), { clock, ...options })), cases };
}

/** A case that a search found and that was never read. */
export function aReadTask(change: Partial<ReadTask> = {}): ReadTask {
  return {
    caseId: 'case',
    templateId: null,
    touched: START,
    record: undefined,
    missingFrom: null,
    neverRead: true,
    lastUpdated: null,
    ...change,
  };
}
