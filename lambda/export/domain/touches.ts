import type { TouchCounts } from './state';

/**
 * An event explains a touch if it is no older than this before it: the two times are taken by different parts of the service, and one
 * of them may have whole seconds.
 */
const TOLERANCE_MS = 1_000;

/** So many touches have to be known before they say anything of the domain. */
const MIN_KNOWN = 20;

/** The counts are halved beyond this, so that they tell of late. */
const MAX_KNOWN = 1_000;

/** @param newest the latest `performedTime` of the whole history; null where no event has one. */
export function isExplained(touched: number, newest: number | null): boolean {
  return newest !== null && newest + TOLERANCE_MS >= touched;
}

/** Most touches of the domain have no event: then reading again is not worth its calls. */
export function areMostlyUnexplained({ explained, unexplained }: TouchCounts): boolean {
  return unexplained >= MIN_KNOWN && unexplained > explained;
}

/** The counts after one more touch was explained, or accepted without. */
export function counted(counts: TouchCounts, isExplainedNow: boolean): TouchCounts {
  const { explained, unexplained } =
    counts.explained + counts.unexplained < MAX_KNOWN
      ? counts
      : { explained: counts.explained >> 1, unexplained: counts.unexplained >> 1 };
  return {
    ...counts,
    explained: explained + (isExplainedNow ? 1 : 0),
    unexplained: unexplained + (isExplainedNow ? 0 : 1),
  };
}
