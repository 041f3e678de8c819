/**
 * A seed's world: the real export code, the real adapters, simulated services under them, and the checks that run at every
 * write. Whoever drives it starts invocations and lets time pass.
 */
import { type ExportAnswer, exportDomain } from '../../lambda/export/export';
import type { CasesApi, CheckpointStore, Clock, ObjectStore, RelatedPage, SearchPage } from '../../lambda/export/ports';
import { replayDomain } from '../../lambda/export/replay-quarantine';
import type { Settings } from '../../lambda/export/settings';
import type { Dependencies } from '../../lambda/export/steps/run';
import { voidCommit } from '../../lambda/export/void-commit';
import { Random } from '../support/random';
import { ArchiveInvariants } from './archive-invariants';
import { createSimulatedCases, type SimulatedCases } from './cases/service';
import { type FaultKind, Faults } from './faults';
import { LaneInvariants, prefixOf, Sightings } from './lane-invariants';
import { HOUR, MINUTE, type Plan } from './plan';
import {
  type CallDirector,
  type CallFault,
  type CallOutcome,
  type Port,
  type PortCall,
  SimulatedProcess,
} from './process';
import { ReadInvariants } from './read-invariants';
import { jsonLines, parquet, type RowFormat } from './rows';
import { Scheduler } from './scheduler';
import { createSimulatedBuckets, createSimulatedObjectStore, type SimulatedBuckets } from './stores/simulated-buckets';
import { createSimulatedCheckpointStore, createSimulatedTable, type SimulatedTable } from './stores/simulated-table';
import { TableInvariants } from './table-invariants';
import { TableMirror } from './table-mirror';
import { Trace } from './trace';
import { Truth } from './truth';
import { Violations } from './violations';

export const DOMAIN = 'domain-1';
export const START = Date.UTC(2026, 0, 10, 12);

/** A tick whose stores answered at once needs no longer for its last commit. */
const ENOUGH_TO_COMMIT_MS = 5_000;

export type Outcome =
  | { readonly kind: 'answered'; readonly answer: ExportAnswer }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'died'; readonly reason: string };

export interface InvocationOptions {
  readonly minutes: number;
  readonly skewMs?: number;
  readonly settings?: Partial<Settings>;
  /** Decides instead of the faults that are switched on. */
  readonly faultOf?: (call: PortCall) => CallFault | undefined;
  /** Dies at the first call after COMMIT. */
  readonly dieAfterCommit?: boolean;
  /** What an operator runs by hand; an export if left out. */
  readonly task?: { readonly kind: 'void'; readonly seq: number } | { readonly kind: 'replay' };
}

export interface Invocation {
  readonly process: SimulatedProcess;
  readonly options: InvocationOptions;
  readonly sightings: Sightings;
  readonly startedAt: number;
  outcome: Outcome | null;
  /** Between COMMIT and the end of publishing. */
  isPublishing: boolean;
  /** A store did not answer as it should, so the invocation may take longer than it can know. */
  storeFailed: boolean;
  shownWhenEncoding: number | null;
  readonly callCounts: Record<string, number>;
}

export interface SimulationOptions {
  readonly print?: (line: string) => void;
}

export class Simulation implements CallDirector {
  readonly scheduler = new Scheduler(START);
  readonly faults: Faults;
  readonly violations = new Violations();
  readonly trace: Trace;
  readonly cases: SimulatedCases;
  readonly table: SimulatedTable;
  readonly buckets: SimulatedBuckets;
  readonly mirror = new TableMirror(DOMAIN);
  readonly truth: Truth;
  readonly archive: ArchiveInvariants;
  readonly rows: RowFormat;
  readonly draw: Random;
  readonly invocations: Invocation[] = [];
  /** Of the exporter's code: another one is a newer deploy. */
  codeVersion = 0;
  readonly #lanes: LaneInvariants;
  readonly #tableChecks: TableInvariants;
  readonly #reads: ReadInvariants;
  readonly #latency: Random;
  readonly #deadly = new Map<string, boolean>();

  constructor(
    readonly plan: Plan,
    { print }: SimulationOptions = {},
  ) {
    const { seed, rates, settings } = plan;
    this.faults = new Faults(seed ^ 0x5eed, rates);
    this.draw = new Random(seed ^ 0xd0);
    this.#latency = new Random(seed ^ 0x1a7);
    this.trace = new Trace(() => this.scheduler.now(), print ?? null);
    const clock: Clock = {
      now: () => this.scheduler.now(),
      monotonic: () => this.scheduler.elapsed,
      sleep: (ms, signal) => this.scheduler.sleep(ms, null, signal),
    };
    this.cases = createSimulatedCases({
      domainId: DOMAIN,
      now: clock.now,
      sleep: clock.sleep,
      faults: this.faults,
      random: new Random(seed ^ 0xca5e),
      pageSize: plan.pageSize,
      auditLagMs: plan.auditLagMs,
      resultCap: plan.resultCap,
      hugeCaseEvents: plan.hugeCaseEvents,
      hugeEventFields: plan.hugeEventFields,
    });
    this.truth = new Truth(this.cases, clock.now);
    const version = () => this.codeVersion;
    this.rows = plan.parquet ? parquet((work) => this.scheduler.outside(work), version) : jsonLines(version);
    this.archive = new ArchiveInvariants(this.violations, this.truth, this.mirror, this.rows, {
      maxRows: settings.maxRowsPerCommit,
      namesMayLack: Object.keys(rates).length > 0,
    });
    this.#tableChecks = new TableInvariants(this.violations, this.truth, this.mirror, {
      domainId: DOMAIN,
      auditBehindMs: this.faults.isOn('cases.stale-replica') ? plan.auditLagMs : 0,
    });
    this.#reads = new ReadInvariants(this.violations, this.mirror);
    const clocksDifferByMs = this.faults.isOn('process.clock-6h-behind')
      ? 6 * HOUR
      : this.faults.isOn('process.clock-10s-behind')
        ? 10_000
        : 0;
    this.#lanes = new LaneInvariants(
      this.violations,
      this.mirror,
      settings.overlapMs,
      settings.settleMs,
      clocksDifferByMs,
    );
    this.table = createSimulatedTable({
      faults: this.faults,
      clock,
      onWrite: (item, previous) => this.violations.during('table', () => this.#itemWritten(item, previous)),
    });
    this.buckets = createSimulatedBuckets({
      faults: this.faults,
      clock,
      oneBucket: plan.oneBucket,
      onWrite: (role, key, bytes) => {
        this.trace.note(`put ${key}`);
        this.archive.written(role, key, bytes);
      },
      onDelete: (role, key) => this.archive.deleted(role, key),
    });
  }

  /** Begins an invocation; time has to pass for it to get anywhere. */
  start(options: InvocationOptions): Invocation {
    const name = `run-${this.invocations.length + 1}`;
    const process = new SimulatedProcess(name, this.scheduler, this, options.skewMs ?? 0);
    const invocation: Invocation = {
      process,
      options,
      sightings: new Sightings(),
      startedAt: this.scheduler.elapsed,
      outcome: null,
      isPublishing: false,
      storeFailed: false,
      shownWhenEncoding: null,
      callCounts: {},
    };
    this.invocations.push(invocation);
    const endsAt = this.scheduler.elapsed + options.minutes * MINUTE;
    this.trace.tell(
      () => `${name} starts, ${options.minutes} min${options.skewMs ? `, clock ${options.skewMs} ms` : ''}`,
    );
    this.#task(invocation, () => endsAt - this.scheduler.elapsed).then(
      (answer) => this.#end(invocation, { kind: 'answered', answer }),
      (error: unknown) => this.#end(invocation, { kind: 'failed', error }),
    );
    this.scheduler.after(options.minutes * MINUTE, null, () => this.#deadline(invocation));
    return invocation;
  }

  /** One invocation from start to end. */
  async run(options: InvocationOptions): Promise<Outcome> {
    const invocation = this.start(options);
    await this.scheduler.runUntil(() => isAtRest(invocation));
    return this.outcomeOf(invocation);
  }

  /** @throws Violation the first one found so far, so that a run ends where it went wrong. */
  outcomeOf(invocation: Invocation): Outcome {
    const { process } = invocation;
    if (process.isDead && invocation.outcome === null) {
      this.#end(invocation, { kind: 'died', reason: process.diedOf.reason ?? '' });
    }
    this.violations.throwFirst();
    return invocation.outcome ?? { kind: 'died', reason: 'frozen' };
  }

  /** While an operator voids a commit some things are allowed that an export never does. */
  set isVoiding(isVoiding: boolean) {
    this.archive.isVoiding = isVoiding;
    this.#tableChecks.isVoiding = isVoiding;
  }

  get now(): number {
    return this.scheduler.now();
  }

  below(limit: number): number {
    return Math.floor(this.draw.next() * limit);
  }

  chance(probability: number): boolean {
    return this.draw.next() < probability;
  }

  // What the processes ask, and tell.

  faultOf(process: SimulatedProcess, call: PortCall): CallFault | undefined {
    const invocation = this.#of(process);
    const { options } = invocation;
    if (options.dieAfterCommit && invocation.isPublishing) return 'die-before';
    const fault = options.faultOf ? options.faultOf(call) : this.#randomFault(invocation, call);
    if (fault !== undefined && call.port !== 'cases') invocation.storeFailed = true;
    return fault;
  }

  latencyMs(port: Port): number {
    if (port === 'cases') return 0; // The service takes its own time.
    return port === 'encode' ? 1 : 1 + Math.floor(this.#latency.next() * 10);
  }

  made(process: SimulatedProcess, call: PortCall): void {
    const { port, method, args } = call;
    const invocation = this.#of(process);
    if (port === 'checkpoints') this.#reads.asked(call);
    if (port === 'cases') {
      invocation.callCounts[method] = (invocation.callCounts[method] ?? 0) + 1;
      if (!this.faults.isHealed && this.chance(this.plan.changeRate)) this.cases.change();
    }
    if (port === 'encode') invocation.shownWhenEncoding = invocation.sightings.shown.length;
    if (method === 'put' && args[0] === 'work') {
      const count = invocation.shownWhenEncoding ?? invocation.sightings.shown.length;
      this.#lanes.staging(prefixOf(String(args[1])), invocation.sightings, count);
      invocation.shownWhenEncoding = null;
    }
    if (method === 'commit' || method === 'markApplied') invocation.shownWhenEncoding = null;
  }

  answered(process: SimulatedProcess, call: PortCall, outcome: CallOutcome): void {
    const invocation = this.#of(process);
    const { port, method, index } = call;
    if (outcome.kind === 'fault')
      this.trace.tell(() => `${process.name} ${outcome.fault}: ${port}.${method}, call ${index}`);
    else this.trace.note(`${process.name} ${method} ${outcome.kind}`);
    if (outcome.kind === 'error' && port !== 'cases') invocation.storeFailed = true;
    if (outcome.kind !== 'value') return;
    this.#reads.answered(call, outcome.value);
    if (method === 'searchCases') {
      const [request] = call.args as [{ by: 'last_updated_datetime' | 'created_datetime' }];
      invocation.sightings.search(request.by, (outcome.value as SearchPage).cases);
    } else if (method === 'searchAllRelatedItems') {
      invocation.sightings.related((outcome.value as RelatedPage).items);
    } else if (method === 'commit' && outcome.value === 'committed') invocation.isPublishing = true;
    else if (method === 'markApplied') invocation.isPublishing = false;
    else if (method === 'acquireLease') this.#checkBusy(call, outcome.value as { kind: string });
  }

  #of(process: SimulatedProcess): Invocation {
    return this.invocations.findLast((one) => one.process === process) as Invocation;
  }

  #randomFault(invocation: Invocation, { port, method, args }: PortCall): CallFault | undefined {
    const { faults } = this;
    if (method === 'getCaseAuditEvents' && this.#isDeadly((args[0] as { caseId: string }).caseId)) {
      faults.note('process.deadly-case');
      return 'die-after';
    }
    if (invocation.isPublishing && faults.strikes('process.killed-while-publishing')) {
      return faults.below(2) === 0 ? 'die-before' : 'die-after';
    }
    if (faults.strikes('process.die-before-call')) return 'die-before';
    if (faults.strikes('process.die-after-call')) return 'die-after';
    if (faults.strikes('process.throw-before-call')) return 'throw-before';
    if (faults.strikes('process.throw-after-call')) return 'throw-after';
    if (!faults.strikes('process.hold-call')) return undefined;
    const held = faults.below(port === 'objects' || port === 'checkpoints' ? 3 : 2);
    return (['hold-before', 'hold-after', 'outlive'] as const)[held];
  }

  #isDeadly(caseId: string): boolean {
    if (!this.faults.isOn('process.deadly-case')) return false;
    let isDeadly = this.#deadly.get(caseId);
    if (isDeadly === undefined) {
      isDeadly = this.faults.below(1000) < 1000 * (this.faults.rates['process.deadly-case'] ?? 0);
      this.#deadly.set(caseId, isDeadly);
    }
    return isDeadly;
  }

  /** Design section 5: busy iff the lease is still ahead, by the clock of whoever asks. */
  #checkBusy({ args }: PortCall, answer: { kind: string }): void {
    const [{ now }] = args as [{ now: number }];
    const expiresAt = this.mirror.state?.leaseExpiresAt ?? 0;
    if (answer.kind === 'busy' && expiresAt <= now && this.faults.isHealed) {
      this.violations.add('busy', `answered at ${now}, though the lease ended at ${expiresAt}`);
    }
  }

  #itemWritten(item: Readonly<Record<string, unknown>>, previous: Readonly<Record<string, unknown>> | undefined): void {
    const before = this.mirror.state;
    this.#tableChecks.writing(item, previous);
    this.mirror.take(item);
    this.#tableChecks.written(item, previous);
    const { state } = this.mirror;
    this.trace.note(`item ${String(item['sk'])}`);
    if (state === null || state === before) return;
    if (state.head !== null && state.head.seq !== (before?.head?.seq ?? 0)) {
      this.trace.tell(() => `COMMIT ${state.head?.seq} ${JSON.stringify(state.lanes)}`);
    }
    if (state.applied !== (before?.applied ?? 0)) this.#lanes.published(state);
  }

  #end(invocation: Invocation, outcome: Outcome): void {
    if (invocation.outcome !== null) return;
    invocation.outcome = outcome;
    invocation.process.isOver = true;
    this.trace.tell(() => `${invocation.process.name} ${describe(outcome)}`);
    if (outcome.kind === 'answered') this.#noteTimeRanOut(invocation);
  }

  #noteTimeRanOut({ options, startedAt, process }: Invocation): void {
    const left = startedAt + options.minutes * MINUTE - this.scheduler.elapsed;
    const reserve = Math.min(this.plan.settings.commitReserveMs, (options.minutes * MINUTE) / 2);
    if (left <= reserve && !process.wasFrozen) this.faults.note('process.out-of-time');
  }

  /**
   * Lambda ends whoever is still going. Invariant 8: an exporter whose stores answered has ended by itself, if its reserve is
   * enough for a commit. A frozen process knows nothing of deadlines.
   */
  #deadline(invocation: Invocation): void {
    const { process, options, outcome } = invocation;
    if (outcome !== null || process.isOver || process.wasFrozen) return;
    const reserve = Math.min(this.plan.settings.commitReserveMs, (options.minutes * MINUTE) / 2);
    this.faults.note('process.out-of-time');
    if (reserve >= ENOUGH_TO_COMMIT_MS && !invocation.storeFailed && !this.#storesFail()) {
      this.violations.add('8, ends by itself', `${process.name} is still going after ${options.minutes} min`);
    }
    process.die('at its deadline');
  }

  /** Faults of stores take time that adapters do not tell of. */
  #storesFail(): boolean {
    const kinds = Object.keys(this.plan.rates) as FaultKind[];
    return !this.faults.isHealed && kinds.some((kind) => kind.startsWith('s3.') || kind.startsWith('dynamodb.'));
  }

  #task(invocation: Invocation, remainingMs: () => number): Promise<ExportAnswer> {
    const deps = this.#dependencies(invocation);
    const { task } = invocation.options;
    if (task === undefined) return exportDomain(deps, DOMAIN, remainingMs);
    if (task.kind === 'replay') return replayDomain(deps, DOMAIN, remainingMs);
    const { files: rowFiles } = this.rows;
    return voidCommit({ ...deps, rowFiles }, { domainId: DOMAIN, seq: task.seq }, remainingMs);
  }

  #dependencies(invocation: Invocation): Dependencies {
    const { process, options } = invocation;
    const network: Clock = { ...process.clock, sleep: (ms) => process.pause(ms) };
    const silent = () => undefined;
    const log = (level: string) => (message: string, values?: object) =>
      this.trace.tell(() => `${process.name} ${level}: ${message} ${JSON.stringify(values ?? {})}`);
    return {
      cases: this.#gate<CasesApi>(process, 'cases', this.cases, [
        'searchCases',
        'getCaseAuditEvents',
        'searchAllRelatedItems',
        'listFields',
        'batchGetFields',
      ]),
      objects: this.#gate<ObjectStore>(
        process,
        'objects',
        createSimulatedObjectStore({ buckets: this.buckets, clock: network }),
        ['get', 'put', 'putIfAbsent', 'delete'],
      ),
      checkpoints: this.#gate<CheckpointStore>(
        process,
        'checkpoints',
        createSimulatedCheckpointStore({ table: this.table, clock: network }),
        [
          'acquireLease',
          'releaseLease',
          'noteTrying',
          'readState',
          'commit',
          'markApplied',
          'readHeads',
          'readEventIds',
          'putEventIds',
          'putHead',
          'putRetry',
          'readOpenRetries',
        ],
      ),
      encodeRows: (...args) => process.call('encode', 'encodeRows', args, () => this.rows.encode(...args)),
      clock: process.clock,
      telemetry: { info: silent, warn: log('warn'), error: log('error'), metrics: silent },
      newRunId: () => process.name,
      settings: { ...this.plan.settings, ...options.settings },
      build: { bundleSha256: `bundle-${this.codeVersion}`, settingsSha256: 'settings' },
    };
  }

  /** The port, each of its calls by way of the process. */
  #gate<P extends object>(process: SimulatedProcess, port: Port, target: P, methods: readonly (keyof P & string)[]): P {
    const gated = methods.map((method) => {
      const member = target[method] as (...args: unknown[]) => Promise<unknown>;
      const call = (...args: unknown[]): Promise<unknown> => process.call(port, method, args, () => member(...args));
      return [method, call] as const;
    });
    return Object.fromEntries(gated) as P;
  }
}

/** Ended, dead or frozen: nothing of it happens any more, for now. */
export function isAtRest({ process, outcome }: Invocation): boolean {
  return outcome !== null || process.isDead || process.isFrozen;
}

function describe(outcome: Outcome): string {
  if (outcome.kind === 'died') return `died ${outcome.reason}`;
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    return `failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
  const { status, casesFound, casesRead, eventsExported, commits, retrying, watermark } = outcome.answer;
  return `${status}: ${JSON.stringify({ casesFound, casesRead, eventsExported, commits, retrying, watermark })}`;
}
