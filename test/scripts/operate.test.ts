import { eventOf, UsageError } from '../../scripts/operate';

describe('The command line of an operator', () => {
  test('is the event that the function takes', () => {
    expect(eventOf(['replay-quarantine', '--domain', 'd1'])).toEqual({ domainId: 'd1', task: 'replay-quarantine' });
    expect(eventOf(['void-commit', '--domain', 'd1', '--seq', '7'])).toEqual({
      domainId: 'd1',
      task: 'void-commit',
      seq: 7,
    });
    expect(eventOf([])).toBeUndefined();
    expect(eventOf(['--help'])).toBeUndefined();
  });

  test.each([
    [['erase', '--domain', 'd1'], 'Received "erase", expected one task: replay-quarantine or void-commit'],
    [['void-commit', 'replay-quarantine'], 'Received "void-commit replay-quarantine"'],
    [['--domain', 'd1'], 'Received "", expected one task'],
    [['replay-quarantine'], '--domain is missing, expected the id of a Cases domain'],
    [['void-commit', '--domain', 'd1'], '--seq is missing, expected the number of the commit to void'],
    [['void-commit', '--domain', 'd1', '--seq', 'last'], '--seq is "last", expected the number'],
    [['replay-quarantine', '--domain', 'd1', '--seq', '7'], '--seq belongs to void-commit only'],
    [['--force'], "Unknown option '--force'"],
  ])('that is wrong is refused with what came and what was expected: %j', (args, message) => {
    expect(() => eventOf(args)).toThrow(UsageError);
    expect(() => eventOf(args)).toThrow(message);
  });
});
