/**
 * DynamoDB's STATE of a domain, as schemas for writing and reading. Times are epoch milliseconds, UTC. Members that
 * came later have defaults with the meaning of earlier builds. The items themselves: `stored-items.ts`.
 */
import * as z from 'zod';
import { RETRY_CAUSES, triedCase } from './case-items';
import { count, id, type Stored, seq, sha256Hex, timeMs } from './stored-form';

/** The last commit: its number and its staged manifest. */
export type CommitHead = Stored<typeof commitHead>;
export const commitHead = z.object({
  seq,
  /** Staged key of the manifest, in the work bucket. */
  manifestKey: id,
  /** SHA-256 of the manifest's bytes, lower-case hex. */
  sha256: sha256Hex,
});

/** Live lane. Between passes `passStartedAt` and `anchor` are null. */
export type LiveLane = Stored<typeof liveLane>;
const liveLane = z.object({
  watermark: timeMs.nullable(),
  passStartedAt: timeMs.nullable(),
  /** A resumed pass starts here: every case found below it is done. */
  anchor: timeMs.nullable(),
  /**
   * The watermark of the last pass that reached the end of the list; null before the first. A case updated during a
   * pass moves to the end, with everything unread of it, so only a pass that reached the end has found every such case.
   */
  provenUntil: timeMs.nullable().default(null),
  /**
   * Passes in a row that met a place which shows no case: the lane stays below it for a few passes, then goes on and
   * owes it.
   */
  heldPasses: count.default(0),
});

export type RelatedLane = Stored<typeof relatedLane>;
const relatedLane = z.object({
  watermark: timeMs.nullable(),
  /** An interrupted scan: its start, the lowest time it reached, and a token that may continue from there. */
  walk: z.object({ startedAt: timeMs, lowest: timeMs, token: id }).nullable(),
  /** Ticks in a row that ended without reaching the watermark. */
  ticksWithoutBottom: count,
  /** As for the live lane. */
  heldPasses: count.default(0),
});

export type SweepLane = Stored<typeof sweepLane>;
const sweepLane = z.object({
  /** 1 is the backfill. */
  number: z.int().min(1),
  startedAt: timeMs,
  anchor: timeMs.nullable(),
  finishedAt: timeMs.nullable(),
  /** EXPORT_FROM at the start of this sweep; null = all history. */
  exportFrom: timeMs.nullable(),
  /**
   * `history` (backfill): cases never looked at. `check` (reconciliation scan): all cases once more, at a share of the
   * pace, for changes that other lanes missed. Before there were checks, every sweep was for history.
   */
  purpose: z.enum(['history', 'check']).default('history'),
  /** A check's calls are paid for up to here, at its share of the pace; null before its first. */
  paidUntil: timeMs.nullable().default(null),
  /** Cases that this sweep has read. */
  casesRead: count.default(0),
  /** Events that only a check could still find: over `casesRead`, the miss rate. */
  eventsMissed: count.default(0),
  /** The service's count of all cases at the sweep's first page; null if it gave none. */
  totalCount: count.nullable().default(null),
  /** Distinct cases found below the resume point. */
  casesFound: count.default(0),
  /** Places below the resume point that were null at every asking. */
  casesHidden: count.default(0),
  /** As for the live lane, at the place of the resume point. */
  heldPasses: count.default(0),
  /** False for a sweep that began before debts were kept: the cases that it passed are in no account. */
  isAccounted: z.boolean().default(false),
});

export type Lanes = Stored<typeof lanes>;
export const lanes = z.object({
  live: liveLane,
  related: relatedLane,
  /** Null before the first tick. */
  sweep: sweepLane.nullable(),
});

/** The proof of the last finished scan over all cases. */
export type HistoryProof = Stored<typeof historyProof>;
export const historyProof = z.object({
  sweepNumber: z.int().min(1),
  startedAt: timeMs,
  finishedAt: timeMs,
  /** EXPORT_FROM of the scan; null = all history. */
  exportFrom: timeMs.nullable(),
  /** Distinct cases that it found. */
  casesFound: count,
  /**
   * Cases that it missed: the service's `totalCount` less the cases found, plus places that were null; null if the
   * service gave no count and no null.
   */
  casesNotFound: count.nullable(),
});

/** A case read in part: the pages before `token` are committed. */
export type PartialRead = Stored<typeof partialRead>;
const partialRead = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
  token: id,
  /** Time before the read's first page; becomes the head's `readAt`. */
  firstPageAt: timeMs,
  restarts: count,
  /** A new event was seen since the last restart. */
  newSinceRestart: z.boolean(),
  /** A page held a null, or an event without its fields: at its end the case goes to the retry list all the same. */
  incomplete: z.boolean(),
  /** The latest `performedTime` on the pages so far; null if unknown. */
  newest: timeMs.nullable().default(null),
  missingFrom: timeMs.nullable().default(null),
  neverRead: z.boolean().default(true),
});

/** A case that was found and is too fresh to be read. */
export type WaitingCase = Stored<typeof waitingCase>;
export const waitingCase = triedCase.extend({
  /** As the last search showed it; null if none did. */
  lastUpdated: timeMs.nullable(),
  /** Start of the wait. */
  since: timeMs,
  missingFrom: timeMs.nullable(),
  neverRead: z.boolean(),
});

/**
 * Cause of a debt. Beside the causes of the retry list:
 * - `waiting`: found, and too fresh to be read · `partly-read`: its first pages are exported, the rest is not
 * - `not-shown`: a search counted it, or hid it behind a null, and never showed it
 */
export type DebtCause = DebtSum['cause'];

/** The debts of one cause, as a manifest has them. */
export type DebtSum = Stored<typeof debtSum>;
export const debtSum = z.object({
  cause: z.enum([...RETRY_CAUSES, 'waiting', 'partly-read', 'not-shown']),
  cases: count,
  /** Number of them that were never read whole. */
  neverRead: count,
  /** Start of the oldest debt, epoch ms. */
  since: timeMs,
  /** The earliest `missingFrom`; null as soon as one case has none. */
  missingFrom: timeMs.nullable(),
});

/**
 * Number of touches that an event explained, among those read lately. The counts are halved now and then, so that the
 * ratio is recent.
 */
export type TouchCounts = Stored<typeof touchCounts>;
const touchCounts = z.object({
  explained: count,
  unexplained: count,
  /** Cases whose newest touch was accepted though no event explains it. */
  accepted: count,
});

/** Everything that a commit changes in STATE besides `head`. */
export type CommittedState = Stored<typeof committedState>;
export const committedState = z.object({
  lanes,
  halfRead: z.array(partialRead),
  /** `YYYY-MM-DD` of the last commit, UTC. */
  lastExportDate: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected YYYY-MM-DD')
    .nullable(),
  /** The field dictionary last written: `fields/domain_id=<id>/<seq>.json`. */
  fields: z.object({ seq, sha256: sha256Hex }).nullable(),
  openRetries: count,
  /** Events in quarantine that no replay has emitted yet. */
  openQuarantine: count,
  /**
   * Null before a scan over all cases has finished under the account of debts. States of builds without an account lack
   * this and the next members.
   */
  history: historyProof.nullable().default(null),
  /** Cases found and too fresh to be read, as of the last commit; at most `MAX_WAITING`. */
  waiting: z.array(waitingCase).default([]),
  /** Cases that a search counted or hid behind a null and never showed; a later whole scan clears them. */
  notShown: debtSum.nullable().default(null),
  touches: touchCounts.default({ explained: 0, unexplained: 0, accepted: 0 }),
  /**
   * Cases that were read whole lately. They are read when reads of others fail, to tell a sick case from a sick
   * service.
   */
  canaries: z.array(id).default([]),
  /**
   * Every case with ids in the ledger also has a record, so a case without a record has no ids. False for tables of
   * earlier builds.
   */
  idsHaveRecords: z.boolean().default(false),
  /** Time of the newest commit with a signed note; null before the first. */
  signedAt: timeMs.nullable().default(null),
});

/** The domain's STATE item. */
export type DomainState = Stored<typeof domainState>;
export const domainState = committedState.extend({
  fence: count,
  leaseOwner: id.nullable(),
  leaseExpiresAt: timeMs,
  /** Leases taken since the last clean exit, this one included: every start above 1 followed a death. */
  startsSinceCommit: count,
  /**
   * The case noted before it was read, because one of the cases may have killed the process; null after a clean exit.
   */
  trying: triedCase.nullable().default(null),
  head: commitHead.nullable(),
  /** Number of the last commit that is wholly published; 0 before the first. */
  applied: count,
  /**
   * SHA-256 of the manifest whose redo log is wholly applied; null before the first, and in tables of earlier builds.
   */
  redone: sha256Hex.nullable().default(null),
});
