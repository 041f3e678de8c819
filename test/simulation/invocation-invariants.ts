/** What holds of an invocation: it ends by itself in time, and never calls faster than its pace. */
import type { Settings } from '../../lambda/export/settings';
import type { FaultKind, Faults } from './faults';
import type { Invocation } from './invocation';
import type { PortCall } from './process';
import type { Scheduler } from './scheduler';
import { MINUTE } from './times';
import type { Violations } from './violations';

/** A tick whose stores answered at once needs no longer for its last commit. */
const ENOUGH_TO_COMMIT_MS = 5_000;

/** So many seconds' worth of calls may go out at once, and never more than … */
const BURST_SECONDS = 2;
/** … what leaves something of the service's documented burst of ten to others. */
const MAX_BURST = 8;

const PACES: readonly (readonly [string, (settings: Settings) => number])[] = [
  ['searchCases', ({ searchCasesRps }) => searchCasesRps],
  ['getCaseAuditEvents', ({ auditEventsRps }) => auditEventsRps],
  ['searchAllRelatedItems', ({ relatedItemsRps }) => relatedItemsRps],
];

export class InvocationInvariants {
  constructor(
    private readonly violations: Violations,
    private readonly scheduler: Scheduler,
    private readonly faults: Faults,
  ) {}

  ended(invocation: Invocation): void {
    const { options, startedAt, process, outcome } = invocation;
    const left = startedAt + options.minutes * MINUTE - this.scheduler.elapsed;
    if (outcome?.kind === 'answered' && left <= reserveMs(invocation) && !process.wasFrozen) {
      this.faults.note('process.out-of-time');
    }
    this.#pace(invocation);
  }

  /**
   * Lambda ends whoever is still going. Invariant 8: an exporter whose stores answered has ended by itself, if its reserve is
   * enough for a commit. A frozen process knows nothing of deadlines.
   */
  deadline(invocation: Invocation): void {
    const { process, options, outcome } = invocation;
    if (outcome !== null || process.isOver || process.wasFrozen) return;
    this.faults.note('process.out-of-time');
    if (reserveMs(invocation) >= ENOUGH_TO_COMMIT_MS && !invocation.storeFailed && !this.#storesFail()) {
      this.violations.add('8, ends by itself', `${process.name} is still going after ${options.minutes} min`);
    }
    process.die('at its deadline');
  }

  /** By the contract busy iff the lease is still ahead, by the clock of whoever asks. */
  leaseAnswered({ args }: PortCall, answer: { readonly kind: string }, leaseExpiresAt: number): void {
    const [{ now }] = args as [{ readonly now: number }];
    if (answer.kind !== 'busy' || leaseExpiresAt > now || !this.faults.isHealed) return;
    this.violations.add('busy', `answered at ${now}, though the lease ended at ${leaseExpiresAt}`);
  }

  #pace({ process, callCounts, settings, startedAt }: Invocation): void {
    const seconds = (this.scheduler.elapsed - startedAt) / 1000;
    for (const [operation, rateOf] of PACES) {
      const rate = rateOf(settings);
      const most = Math.min(MAX_BURST, Math.max(1, BURST_SECONDS * rate)) + rate * seconds + 1;
      const calls = callCounts[operation] ?? 0;
      if (calls <= most) continue;
      this.violations.add('pace', `${process.name} made ${calls} calls of ${operation} in ${seconds} s at ${rate}/s`);
    }
  }

  /** Faults of stores take time that adapters do not tell of. */
  #storesFail(): boolean {
    const kinds = Object.keys(this.faults.rates) as FaultKind[];
    return !this.faults.isHealed && kinds.some((kind) => kind.startsWith('s3.') || kind.startsWith('dynamodb.'));
  }
}

/** What the exporter keeps for its last commit. */
function reserveMs({ settings, options }: Invocation): number {
  return Math.min(settings.commitReserveMs, (options.minutes * MINUTE) / 2);
}
