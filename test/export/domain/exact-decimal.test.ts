/** Contract: a number of an answer counts as kept by a double iff the double reads as its text does, at as many digits. */
import fc from 'fast-check';
import { isDoubleText } from '../../../lambda/export/aws/wire-formats';
import { ExactDecimal } from '../../../lambda/export/domain/audit-event';

describe('A number whose text a double keeps', () => {
  test.each([
    '0',
    '-0',
    '0.000',
    '0e999',
    '1',
    '-1.50',
    '100',
    '1E2',
    '1.0E10',
    '0.1',
    '1e-7',
    '123456789012345',
    '9007199254740992',
    '9007199254740994',
    '123456789012345680000',
    '1.7976931348623157E308',
    '5e-324',
    '4.9E-324',
    '0.1000000000000000055511151231257827',
    '5.6843418860808015E-14',
    '5.684341886080802E-14',
    '1e0000000000000000000000000000000000002',
  ])('%s', (text) => {
    expect(isDoubleText(text)).toBe(true);
  });

  test('law: whatever a printer of doubles writes, at whatever length', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 0, max: 100 }),
        (double, digits) => {
          expect(isDoubleText(JSON.stringify(double))).toBe(true);
          const text = double.toExponential(digits);
          // Cut short it may name another double, and one beyond the largest.
          if (Number(text) === double) expect(isDoubleText(text)).toBe(true);
        },
      ),
    );
  });
});

describe('A number whose text a double changes', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '9007199254740993.0',
    '900719925474099.3e1',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e309',
    '1e-400',
    '0.1000000000000000055511151231257828',
    '0.12345678901234567890',
    '3e-324',
    `1.${'0'.repeat(120)}1`,
  ])('%s', (text) => {
    expect(isDoubleText(text)).toBe(false);
  });

  test('law: every odd integer beyond 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 52n, max: 2n ** 80n }), (half) => {
        expect(isDoubleText(String(2n * half + 1n))).toBe(false);
      }),
    );
  });

  test('is kept by its text; the nearest double is there for who wants it', () => {
    expect(new ExactDecimal('9007199254740993')).toMatchObject({ text: '9007199254740993', nearest: 9007199254740992 });
    expect(new ExactDecimal('1e400').nearest).toBe(Number.POSITIVE_INFINITY);
  });
});
