/** Promise: the evaluator of the policy replay decides as IAM does, and refuses what it does not know. */
import { applies, type IamRequest, isAllowed, matches, parseStatement } from './iam';

const READ = { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/a/b', context: {} } satisfies IamRequest;

function allow(more: object = {}) {
  return parseStatement({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*', ...more });
}

describe('wildcards', () => {
  test.each([
    ['a/*', 'a/b/c', true],
    ['a/*', 'a', false],
    ['*', '', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
    ['a(b', 'a(b', true],
    ['x*', 'ax', false],
  ])('%s and %s: %s', (pattern, text, fits) => {
    expect(matches(pattern, text)).toBe(fits);
  });
});

describe('a decision', () => {
  test('needs something that allows it', () => {
    expect(isAllowed({ identity: [], guards: [] }, READ)).toBe(false);
    expect(isAllowed({ identity: [allow()], guards: [] }, READ)).toBe(true);
    expect(isAllowed({ identity: [], guards: [allow()] }, READ)).toBe(false);
  });

  test('is no if anything denies it, wherever that stands', () => {
    const deny = allow({ Effect: 'Deny', Action: 's3:*' });
    expect(isAllowed({ identity: [allow(), deny], guards: [] }, READ)).toBe(false);
    expect(isAllowed({ identity: [allow()], guards: [deny] }, READ)).toBe(false);
  });

  test('takes actions in any case, resources as they are', () => {
    expect(applies(allow({ Action: 'S3:getobject' }), READ)).toBe(true);
    expect(applies(allow({ Resource: 'arn:aws:s3:::Bucket/*' }), READ)).toBe(false);
  });
});

describe('conditions', () => {
  test.each([
    ['StringEquals', ['x'], 'x', true],
    ['StringEquals', ['x', 'y'], 'y', true],
    ['StringEquals', ['x'], undefined, false],
    ['StringNotEquals', ['x'], undefined, true],
    ['StringNotEquals', ['x', 'y'], 'y', false],
    ['StringLike', ['a/*'], 'a/b', true],
    ['StringLike', ['a/*'], undefined, false],
    ['StringLikeIfExists', ['a/*'], undefined, true],
    ['StringLikeIfExists', ['a/*'], 'b/b', false],
    ['ArnNotEquals', ['arn:aws:iam::1:role/x'], 'arn:aws:iam::1:role/x', false],
    ['ArnNotEquals', ['arn:aws:iam::1:role/x'], 'arn:aws:iam::1:role/y', true],
    ['Bool', ['false'], 'false', true],
    ['Bool', ['false'], 'true', false],
    ['Bool', ['false'], undefined, false],
    ['NumericLessThan', ['1.2'], '1.1', true],
    ['NumericLessThan', ['1.2'], '1.2', false],
    ['Null', ['true'], undefined, true],
    ['Null', ['true'], '*', false],
    ['Null', ['false'], '*', true],
  ])('%s %p with %p: %s', (operator, values, found, applied) => {
    const statement = allow({ Condition: { [operator]: { 'Some:Key': values } } });
    const context: IamRequest['context'] = found === undefined ? {} : { 'some:key': [found] };
    expect(applies(statement, { ...READ, context })).toBe(applied);
  });

  test('all of them, and all keys of one, have to be met', () => {
    const statement = allow({ Condition: { StringEquals: { a: 'x', b: ['y'] }, Bool: { c: true } } });
    const whole = { a: ['x'], b: ['y'], c: ['true'] };
    expect(applies(statement, { ...READ, context: whole })).toBe(true);
    for (const missing of Object.keys(whole)) {
      const context = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== missing));
      expect(applies(statement, { ...READ, context })).toBe(false);
    }
  });

  test.each([
    [['x'], true],
    [['x', 'y'], true],
    [['x', 'z'], false],
    [[], true],
  ])('ForAllValues with %j: %s', (found, applied) => {
    const statement = allow({ Condition: { 'ForAllValues:StringEquals': { 'some:key': ['x', 'y'] } } });
    expect(applies(statement, { ...READ, context: { 'some:key': found } })).toBe(applied);
  });

  test('several values under a key that the operator takes one of are an error', () => {
    const statement = allow({ Condition: { StringEquals: { 'some:key': 'x' } } });
    expect(() => applies(statement, { ...READ, context: { 'some:key': ['x', 'y'] } })).toThrow(/ForAllValues/);
  });
});

describe('what it does not know is an error', () => {
  test.each([
    [{ NotAction: 's3:*' }],
    [{ NotResource: '*' }],
    [{ NotPrincipal: '*' }],
    [{ Effect: 'allow' }],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    [{ Resource: `arn:aws:s3:::\${aws:username}/*` }],
    [{ Resource: { Ref: 'Bucket' } }],
  ])('%j', (member) => {
    expect(() => allow(member)).toThrow(/known here|Expected text/);
  });
});
