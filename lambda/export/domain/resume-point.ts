/**
 * The resume point of a search: the highest value at or below which every found case is done (read, skipped, owed, or saved partly
 * read). A search that resumes at `value ≥ anchor` misses nothing.
 */
export class ResumePoint {
  readonly #open = new Set<{ readonly value: number; readonly caseId: string }>();
  #reached: number;
  #ceiling = Number.POSITIVE_INFINITY;

  constructor(from: number) {
    this.#reached = from;
  }

  /** A case was found here; the anchor stays at or below it until the function returned is called. */
  found(value: number, caseId: string): () => void {
    const ticket = { value, caseId };
    this.#open.add(ticket);
    return () => void this.#open.delete(ticket);
  }

  /** Every case up to this value was given to `found`. */
  reached(value: number): void {
    if (value > this.#reached) this.#reached = value;
  }

  /** A case was found here that must be found again: the anchor stays at or below it, though nothing is to be done now. */
  stayBelow(value: number): void {
    this.#ceiling = Math.min(this.#ceiling, value);
  }

  /** Whether every case found is done, or saved partly read. */
  isDone(halfRead: ReadonlyMap<string, number>): boolean {
    return [...this.#open].every(({ value, caseId }) => value <= (halfRead.get(caseId) ?? Number.NEGATIVE_INFINITY));
  }

  /** `halfRead`: cases that the commit saves half-read, with the time that led to their read; what was found later is open. */
  anchor(halfRead: ReadonlyMap<string, number> = new Map()): number {
    let lowest = Math.min(this.#reached, this.#ceiling);
    for (const { value, caseId } of this.#open) {
      const savedUpTo = halfRead.get(caseId) ?? Number.NEGATIVE_INFINITY;
      if (value < lowest && value > savedUpTo) lowest = value;
    }
    return lowest;
  }
}
