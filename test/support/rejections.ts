import { IntegrityError } from '../../lambda/export/domain/errors';

/** The error that a promise rejects with. Fails where it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`expected a rejection, got ${String(error)}`);
  return error;
}

/** The IntegrityError of a refused reading. Any other error passes through; fails where nothing is refused. */
export function refusal(read: () => unknown): IntegrityError {
  try {
    read();
  } catch (error) {
    if (error instanceof IntegrityError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
