/**
 * The resume point of a search: the highest place at or below which every found case is done (read, skipped, owed, or
 * saved partly read). A search that resumes at `place ≥ anchor` misses nothing.
 */
export class ResumePoint {
  readonly #open = new Set<{ readonly place: number; readonly caseId: string }>();
  #reached: number;
  #ceiling = Number.POSITIVE_INFINITY;

  constructor(from: number) {
    this.#reached = from;
  }

  /** Notes a found case; the anchor stays at or below it until the returned function is called. */
  found(place: number, caseId: string): () => void {
    const ticket = { place, caseId };
    this.#open.add(ticket);
    return () => void this.#open.delete(ticket);
  }

  /** Promises that every case up to this place was given to `found`. */
  reached(place: number): void {
    if (place > this.#reached) this.#reached = place;
  }

  /** Notes a case that must be found again: the anchor stays at or below it, though nothing is to be done now. */
  stayBelow(place: number): void {
    this.#ceiling = Math.min(this.#ceiling, place);
  }

  /** Whether every case found is done, or saved partly read. */
  isDone(saved: ReadonlyMap<string, number>): boolean {
    return [...this.#open].every(({ place, caseId }) => place <= (saved.get(caseId) ?? Number.NEGATIVE_INFINITY));
  }

  /**
   * Returns the resume point. `saved`: cases that the commit saves partly read, with the time that led to their read;
   * cases found later are open.
   */
  anchor(saved: ReadonlyMap<string, number> = new Map()): number {
    let lowest = Math.min(this.#reached, this.#ceiling);
    for (const { place, caseId } of this.#open) {
      const savedUpTo = saved.get(caseId) ?? Number.NEGATIVE_INFINITY;
      if (place < lowest && place > savedUpTo) lowest = place;
    }
    return lowest;
  }
}
