/** What the retry list does about touches: of cases that stand on it, and such that no event explains. */
import fc from 'fast-check';
import { MAX_OPEN_RETRIES, MAX_UNEXPLAINED_READS, park, touchedAgain } from '../../../lambda/export/domain/retry-list';
import { aFailedCase, aRetry } from '../../support/stored-values';
import { anyRetry } from './arbitraries';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SETTLE = 3 * MINUTE;
const RULE = { settleMs: SETTLE, maxLagMs: 15 * MINUTE };
const time = fc.nat(4_000_000_000_000);
const seen = fc.record({ touched: time, lastUpdated: fc.option(time, { nil: null }) });
const rule = fc.record({ settleMs: fc.nat(DAY), maxLagMs: fc.nat(DAY) });

describe('A parked case that is touched again', () => {
  test('is due when that touch has settled, however long its pause still is', () => {
    const entry = aRetry({ touched: 0, notBefore: DAY, triedAt: 0 });
    const touched = 2 * HOUR;
    expect(touchedAgain(entry, { touched, lastUpdated: touched }, RULE)).toMatchObject({
      touched,
      lastUpdated: touched,
      notBefore: touched + SETTLE,
    });
  });

  test('is due at most once every MAX_LAG, however often it is touched', () => {
    const triedAt = 10 * HOUR;
    let entry = aRetry({ notBefore: triedAt + DAY, triedAt });
    for (let minute = 0; minute < 10; minute += 1) {
      entry = touchedAgain(entry, { touched: triedAt + minute * MINUTE, lastUpdated: null }, RULE);
      expect(entry.notBefore).toBe(triedAt + RULE.maxLagMs);
    }
  });

  test('waits out its pause where it killed the process', () => {
    const entry = aRetry({ cause: 'fatal', notBefore: DAY });
    expect(touchedAgain(entry, { touched: HOUR, lastUpdated: null }, RULE).notBefore).toBe(DAY);
  });

  test('is never put off by a touch, never forgets one, and stays as it was otherwise', () => {
    fc.assert(
      fc.property(anyRetry, seen, rule, (entry, shown, limits) => {
        const after = touchedAgain(entry, shown, limits);
        expect(after.notBefore).toBeLessThanOrEqual(entry.notBefore);
        expect(after.touched).toBe(Math.max(entry.touched, shown.touched));
        expect(after.lastUpdated ?? 0).toBe(Math.max(entry.lastUpdated ?? 0, shown.lastUpdated ?? 0));
        expect(after.lostAt).toBe(shown.lastUpdated === null ? entry.lostAt : null);
        const { touched, lastUpdated, notBefore, attempts, lostAt } = entry;
        expect({ ...after, touched, lastUpdated, notBefore, attempts, lostAt }).toEqual(entry);
      }),
    );
  });

  test('keeps its pause where a search only shows again what led to it', () => {
    fc.assert(
      fc.property(anyRetry, rule, fc.nat(1000), (entry, limits, older) => {
        const shown = { touched: entry.touched - older, lastUpdated: null };
        expect(touchedAgain(entry, shown, limits)).toEqual(entry);
      }),
    );
  });

  test('has three reads of its own where the touch before it was not explained', () => {
    const entry = aRetry({ cause: 'unexplained', attempts: 2 });
    expect(touchedAgain(entry, { touched: HOUR, lastUpdated: null }, RULE).attempts).toBe(0);
    expect(touchedAgain({ ...entry, cause: 'denied' }, { touched: HOUR, lastUpdated: null }, RULE).attempts).toBe(2);
  });
});

describe('A touch that no event explains', () => {
  function pausesOf(settleMs: number): number[] {
    const failed = aFailedCase({ cause: 'unexplained' });
    const first = { ...park(undefined, failed, 0, settleMs), seq: 1 };
    const second = park(first, failed, 0, settleMs);
    return [first.notBefore, second.notBefore];
  }

  test('is read again after four and then twenty times settle, and never costs more than three reads', () => {
    expect(pausesOf(SETTLE)).toEqual([12 * MINUTE, HOUR]);
    expect(pausesOf(MINUTE)).toEqual([4 * MINUTE, 20 * MINUTE]);
    expect(MAX_UNEXPLAINED_READS).toBe(3);
  });

  test('rests an hour at most, and is read again at once where settle is 0', () => {
    expect(pausesOf(6 * HOUR)).toEqual([HOUR, HOUR]);
    expect(pausesOf(0)).toEqual([0, 0]);
  });
});

describe('What is owed of a parked case', () => {
  test('is what was owed when it was parked first: what an earlier read exported stays exported', () => {
    const first = park(undefined, aFailedCase({ missingFrom: 500, neverRead: false }), 1000, SETTLE);
    expect(first).toMatchObject({ missingFrom: 500, neverRead: false, firstSeen: 1000, triedAt: 1000 });
    const again = park({ ...first, seq: 1 }, aFailedCase({ missingFrom: null, neverRead: true }), 2000, SETTLE);
    expect(again).toMatchObject({ missingFrom: 500, neverRead: false, firstSeen: 1000, triedAt: 2000 });
  });

  test('keeps the fields that are still missing, unless the read that failed knows better', () => {
    const pending = [{ eventKey: 'event', positions: [1], length: 2 }];
    const before = aRetry({ cause: 'null-field', pending });
    expect(park(before, aFailedCase(), 0, SETTLE).pending).toEqual(pending);
    expect(park(before, aFailedCase({ pending: [] }), 0, SETTLE).pending).toEqual([]);
  });

  test('is lost since the first search that did not show it, until one does', () => {
    const lost = { ...park(undefined, aFailedCase({ cause: 'not-found', isLost: true }), 100, SETTLE), seq: 1 };
    expect(lost.lostAt).toBe(100);
    expect(park(lost, aFailedCase({ cause: 'not-found', isLost: true }), 200, SETTLE).lostAt).toBe(100);
    expect(park(lost, aFailedCase({ cause: 'not-found' }), 200, SETTLE).lostAt).toBeNull();
    expect(touchedAgain(lost, { touched: 0, lastUpdated: 5 }, RULE).lostAt).toBeNull();
    expect(touchedAgain(lost, { touched: 500, lastUpdated: null }, RULE).lostAt).toBe(100);
  });

  test('remembers when a sweep showed it, whoever parks it again', () => {
    const swept = park(undefined, aFailedCase({ cause: 'not-found', sweptAt: 500 }), 0, SETTLE);
    expect(swept.sweptAt).toBe(500);
    expect(park({ ...swept, seq: 1 }, aFailedCase({ cause: 'not-found' }), 0, SETTLE).sweptAt).toBe(500);
    expect(park(undefined, aFailedCase(), 0, SETTLE).sweptAt).toBeNull();
  });

  test('rests as long as the service asks for, but no longer than a day', () => {
    const pause = (retryAfterMs: number) => park(undefined, aFailedCase({ retryAfterMs }), 0, SETTLE).notBefore;
    expect([pause(0), pause(HOUR), pause(100 * DAY)]).toEqual([SETTLE, HOUR, DAY]);
  });

  test('is bounded: the list holds at most 100,000 cases', () => {
    expect(MAX_OPEN_RETRIES).toBe(100_000);
  });
});
