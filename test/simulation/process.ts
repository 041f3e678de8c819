/**
 * One invocation of the exporter as a process that may be frozen, thawed and killed. It meets the world through its clock and
 * its port calls alone: a dead process is never woken again and gets no answer, so nothing of it can go on.
 */
import { CasesCallError, SigningError, StoreError } from '../../lambda/export/domain/errors';
import type { Clock } from '../../lambda/export/ports';
import type { Scheduler, Sleeper } from './scheduler';

export type Port = 'cases' | 'objects' | 'checkpoints' | 'encode' | 'kms';

/** A port call that is about to be made. */
export interface PortCall {
  /** From 0, by process. */
  readonly index: number;
  readonly port: Port;
  readonly method: string;
  readonly args: readonly unknown[];
}

/**
 * What may become of a port call.
 * - `die-before` `die-after`: the process is dead before, or after, the call takes effect
 * - `throw-before` `throw-after`: the call fails without, or after, taking effect
 * - `hold-before` `hold-after`: the whole process freezes before, or after, the call takes effect, and thaws later
 * - `outlive`: the process is dead, and its request takes effect later all the same
 */
export const CALL_FAULTS = [
  'die-before',
  'die-after',
  'throw-before',
  'throw-after',
  'hold-before',
  'hold-after',
  'outlive',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What a process is told about its calls, and tells about them. */
export interface CallDirector {
  /** What becomes of this call; undefined: nothing out of the ordinary. */
  faultOf(process: SimulatedProcess, call: PortCall): CallFault | undefined;
  /** Milliseconds that a request, or an answer, is under way. */
  latencyMs(port: Port): number;
  made(process: SimulatedProcess, call: PortCall): void;
  /** By how much our clock is set while the call is under way; 0 mostly. */
  clockSetByMs(process: SimulatedProcess, call: PortCall): number;
  answered(process: SimulatedProcess, call: PortCall, outcome: CallOutcome): void;
}

export type CallOutcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'fault'; readonly fault: CallFault };

/** Sleeps of a process, and of what it has sent on its way. */
class Condition implements Sleeper {
  condition: Sleeper['condition'] = 'running';
  readonly #thawing: (() => void)[] = [];

  whenThawed(wake: () => void): void {
    this.#thawing.push(wake);
  }

  freeze(): void {
    if (this.condition === 'running') this.condition = 'frozen';
  }

  thaw(scheduler: Scheduler): void {
    if (this.condition !== 'frozen') return;
    this.condition = 'running';
    for (const wake of this.#thawing.splice(0)) scheduler.after(0, this, wake);
  }

  die(): void {
    this.condition = 'dead';
    this.#thawing.length = 0;
  }
}

export class SimulatedProcess {
  readonly clock: Clock;
  /** What the process itself waits for. */
  readonly #self = new Condition();
  /** What its requests wait for: a request that outlives the process is frozen, and thaws later. */
  readonly network = new Condition();
  readonly diedOf: { reason: string | null } = { reason: null };
  calls = 0;
  wasFrozen = false;
  /** Settled, or dead. */
  isOver = false;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly director: CallDirector,
    /** Our clock minus the true time. */
    public skewMs = 0,
  ) {
    this.clock = {
      now: () => scheduler.now() + this.skewMs,
      monotonic: () => scheduler.elapsed,
      sleep: (ms, signal) => (ms <= 0 ? Promise.resolve() : scheduler.sleep(ms, this.#self, signal)),
    };
  }

  get isDead(): boolean {
    return this.#self.condition === 'dead';
  }

  get isFrozen(): boolean {
    return this.#self.condition === 'frozen';
  }

  /** Pauses of the adapters' own. */
  pause(ms: number): Promise<void> {
    return this.scheduler.sleep(ms, this.network);
  }

  /** From here on nothing of it gets through, and nothing reaches it. */
  die(reason: string): void {
    if (this.isDead || this.isOver) return;
    this.diedOf.reason = reason;
    this.isOver = true;
    this.#self.die();
    this.network.die();
  }

  freeze(): void {
    if (this.isOver) return;
    this.wasFrozen = true;
    this.#self.freeze();
    this.network.freeze();
  }

  /** The frozen process goes on where it was; a request that outlived its process arrives. */
  thaw(): void {
    this.#self.thaw(this.scheduler);
    this.network.thaw(this.scheduler);
  }

  /** Whether a request of a dead process is still under way. */
  get hasRequestUnderWay(): boolean {
    return this.isDead && this.network.condition === 'frozen';
  }

  /** Whether such a request is arriving now. */
  get isDelivering(): boolean {
    return this.isDead && this.network.condition === 'running';
  }

  /** A port call: the request travels, takes effect, and the answer travels back; or what the director has in mind for it. */
  async call<T>(port: Port, method: string, args: readonly unknown[], apply: () => Promise<T>): Promise<T> {
    if (this.isDead) return never();
    const call: PortCall = { index: this.calls, port, method, args };
    this.calls += 1;
    this.director.made(this, call);
    const fault = this.director.faultOf(this, call);
    if (fault !== undefined) this.director.answered(this, call, { kind: 'fault', fault });
    if (fault === 'die-before') return this.#dieAt(call);
    await this.#travel(port);
    this.skewMs += this.director.clockSetByMs(this, call);
    if (fault === 'hold-before') await this.#hold();
    if (fault === 'outlive') return this.#outlive(call, apply);
    if (fault === 'throw-before') throw injected(call, 'lost on its way');
    const outcome = await settled(apply);
    if (fault === 'die-after') return this.#dieAt(call);
    if (fault === 'hold-after') await this.#hold();
    if (this.isDead) return never();
    await this.#travel(port);
    if (fault === 'throw-after') throw injected(call, 'answer lost');
    this.director.answered(this, call, outcome);
    if (outcome.kind === 'error') throw outcome.error;
    return outcome.value;
  }

  #travel(port: Port): Promise<void> {
    return this.scheduler.sleep(this.director.latencyMs(port), this.#self);
  }

  async #hold(): Promise<void> {
    this.freeze();
    await this.scheduler.sleep(0, this.#self);
  }

  #dieAt({ port, method, index }: PortCall): Promise<never> {
    this.die(`at ${port}.${method}, call ${index}`);
    return never();
  }

  /** The process is dead; its request waits in the network until `thaw`. */
  async #outlive({ port, method, index }: PortCall, apply: () => Promise<unknown>): Promise<never> {
    this.diedOf.reason = `at ${port}.${method}, call ${index}, its request still under way`;
    this.isOver = true;
    this.#self.die();
    this.network.freeze();
    await this.scheduler.sleep(0, this.network);
    await settled(apply);
    this.network.die();
    return never();
  }
}

/** Answers of a dead process's calls go nowhere. */
function never(): Promise<never> {
  return new Promise<never>(() => undefined);
}

async function settled<T>(
  apply: () => Promise<T>,
): Promise<{ readonly kind: 'value'; readonly value: T } | { readonly kind: 'error'; readonly error: unknown }> {
  try {
    return { kind: 'value', value: await apply() };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function injected({ port, method }: PortCall, what: string): Error {
  const message = `Injected: ${port}.${method}, ${what}`;
  if (port === 'cases') return new CasesCallError(message, 'unavailable', method);
  if (port === 'encode') return new Error(message);
  if (port === 'kms') return new SigningError(message, 'unavailable');
  return new StoreError(message, port === 'objects' ? 's3' : 'dynamodb', 'unavailable');
}
