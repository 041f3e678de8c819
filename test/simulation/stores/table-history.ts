/**
 * What was ever written to a table, in order, so that it can be restored to any moment: as a point-in-time restore does, which knows
 * nothing of commits and may end in the middle of one.
 */
import type { Item } from './attribute-values';
import { type ItemKey, OrderedItems, type TableSnapshot } from './ordered-items';

interface Write {
  readonly key: ItemKey;
  readonly item: Item;
}

export class TableHistory {
  #writes: Write[] = [];

  /** How many writes there were. */
  get length(): number {
    return this.#writes.length;
  }

  note(key: ItemKey, item: Item): void {
    this.#writes.push({ key, item });
  }

  /** Everything that was written so far, to go back to. */
  copy(): readonly Write[] {
    return [...this.#writes];
  }

  /** The table becomes another one, with a history of its own. */
  replace(writes: readonly Write[]): void {
    this.#writes = [...writes];
  }

  /** The table after its first `count` writes. */
  momentAfter(count: number): TableSnapshot {
    const items = new OrderedItems();
    const writes = this.#writes.slice(0, count);
    for (const { key, item } of writes) items.set(key, item);
    return { ...items.snapshot(), writes };
  }
}

export type { Write };
