/**
 * The account of everything that the exporter knows of and has not read. Completeness does not follow from the progress
 * of the lanes: it is what remains when every debt is named. Each manifest holds the account as of its commit.
 */
import type { CaseRecord, RetryEntry, TriedCase } from './case-items';
import type { CommittedState, DebtCause, DebtSum, DomainState } from './state';

/** The debt of one case. */
export interface CaseDebt {
  readonly cause: DebtCause;
  /** Start of the debt, epoch ms. */
  readonly since: number;
  /** Everything that the service had recorded of the case before this time is exported; null: nothing is certain. */
  readonly missingFrom: number | null;
  /** It was never read whole. */
  readonly neverRead: boolean;
}

/** Sums debts by cause, in the order of the causes' names. */
export function sumDebts(debts: Iterable<CaseDebt>, sums: Iterable<DebtSum> = []): DebtSum[] {
  const byCause = new Map<DebtCause, DebtSum>();
  const add = (one: DebtSum) => {
    const before = byCause.get(one.cause);
    byCause.set(one.cause, before === undefined ? one : joined(before, one));
  };
  for (const { cause, since, missingFrom, neverRead } of debts) {
    add({ cause, cases: 1, neverRead: neverRead ? 1 : 0, since, missingFrom });
  }
  for (const sum of sums) if (sum.cases > 0) add(sum);
  return [...byCause.values()].sort((a, b) => (a.cause < b.cause ? -1 : 1));
}

function joined(a: DebtSum, b: DebtSum): DebtSum {
  return {
    cause: a.cause,
    cases: a.cases + b.cases,
    neverRead: a.neverRead + b.neverRead,
    since: Math.min(a.since, b.since),
    missingFrom: a.missingFrom === null || b.missingFrom === null ? null : Math.min(a.missingFrom, b.missingFrom),
  };
}

/** Whether something recorded before `until` may be missing for this debt. */
export function concerns({ missingFrom }: Pick<DebtSum, 'missingFrom'>, until: number): boolean {
  return missingFrom === null || missingFrom < until;
}

/** The part of a found, unread case that may be missing. */
type Missing = Pick<CaseDebt, 'missingFrom' | 'neverRead'>;

/** A case that is found and not completely read: the knowledge of its finder, which every list of such cases keeps. */
export interface UnreadCase extends TriedCase, Missing {
  /** As the last search showed it; null if none did. */
  readonly lastUpdated: number | null;
}

/** Picks these members alone, in the order in which they are stored. */
export function unreadCase(found: UnreadCase): UnreadCase {
  const { caseId, templateId, touched, lastUpdated, missingFrom, neverRead } = found;
  return { caseId, templateId, touched, lastUpdated, missingFrom, neverRead };
}

/** For a case of which only the touch is known: anything of it may be missing. */
export const NOTHING_KNOWN = { lastUpdated: null, missingFrom: null, neverRead: true } as const;

/** A case as it is found, and the earlier knowledge of the domain. */
interface FoundUnread {
  /** As the search or related item gave it; null if it gave no time. */
  readonly touched: number | null;
  /** Creation time of the case, null where no search gave one. */
  readonly created: number | null;
  readonly record: CaseRecord | undefined;
  /** Up to here everything of every case without a debt was exported, as of the last commit; null if not proven yet. */
  readonly provenUntil: number | null;
}

/**
 * Returns the part of the case that may be missing. A whole read has exported everything recorded until settle before
 * it, and a later proof everything up to its time, unless the case was touched before that and shows it only now. A
 * case that was never read has nothing older than its creation. A waiting case keeps the finding with which its wait
 * began. Settle allows for lagging clocks and histories.
 */
export function missingOf({ touched, created, record, provenUntil }: FoundUnread, settleMs: number): Missing {
  const readAt = record?.goneAt === null ? record.readAt : null;
  if (readAt === null) return { missingFrom: created === null ? null : created - settleMs, neverRead: true };
  // A history that lagged longer than settle may have hidden events after the touch that was read.
  const readFrom = Math.min(readAt - settleMs, record?.touched ?? readAt - settleMs);
  if (record?.waitingSince != null) return { missingFrom: record.owedFrom ?? readFrom, neverRead: false };
  const isProven = provenUntil !== null && touched !== null && touched > provenUntil;
  return {
    missingFrom: Math.max(readFrom, isProven ? provenUntil : Number.NEGATIVE_INFINITY),
    neverRead: false,
  };
}

/**
 * Returns the whole account: the retry list, and the other debts in STATE. A case on two lists counts under both
 * causes.
 */
export function accountOf(
  openRetries: Iterable<Omit<RetryEntry, 'seq'>>,
  { halfRead, waiting, notShown }: Pick<CommittedState, 'halfRead' | 'waiting' | 'notShown'>,
): DebtSum[] {
  const debts: CaseDebt[] = [];
  for (const { cause, firstSeen, missingFrom, neverRead } of openRetries) {
    debts.push({ cause, since: firstSeen, missingFrom, neverRead });
  }
  for (const { firstPageAt, missingFrom, neverRead } of halfRead) {
    debts.push({ cause: 'partly-read', since: firstPageAt, missingFrom, neverRead });
  }
  for (const { since, missingFrom, neverRead } of waiting) {
    debts.push({ cause: 'waiting', since, missingFrom, neverRead });
  }
  return sumDebts(debts, notShown === null ? [] : [notShown]);
}

/** Debts that end by themselves within hours, by a rule of their own: nobody has to act. */
export const PAY_THEMSELVES: ReadonlySet<DebtCause> = new Set(['waiting', 'waited', 'partly-read', 'unexplained']);

/**
 * Counts the debts beyond the ordinary, for the alarm on debts: cases on the retry list, cases that no search shows,
 * and events in quarantine. Cases missing from the last scan and cases hidden by searches may be the same, so the
 * greater count represents both.
 */
export function countAlarmingDebts(
  account: readonly DebtSum[],
  { openQuarantine, history }: Pick<DomainState, 'openQuarantine' | 'history'>,
): number {
  const casesOf = (isMeant: (cause: DebtCause) => boolean) =>
    account.filter(({ cause }) => isMeant(cause)).reduce((sum, { cases }) => sum + cases, 0);
  const listed = casesOf((cause) => cause !== 'not-shown' && !PAY_THEMSELVES.has(cause));
  const notShown = Math.max(
    casesOf((cause) => cause === 'not-shown'),
    history?.casesNotFound ?? 0,
  );
  return listed + notShown + openQuarantine;
}
