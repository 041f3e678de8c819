import fc from 'fast-check';
import { isExactTime, parseHttpDate, parseIsoTime, parseRetryAfter } from '../../../lambda/export/aws/wire-formats';

const NINE = Date.UTC(2026, 0, 5, 9);

describe('parseIsoTime', () => {
  test.each([
    ['2026-01-05T09:00:00.007Z', NINE + 7],
    ['2026-01-05T09:00:00Z', NINE],
    ['2026-01-05T09:00Z', NINE],
    ['2026-01-05t09:00:00z', NINE],
    ['2026-01-05T09:00:00.1Z', NINE + 100],
    ['2026-01-05T09:00:00.0069999999Z', NINE + 6],
    ['2026-01-05T11:30:00+02:30', NINE],
    ['2026-01-05T04:00:00-0500', NINE],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1969-12-31T23:59:59.9999Z', -1],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['0000-02-29T00:00:00Z', -62_162_121_600_000],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2016-12-31T23:59:60.9999Z', Date.UTC(2017, 0, 1) + 999],
    ['2017-01-01T00:59:60+01:00', Date.UTC(2017, 0, 1)],
  ])('%s', (text, ms) => {
    expect(parseIsoTime(text)).toBe(ms);
  });

  test.each([
    '',
    'yesterday',
    '2026-01-05',
    '2026-01-05T09:00:00',
    '2026-01-05 09:00:00Z',
    '2026-02-30T09:00:00Z',
    '2025-02-29T09:00:00Z',
    '2026-13-01T09:00:00Z',
    '2026-01-05T24:00:00Z',
    '2026-01-05T09:60:00Z',
    '2026-01-05T09:00:61Z',
    '2026-01-05T24:00:60Z',
    '2026-01-05T09:00:00.Z',
    '2026-01-05T09:00:00+24:00',
    '1767603600',
    ' 2026-01-05T09:00:00Z',
    1_767_603_600,
    null,
    undefined,
    {},
  ])('%p is no time', (value) => {
    expect(parseIsoTime(value)).toBeNull();
  });

  test('law: what toISOString writes comes back, and an offset changes only how it is written', () => {
    const dates = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, fc.integer({ min: 0, max: 14 * 60 - 1 }), fc.boolean(), (date, minutes, east) => {
        expect(parseIsoTime(date.toISOString())).toBe(date.getTime());
        const shifted = new Date(date.getTime() + (east ? minutes : -minutes) * 60_000).toISOString().slice(0, -1);
        const two = (part: number) => String(part).padStart(2, '0');
        const offset = `${east ? '+' : '-'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
        expect(parseIsoTime(shifted + offset)).toBe(date.getTime());
      }),
    );
  });

  test('law: whatever the text, a time or null', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:.TZ+') }), (text) => {
        const ms = parseIsoTime(text);
        expect(ms === null || Number.isSafeInteger(ms)).toBe(true);
      }),
    );
  });
});

describe('isExactTime', () => {
  test.each([
    '2026-01-05T09:00Z',
    '2026-01-05T09:00:00Z',
    '2026-01-05T09:00:00.1Z',
    '2026-01-05T09:00:00.123000+02:00',
  ])('%s: to the millisecond', (text) => {
    expect(isExactTime(text)).toBe(true);
  });

  test.each(['2026-01-05T09:00:00.1230001Z', '2026-01-05T09:00:00.0009Z', '2016-12-31T23:59:60Z'])(
    '%s: not all of it',
    (text) => {
      expect(isExactTime(text)).toBe(false);
    },
  );
});

describe('parseHttpDate and parseRetryAfter', () => {
  test('the date of a header, in whole seconds', () => {
    expect(parseHttpDate('Mon, 05 Jan 2026 09:00:00 GMT')).toBe(NINE);
    for (const text of [undefined, '', '5', 'Mon, 05 Foo 2026 09:00:00 GMT', '2026-01-05T09:00:00Z']) {
      expect(parseHttpDate(text)).toBeNull();
    }
  });

  test('seconds or a date; a past date means at once', () => {
    expect(parseRetryAfter('0', NINE)).toBe(0);
    expect(parseRetryAfter('120', NINE)).toBe(120_000);
    expect(parseRetryAfter('9'.repeat(400), NINE)).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseRetryAfter('Mon, 05 Jan 2026 09:00:07 GMT', NINE)).toBe(7_000);
    expect(parseRetryAfter('Mon, 05 Jan 2026 08:00:07 GMT', NINE)).toBe(0);
    for (const text of [undefined, '', 'soon', '-1', '1.5', ' 1']) expect(parseRetryAfter(text, NINE)).toBeNull();
  });
});
