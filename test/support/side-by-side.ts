/** Works on each item, so many at once, begun in their order; `worker` is one of so many from 0, and free. */
export async function sideBySide<T>(
  workers: number,
  items: readonly T[],
  work: (item: T, index: number, worker: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      // All take from one iterator.
      for (const [index, item] of left) await work(item, index, worker);
    }),
  );
}
