/** A promise of the design that did not hold, with the moment at which that showed. */
class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    /** Number of the invariant in docs/architecture.md, or what else was promised. */
    readonly promise: string,
    message: string,
  ) {
    super(`${promise}: ${message}`);
  }
}

/** Collects: a hook inside a store must not throw, as the adapter would take it for a failure of the service. */
export class Violations {
  readonly found: Violation[] = [];

  add(promise: string, message: string): void {
    this.found.push(new Violation(promise, message));
  }

  /** Notes whatever the check throws, be it a bug of the check itself. */
  during(promise: string, check: () => void): void {
    try {
      check();
    } catch (error) {
      this.add(promise, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  throwFirst(): void {
    const [first] = this.found;
    if (first !== undefined) throw first;
  }
}
