import type { Faults } from '../faults';

/** The service's true time, and when what was to be late is there after all: at once when the service is healed. */
export class ServiceClock {
  #healedAt: number | undefined;

  constructor(
    private readonly trueNow: () => number,
    private readonly faults: Faults,
  ) {}

  /** Epoch ms, whole. */
  now(): number {
    return Math.floor(this.trueNow());
  }

  get isHealed(): boolean {
    return this.faults.isHealed;
  }

  /** The `Date` header: whole seconds, rounded down, as epoch ms. */
  header(): number {
    return Math.floor(this.trueNow() / 1000) * 1000;
  }

  /** When something that happened at `since` and was to be seen at `due` is seen. */
  arrival(since: number, due: number): number {
    if (!this.faults.isHealed) return due;
    this.#healedAt ??= this.now();
    return Math.max(since, Math.min(due, this.#healedAt));
  }
}
