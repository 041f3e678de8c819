import { type DebtSum, type Missing, sumDebts } from '../domain/debts';

interface Waiting extends Missing {
  readonly since: number;
  readonly touched: number;
}

/**
 * The debts of cases that were found and are too fresh to be read. The watermarks stay below them, so every whole pass of the lanes
 * finds each of them again: what earlier runs knew of is kept as a sum until then.
 */
export class WaitingCases {
  readonly #cases = new Map<string, Waiting>();

  constructor(private fromBefore: DebtSum | null) {}

  add(caseId: string, waiting: Waiting): void {
    const before = this.#cases.get(caseId);
    this.#cases.set(
      caseId,
      before === undefined ? waiting : { ...before, touched: Math.max(before.touched, waiting.touched) },
    );
  }

  /** More may be missing of the case than whoever found it first knew. */
  lower(caseId: string, missingFrom: number | null): void {
    const one = this.#cases.get(caseId);
    if (one !== undefined) this.#cases.set(caseId, { ...one, missingFrom: earlier(one.missingFrom, missingFrom) });
  }

  /** The case was read after it had been touched so, or is owed for another cause. */
  remove(caseId: string, touched: number): void {
    if ((this.#cases.get(caseId)?.touched ?? Number.POSITIVE_INFINITY) <= touched) this.#cases.delete(caseId);
  }

  /** The lanes have looked at everything above their watermarks, so this run knows every case that waits. */
  allFoundAgain(): void {
    this.fromBefore = null;
  }

  get sum(): DebtSum | null {
    const debts = [...this.#cases.values()].map((one) => ({ cause: 'waiting' as const, ...one }));
    return sumDebts(debts, this.fromBefore === null ? [] : [this.fromBefore])[0] ?? null;
  }
}

/** Null is before everything. */
export function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.min(a, b);
}
