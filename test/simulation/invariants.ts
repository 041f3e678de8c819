/** What holds in every world: each check runs in the moment in which a write, a call or the end of an invocation could break it. */
import { judgePeriod } from '../../lambda/export/domain/completeness';
import type { Manifest } from '../../lambda/export/domain/manifest';
import type { NoteSigner } from '../../lambda/export/ports';
import { AccountInvariants } from './account-invariants';
import { ArchiveInvariants } from './archive-invariants';
import type { SimulatedCases } from './cases/service';
import type { Faults } from './faults';
import type { Invocation } from './invocation';
import { InvocationInvariants } from './invocation-invariants';
import { LaneInvariants, prefixOf } from './lane-invariants';
import { NoteInvariants } from './note-invariants';
import type { Plan } from './plan';
import type { PortCall } from './process';
import { ProofInvariants } from './proof-invariants';
import { ReadInvariants } from './read-invariants';
import type { RowFormat } from './rows';
import type { Scheduler } from './scheduler';
import { TableInvariants } from './table-invariants';
import { type PlainItem, TableMirror } from './table-mirror';
import { Truth } from './truth';
import { Violations } from './violations';

/** What of a world the checks look at. */
interface CheckedWorld {
  readonly domainId: string;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly cases: SimulatedCases;
  readonly rows: RowFormat;
  readonly signers: readonly NoteSigner[];
}

export class Invariants {
  readonly violations = new Violations();
  readonly mirror: TableMirror;
  readonly truth: Truth;
  readonly archive: ArchiveInvariants;
  readonly proofs: ProofInvariants;
  readonly #accounts: AccountInvariants;
  readonly #notes: NoteInvariants;
  readonly #table: TableInvariants;
  readonly #lanes: LaneInvariants;
  readonly #reads: ReadInvariants;
  readonly #invocations: InvocationInvariants;

  constructor(world: CheckedWorld) {
    const { domainId, plan, scheduler, faults, cases, rows, signers } = world;
    const { now } = scheduler.clock;
    const { violations } = this;
    this.mirror = new TableMirror(domainId);
    this.truth = new Truth(cases, now);
    this.#accounts = new AccountInvariants(violations, this.mirror);
    this.archive = new ArchiveInvariants(violations, this.truth, this.mirror, rows, {
      maxRows: plan.settings.maxRowsPerCommit,
      // In a tick of seconds a look-up in passing may have no more time than a call takes.
      namesMayLack: Object.keys(plan.rates).length > 0 || plan.ticks.some(({ minutes }) => minutes < 0.5),
      isMaimed: (event) => cases.isMaimed(event),
      onNote: (seq, bytes) => this.#notes.written(seq, bytes),
      onManifest: (manifest) => this.#manifestWritten(manifest),
    });
    this.#notes = new NoteInvariants(violations, this.archive.manifests, signers);
    this.proofs = new ProofInvariants({ ...world, ...this, judge: judgePeriod, now });
    this.#table = new TableInvariants(violations, this.truth, this.mirror, {
      domainId,
      auditBehindMs: faults.isOn('cases.stale-replica') ? plan.auditLagMs : 0,
    });
    this.#reads = new ReadInvariants(violations, this.mirror);
    this.#invocations = new InvocationInvariants(violations, scheduler, faults);
    this.#lanes = new LaneInvariants(violations, this.mirror, plan.settings, faults);
  }

  /** While an operator voids a commit some things are allowed that an export never does. */
  set isVoiding(isVoiding: boolean) {
    this.archive.isVoiding = isVoiding;
    this.#table.isVoiding = isVoiding;
  }

  itemWritten(item: PlainItem, previous: PlainItem | undefined): void {
    this.violations.during('table', () => {
      const before = this.mirror.state;
      this.#table.writing(item, previous);
      this.mirror.take(item);
      this.#table.written(item, previous);
      const { state } = this.mirror;
      if (state === null || state.applied === (before?.applied ?? 0)) return;
      this.#lanes.published(state);
      if (state.applied > (before?.applied ?? 0)) this.#notes.applied(state.applied);
    });
  }

  /** Numbers of attempts at a commit may come again: the table does not know of those that there were. */
  forgetAttempts(): void {
    this.archive.forgetStaged();
    this.#lanes.forget();
  }

  callMade(invocation: Invocation, call: PortCall): void {
    const { port, method, args } = call;
    const { sightings } = invocation;
    if (port === 'checkpoints') this.#reads.asked(call);
    if (port === 'encode') invocation.shownWhenEncoding = sightings.shown.length;
    if (method === 'put' && args[0] === 'work') {
      const count = invocation.shownWhenEncoding ?? sightings.shown.length;
      this.#lanes.staging(prefixOf(String(args[1])), sightings, count);
      invocation.shownWhenEncoding = null;
    }
    if (method === 'commit' || method === 'markApplied') invocation.shownWhenEncoding = null;
  }

  callAnswered(call: PortCall, value: unknown): void {
    this.#reads.answered(call, value);
    if (call.method !== 'acquireLease') return;
    this.#invocations.leaseAnswered(call, value as { kind: string }, this.mirror.state?.leaseExpiresAt ?? 0);
  }

  /** The time of the invocation is over. */
  deadline(invocation: Invocation): void {
    this.#invocations.deadline(invocation);
  }

  ended(invocation: Invocation): void {
    this.#invocations.ended(invocation);
  }

  #manifestWritten(manifest: Manifest): void {
    this.#accounts.published(manifest);
    this.violations.during('9, no false proof', () => this.proofs.published(manifest));
  }
}
