/** Starts services so that a failure leaves nothing open: an open server would keep the process alive for ever. */

/** Something that has been started. */
interface Started {
  close(): Promise<void>;
}

/** Resolves once all have started. If one fails, closes the others and rejects with the first error. */
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

/**
 * Resolves with the result of `next`. If it rejects, closes the service started before and rejects with the same error.
 */
export async function closedOnError<Value>(started: Started, next: () => Promise<Value>): Promise<Value> {
  try {
    return await next();
  } catch (error) {
    await started.close().catch(() => undefined);
    throw error;
  }
}
