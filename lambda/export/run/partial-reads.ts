import type { PartialRead } from '../domain/state';
import type { PartialReadTimes } from './lane-progress';

/** Partly read cases that STATE holds at most; what is beyond starts again from its first page. */
export const MAX_PARTIAL_READS = 16;

/**
 * Cases with pages read and a token to go on from, in the order in which they have their turn. A token is only a hint, and the pages
 * before it are in the batch before it comes here, so it takes no lock to change one.
 */
export class PartialReads extends Map<string, PartialRead> {
  constructor(saved: readonly PartialRead[]) {
    super(saved.map((one) => [one.caseId, one]));
  }

  /** Those that the next commit saves. */
  get toSave(): PartialRead[] {
    return [...this.values()].slice(0, MAX_PARTIAL_READS);
  }

  /** Of those that the next commit saves the time that led to the read of each. */
  get timesToSave(): PartialReadTimes {
    return timesOf(this.toSave);
  }

  /** False if STATE has no room for the case. Else it goes to the end of the line, so that each has its turn. */
  keepsItsPlace(caseId: string): boolean {
    const partial = this.get(caseId);
    if (partial === undefined || !this.toSave.includes(partial)) return false;
    if (this.size <= MAX_PARTIAL_READS) {
      this.delete(caseId);
      this.set(caseId, partial);
    }
    return true;
  }
}

export function timesOf(partialReads: readonly PartialRead[]): PartialReadTimes {
  return new Map(partialReads.map(({ caseId, touched }) => [caseId, touched]));
}
