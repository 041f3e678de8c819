/** Starts that leave nothing open when they fail: whatever listens would keep the process alive for ever. */

/** Something that has been started. */
interface Started {
  close(): Promise<void>;
}

/** All of them, once each has started. Where one fails, the others are closed; then it rejects with the first error. */
export async function startAll<const Parts extends readonly Promise<Started>[]>(
  parts: Parts,
): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  const settled = await Promise.allSettled(parts);
  const failed = settled.find((part) => part.status === 'rejected');
  if (failed !== undefined) {
    await Promise.allSettled(settled.map((part) => (part.status === 'fulfilled' ? part.value.close() : undefined)));
    throw failed.reason;
  }
  return settled.map((part) => (part.status === 'fulfilled' ? part.value : undefined)) as never;
}

/** What `next` resolves with. Where it rejects, what was started before it is closed, and the error goes on. */
export async function closedOnError<Value>(started: Started, next: () => Promise<Value>): Promise<Value> {
  try {
    return await next();
  } catch (error) {
    await started.close().catch(() => undefined);
    throw error;
  }
}
