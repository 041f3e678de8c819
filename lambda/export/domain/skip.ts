import type { CaseHead } from './state';

export interface SkipRule {
  /** Corrected by the service's time. */
  readonly now: number;
  readonly settleMs: number;
  readonly maxLagMs: number;
  /** A sweep trusts only reads that began at or after its own start. */
  readonly readSince?: number | undefined;
}

/** `wait`: too fresh, the audit history may lag behind the search index; a later tick finds the case again. */
export type Decision = 'skip' | 'wait' | 'read';

/**
 * Whether a case found with `touched` (null: the search gave none) is read enough, too fresh, or to be read.
 * A change costs one read, and none is lost to an audit history that lags by up to settle.
 */
export function decide(touched: number | null, head: CaseHead | undefined, rule: SkipRule): Decision {
  if (isReadEnough(touched, head, rule)) return 'skip';
  return isTooFresh(touched, head, rule) ? 'wait' : 'read';
}

function isReadEnough(touched: number | null, head: CaseHead | undefined, rule: SkipRule): boolean {
  if (touched === null || head?.readAt == null || head.touched === null) return false;
  if (rule.readSince !== undefined && head.readAt < rule.readSince) return false;
  return touched <= head.touched && head.readAt >= head.touched + rule.settleMs;
}

function isTooFresh(touched: number | null, head: CaseHead | undefined, rule: SkipRule): boolean {
  if (touched === null || rule.now >= touched + rule.settleMs) return false;
  const waitingSince = head?.waitingSince ?? rule.now;
  return rule.now < waitingSince + rule.maxLagMs;
}
