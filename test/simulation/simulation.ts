/**
 * A seed's world: the real export code, the real adapters, simulated services under them, and the checks that run at every
 * write. Whoever drives it starts invocations and lets time pass.
 */
import type { NoteSigner } from '../../lambda/export/ports';
import { Random } from '../support/random';
import { createSimulatedCases, type SimulatedCases } from './cases/service';
import { Faults } from './faults';
import { Invariants } from './invariants';
import { describeOutcome, type Invocation, type InvocationOptions, isAtRest, type Outcome } from './invocation';
import type { Plan } from './plan';
import {
  type CallDirector,
  type CallFault,
  type CallOutcome,
  type Port,
  type PortCall,
  SimulatedProcess,
} from './process';
import { ProcessFaults } from './process-faults';
import { jsonLines, parquet, type RowFormat } from './rows';
import { Scheduler } from './scheduler';
import { Sightings } from './sightings';
import { createSigners } from './signers';
import { createSimulatedBuckets, type SimulatedBuckets } from './stores/simulated-buckets';
import { createSimulatedTable, type SimulatedTable, type TableSnapshot } from './stores/simulated-table';
import type { PlainItem } from './table-mirror';
import { MINUTE, START } from './times';
import { Trace, type TraceOptions } from './trace';
import { runTask } from './wiring';

const DOMAIN = 'domain-1';

export class Simulation implements CallDirector {
  readonly scheduler = new Scheduler(START);
  readonly faults: Faults;
  readonly trace: Trace;
  readonly cases: SimulatedCases;
  readonly table: SimulatedTable;
  readonly buckets: SimulatedBuckets;
  readonly rows: RowFormat;
  readonly signers: readonly NoteSigner[];
  readonly checks: Invariants;
  readonly draw: Random;
  readonly invocations: Invocation[] = [];
  /** Of the exporter's code: another one is a newer deploy. */
  codeVersion = 0;
  /** EXPORT_FROM as it is set now, epoch ms. */
  exportFrom: number | null = null;
  readonly #latency: Random;
  readonly #processFaults: ProcessFaults;

  constructor(
    readonly plan: Plan,
    { print }: TraceOptions = {},
  ) {
    const { seed, rates } = plan;
    this.faults = new Faults(seed ^ 0x5eed, rates);
    this.draw = new Random(seed ^ 0xd0);
    this.#latency = new Random(seed ^ 0x1a7);
    this.trace = new Trace(() => this.scheduler.now(), print ?? null);
    const { clock } = this.scheduler;
    const random = new Random(seed ^ 0xca5e);
    this.cases = createSimulatedCases({
      ...plan,
      ...clock,
      domainId: DOMAIN,
      faults: this.faults,
      random,
      onRecorded: (caseId, event) => this.checks.proofs.recorded(caseId, event),
    });
    const version = () => this.codeVersion;
    this.rows = plan.parquet ? parquet((work) => this.scheduler.outside(work), version) : jsonLines(version);
    this.signers = createSigners({
      count: plan.signingKeys,
      faults: this.faults,
      pause: (ms) => clock.sleep(ms),
    });
    this.checks = new Invariants({ ...this, domainId: DOMAIN, plan });
    this.#processFaults = new ProcessFaults(this.faults);
    this.table = createSimulatedTable({
      faults: this.faults,
      onWrite: (item, previous) => this.#itemWritten(item, previous),
    });
    this.buckets = createSimulatedBuckets({
      faults: this.faults,
      oneBucket: plan.oneBucket,
      onWrite: (role, key, bytes) => {
        this.trace.note(`put ${key}`);
        this.checks.archive.written(role, key, bytes);
      },
      onDelete: (role, key) => this.checks.archive.deleted(role, key),
    });
  }

  /** Begins an invocation; time has to pass for it to get anywhere. */
  start(options: InvocationOptions): Invocation {
    const name = `run-${this.invocations.length + 1}`;
    const process = new SimulatedProcess(name, this.scheduler, this, options.skewMs ?? 0);
    const invocation: Invocation = {
      process,
      options,
      settings: { ...this.plan.settings, exportFrom: this.exportFrom, ...options.settings },
      sightings: new Sightings((caseId) => this.cases.leadsTo(caseId)),
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
    runTask({ ...this, domainId: DOMAIN }, invocation, () => endsAt - this.scheduler.elapsed).then(
      (answer) => this.#end(invocation, { kind: 'answered', answer }),
      (error: unknown) => this.#end(invocation, { kind: 'failed', error }),
    );
    this.scheduler.after(options.minutes * MINUTE, null, () => this.checks.deadline(invocation));
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
    this.checks.violations.throwFirst();
    return invocation.outcome ?? { kind: 'died', reason: 'frozen' };
  }

  get now(): number {
    return this.scheduler.now();
  }

  /** All is well again, and EXPORT_FROM is set no more. `butForEver`: what is to be lived with stays as it is. */
  heal({ butForEver }: { readonly butForEver: boolean }): void {
    this.exportFrom = null;
    this.faults.heal(butForEver ? this.plan.forEver : []);
    if (butForEver) this.cases.sick.healTheOthers();
    else this.cases.sick.heal();
    this.trace.tell(() => (butForEver ? 'healed, but for what is for ever' : 'healed'));
  }

  /** The table is another one than before, with all that is known of it. */
  restoreTable(snapshot: TableSnapshot): void {
    this.table.restore(snapshot);
    this.checks.mirror.reload(this.table.items());
  }

  // What the processes ask, and tell.

  clockSetByMs(process: SimulatedProcess, call: PortCall): number {
    if (this.#of(process).options.faultOf !== undefined) return 0;
    const byMs = this.#processFaults.clockSetByMs(process);
    if (byMs !== 0) this.trace.tell(() => `${process.name}: its clock is set by ${byMs} ms at call ${call.index}`);
    return byMs;
  }

  faultOf(process: SimulatedProcess, call: PortCall): CallFault | undefined {
    const invocation = this.#of(process);
    const { options } = invocation;
    if (options.dieAfterCommit && invocation.isPublishing) return 'die-before';
    const fault = options.faultOf ? options.faultOf(call) : this.#processFaults.of(invocation, call);
    if (fault !== undefined && call.port !== 'cases') invocation.storeFailed = true;
    return fault;
  }

  latencyMs(port: Port): number {
    if (port === 'cases') return 0; // The service takes its own time.
    return port === 'encode' ? 1 : 1 + this.#latency.below(10);
  }

  made(process: SimulatedProcess, call: PortCall): void {
    const { port, method } = call;
    const invocation = this.#of(process);
    this.checks.callMade(invocation, call);
    if (port !== 'cases') return;
    invocation.callCounts[method] = (invocation.callCounts[method] ?? 0) + 1;
    if (!this.faults.isHealed && this.draw.chance(this.plan.changeRate)) this.cases.change();
  }

  answered(process: SimulatedProcess, call: PortCall, outcome: CallOutcome): void {
    const invocation = this.#of(process);
    const { port, method, index } = call;
    if (outcome.kind === 'fault')
      this.trace.tell(() => `${process.name} ${outcome.fault}: ${port}.${method}, call ${index}`);
    else this.trace.note(`${process.name} ${method} ${outcome.kind}`);
    if (outcome.kind === 'error' && port !== 'cases') invocation.storeFailed = true;
    invocation.sightings.answered(call, outcome);
    if (outcome.kind !== 'value') return;
    this.checks.callAnswered(call, outcome.value);
    if (method === 'commit' && outcome.value === 'committed') invocation.isPublishing = true;
    else if (method === 'markApplied') invocation.isPublishing = false;
  }

  #of(process: SimulatedProcess): Invocation {
    return this.invocations.findLast((one) => one.process === process) as Invocation;
  }

  #itemWritten(item: PlainItem, previous: PlainItem | undefined): void {
    const headBefore = this.checks.mirror.state?.head?.seq ?? 0;
    this.checks.itemWritten(item, previous);
    this.trace.note(`item ${String(item['sk'])}`);
    const { head, lanes } = this.checks.mirror.state ?? {};
    if (head != null && head.seq !== headBefore) this.trace.tell(() => `COMMIT ${head.seq} ${JSON.stringify(lanes)}`);
  }

  #end(invocation: Invocation, outcome: Outcome): void {
    if (invocation.outcome !== null) return;
    invocation.outcome = outcome;
    invocation.process.isOver = true;
    this.trace.tell(() => `${invocation.process.name} ${describeOutcome(outcome)}`);
    this.checks.ended(invocation);
  }
}
