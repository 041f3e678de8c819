/** What the seed's faults make of port calls. */
import type { Faults } from './faults';
import type { Invocation } from './invocation';
import type { CallFault, PortCall, SimulatedProcess } from './process';
import { HOUR } from './times';

/** Another invocation has finished by then. */
const MAX_HOLD_MS = 6 * HOUR;

export class ProcessFaults {
  readonly #clocksSet = new Set<SimulatedProcess>();
  readonly #deadly = new Map<string, boolean>();

  constructor(private readonly faults: Faults) {}

  of({ isPublishing }: Invocation, { port, method, args }: PortCall): CallFault | undefined {
    const { faults } = this;
    if (method === 'getCaseAuditEvents' && this.#isPoison((args[0] as { caseId: string }).caseId)) {
      faults.note('process.deadly-case');
      return 'die-after';
    }
    if (isPublishing && faults.strikes('process.killed-while-publishing')) {
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

  /** Once a process at most. */
  clockSetByMs(process: SimulatedProcess): number {
    const { faults } = this;
    if (this.#clocksSet.has(process)) return 0;
    const byMs = faults.strikes('process.clock-set-back')
      ? -HOUR
      : faults.strikes('process.clock-set-forward')
        ? HOUR
        : 0;
    if (byMs !== 0) this.#clocksSet.add(process);
    return byMs;
  }

  /** Drawn once a case: it kills every process that reads it, until all is healed. */
  #isPoison(caseId: string): boolean {
    if (!this.faults.isOn('process.deadly-case')) return false;
    let isPoison = this.#deadly.get(caseId);
    if (isPoison === undefined) {
      isPoison = this.faults.below(1000) < 1000 * (this.faults.rates['process.deadly-case'] ?? 0);
      this.#deadly.set(caseId, isPoison);
    }
    return isPoison;
  }
}

/** By how much the clocks of two processes may differ, the one that is behind against the one that is not. */
export function clocksDifferByMs(faults: Faults): number {
  if (faults.isOn('process.clock-6h-behind')) return 6 * HOUR;
  // A run goes by the time at which it began, though its clock is set later; the next one goes by its own.
  if (faults.isOn('process.clock-set-back')) return HOUR;
  return faults.isOn('process.clock-10s-behind') ? 10_000 : 0;
}

/** For so long a process may be held, with the answer that it has got. */
export function heldMs(faults: Faults): number {
  return faults.isOn('process.hold-call') ? MAX_HOLD_MS : 0;
}
