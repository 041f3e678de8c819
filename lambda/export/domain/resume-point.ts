/**
 * The anchor of a search: the highest value at or below which every found case is settled (read, skipped, on the retry list
 * or saved half-read). A search that resumes at `value ≥ anchor` misses nothing.
 */
export class ResumePoint {
  readonly #open = new Set<{ readonly value: number; readonly caseId: string }>();
  #reached: number;
  #frozen = false;

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
    if (!this.#frozen && value > this.#reached) this.#reached = value;
  }

  /** From now on the anchor does not rise any more: the pages do not come sorted. */
  freeze(): void {
    this.#frozen = true;
  }

  /** `halfRead`: cases that the commit saves half-read, with the time that led to their read; what was found later is open. */
  anchor(halfRead: ReadonlyMap<string, number> = new Map()): number {
    let lowest = this.#reached;
    for (const { value, caseId } of this.#open) {
      const savedUpTo = halfRead.get(caseId) ?? Number.NEGATIVE_INFINITY;
      if (value < lowest && value > savedUpTo) lowest = value;
    }
    return lowest;
  }
}
