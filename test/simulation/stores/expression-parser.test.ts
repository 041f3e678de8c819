import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { holds, updated } from './expression-evaluator';
import { ExpressionError, parseCondition, parseUpdate } from './expression-parser';

const ITEM = marshall({ pk: 'p', n: 3, text: 'abc', head: { seq: 7, none: null }, list: [1, 'x'], yes: true });

function aliases(expression: string, values: Record<string, unknown>) {
  const names = Object.fromEntries((expression.match(/#\w+/g) ?? []).map((alias) => [alias, alias.slice(1)]));
  return { names, values: marshall(values) as Record<string, AttributeValue> };
}

function says(condition: string, values: Record<string, unknown> = {}): boolean {
  return holds(parseCondition(condition).tree, ITEM, aliases(condition, values));
}

describe('conditions', () => {
  test.each([
    ['#n = :v', 3, true],
    ['#n = :v', '3', false],
    ['#n <> :v', '3', true],
    ['#n < :v', 10, true],
    ['#n < :v', 3, false],
    ['#n <= :v', 3, true],
    ['#n > :v', 3, false],
    ['#n >= :v', 3, true],
    ['#n >= :v', 'text', false],
    ['#text > :v', 'ab', true],
    ['#text < :v', '\u{1F600}', true],
    ['#head.#seq = :v', 7, true],
    ['#head.#none = :v', null, true],
    ['#head = :v', { none: null, seq: 7 }, true],
    ['#head = :v', { seq: 7 }, false],
    ['#list = :v', [1, 'x'], true],
    ['#list = :v', [1], false],
    ['#yes = :v', true, true],
    ['#yes = :v', false, false],
    ['#absent = :v', 1, false],
    ['#absent < :v', 1, false],
    ['#absent <> :v', 1, true],
    ['#n.#absent = :v', 1, false],
    ['begins_with(#text, :v)', 'ab', true],
    ['begins_with(#text, :v)', 'b', false],
    ['begins_with(#n, :v)', '3', false],
    ['NOT #n = :v', 3, false],
    ['not (#n = :v or #n = :v)', 4, true],
  ])('%s with %j: %j', (condition, value, expected) => {
    expect(says(condition, { ':v': value })).toBe(expected);
  });

  test.each([
    ['attribute_exists(#head.#seq)', true],
    ['attribute_exists(#head.#none)', true],
    ['attribute_exists(#head.#absent)', false],
    ['attribute_not_exists(#absent)', true],
    ['attribute_not_exists(#n)', false],
  ])('%s: %j', (condition, expected) => {
    expect(says(condition)).toBe(expected);
  });

  test('AND binds closer than OR, and NOT closest', () => {
    const [yes, no] = ['attribute_exists(#n)', 'attribute_exists(#absent)'];
    expect(says(`${yes} OR ${no} AND ${no}`)).toBe(true);
    expect(says(`(${yes} OR ${no}) AND ${no}`)).toBe(false);
    expect(says(`NOT ${no} AND ${no}`)).toBe(false);
    expect(says(`NOT (${no} AND ${no})`)).toBe(true);
    expect(says(`${no} AND ${no} OR ${yes}`)).toBe(true);
  });

  test.each([
    ['', /ends too early|name/],
    ['#n', /ends too early/],
    ['#n = ', /name/],
    ['#n = :v AND', /name/],
    ['(#n = :v', /ends too early/],
    ['#n = :v)', /not expected/],
    ['((#n = :v))', /redundant/],
    ['n = :v', /#name/],
    ['size(#n) = :v', /#name/],
    ['contains(#n, :v)', /#name/],
    ['attribute_type(#n, :v)', /#name/],
    ['#n BETWEEN :v AND :v', /comparator/],
    ['#n IN (:v)', /comparator/],
    ['#list[0] = :v', /cannot read/],
    ['#n == :v', /name/],
    ['#n = :v;', /cannot read/],
  ])('%s is refused', (condition, message) => {
    expect(() => parseCondition(condition)).toThrow(ExpressionError);
    expect(() => parseCondition(condition)).toThrow(message);
  });

  test('parentheses side by side, and nested with a reason, are fine', () => {
    expect(says('(#n = :v) AND (#n = :v)', { ':v': 3 })).toBe(true);
    expect(says('((#n = :v) OR #n = :v)', { ':v': 3 })).toBe(true);
    expect(says('(#n = :v OR (#n = :v AND #n = :v))', { ':v': 3 })).toBe(true);
  });

  test('numbers that would lose digits are refused', () => {
    const at = { names: { '#n': 'n' }, values: { ':v': { N: '9007199254740993' } } };
    expect(() => holds(parseCondition('#n < :v').tree, ITEM, at)).toThrow(/not simulated/);
  });
});

describe('updates', () => {
  function applied(update: string, values: Record<string, unknown> = {}) {
    return updated(parseUpdate(update).tree, ITEM, aliases(update, values));
  }

  test('set, remove, count, and keep the rest', () => {
    const update = 'SET #n = #n + :one, #new = if_not_exists(#new, :one) + :one, #old = #n, #yes = :one REMOVE #text';
    expect(applied(update, { ':one': 1 })).toEqual(
      marshall({ pk: 'p', n: 4, new: 2, old: 3, yes: 1, head: { seq: 7, none: null }, list: [1, 'x'] }),
    );
    expect(applied('REMOVE #n, #absent')).toEqual(
      marshall({ pk: 'p', text: 'abc', head: { seq: 7, none: null }, list: [1, 'x'], yes: true }),
    );
  });

  test('the item itself stays as it is', () => {
    const before = structuredClone(ITEM);
    applied('SET #n = :v REMOVE #text', { ':v': 9 });
    expect(ITEM).toEqual(before);
  });

  test.each([[''], ['SET'], ['SET #n'], ['SET #n = :v,'], ['SET #n = :v SET #n = :v'], ['DELETE #n :v'], ['#n = :v']])(
    '%j is refused',
    (update) => {
      expect(() => parseUpdate(update)).toThrow(ExpressionError);
    },
  );

  test('subtraction is refused, not taken for something else', () => {
    expect(() => parseUpdate('SET #n = #n - :v')).toThrow(/cannot read/);
  });
});
