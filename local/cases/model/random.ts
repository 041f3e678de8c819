/** Seeded randomness: the same seed gives the same world, whatever order requests arrive in. */

/** A number in [0, 1) that depends on nothing but the parts. */
export function hashUnit(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const char of parts.join('\u0001')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Creates an endless supply of distinct ids in the form of a version 4 UUID. */
export function createIds(seed: number): () => string {
  let count = 0;
  return () => {
    count += 1;
    const hex = [0, 1, 2, 3].map((part) => hex32(hashUnit(seed, count, part))).join('');
    // The count is part of the id, so that two of them never collide.
    const unique = count.toString(16).padStart(8, '0').slice(-8);
    return `${unique}-${hex.slice(0, 4)}-4${hex.slice(5, 8)}-a${hex.slice(9, 12)}-${hex.slice(12, 24)}`;
  };
}

function hex32(unit: number): string {
  return Math.floor(unit * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

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
