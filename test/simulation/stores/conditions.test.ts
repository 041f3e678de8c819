import { marshall } from '@aws-sdk/util-dynamodb';
import { absent, allOf, anyOf, compares } from '../../../lambda/export/aws/table-requests';
import { changed, holds } from './conditions';

const ITEM = marshall({ pk: 'p', n: 3, text: 'abc', head: { seq: 7, none: null }, list: [1, 'x'], yes: true });

describe('conditions', () => {
  test.each<[string, Parameters<typeof compares>[1], unknown, boolean]>([
    ['n', '=', 3, true],
    ['n', '=', '3', false],
    ['n', '<>', '3', true],
    ['n', '<', 10, true],
    ['n', '<', 3, false],
    ['n', '<=', 3, true],
    ['n', '>', 3, false],
    ['n', '>=', 3, true],
    ['n', '>=', 'text', false],
    ['text', '>', 'ab', true],
    ['text', '<', '\u{1F600}', true],
    ['head.seq', '=', 7, true],
    ['head.none', '=', null, true],
    ['head', '=', { none: null, seq: 7 }, true],
    ['head', '=', { seq: 7 }, false],
    ['list', '=', [1, 'x'], true],
    ['list', '=', [1], false],
    ['yes', '=', true, true],
    ['yes', '=', false, false],
    ['missing', '=', 1, false],
    ['missing', '<', 1, false],
    ['missing', '<>', 1, true],
    ['n.missing', '=', 1, false],
  ])('%s %s %j: %j', (path, is, value, expected) => {
    expect(holds(compares(path, is, ':v'), ITEM, marshall({ ':v': value }))).toBe(expected);
  });

  test.each([
    ['head.seq', false],
    ['head.none', false],
    ['head.missing', true],
    ['missing', true],
    ['n', false],
  ])('%s is absent: %j', (path, expected) => {
    expect(holds(absent(path), ITEM, {})).toBe(expected);
    expect(holds(absent(path), undefined, {})).toBe(true);
  });

  test('all of them, any of them, one within the other', () => {
    const [yes, no] = [absent('missing'), absent('n')];
    expect(holds(allOf(yes, yes), ITEM, {})).toBe(true);
    expect(holds(allOf(yes, no), ITEM, {})).toBe(false);
    expect(holds(anyOf(no, yes), ITEM, {})).toBe(true);
    expect(holds(anyOf(no, no), ITEM, {})).toBe(false);
    expect(holds(anyOf(yes, allOf(no, no)), ITEM, {})).toBe(true);
    expect(holds(allOf(anyOf(yes, no), no), ITEM, {})).toBe(false);
  });

  test('numbers that would lose digits are refused', () => {
    const values = { ':v': { N: '9007199254740993' } };
    expect(() => holds(compares('n', '<', ':v'), ITEM, values)).toThrow(/not simulated/);
  });
});

describe('changes', () => {
  const values = marshall({ ':one': 1, ':v': 'v' });

  test('set, count, set what is missing, and keep the rest', () => {
    const changes = {
      n: { unlessThere: ':v', plus: ':one' },
      count: { unlessThere: ':one', plus: ':one' },
      text: { unlessThere: ':v' },
      fresh: { unlessThere: ':v' },
      yes: ':one',
    } as const;
    expect(changed(changes, ITEM, values)).toEqual(
      marshall({
        pk: 'p',
        n: 4,
        count: 2,
        text: 'abc',
        fresh: 'v',
        yes: 1,
        head: { seq: 7, none: null },
        list: [1, 'x'],
      }),
    );
  });

  test('a sum with what is no number is refused', () => {
    expect(() => changed({ text: { unlessThere: ':one', plus: ':one' } }, ITEM, values)).toThrow(/\+ of S and N/);
  });

  test('the item itself stays as it is', () => {
    const before = structuredClone(ITEM);
    changed({ n: ':v', more: ':v' }, ITEM, values);
    expect(ITEM).toEqual(before);
  });
});
