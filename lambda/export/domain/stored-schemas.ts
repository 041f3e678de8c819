/** The checkpoint table's items as schemas: what is written fits them, and what is read. Members that came later have defaults. */
import * as z from 'zod';
import { EVENT_ID_BYTES, EVENT_IDS_PER_PART } from './ledger';
import {
  type CaseRecord,
  type CommitHead,
  type CommittedState,
  type DebtSum,
  type DomainState,
  type EventIdsPart,
  RETRY_CAUSES,
  type RetryEntry,
  type TriedCase,
} from './state';

const id = z.string().min(1);
const timeMs = z.int();
const count = z.int().min(0);
const seq = z.int().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

export const commitHead = z.object({ seq, manifestKey: id, sha256 }) satisfies z.ZodType<CommitHead>;

const debtSum = z.object({
  cause: z.enum([...RETRY_CAUSES, 'waiting', 'partly-read', 'not-shown']),
  cases: count,
  neverRead: count,
  since: timeMs,
  missingFrom: timeMs.nullable(),
}) satisfies z.ZodType<DebtSum>;

export const committed = z.object({
  lanes: z.object({
    live: z.object({
      watermark: timeMs.nullable(),
      passStartedAt: timeMs.nullable(),
      anchor: timeMs.nullable(),
      provenUntil: timeMs.nullable().default(null),
      heldPasses: count.default(0),
    }),
    related: z.object({
      watermark: timeMs.nullable(),
      walk: z.object({ startedAt: timeMs, lowest: timeMs, token: id }).nullable(),
      ticksWithoutBottom: count,
      heldPasses: count.default(0),
    }),
    sweep: z
      .object({
        number: z.int().min(1),
        startedAt: timeMs,
        anchor: timeMs.nullable(),
        finishedAt: timeMs.nullable(),
        exportFrom: timeMs.nullable(),
        // Before there were checks, every sweep was for history.
        purpose: z.enum(['history', 'check']).default('history'),
        paidUntil: timeMs.nullable().default(null),
        casesRead: count.default(0),
        eventsMissed: count.default(0),
        totalCount: count.nullable().default(null),
        casesFound: count.default(0),
        casesHidden: count.default(0),
        heldPasses: count.default(0),
        isAccounted: z.boolean().default(false),
      })
      .nullable(),
  }),
  halfRead: z.array(
    z.object({
      caseId: id,
      templateId: z.string().nullable(),
      touched: timeMs,
      token: id,
      firstPageAt: timeMs,
      restarts: count,
      newSinceRestart: z.boolean(),
      incomplete: z.boolean(),
      newest: timeMs.nullable().default(null),
      missingFrom: timeMs.nullable().default(null),
      neverRead: z.boolean().default(true),
    }),
  ),
  lastExportDate: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected YYYY-MM-DD')
    .nullable(),
  fields: z.object({ seq, sha256 }).nullable(),
  openRetries: count,
  openQuarantine: count,
  // States of builds that kept no account of debts lack what follows.
  history: z
    .object({
      sweepNumber: z.int().min(1),
      startedAt: timeMs,
      finishedAt: timeMs,
      exportFrom: timeMs.nullable(),
      casesFound: count,
      casesNotFound: count.nullable(),
    })
    .nullable()
    .default(null),
  waiting: z
    .array(
      z.object({
        caseId: id,
        templateId: z.string().nullable(),
        touched: timeMs,
        lastUpdated: timeMs.nullable(),
        since: timeMs,
        missingFrom: timeMs.nullable(),
        neverRead: z.boolean(),
      }),
    )
    .default([]),
  notShown: debtSum.nullable().default(null),
  touches: z
    .object({ explained: count, unexplained: count, accepted: count })
    .default({ explained: 0, unexplained: 0, accepted: 0 }),
  canaries: z.array(id).default([]),
  idsHaveRecords: z.boolean().default(false),
}) satisfies z.ZodType<CommittedState>;

export const triedCase = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
}) satisfies z.ZodType<TriedCase>;

export const domainState = committed.extend({
  fence: count,
  leaseOwner: id.nullable(),
  leaseExpiresAt: timeMs,
  startsSinceCommit: count,
  trying: triedCase.nullable().default(null),
  head: commitHead.nullable(),
  applied: count,
  redone: sha256.nullable().default(null),
}) satisfies z.ZodType<DomainState>;

export const caseHead = z.object({
  caseId: id,
  touched: timeMs.nullable(),
  readAt: timeMs.nullable(),
  waitingSince: timeMs.nullable(),
  templateId: z.string().nullable(),
  eventCount: count,
  seq,
  goneAt: timeMs.nullable(),
  owedFrom: timeMs.nullable().default(null),
  content: z.string().nullable().default(null),
  unexplained: z.boolean().default(false),
}) satisfies z.ZodType<CaseRecord>;

export const retryEntry = z.object({
  caseId: id,
  templateId: z.string().nullable(),
  touched: timeMs,
  cause: z.enum(RETRY_CAUSES),
  attempts: count,
  firstSeen: timeMs,
  notFoundSince: timeMs.nullable(),
  notBefore: timeMs,
  seq,
  closed: z.boolean(),
  missingFrom: timeMs.nullable().default(null),
  neverRead: z.boolean().default(true),
  triedAt: timeMs.nullable().default(null),
  lastUpdated: timeMs.nullable().default(null),
  sweptAt: timeMs.nullable().default(null),
  lostAt: timeMs.nullable().default(null),
  pending: z.array(z.object({ eventKey: id, positions: z.array(count), length: count })).default([]),
}) satisfies z.ZodType<RetryEntry>;

export const eventIdsPart = z.object({
  caseId: id,
  seq,
  part: count,
  ids: z.custom<Uint8Array>(isIdBytes, `expected 1 to ${EVENT_IDS_PER_PART} times ${EVENT_ID_BYTES} bytes of binary`),
}) satisfies z.ZodType<EventIdsPart>;

function isIdBytes(value: unknown): boolean {
  return (
    value instanceof Uint8Array &&
    value.length > 0 &&
    value.length % EVENT_ID_BYTES === 0 &&
    value.length <= EVENT_ID_BYTES * EVENT_IDS_PER_PART
  );
}
