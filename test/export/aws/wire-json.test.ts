/** Contract: JSON as JSON.parse reads it, except where that one changes what came. */
import fc from 'fast-check';
import { parseWireJson } from '../../../lambda/export/aws/wire-formats';
import { ExactDecimal } from '../../../lambda/export/domain/audit-event';

const parse = (text: string) => parseWireJson(Buffer.from(text));
const exact = (text: string) => new ExactDecimal(text);

describe('JSON', () => {
  test('law: comes as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(parse(text)).toStrictEqual(JSON.parse(text));
      }),
    );
  });

  test('law: also behind a number that no double keeps, which takes another way through the text', () => {
    const strings = fc.string({
      unit: fc.constantFrom('"', '\\', '$decimal', '\u0000', '1', 'ü', '😀', '\ud800', ' ', ':'),
    });
    const anything = fc.anything({ key: strings, values: [strings, fc.double(), fc.boolean(), fc.constant(null)] });
    fc.assert(
      fc.property(anything, (value) => {
        const text = JSON.stringify(value) ?? 'null';
        expect(parse(`[ 1e400 , ${text}, 9007199254740993 ]`)).toStrictEqual([
          exact('1e400'),
          JSON.parse(text),
          exact('9007199254740993'),
        ]);
      }),
    );
  });

  test.each([
    '',
    '{',
    '{"a":1e400',
    '[012345678901234567890]',
    '[1e400,]',
    "['a']",
    '\ufeff{}',
    'NaN',
    '[+1e400]',
    '[1e400',
  ])('%p is none: it throws', (text) => {
    expect(() => parse(text)).toThrow(SyntaxError);
  });

  test('a member named __proto__ is one like any other, and changes no prototype', () => {
    for (const number of ['1', '1e400']) {
      const value = parse(`{"__proto__":{"polluted":true},"n":${number}}`) as object;
      expect(Object.keys(value)).toEqual(['__proto__', 'n']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(value).not.toHaveProperty('polluted');
    }
  });

  test('of a member that comes twice the last counts', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parse('{"a":1e400,"a":1e401}')).toEqual({ a: exact('1e401') });
  });
});

describe('A number', () => {
  test.each(['9007199254740993', '-12345678901234567890', '1e400', '-1E+400', '1e-400', '0.12345678901234567890'])(
    '%s comes by its text, wherever it stands',
    (number) => {
      expect(parse(number)).toEqual(exact(number));
      expect(parse(`{"a":[1,\n${number} ,2],"b":{"c":${number}}}`)).toEqual({
        a: [1, exact(number), 2],
        b: { c: exact(number) },
      });
    },
  );

  test.each([
    ['9007199254740992', 9007199254740992],
    ['4.110000000000001', 4.110000000000001],
    ['1.0E100', 1e100],
    ['-0', -0],
    ['1e0', 1],
  ])('%s that a double keeps comes as a double', (text, number) => {
    expect(parse(`[${text}]`)).toStrictEqual([number]);
  });

  test('in a string is text', () => {
    const text = '{"a":"x: 9007199254740993, \\"1e400\\", [12345678901234567890] ","b\\\\":1}';
    expect(parse(text)).toStrictEqual(JSON.parse(text));
  });

  test('is not taken for what an object says that looks like its mark', () => {
    expect(parse('[{"$decimal":"1e400"},{"\\u0024decimal":"2"},{"$decimal$":"3"},1e400]')).toStrictEqual([
      { $decimal: '1e400' },
      { $decimal: '2' },
      { $decimal$: '3' },
      exact('1e400'),
    ]);
  });
});

describe('A byte that is not UTF-8', () => {
  test.each([
    ['a single one', [0xff], '\udcff'],
    ['a character cut short', [0xe2, 0x82], '\udce2\udc82'],
    ['a surrogate', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    ['an overlong character', [0xc0, 0xaf], '\udcc0\udcaf'],
  ])('%s comes as a lone surrogate, and what stands beside it as it is', (_, bytes, shown) => {
    const around = (text: string) => Buffer.from(text);
    const body = Buffer.concat([around('{"a":"ü€😀\ufffd'), Buffer.from(bytes), around('b"}')]);
    expect(parseWireJson(body)).toEqual({ a: `ü€😀\ufffd${shown}b` });
  });

  test('is none where U+FFFD itself came', () => {
    expect(parse('["\ufffd"]')).toEqual(['\ufffd']);
  });
});
