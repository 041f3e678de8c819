import { Random } from '../../test/support/random';
import { type Domain, number } from './domain';

/** How often things happen in the domain, by simulated time. */
const EVERY_MS = { update: 10_000, create: 60_000, related: 30_000, delete: 300_000, restless: 60_000 };

/** One case at a time is changed every minute for so long; then it is another one. */
const RESTLESS_FOR_MS = 2 * 3_600_000;
/** One deletion in so many hits a case that was changed a moment ago. */
const RECENT_DELETIONS = 10;

type Kind = keyof typeof EVERY_MS;

/** Changes, new cases, related items and deletions, on and on, drawn from a seed. */
export class Life {
  readonly #next: Record<Kind, number>;
  readonly #random: Random;
  #restless = 0;
  #restlessUntil = 0;
  #deletions = 0;
  #stopped = false;
  readonly restlessCases = new Set<number>();

  constructor(
    private readonly domain: Domain,
    start: number,
    seed: number,
  ) {
    this.#random = new Random(seed);
    this.#next = { update: start, create: start, related: start, delete: start, restless: start };
    for (const kind of Object.keys(EVERY_MS) as Kind[]) this.#next[kind] = start + EVERY_MS[kind] * this.#random.next();
  }

  /** Nothing changes any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Everything that happens up to this time happens, in the order of time. */
  catchUp(now: number): void {
    if (this.#stopped) return;
    for (;;) {
      const kind = (Object.keys(this.#next) as Kind[]).reduce((a, b) => (this.#next[b] < this.#next[a] ? b : a));
      const at = this.#next[kind];
      if (at > now) return;
      this.#happen(kind, Math.floor(at));
      this.#next[kind] = at + EVERY_MS[kind];
    }
  }

  #happen(kind: Kind, at: number): void {
    if (kind === 'create') this.domain.happen('created', at);
    else if (kind === 'delete') this.#delete(at);
    else if (kind === 'restless') this.domain.happen('updated', at, this.#restlessCase(at));
    else this.domain.happen(kind === 'update' ? 'updated' : 'related', at, this.#anyCase());
  }

  #delete(at: number): void {
    this.#deletions += 1;
    const recent = this.domain.happened - 1;
    const isRecent = this.#deletions % RECENT_DELETIONS === 0 && recent >= 0;
    this.domain.delete(isRecent ? number(this.domain.happenedTo, recent) : this.#anyCase(), at);
  }

  #restlessCase(at: number): number {
    if (at >= this.#restlessUntil || this.domain.isDeleted(this.#restless)) {
      this.#restless = this.#anyCase();
      this.#restlessUntil = at + RESTLESS_FOR_MS;
      this.restlessCases.add(this.#restless);
    }
    return this.#restless;
  }

  #anyCase(): number {
    for (;;) {
      const index = Math.floor(this.#random.next() * this.domain.cases);
      if (!this.domain.isDeleted(index)) return index;
    }
  }
}

/** Things that happen in so much time, at most: what room a domain needs. */
export function happeningsIn(ms: number): number {
  return Object.values(EVERY_MS).reduce((sum, every) => sum + Math.ceil(ms / every) + 1, 0);
}
