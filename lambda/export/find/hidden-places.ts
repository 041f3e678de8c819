import type { DebtSum } from '../domain/debts';
import type { Hidden } from './search';

/** Passes whose watermark stays below a case that a search counts and does not show, before the lane goes on and owes it. */
export const MAX_HELD_PASSES = 3;

/** Cases that a search counted, or had a null for, and did not show. */
export class HiddenPlaces {
  lowest = Number.POSITIVE_INFINITY;
  /** The lowest place behind which the search could not look; infinite if there is none. */
  lowestGivenUp = Number.POSITIVE_INFINITY;

  constructor(public cases = 0) {}

  add(hidden: readonly Hidden[]): void {
    for (const { place, cases, isGivenUp = false } of hidden) {
      this.cases += cases;
      this.lowest = Math.min(this.lowest, place);
      if (isGivenUp) this.lowestGivenUp = Math.min(this.lowestGivenUp, place);
    }
  }

  /** Together with what was owed so before. Nothing is known of them, so anything of them may be missing. */
  owedWith(before: DebtSum | null, now: number): DebtSum {
    // The same place may be met again at every pass, so the highest count stands.
    const cases = Math.max(this.cases, before?.cases ?? 0);
    return { cause: 'not-shown', cases, neverRead: cases, since: before?.since ?? now, missingFrom: null };
  }
}
