/** Items by key, in the order in which the table keeps them. */
import { compareUtf8, type Item } from './attribute-values';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

interface Partition {
  readonly items: Map<string, Item>;
  /** Sort keys in order, but for those in `added`. */
  sorted: string[];
  /** Merged when somebody asks for the order: the exporter writes many items, then reads many. */
  added: string[];
}

/** A moment of the table. Stays as it is, whatever is written afterwards. */
export interface TableSnapshot {
  readonly partitions: ReadonlyMap<string, ReadonlyMap<string, Item>>;
  /** How it came about, where that is kept. */
  readonly writes?: readonly { readonly key: ItemKey; readonly item: Item }[];
}

export class OrderedItems {
  #partitions = new Map<string, Partition>();

  get({ pk, sk }: ItemKey): Item | undefined {
    return this.#partitions.get(pk)?.items.get(sk);
  }

  /** The item is kept as it is: nobody may change it any more. */
  set({ pk, sk }: ItemKey, item: Item): void {
    let partition = this.#partitions.get(pk);
    if (partition === undefined) {
      partition = { items: new Map(), sorted: [], added: [] };
      this.#partitions.set(pk, partition);
    }
    if (!partition.items.has(sk)) partition.added.push(sk);
    partition.items.set(sk, item);
  }

  delete({ pk, sk }: ItemKey): void {
    const partition = this.#partitions.get(pk);
    if (!partition?.items.delete(sk)) return;
    partition.sorted = partition.sorted.filter((key) => key !== sk);
    partition.added = partition.added.filter((key) => key !== sk);
  }

  /** Items of a partition whose sort key begins so, in order, those after `after` only. */
  *beginningWith(pk: string, prefix: string, after?: string): Generator<Item> {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return;
    const sorted = inOrder(partition);
    const from =
      after !== undefined && compareUtf8(after, prefix) >= 0 ? above(sorted, after) : atLeast(sorted, prefix);
    for (let n = from; sorted[n]?.startsWith(prefix); n++) {
      yield partition.items.get(sorted[n] as string) as Item;
    }
  }

  /** Every item, by partition and sort key. */
  *all(): Generator<Item> {
    for (const pk of [...this.#partitions.keys()].sort(compareUtf8)) yield* this.beginningWith(pk, '');
  }

  snapshot(): TableSnapshot {
    return { partitions: new Map([...this.#partitions].map(([pk, { items }]) => [pk, new Map(items)])) };
  }

  restore({ partitions }: TableSnapshot): void {
    this.#partitions = new Map(
      [...partitions].map(([pk, items]) => [pk, { items: new Map(items), sorted: [], added: [...items.keys()] }]),
    );
  }
}

function inOrder(partition: Partition): readonly string[] {
  if (partition.added.length === 0) return partition.sorted;
  const added = partition.added.sort(compareUtf8);
  partition.sorted = partition.sorted.length === 0 ? added : merged(partition.sorted, added);
  partition.added = [];
  return partition.sorted;
}

function merged(a: readonly string[], b: readonly string[]): string[] {
  const all: string[] = [];
  let next = 0;
  for (const key of a) {
    for (let other = b[next]; other !== undefined && compareUtf8(other, key) < 0; other = b[next]) {
      all.push(other);
      next += 1;
    }
    all.push(key);
  }
  for (; next < b.length; next++) all.push(b[next] as string);
  return all;
}

/** Index of the first key that is not below this one. */
function atLeast(sorted: readonly string[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(sorted[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function above(sorted: readonly string[], key: string): number {
  const index = atLeast(sorted, key);
  return sorted[index] === key ? index + 1 : index;
}
