/** Calls that fail whatever they ask for: storms that last, and single bad answers. */
import type { CasesCallError, CasesFailure } from '../../../lambda/export/domain/errors';
import type { FaultKind, Faults } from '../faults';
import { MINUTE, SECOND } from '../times';
import { failure, NAMES, type Operation } from './failures';
import type { ServiceClock } from './service-clock';

/** A fault that lasts for a while, for one operation or for all. */
interface Spell {
  readonly kind: FaultKind;
  readonly fails: CasesFailure;
  /** Shortest and longest. */
  readonly lastsMs: readonly [number, number];
  readonly only?: readonly Operation[];
  /** Share of the calls that it strikes while it lasts; all if left out. */
  readonly share?: number;
}

const SPELLS: readonly Spell[] = [
  { kind: 'cases.throttling-storm', fails: 'throttled', lastsMs: [5 * SECOND, 3 * MINUTE] },
  { kind: 'cases.all-denied', fails: 'denied', lastsMs: [MINUTE, 30 * MINUTE] },
  { kind: 'cases.related-denied', fails: 'denied', lastsMs: [MINUTE, 30 * MINUTE], only: ['searchAllRelatedItems'] },
  {
    kind: 'cases.labels-denied',
    fails: 'denied',
    lastsMs: [MINUTE, 30 * MINUTE],
    only: ['listFieldOptions', 'listTemplates'],
  },
  {
    kind: 'cases.404-incident',
    fails: 'not-found',
    lastsMs: [12 * MINUTE, 12 * MINUTE],
    only: ['getCaseAuditEvents'],
    share: 0.95,
  },
  { kind: 'cases.list-fields-fails', fails: 'unavailable', lastsMs: [MINUTE, 300 * MINUTE], only: ['listFields'] },
];

/** One in so many throttled calls is told when to come back. */
const RETRY_AFTER_ONE_IN = 4;
const MAX_RETRY_AFTER_S = 30;

/** What strikes a call: it ends with this error, never answers, or goes through. */
export type Fate = CasesCallError | 'never-answers' | 'goes-through';

export class FailingCalls {
  /** When the running spell of a kind ends. */
  readonly #until = new Map<FaultKind, number>();

  constructor(
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
  ) {}

  fateOf(operation: Operation): Fate {
    return this.#spell(operation) ?? this.#single(operation) ?? 'goes-through';
  }

  #spell(operation: Operation): CasesCallError | undefined {
    const spell = SPELLS.find(
      (one) =>
        (one.only === undefined || one.only.includes(operation)) &&
        !this.faults.isHealedOf(one.kind) &&
        (this.#isRunning(one) || this.#begins(one)) &&
        this.#isStruck(one),
    );
    if (spell === undefined) return undefined;
    if (spell.kind === 'cases.list-fields-fails')
      return this.#error(operation, this.#anyFailure(), undefined, 'ListFields fails');
    const mayRetryAfter = spell.fails === 'throttled' && this.faults.below(RETRY_AFTER_ONE_IN) === 0;
    return this.#error(operation, spell.fails, mayRetryAfter ? this.#retryAfterMs() : undefined);
  }

  #isStruck({ share = 1 }: Spell): boolean {
    return share >= 1 || this.faults.below(1_000, 'cases.404-incident') < 1_000 * share;
  }

  #isRunning({ kind }: Spell): boolean {
    return this.clock.now() < (this.#until.get(kind) ?? Number.NEGATIVE_INFINITY);
  }

  #begins({ kind, lastsMs: [shortestMs, longestMs] }: Spell): boolean {
    if (!this.faults.strikes(kind)) return false;
    this.#until.set(kind, this.clock.now() + shortestMs + this.faults.below(longestMs - shortestMs + 1, kind));
    return true;
  }

  #single(operation: Operation): CasesCallError | 'never-answers' | undefined {
    const { faults } = this;
    if (faults.strikes('cases.never-answers')) return 'never-answers';
    if (faults.strikes('cases.reset')) return failure(operation, 'unavailable', 'ECONNRESET', null);
    if (faults.strikes('cases.500')) return this.#error(operation, 'unavailable');
    if (faults.strikes('cases.500-retry-after')) {
      return this.#error(operation, 'unavailable', this.#retryAfterMs());
    }
    if (faults.strikes('cases.500-retry-after-3600')) {
      return this.#error(operation, 'unavailable', 3600 * SECOND);
    }
    if (faults.strikes('cases.undecodable-page')) return this.#error(operation, 'malformed');
    return undefined;
  }

  #error(operation: Operation, fails: CasesFailure, retryAfterMs?: number, what = NAMES[fails]): CasesCallError {
    return failure(operation, fails, what, this.clock.header(), retryAfterMs);
  }

  #anyFailure(): CasesFailure {
    return (
      (['unavailable', 'denied', 'malformed'] as const)[this.faults.below(3, 'cases.list-fields-fails')] ?? 'denied'
    );
  }

  #retryAfterMs(): number {
    return (1 + this.faults.below(MAX_RETRY_AFTER_S)) * SECOND;
  }
}
