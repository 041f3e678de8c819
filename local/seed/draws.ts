import { hashUnit } from '../cases/model/random';

/** A stream of choices that depends only on its seed and name: the same pair draws the same choices for ever. */
export class Draws {
  #drawn = 0;

  constructor(
    private readonly seed: number,
    private readonly name: string,
  ) {}

  /** In [0, 1). */
  unit(): number {
    this.#drawn += 1;
    return hashUnit(this.seed, this.name, this.#drawn);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** In [from, to). */
  between(from: number, to: number): number {
    return from + this.unit() * (to - from);
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[Math.floor(this.unit() * list.length)] ?? list[0];
  }
}
