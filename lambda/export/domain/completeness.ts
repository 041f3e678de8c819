/**
 * Whether everything that the service had recorded up to a moment is in exactly one row set. The SQL of `period-complete` is held to
 * be the twin of this function by a test; the simulation holds this function to the truth after every commit.
 */
import { concerns } from './debts';
import type { Manifest } from './manifest';

/** The answer for one domain. `isComplete` iff every other member agrees; each says why it does not. */
export interface PeriodAnswer {
  readonly isComplete: boolean;
  /** A pass over the latest changes that saw the end of the list, and a scan over related items, came past the end of the period. */
  readonly watermarkPassed: boolean;
  /** A scan over all cases has finished under this account, and no earlier start is being read. */
  readonly historyFinished: boolean;
  /** The newest manifest keeps an account of debts; those of earlier builds prove nothing. */
  readonly accountKept: boolean;
  /** EXPORT_FROM: cases last updated before it are left out; null where nothing is. */
  readonly historyFrom: number | null;
  /** Cases that the last finished scan should have found by the service's own count, and did not; null if it gave no count. */
  readonly casesNotFound: number | null;
  /** Cases owed whose missing part may lie in the period. */
  readonly debts: number;
  readonly openQuarantine: number;
  /** Commits whose files hold more or fewer rows than their manifest names. */
  readonly commitsWithOtherRows: number;
  /** Numbers missing in the chain, and links that do not fit a chain's shape. Hashes are the verifier's part. */
  readonly holesInChain: number;
  /** Cases whose newest touch no event explains, after three reads over an hour. Counted, and no obstacle. */
  readonly unexplainedTouches: number;
}

/** What a domain without any manifest gets. */
export const NOTHING_KNOWN: PeriodAnswer = {
  isComplete: false,
  watermarkPassed: false,
  historyFinished: false,
  accountKept: false,
  historyFrom: null,
  casesNotFound: null,
  debts: 0,
  openQuarantine: 0,
  commitsWithOtherRows: 0,
  holesInChain: 0,
  unexplainedTouches: 0,
};

/**
 * @param manifests of one domain, in any order.
 * @param rowsByCommit rows that are visible, by `commit_seq`.
 * @param until end of the period, epoch ms, exclusive.
 */
export function judgePeriod(
  manifests: readonly Manifest[],
  rowsByCommit: ReadonlyMap<number, number>,
  until: number,
): PeriodAnswer {
  const newest = manifests.reduce<Manifest | null>(
    (last, one) => (last === null || one.seq > last.seq ? one : last),
    null,
  );
  if (newest === null) return { ...NOTHING_KNOWN, commitsWithOtherRows: rowsByCommit.size };
  const history = historyOf(newest);
  const parts = {
    watermarkPassed: manifests.some(({ lanes }) => watermarkOf(lanes) >= until),
    historyFinished: history.isFinished,
    accountKept: newest.debts !== undefined,
    historyFrom: history.from,
    casesNotFound: history.casesNotFound,
    debts: (newest.debts ?? []).filter((debt) => concerns(debt, until)).reduce((sum, { cases }) => sum + cases, 0),
    openQuarantine: newest.openQuarantine,
    commitsWithOtherRows: otherRows(manifests, rowsByCommit),
    holesInChain: holes(manifests, newest.seq),
    unexplainedTouches: newest.unexplainedTouches ?? 0,
  };
  return {
    ...parts,
    isComplete:
      parts.watermarkPassed &&
      parts.historyFinished &&
      parts.accountKept &&
      parts.historyFrom === null &&
      (parts.casesNotFound ?? 0) === 0 &&
      parts.debts === 0 &&
      parts.openQuarantine === 0 &&
      parts.commitsWithOtherRows === 0 &&
      parts.holesInChain === 0,
  };
}

/** How far the backfill has come, as of a commit. */
export interface HistoryReached {
  /** A scan over all cases has finished under the account of debts, and no earlier start is being read. */
  readonly isFinished: boolean;
  /** EXPORT_FROM, epoch ms; null where nothing is left out. */
  readonly from: number | null;
  /** Cases that the last finished scan should have found and did not; null if the service gave no count. */
  readonly casesNotFound: number | null;
  /**
   * Every case that was made up to here, epoch ms, was come by: the start of the finished scan, or the resume point of the one under
   * way. Null before its first page is done.
   */
  readonly reached: number | null;
}

/** What a manifest says of the backfill. */
export function historyOf({ lanes: { sweep }, history = null }: Pick<Manifest, 'lanes' | 'history'>): HistoryReached {
  const isFinished = history !== null && sweep !== null && (sweep.purpose === 'check' || sweep.finishedAt !== null);
  const underWay = sweep?.purpose === 'history' ? sweep.anchor : null;
  return {
    isFinished,
    from: history?.exportFrom ?? sweep?.exportFrom ?? null,
    casesNotFound: history?.casesNotFound ?? null,
    reached: isFinished ? history.startedAt : underWay,
  };
}

function watermarkOf({ live, related }: Manifest['lanes']): number {
  return Math.min(live.provenUntil ?? Number.NEGATIVE_INFINITY, related.watermark ?? Number.NEGATIVE_INFINITY);
}

function otherRows(manifests: readonly Manifest[], rowsByCommit: ReadonlyMap<number, number>): number {
  const promised = new Map(manifests.map(({ seq, counts }) => [seq, counts.rows]));
  const seqs = new Set([...promised.keys(), ...rowsByCommit.keys()]);
  return [...seqs].filter((seq) => (promised.get(seq) ?? 0) !== (rowsByCommit.get(seq) ?? 0)).length;
}

function holes(manifests: readonly Manifest[], newest: number): number {
  const seqs = new Set(manifests.map(({ seq }) => seq));
  const brokenLinks = manifests.filter(({ seq, previousSha256 }) => (seq === 1) !== (previousSha256 === null));
  return newest - seqs.size + brokenLinks.length;
}
