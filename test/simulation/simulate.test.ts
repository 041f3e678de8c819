/** The command: what it takes, what it refuses, and what it makes of results. */
import type { SeedResult } from './run-seed';
import { parseCommandLine } from './simulate';
import { isClean, summarize, summaryLines } from './simulate-summary';

function result(seed: number, more: Partial<SeedResult> = {}): SeedResult {
  return { seed, violation: null, invocations: 3, steps: 200, commits: 2, events: 9, faults: {}, hash: 'h', ...more };
}

test('without arguments a thousand worlds are run, from seed 1, two at a time', () => {
  expect(parseCommandLine([])).toEqual({ kind: 'many', seeds: 1000, from: 1, jobs: 2, json: null });
  expect(parseCommandLine(['--seed', '123'])).toEqual({ kind: 'one', seed: 123 });
});

test.each([
  [['--seeds', '0'], '--seeds is a whole number from 1 to 10000000, not "0"'],
  [['--seed', '1e3'], '--seed is a whole number from 0 to 2147483648, not "1e3"'],
  [['--jobs', 'two'], '--jobs is a whole number from 1 to 64, not "two"'],
  [['--seed', '1', '--from', '2'], 'leave out --seeds, --from and --json'],
  [['--worlds', '3'], "Unknown option '--worlds'"],
])('%j is refused with a message that says why', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});

test('a violation is told with the command that runs its seed again, and fails the run', () => {
  const summary = summarize(1, [result(2), result(7, { violation: 'chain: broken' })]);
  expect(isClean(summary)).toBe(false);
  expect(summary.violations).toEqual([
    { seed: 7, violation: 'chain: broken', command: 'npm run simulate -- --seed 7' },
  ]);
  expect(summaryLines(summary, 1000).join('\n')).toContain('npm run simulate -- --seed 7');
});

test('a fault that never struck fails a run of 2,000 worlds, and only that', () => {
  const few = summarize(1, [result(1)]);
  expect([isClean(few), few.missingFaults]).toEqual([true, []]);
  const struck = { 'process.overlap': 1 } as const;
  const many = summarize(
    1,
    Array.from({ length: 2_000 }, (_, seed) => result(seed, { faults: struck })),
  );
  expect(isClean(many)).toBe(false);
  expect(many.missingFaults).not.toContain('process.overlap');
  expect(many.missingFaults).toContain('s3.503');
});

test('what was counted adds up', () => {
  const summary = summarize(1, [result(1, { faults: { 's3.503': 2 } }), result(2, { faults: { 's3.503': 3 } })]);
  expect(summary).toMatchObject({ worlds: 2, invocations: 6, steps: 400, commits: 4, events: 18 });
  expect([summary.faults['s3.503'], summary.worldsStruck['s3.503']]).toEqual([5, 2]);
  expect(summary.worldsStruck['s3.500']).toBe(0);
});
