import {
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  ParquetError,
  StoreError,
} from '../domain/errors';
import type { LogValue, Telemetry } from '../ports';
import { SystemicError } from './calls';

/** What is known of a run when it ends; an event that cannot be read leaves both out. */
export interface RunIds {
  readonly domainId?: string;
  readonly runId?: string;
}

/** Their messages hold ids and counts, never case data. */
const OUR_ERRORS = [
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  ParquetError,
  StoreError,
  SystemicError,
];

/**
 * The line of level ERROR that a run ends with if it fails: ids, the name of the error, its message, and how a call failed.
 * The message of any other error may quote what it is about, so of those the log has the name alone.
 */
export function reportFailure(telemetry: Telemetry, error: unknown, ids: RunIds): void {
  const errorName = error instanceof Error ? error.name : typeof error;
  const message = isOurs(error) ? error.message : `${errorName}, an unexpected error whose message may hold case data`;
  telemetry.error(`run failed: ${message}`, { ...ids, errorName, ...classOf(error) });
}

function isOurs(error: unknown): error is Error {
  return OUR_ERRORS.some((type) => error instanceof type);
}

function classOf(error: unknown): Record<string, LogValue> {
  if (error instanceof SystemicError) return classOf(error.cause);
  if (error instanceof CasesCallError) return { failure: error.failure, operation: error.operation };
  if (error instanceof StoreError) return { failure: error.failure, store: error.store };
  return isOurs(error) ? {} : { failure: 'unexpected' };
}
