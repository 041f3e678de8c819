/** Processes that are frozen, and requests that outlived theirs, until they thaw: while others run, or after they have. */
import { type Invocation, isAtRest } from './invocation';
import type { Simulation } from './simulation';

export class Sleepers {
  #frozen: Invocation[] = [];

  constructor(private readonly simulation: Simulation) {}

  adopt(invocations: readonly Invocation[]): void {
    for (const one of invocations) if (isAsleep(one)) this.#frozen.push(one);
  }

  get all(): readonly Invocation[] {
    this.#frozen = this.#frozen.filter(isAsleep);
    return this.#frozen;
  }

  /** Some thaw within the next `ms`, in the middle of whatever runs then; some wait on. */
  wakeSome(ms: number): void {
    for (const one of this.all) {
      if (!this.simulation.draw.chance(0.7)) continue;
      this.simulation.scheduler.after(this.simulation.draw.below(ms), null, () => this.wake(one));
    }
  }

  wake({ process }: Invocation): void {
    this.simulation.faults.note('process.hold-call');
    this.simulation.trace.tell(() => `${process.name} thaws`);
    process.thaw();
  }
}

/** The last ones thaw, each after a whole invocation of somebody else's, and go on to their end. */
export async function releaseHeld(simulation: Simulation, sleepers: Sleepers): Promise<void> {
  for (let round = 0; sleepers.all.length > 0; round += 1) {
    if (round > 20) throw new Error('still frozen after so many thaws');
    await simulation.run({ minutes: 1, faultOf: () => undefined });
    const waking = [...sleepers.all];
    for (const one of waking) sleepers.wake(one);
    await simulation.scheduler.runUntil(() => waking.every((one) => isAtRest(one) && !one.process.isDelivering));
    for (const one of waking) simulation.outcomeOf(one);
    sleepers.adopt(waking);
  }
}

function isAsleep({ process }: Invocation): boolean {
  return process.isFrozen || process.hasRequestUnderWay;
}
