/** Items by key, in the order in which the table keeps them. */
import { firstWhere } from '../sorted';
import { compareUtf8, type Item } from './attribute-values';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

interface Partition {
  readonly items: Map<string, Item>;
  /** Sort keys in the order of their UTF-8 bytes. */
  readonly sorted: string[];
}

export class OrderedItems {
  readonly #partitions = new Map<string, Partition>();

  get({ pk, sk }: ItemKey): Item | undefined {
    return this.#partitions.get(pk)?.items.get(sk);
  }

  /** The item is kept as it is: nobody may change it any more. */
  set({ pk, sk }: ItemKey, item: Item): void {
    const partition = this.#partitions.get(pk) ?? { items: new Map(), sorted: [] };
    this.#partitions.set(pk, partition);
    const { items, sorted } = partition;
    if (!items.has(sk)) sorted.splice(above(sorted, sk), 0, sk);
    items.set(sk, item);
  }

  /** Items of a partition whose sort key begins so, in order, those after `after` only. */
  *beginningWith(pk: string, prefix: string, after?: string): Generator<Item> {
    const { items, sorted } = this.#partitions.get(pk) ?? { items: new Map<string, Item>(), sorted: [] };
    const first = firstWhere(sorted, (key) => compareUtf8(key, prefix) >= 0);
    const from = after === undefined ? first : Math.max(first, above(sorted, after));
    for (let n = from; sorted[n]?.startsWith(prefix); n++) yield items.get(sorted[n] as string) as Item;
  }

  /** Every item, by partition and sort key. */
  *all(): Generator<Item> {
    for (const pk of [...this.#partitions.keys()].sort(compareUtf8)) yield* this.beginningWith(pk, '');
  }

  clear(): void {
    this.#partitions.clear();
  }
}

/** Index of the first key above this one. */
function above(sorted: readonly string[], key: string): number {
  return firstWhere(sorted, (other) => compareUtf8(other, key) > 0);
}
