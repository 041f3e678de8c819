/**
 * Decides whether everything that the service had recorded up to a moment is in exactly one row set. A test compares
 * this function with its twin in SQL, `period-complete`; the simulation compares it with the truth after every commit.
 */
import { concerns } from './debts';
import type { Manifest } from './manifest';

/** The answer for one domain. `isComplete` iff every other member agrees; each gives a reason if it does not. */
export interface PeriodAnswer {
  readonly isComplete: boolean;
  /**
   * A pass over the latest changes reached the end of the list, and both it and a scan over related items went past the
   * end of the period.
   */
  readonly watermarkPassed: boolean;
  /** A scan over all cases has finished under this account, and no earlier start is being read. */
  readonly historyFinished: boolean;
  /** The newest manifest keeps an account of debts; those of earlier builds prove nothing. */
  readonly accountKept: boolean;
  /** EXPORT_FROM: cases last updated before it are left out; null where all history is exported. */
  readonly historyFrom: number | null;
  /** Cases that the service counted and the last finished scan did not find; null if the service gave no count. */
  readonly casesNotFound: number | null;
  /** Owed cases whose missing part may lie in the period. */
  readonly debts: number;
  readonly openQuarantine: number;
  /** Commits whose files hold a different number of rows than their manifest names. */
  readonly commitsWithOtherRows: number;
  /** Missing numbers in the chain, and links that do not fit a chain's shape. The verifier checks the hashes. */
  readonly holesInChain: number;
  /**
   * Cases whose newest touch no event explains, after three reads over an hour. They are counted, and are no obstacle.
   */
  readonly unexplainedTouches: number;
}

/** The answer for a domain without any manifest. */
const NOTHING_KNOWN: PeriodAnswer = {
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
  return { ...parts, isComplete: allAgree(parts) };
}

function allAgree(parts: Omit<PeriodAnswer, 'isComplete'>): boolean {
  return (
    parts.watermarkPassed &&
    parts.historyFinished &&
    parts.accountKept &&
    parts.historyFrom === null &&
    (parts.casesNotFound ?? 0) === 0 &&
    parts.debts === 0 &&
    parts.openQuarantine === 0 &&
    parts.commitsWithOtherRows === 0 &&
    parts.holesInChain === 0
  );
}

/** The progress of the backfill, as of a commit. */
interface HistoryReached {
  /** A scan over all cases has finished under the account of debts, and no earlier start is being read. */
  readonly isFinished: boolean;
  /** EXPORT_FROM, epoch ms; null where all history is exported. */
  readonly from: number | null;
  /** Cases that the service counted and the last finished scan did not find; null if the service gave no count. */
  readonly casesNotFound: number | null;
  /**
   * Every case created up to here, epoch ms, was visited: the start of the finished scan, or the resume point of the
   * current one. Null before its first page is done.
   */
  readonly reached: number | null;
}

/** Returns the progress of the backfill according to a manifest. */
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
