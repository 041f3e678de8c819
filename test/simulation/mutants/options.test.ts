/** The command line of `npm run mutants` is taken as it was meant, or refused with what was wrong. */
import { parseCommandLine } from './options';

describe('The command line', () => {
  test('runs what is recorded when nothing is said', () => {
    expect(parseCommandLine([])).toEqual({ only: [], write: false, find: null });
  });

  test('can look for the seeds of some mutants', () => {
    const line = ['--find', '--seeds', '20', '--only', 'fence', '--only', 'ledger', '--write'];
    expect(parseCommandLine(line)).toEqual({ only: ['fence', 'ledger'], write: true, find: { seeds: 20 } });
    expect(parseCommandLine(['--find'])?.find).toEqual({ seeds: 3000 });
  });

  test('asks for the usage', () => {
    expect(parseCommandLine(['--help'])).toBeNull();
  });

  test.each([
    [['--find', '--seeds', '0'], /--seeds is a whole number from 1 to 1000000, not "0"/],
    [['--find', '--seeds', '1e3'], /not "1e3"/],
    [['--find', '--seeds', ''], /not ""/],
    [['--seeds', '5'], /--seeds .* with --find/],
    [['--only', ''], /--only is a part of a name/],
    [['--write', '--only', 'fence'], /--write writes the whole table/],
    [['--fnid'], /--fnid/],
    [['fence'], /fence/],
  ])('refuses %j', (args, problem) => {
    expect(() => parseCommandLine(args)).toThrow(problem);
  });
});
