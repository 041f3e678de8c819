import { StoreError } from '../domain/errors';
import type { Written } from './checkpoint-table';
import { backoffMs, describeError, isInvalidRequest, mayPass, type Waiting } from './store-errors';
import type { Attributes } from './table-requests';

/** The state of a write that was not confirmed. */
interface Unconfirmed {
  /** The last try was answered: its condition did not hold. Otherwise it may still be under way. */
  readonly conditionFailed: boolean;
  /** An earlier request, or this one, was never answered: it may have taken effect. */
  readonly unanswered: boolean;
}

interface ConditionalWrite<T> {
  write(): Promise<Written>;
  written(attributes: Attributes): T | Promise<T>;
  /** Returns the outcome of the write as the table shows it now; undefined asks for another try. */
  readBack(so: Unconfirmed): Promise<T | undefined>;
}

const MAX_TRIES = 5;
/** No new try starts after this: an invocation must end by itself, even when the table hangs. */
const MAX_MS = 15_000;

/**
 * Returns the certain outcome of a write. A failed condition may echo an earlier try whose answer was lost, and an
 * error may hide a success, so both are read back. Rejects with a StoreError of kind `unavailable` if a few tries do
 * not settle it.
 */
export async function conclude<T>(
  { pause, monotonic }: Waiting,
  { write, written, readBack }: ConditionalWrite<T>,
): Promise<T> {
  let lastError: unknown;
  let unanswered = false;
  const start = monotonic();
  for (let attempt = 1; attempt <= MAX_TRIES && monotonic() - start < MAX_MS; attempt++) {
    let conditionFailed = false;
    try {
      const answer = await write();
      if (answer.done) return await written(answer.attributes);
      conditionFailed = true;
      unanswered ||= answer.requests > 1;
    } catch (error) {
      if (!mayPass(error)) throw error;
      lastError = error;
      unanswered = true;
    }
    try {
      const verdict = await readBack({ conditionFailed, unanswered });
      if (verdict !== undefined) return verdict;
    } catch (error) {
      if (!mayPass(error)) throw error;
      lastError = error;
    }
    if (isInvalidRequest(lastError)) throw lastError;
    await pause(backoffMs(attempt));
  }
  throw new StoreError(
    `DynamoDB: what became of a write could not be found out in several tries; the next run will see.${lastError === undefined ? '' : ` Last: ${describeError(lastError)}`}`,
    'dynamodb',
    'unavailable',
    { cause: lastError },
  );
}
