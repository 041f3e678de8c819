/** Tells keys that come twice, over a whole archive, in 16 bytes a key and some slack. */
import { createHash } from 'node:crypto';

const FIRST_CAPACITY = 1 << 12;
const MAX_LOAD = 0.7;

/**
 * A set of keys by 96 bits of their SHA-256, each with a number. Among 100 million keys two different ones look alike with a chance
 * below 10⁻¹³.
 */
export class SeenOnce {
  #capacity = FIRST_CAPACITY;
  #hashes = new Uint32Array(FIRST_CAPACITY * 3);
  /** Number + 1; 0 is empty. */
  #numbers = new Uint32Array(FIRST_CAPACITY);
  #size = 0;
  #struck: Uint8Array | undefined;

  get size(): number {
    return this.#size;
  }

  /** Null if the key is new; else the number that it came with first. */
  add(key: string, number: number): number | null {
    const [a, b, c] = hashOf(key);
    const at = this.#find(a, b, c);
    const known = this.#numbers[at] as number;
    if (known !== 0) return known - 1;
    this.#put(at, a, b, c, number + 1);
    this.#size += 1;
    if (this.#size > this.#capacity * MAX_LOAD) this.#grow();
    return null;
  }

  /** Marks a key as found elsewhere, too; false if it was never added. Add nothing after the first strike. */
  strike(key: string): boolean {
    const at = this.#find(...hashOf(key));
    if (this.#numbers[at] === 0) return false;
    this.#struck ??= new Uint8Array(this.#capacity);
    this.#struck[at] = 1;
    return true;
  }

  /** The numbers of keys that were never struck, in no order. */
  *left(): Generator<number, void> {
    for (let at = 0; at < this.#capacity; at += 1) {
      const stored = this.#numbers[at] as number;
      if (stored !== 0 && this.#struck?.[at] !== 1) yield stored - 1;
    }
  }

  #find(a: number, b: number, c: number): number {
    const mask = this.#capacity - 1;
    for (let at = a & mask; ; at = (at + 1) & mask) {
      const isSame = this.#hashes[at * 3] === a && this.#hashes[at * 3 + 1] === b && this.#hashes[at * 3 + 2] === c;
      if (this.#numbers[at] === 0 || isSame) return at;
    }
  }

  #put(at: number, a: number, b: number, c: number, stored: number): void {
    this.#hashes[at * 3] = a;
    this.#hashes[at * 3 + 1] = b;
    this.#hashes[at * 3 + 2] = c;
    this.#numbers[at] = stored;
  }

  #grow(): void {
    const [hashes, numbers, capacity] = [this.#hashes, this.#numbers, this.#capacity];
    this.#capacity = capacity * 2;
    this.#hashes = new Uint32Array(this.#capacity * 3);
    this.#numbers = new Uint32Array(this.#capacity);
    for (let at = 0; at < capacity; at += 1) {
      const stored = numbers[at] as number;
      if (stored === 0) continue;
      const [a, b, c] = [hashes[at * 3] as number, hashes[at * 3 + 1] as number, hashes[at * 3 + 2] as number];
      this.#put(this.#find(a, b, c), a, b, c, stored);
    }
  }
}

function hashOf(key: string): [number, number, number] {
  const digest = createHash('sha256').update(key).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)];
}
