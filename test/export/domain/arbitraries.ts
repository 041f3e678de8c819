/** Arbitrary values of the checkpoint table, within what the types promise. */
import fc from 'fast-check';
import {
  type CaseRecord,
  type EventIdsPart,
  RETRY_CAUSES,
  type RetryEntry,
} from '../../../lambda/export/domain/case-items';
import type { DebtSum, DomainState } from '../../../lambda/export/domain/state';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/**
 * Any character but half of a surrogate pair: the same as the unit `binary` of fast-check, whose table of 1.1 million
 * characters takes half a second in each file that uses it.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.integer({ min: 0, max: 0x10ffff - SURROGATES }).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (text) => indexOf(text),
);

/** @throws Error if it is not one such character: fast-check asks so whether it could have made the text. */
function indexOf(text: unknown): number {
  if (typeof text !== 'string' || [...text].length !== 1 || !text.isWellFormed()) {
    throw new Error('Expected one character');
  }
  const point = text.codePointAt(0) ?? 0;
  return point < FIRST_SURROGATE ? point : point - SURROGATES;
}

export const anyId = fc.oneof(
  fc.uuid(),
  fc.string({ minLength: 1, maxLength: 500 }),
  fc.string({ minLength: 200, maxLength: 500, unit: anyCharacter }),
  fc.constantFrom('a#b', 'sha256-x'),
);
const timeMs = fc.integer({ min: 0, max: 4_102_444_800_000 });
const count = fc.nat();
const seq = fc.integer({ min: 1, max: 999_999_999_999 });
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const date = timeMs.map((ms) => new Date(ms).toISOString().slice(0, 10));

const anyCause = fc.constantFrom(...RETRY_CAUSES);

export const anyDebtSum: fc.Arbitrary<DebtSum> = fc.record({
  cause: fc.constantFrom(...RETRY_CAUSES, 'waiting' as const, 'partly-read' as const, 'not-shown' as const),
  cases: count,
  neverRead: count,
  since: timeMs,
  missingFrom: maybe(timeMs),
});

export const anyState: fc.Arbitrary<DomainState> = fc.record({
  fence: count,
  leaseOwner: maybe(anyId),
  leaseExpiresAt: timeMs,
  startsSinceCommit: count,
  trying: maybe(fc.record({ caseId: anyId, templateId: maybe(anyId), touched: timeMs })),
  head: maybe(fc.record({ seq, manifestKey: anyId, sha256 })),
  applied: count,
  lanes: fc.record({
    live: fc.record({
      watermark: maybe(timeMs),
      passStartedAt: maybe(timeMs),
      anchor: maybe(timeMs),
      provenUntil: maybe(timeMs),
      heldPasses: count,
    }),
    related: fc.record({
      watermark: maybe(timeMs),
      walk: maybe(fc.record({ startedAt: timeMs, lowest: timeMs, token: anyId })),
      ticksWithoutBottom: count,
      heldPasses: count,
    }),
    sweep: maybe(
      fc.record({
        number: fc.integer({ min: 1 }),
        startedAt: timeMs,
        anchor: maybe(timeMs),
        finishedAt: maybe(timeMs),
        exportFrom: maybe(timeMs),
        purpose: fc.constantFrom('history' as const, 'check' as const),
        paidUntil: maybe(timeMs),
        casesRead: count,
        eventsMissed: count,
        totalCount: maybe(count),
        casesFound: count,
        casesHidden: count,
        heldPasses: count,
        isAccounted: fc.boolean(),
      }),
    ),
  }),
  halfRead: fc.array(
    fc.record({
      caseId: anyId,
      templateId: maybe(anyId),
      touched: timeMs,
      token: anyId,
      firstPageAt: timeMs,
      restarts: count,
      newSinceRestart: fc.boolean(),
      incomplete: fc.boolean(),
      newest: maybe(timeMs),
      missingFrom: maybe(timeMs),
      neverRead: fc.boolean(),
    }),
    { maxLength: 16 },
  ),
  lastExportDate: maybe(date),
  fields: maybe(fc.record({ seq, sha256 })),
  openRetries: count,
  openQuarantine: count,
  history: maybe(
    fc.record({
      sweepNumber: fc.integer({ min: 1 }),
      startedAt: timeMs,
      finishedAt: timeMs,
      exportFrom: maybe(timeMs),
      casesFound: count,
      casesNotFound: maybe(count),
    }),
  ),
  waiting: fc.array(
    fc.record({
      caseId: anyId,
      templateId: maybe(anyId),
      touched: timeMs,
      lastUpdated: maybe(timeMs),
      since: timeMs,
      missingFrom: maybe(timeMs),
      neverRead: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  notShown: maybe(anyDebtSum),
  touches: fc.record({ explained: count, unexplained: count, accepted: count }),
  canaries: fc.array(anyId, { maxLength: 3 }),
  idsHaveRecords: fc.boolean(),
  signedAt: maybe(timeMs),
  redone: maybe(sha256),
});

export const anyCaseHead: fc.Arbitrary<CaseRecord> = fc.record({
  caseId: anyId,
  touched: maybe(timeMs),
  readAt: maybe(timeMs),
  waitingSince: maybe(timeMs),
  templateId: maybe(anyId),
  eventCount: count,
  seq,
  goneAt: maybe(timeMs),
  content: maybe(fc.stringMatching(/^[0-9a-f]{32}$/)),
  unexplained: fc.boolean(),
  owedFrom: maybe(timeMs),
});

const anyPending = fc.record({ eventKey: anyId, positions: fc.array(fc.nat(9), { maxLength: 3 }), length: fc.nat(9) });

export const anyRetry: fc.Arbitrary<RetryEntry> = fc.record({
  caseId: anyId,
  templateId: maybe(anyId),
  touched: timeMs,
  cause: anyCause,
  attempts: count,
  firstSeen: timeMs,
  notFoundSince: fc.option(timeMs, { nil: null }),
  notBefore: timeMs,
  seq,
  closed: fc.boolean(),
  missingFrom: maybe(timeMs),
  neverRead: fc.boolean(),
  triedAt: maybe(timeMs),
  lastUpdated: maybe(timeMs),
  sweptAt: maybe(timeMs),
  lostAt: maybe(timeMs),
  pending: fc.array(anyPending, { maxLength: 3 }),
});

export const anyEventIds: fc.Arbitrary<EventIdsPart> = fc.record({
  caseId: anyId,
  seq,
  part: fc.integer({ min: 0, max: 999_999 }),
  ids: fc.integer({ min: 1, max: 40 }).chain((ids) => fc.uint8Array({ minLength: ids * 16, maxLength: ids * 16 })),
});
