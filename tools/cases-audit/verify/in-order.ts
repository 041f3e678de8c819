/**
 * Does work of items side by side, at most `atOnce` of them, and gives the results in the order of the items. Memory is bounded by
 * `atOnce`. A rejection comes at its item's place.
 */
export async function* mapInOrder<T, U>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<U>,
): AsyncGenerator<U, void> {
  const under: Promise<U>[] = [];
  for await (const item of items) {
    const promise = work(item);
    // Looked at when its turn comes; until then it must not count as unhandled.
    promise.catch(() => undefined);
    under.push(promise);
    if (under.length >= atOnce) yield await (under.shift() as Promise<U>);
  }
  for (const promise of under) yield await promise;
}
