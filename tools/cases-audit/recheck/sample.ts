/** Which cases are looked at, and what it proves when none of them differs. Pure: the same seed draws the same cases. */
import { createHmac } from 'node:crypto';

/** Everything is said at this confidence. */
export const CONFIDENCE = 0.95;

/**
 * A uniform sample without replacement from cases that come one by one, in any order, each as often as it likes: those whose HMAC under
 * the seed is smallest. A case that was turned away is never wanted later, so what belongs to it need not be kept.
 */
export class Sample {
  /** Drawn so far, ascending by rank. */
  readonly #drawn: { readonly rank: string; readonly caseId: string }[] = [];
  readonly #ids = new Set<string>();

  constructor(
    private readonly seed: string,
    private readonly size: number,
  ) {}

  /** @returns whether the case belongs to the sample so far; `evicted` is the case that it took the place of. */
  offer(caseId: string): { readonly isDrawn: boolean; readonly evicted?: string } {
    if (this.#ids.has(caseId)) return { isDrawn: true };
    const rank = rankOf(this.seed, caseId);
    const last = this.#drawn.at(-1);
    const isFull = this.#drawn.length >= this.size;
    if (this.size < 1 || (isFull && last !== undefined && rank > last.rank)) return { isDrawn: false };
    this.#drawn.splice(this.#placeOf(rank), 0, { rank, caseId });
    this.#ids.add(caseId);
    if (!isFull || last === undefined) return { isDrawn: true };
    this.#drawn.pop();
    this.#ids.delete(last.caseId);
    return { isDrawn: true, evicted: last.caseId };
  }

  /** In the order in which they are read. */
  get caseIds(): string[] {
    return this.#drawn.map(({ caseId }) => caseId);
  }

  #placeOf(rank: string): number {
    let [low, high] = [0, this.#drawn.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#drawn[middle]?.rank ?? '') < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Nobody who does not know the seed can foresee it. */
function rankOf(seed: string, caseId: string): string {
  return createHmac('sha256', seed).update(caseId).digest('hex');
}

/** What a sample without any difference says of those it was drawn from. */
export interface Odds {
  /** At `CONFIDENCE` no more of them differ than so many … */
  readonly casesAtMost: number;
  /** … which is this share, 0 … 1. */
  readonly shareAtMost: number;
}

/**
 * The hypergeometric bound: the largest number of differing cases among `population` with which a sample of `clean` cases would
 * still have shown none in more than 5 of 100 draws. For a large population its share is near 3 / clean, the rule of three; for a small one it
 * is lower, and 0 where all were looked at.
 * @throws RangeError unless 0 ≤ clean ≤ population, both whole.
 */
export function oddsOf(population: number, clean: number): Odds {
  if (!Number.isInteger(population) || !Number.isInteger(clean) || clean < 0 || clean > population) {
    throw new RangeError(
      `A sample of ${clean} clean cases out of ${population}: expected whole numbers, the first no larger`,
    );
  }
  let [low, high] = [0, population - clean];
  // The chance falls with every differing case more.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (logChanceOfNone(population, clean, middle) > Math.log(1 - CONFIDENCE)) low = middle;
    else high = middle - 1;
  }
  return { casesAtMost: low, shareAtMost: population === 0 ? 0 : low / population };
}

/** Logarithm of the chance that a sample holds none of the differing cases. */
function logChanceOfNone(population: number, drawn: number, differing: number): number {
  let sum = 0;
  // Drawing n and avoiding K is avoiding n while drawing K: the shorter product is as good.
  const [factors, avoided] = drawn < differing ? [drawn, differing] : [differing, drawn];
  for (let index = 0; index < factors; index += 1) {
    sum += Math.log1p(-avoided / (population - index));
  }
  return sum;
}
