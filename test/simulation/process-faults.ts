/** What the seed's faults make of port calls. */
import type { Faults } from './faults';
import type { Invocation } from './invocation';
import type { CallFault, PortCall } from './process';

export class ProcessFaults {
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
