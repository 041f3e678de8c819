import {
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  SigningError,
  StoreError,
} from '../../../lambda/export/domain/errors';

const CAUSE = new Error('from below');

describe('An error', () => {
  test.each([
    ['InvalidInputError', new InvalidInputError('text')],
    ['CasesCallError', new CasesCallError('text', 'throttled', 'SearchCases')],
    ['StoreError', new StoreError('text', 's3', 'denied')],
    ['SigningError', new SigningError('text', 'denied')],
    ['FencedOutError', new FencedOutError('text')],
    ['IntegrityError', new IntegrityError('text')],
  ])('says by its name that it is of %s, whatever a bundler makes of class names', (name, error) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, message: 'text' });
    expect(error.cause).toBeUndefined();
  });

  test('of a Cases call tells what failed, where, what the service said of its time, and keeps the cause', () => {
    const details = { retryAfterMs: 5, serviceTime: null, cause: CAUSE };
    const error = new CasesCallError('text', 'throttled', 'SearchCases', details);
    expect(error).toMatchObject({ failure: 'throttled', operation: 'SearchCases', details, cause: CAUSE });
    expect(new CasesCallError('text', 'denied', 'ListFields').details).toEqual({});
  });

  test('of a signature tells how it failed, and keeps the cause', () => {
    const error = new SigningError('text', 'unavailable', { cause: CAUSE });
    expect(error).toMatchObject({ failure: 'unavailable', cause: CAUSE });
  });

  test('of a store tells which, how it failed, and keeps the cause', () => {
    const error = new StoreError('text', 'dynamodb', 'missing-resource', { cause: CAUSE });
    expect(error).toMatchObject({ store: 'dynamodb', failure: 'missing-resource', cause: CAUSE });
  });
});
