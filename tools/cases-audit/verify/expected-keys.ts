import type { ListedKey } from '../archive/archive';
import { compareKeys } from '../archive/archive-keys';

/** Keys that no manifest has listed so far and that are kept in case a later one does. Beyond that they count as foreign at once. */
const MAX_STRAYS = 50_000;

/**
 * Holds the keys of a listing, in its order, against the keys that manifests list, in theirs. In an archive as it should be both go
 * forward together, and nothing is kept in memory; what is out of order costs memory for what is out of order alone.
 */
export class ExpectedKeys {
  readonly #listing: AsyncIterator<ListedKey>;
  #next: ListedKey | null = null;
  #isOver = false;
  readonly #strays = new Map<string, ListedKey>();

  /** @param onForeign is called for keys beyond what memory has room for. */
  constructor(
    listing: AsyncIterable<ListedKey>,
    private readonly onForeign: (listed: ListedKey) => void,
  ) {
    this.#listing = listing[Symbol.asyncIterator]();
  }

  /** What is listed at this key; null if nothing is. */
  async take(key: string): Promise<ListedKey | null> {
    const stray = this.#strays.get(key);
    if (stray !== undefined) {
      this.#strays.delete(key);
      return stray;
    }
    for (let listed = await this.#peek(); listed !== null; listed = await this.#peek()) {
      const order = compareKeys(listed.key, key);
      if (order > 0) return null;
      this.#next = null;
      if (order === 0) return listed;
      this.#keep(listed);
    }
    return null;
  }

  /** Everything that was never taken, up to this key, or to the listing's end. */
  async rest(through?: string): Promise<readonly ListedKey[]> {
    for (let listed = await this.#peek(); listed !== null; listed = await this.#peek()) {
      if (through !== undefined && compareKeys(listed.key, through) > 0) break;
      this.#next = null;
      this.#keep(listed);
    }
    return [...this.#strays.values()];
  }

  #keep(listed: ListedKey): void {
    if (this.#strays.size < MAX_STRAYS) this.#strays.set(listed.key, listed);
    else this.onForeign(listed);
  }

  async #peek(): Promise<ListedKey | null> {
    if (this.#next !== null) return this.#next;
    if (this.#isOver) return null;
    const { value, done } = await this.#listing.next();
    if (done) this.#isOver = true;
    else this.#next = value;
    return this.#next;
  }
}
