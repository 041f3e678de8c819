import fc from 'fast-check';
import { Batch, halvedLimits, MAX_HALVINGS, type NewEvent } from '../../../lambda/export/domain/batch';
import { flattenEvent } from '../../../lambda/export/domain/flatten';
import type { QuarantinedEvent } from '../../../lambda/export/domain/quarantine';
import { setTo } from '../../fakes/cases-api';
import { aRecord, aRetry } from '../../support/stored-values';

function eventWith(rows: number, bytes: number, caseId: string, id: string, inQuarantine = false): NewEvent {
  const fields = Array.from({ length: rows }, (_, index) => setTo(`field-${index}`, id));
  const raw = { eventId: id, type: 'Case.Updated', performedTime: new Date(0), fields };
  const flattened = flattenEvent(raw, caseId, null, new Map());
  if (flattened.kind !== 'rows') throw new Error(`not flattened: ${flattened.kind}`);
  const quarantined: QuarantinedEvent | null = inQuarantine
    ? { caseId, eventKey: id, reason: 'test', emitted: false, event: raw }
    : null;
  return { caseId, ledgerId: id, changes: inQuarantine ? [] : flattened.rows, quarantined, bytes };
}

const anyEvents = fc
  .array(
    fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      bytes: fc.nat(60),
      caseId: fc.constantFrom('a', 'b', 'c'),
      inQuarantine: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((events) =>
    events.map(({ rows, bytes, caseId, inQuarantine }, index) =>
      eventWith(rows, bytes, caseId, `event-${index}`, inQuarantine),
    ),
  );

/** Fills batches one after the other, as reading does. */
function fill(events: readonly NewEvent[], limits: { maxRows: number; maxBytes: number }): Batch[] {
  let batch = new Batch(limits);
  const batches = [batch];
  for (const event of events) {
    if (!batch.fits(event)) {
      batch = new Batch(limits);
      batches.push(batch);
    }
    batch.add(event);
  }
  return batches;
}

function bytesOf(events: readonly NewEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes, 0);
}

const anyLimits = fc.record({ maxRows: fc.integer({ min: 1, max: 10 }), maxBytes: fc.integer({ min: 1, max: 100 }) });

describe('A batch', () => {
  test('never exceeds its rows nor its bytes, unless a single event does', () => {
    fc.assert(
      fc.property(anyEvents, anyLimits, (events, limits) => {
        let at = 0;
        for (const batch of fill(events, limits)) {
          const held = events.slice(at, at + batch.events);
          at += batch.events;
          if (batch.events <= 1) continue;
          expect(batch.changes.length).toBeLessThanOrEqual(limits.maxRows);
          expect(bytesOf(held)).toBeLessThanOrEqual(limits.maxBytes);
        }
      }),
    );
  });

  test('is as full as it can be: the event that opens the next one would not have fitted', () => {
    fc.assert(
      fc.property(anyEvents, anyLimits, (events, limits) => {
        let at = 0;
        for (const batch of fill(events, limits)) {
          const held = events.slice(at, at + batch.events);
          at += batch.events;
          const next = events[at];
          if (next === undefined) continue;
          const wouldHold = batch.changes.length + next.changes.length;
          expect(wouldHold > limits.maxRows || bytesOf([...held, next]) > limits.maxBytes).toBe(true);
        }
      }),
    );
  });

  test('keeps every row, every quarantined event and every id, in order, over all batches', () => {
    fc.assert(
      fc.property(anyEvents, anyLimits, (events, limits) => {
        const batches = fill(events, limits);
        expect(batches.flatMap(({ changes }) => changes)).toEqual(events.flatMap(({ changes }) => changes));
        expect(batches.flatMap(({ quarantine }) => quarantine)).toEqual(
          events.flatMap(({ quarantined }) => quarantined ?? []),
        );
        for (const caseId of ['a', 'b', 'c']) {
          expect(batches.flatMap(({ newIds }) => newIds.get(caseId) ?? [])).toEqual(
            events.filter((event) => event.caseId === caseId).map(({ ledgerId }) => ledgerId),
          );
        }
        expect(batches.reduce((sum, { events: count }) => sum + count, 0)).toBe(events.length);
      }),
    );
  });

  test('takes an event larger than its limits when it is empty, and nothing beside it', () => {
    const batch = new Batch({ maxRows: 3, maxBytes: 100 });
    const huge = eventWith(50, 5000, 'a', 'huge');
    expect(batch.fits(huge)).toBe(true);
    batch.add(huge);
    expect(batch.changes).toHaveLength(50);
    expect(batch.fits(eventWith(1, 0, 'a', 'small'))).toBe(false);
  });

  test('counts what only goes to quarantine against its bytes', () => {
    const batch = new Batch({ maxRows: 1000, maxBytes: 100 });
    batch.add(eventWith(1, 90, 'a', 'one', true));
    expect(batch.changes).toHaveLength(0);
    expect(batch.fits(eventWith(1, 11, 'a', 'two', true))).toBe(false);
    expect(batch.fits(eventWith(1, 10, 'a', 'two', true))).toBe(true);
  });

  test('holds the rows of a replayed event like any others, and names the event, but no new id: the ledger knows it', () => {
    const batch = new Batch({ maxRows: 3, maxBytes: 100 });
    const event = eventWith(2, 90, 'a', 'old');
    const replayed = { quarantinedIn: 7, caseId: 'a', eventKey: 'old' };
    batch.addReplayed(event, replayed);
    expect(batch.changes).toEqual(event.changes);
    expect(batch.replayed).toEqual([replayed]);
    expect(batch.events).toBe(1);
    expect({ newIds: batch.newIds.size, quarantine: batch.quarantine }).toEqual({ newIds: 0, quarantine: [] });
    expect(batch.fits(eventWith(2, 0, 'a', 'too many rows'))).toBe(false);
    expect(batch.fits(eventWith(1, 11, 'a', 'too many bytes'))).toBe(false);
    expect(batch.fits(eventWith(1, 10, 'a', 'just right'))).toBe(true);
  });

  test('holds the rows of fields that came at last like any others, and neither an event nor an id: the ledger knows it', () => {
    const batch = new Batch({ maxRows: 3, maxBytes: 100 });
    const event = eventWith(2, 90, 'a', 'old');
    const quarantined = { caseId: 'a', eventKey: 'old', reason: 'test', emitted: true, event: {} };
    batch.addCompleted({ ...event, quarantined });
    expect(batch.changes).toEqual(event.changes);
    expect(batch.quarantine).toEqual([quarantined]);
    expect([batch.events, batch.newIds.size, batch.replayed]).toEqual([0, 0, []]);
    expect(batch.fits(eventWith(2, 0, 'a', 'too many rows'))).toBe(false);
    expect(batch.fits(eventWith(1, 11, 'a', 'too many bytes'))).toBe(false);
  });

  test('still counts its rows once they are dropped for the file that holds them', () => {
    const batch = new Batch({ maxRows: 3, maxBytes: 100 });
    batch.add(eventWith(2, 10, 'a', 'one'));
    batch.dropRows();
    expect([batch.rows, batch.changes, batch.events]).toEqual([2, [], 1]);
    expect(batch.fits(eventWith(2, 0, 'a', 'two'))).toBe(false);
  });

  test('is empty until an event, a head or a retry entry stands in it', () => {
    const limits = { maxRows: 1, maxBytes: 1 };
    expect(new Batch(limits).isEmpty).toBe(true);

    const withEvent = new Batch(limits);
    withEvent.add(eventWith(1, 1, 'a', 'one', true));
    expect(withEvent.isEmpty).toBe(false);

    const withHead = new Batch(limits);
    const { seq: _, ...head } = aRecord({ caseId: 'a' });
    withHead.records.set('a', head);
    expect(withHead.isEmpty).toBe(false);
    expect(withHead.cases).toBe(1);

    const withRetry = new Batch(limits);
    const { seq: __, ...retry } = aRetry({ caseId: 'a' });
    withRetry.retries.set('a', retry);
    expect(withRetry.isEmpty).toBe(false);
    withRetry.records.set('b', { ...head, caseId: 'b' });
    expect(withRetry.cases).toBe(2);
  });
});

describe('The limits of a batch', () => {
  const limits = { maxRows: 1000, maxBytes: 4001 };

  test('stand while nothing died, and halve with each death in a row, rows and bytes alike', () => {
    expect(halvedLimits(limits, 0)).toEqual(limits);
    expect(halvedLimits(limits, 1)).toEqual({ maxRows: 500, maxBytes: 2000 });
    expect(halvedLimits(limits, 3)).toEqual({ maxRows: 125, maxBytes: 500 });
  });

  test('stop halving where the batch cannot be the reason any more', () => {
    expect(MAX_HALVINGS).toBe(5);
    expect(halvedLimits(limits, 5)).toEqual({ maxRows: 31, maxBytes: 125 });
    expect(halvedLimits(limits, 6)).toEqual({ maxRows: 31, maxBytes: 125 });
  });

  test('never fall below one row and one byte, are whole, and never rise with a death', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1 }),
        fc.nat(1000),
        (maxRows, maxBytes, deaths) => {
          const now = halvedLimits({ maxRows, maxBytes }, deaths);
          const next = halvedLimits({ maxRows, maxBytes }, deaths + 1);
          for (const limit of ['maxRows', 'maxBytes'] as const) {
            expect(Number.isInteger(now[limit])).toBe(true);
            expect(next[limit]).toBeGreaterThanOrEqual(1);
            expect(next[limit]).toBeLessThanOrEqual(now[limit]);
          }
        },
      ),
    );
  });
});
