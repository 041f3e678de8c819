/** What the archive itself claims to hold, as of its newest manifest: only against a claim can an event that is missing be a contradiction. */
import { historyOf } from '../../../lambda/export/domain/completeness';
import { concerns } from '../../../lambda/export/domain/debts';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { gapsIn } from '../archive/progress';

/** Why a difference is no contradiction. The names are part of the JSON format and never change. */
export type ExcuseKind =
  | 'newer'
  | 'owed'
  | 'maybe-owed'
  | 'related-later'
  | 'before-export-from'
  | 'no-claim'
  | 'no-time'
  | 'archive-unread'
  | 'history-trimmed'
  | 'changed-upstream'
  | 'null-field'
  | 'quarantined'
  | 'told-twice';

/** As of the newest manifest. Times are epoch ms, null for what is not claimed. */
export interface Claim {
  readonly commit: number;
  readonly exportedAt: string;
  /** Changes of cases up to here are exported. */
  readonly changesUntil: number | null;
  /** New related items up to here, too. */
  readonly relatedUntil: number | null;
  /** The last finished scan over all cases began here: whatever was recorded before, of any kind. */
  readonly scannedFrom: number | null;
  /** A scan over all cases has finished … */
  readonly historyFinished: boolean;
  /** … or has come by the cases made up to here. */
  readonly historyReached: number | null;
  readonly exportFrom: number | null;
  readonly casesNotFound: number;
  /** Cases found and not completely read, which the manifest names. */
  readonly owed: ReadonlySet<string>;
  /** `missingFrom` of those that it counts and does not name. */
  readonly unnamedDebts: readonly { readonly missingFrom: number | null }[];
  /** Cases of which the exporter noted itself that an exported event reads differently now, or is gone. */
  readonly changedUpstream: ReadonlySet<string>;
  /** Every row file and quarantine that the manifests name could be read, or is not there. */
  readonly isWhollyRead: boolean;
}

/** What only all manifests together tell. */
export type ReadAlong = Pick<Claim, 'changedUpstream' | 'isWhollyRead'>;

export function claimOf(newest: Manifest, along: ReadAlong): Claim {
  const { live, related } = newest.lanes;
  const { isFinished, reached, from, casesNotFound } = historyOf(newest);
  const gaps = gapsIn(newest);
  const keepsAccount = newest.debts !== undefined;
  const changesUntil = keepsAccount ? live.provenUntil : null;
  const isRelatedKnown = changesUntil !== null && related.watermark !== null;
  return {
    ...along,
    commit: newest.seq,
    exportedAt: newest.exportedAt,
    changesUntil,
    relatedUntil: isRelatedKnown ? Math.min(changesUntil, related.watermark) : null,
    scannedFrom: keepsAccount && isFinished ? (newest.history?.startedAt ?? null) : null,
    historyFinished: isFinished,
    historyReached: reached,
    exportFrom: from,
    casesNotFound: casesNotFound ?? 0,
    owed: new Set(gaps.flatMap(({ named }) => named.map(({ caseId }) => caseId))),
    unnamedDebts: gaps
      .filter(({ cases, named }) => cases > named.length)
      .map(({ missingFrom }) => ({ missingFrom: missingFrom === null ? null : Date.parse(missingFrom) })),
  };
}

/** A case as the archive has it. */
export interface KnownCase {
  readonly caseId: string;
  /** The archive has an event of it. */
  readonly isKnown: boolean;
  /** Of the changes of the case that the archive has and claims to have, the time of the newest: the case was read whole after it. */
  readonly readAfter: number | null;
  /** Of its events in the service: the earliest, and the latest change of the case itself. */
  readonly firstSeen: number | null;
  readonly lastChangeSeen: number | null;
}

/**
 * A case is read to its last page, and not before its history has settled. So what is this much older than a change that is claimed was
 * there to be read. As long as the exporter waits at most by default.
 */
const GRACE_MS = 15 * 60_000;

/** Why the archive may lack this event of the case; null if it may not. */
export function excuseOf(
  claim: Claim | null,
  known: KnownCase,
  event: { readonly type: string | undefined; readonly time: number | null },
): ExcuseKind | null {
  const { time } = event;
  if (claim === null) return 'no-claim';
  if (!claim.isWhollyRead) return 'archive-unread';
  if (claim.changesUntil === null) return 'no-claim';
  if (claim.owed.has(known.caseId)) return 'owed';
  if (time === null) return 'no-time';
  const ofCase = excuseOfCase(claim, known);
  if (ofCase !== null) return ofCase;
  if (claim.unnamedDebts.some((debt) => concerns(debt, time + 1))) return 'maybe-owed';
  const isOlderThanRead = known.readAfter !== null && time < known.readAfter - GRACE_MS;
  const isScanned = claim.scannedFrom !== null && time < claim.scannedFrom - GRACE_MS;
  if (isOlderThanRead || isScanned) return null;
  return excuseByKind(claim, event.type, time);
}

/** Why the archive may lack anything of the case: it may have been left out, or the backfill has not passed it. */
function excuseOfCase(claim: Claim, { isKnown, firstSeen, lastChangeSeen }: KnownCase): ExcuseKind | null {
  const { exportFrom, historyFinished, historyReached, casesNotFound } = claim;
  if (!isKnown && exportFrom !== null && (lastChangeSeen ?? 0) < exportFrom) return 'before-export-from';
  if (!isKnown && casesNotFound > 0) return 'maybe-owed';
  // A commit holds rows of cases that are only being read: until the backfill has passed them, nothing says that it is all.
  const isPassed = historyReached !== null && firstSeen !== null && firstSeen < historyReached;
  return historyFinished || isPassed ? null : 'no-claim';
}

/** Changes move what a search shows, and new related items are listed; edits and deletions of items only a scan over all cases finds. */
function excuseByKind(claim: Claim, type: string | undefined, time: number): ExcuseKind | null {
  if (type?.startsWith('Case.')) return time > (claim.changesUntil ?? 0) ? 'newer' : null;
  if (type === 'RelatedItem.Created') {
    if (claim.relatedUntil === null) return 'no-claim';
    return time > claim.relatedUntil ? 'newer' : null;
  }
  return time > (claim.changesUntil ?? 0) ? 'newer' : 'related-later';
}
