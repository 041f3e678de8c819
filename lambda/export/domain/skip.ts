import type { CaseRecord } from './case-items';

export interface SkipRule {
  /** Corrected by the service's time. */
  readonly now: number;
  readonly settleMs: number;
  readonly maxLagMs: number;
  /** A sweep trusts only reads that began at or after its own start. */
  readonly readSince?: number | undefined;
}

/**
 * `wait`: the case is too fresh, because the audit history may lag behind the search index; a later tick finds it
 * again.
 */
type Decision = 'skip' | 'wait' | 'read';

/**
 * Decides whether a case found with `touched` (null: the search gave none) is read enough, too fresh, or to be read. A
 * change costs one read, and none is lost to an audit history that lags by up to settle.
 */
export function decide(touched: number | null, record: CaseRecord | undefined, rule: SkipRule): Decision {
  if (isReadEnough(touched, record, rule)) return 'skip';
  return isTooFresh(touched, record, rule) ? 'wait' : 'read';
}

function isReadEnough(touched: number | null, record: CaseRecord | undefined, rule: SkipRule): boolean {
  if (touched === null || record?.readAt == null || record.touched === null) return false;
  // Gone, and shown again.
  if (record.goneAt !== null) return false;
  if (rule.readSince !== undefined && record.readAt < rule.readSince) return false;
  return touched <= record.touched && record.readAt >= record.touched + rule.settleMs;
}

function isTooFresh(touched: number | null, record: CaseRecord | undefined, rule: SkipRule): boolean {
  if (touched === null || rule.now >= touched + rule.settleMs) return false;
  const waitingSince = record?.waitingSince ?? rule.now;
  return rule.now < waitingSince + rule.maxLagMs;
}
