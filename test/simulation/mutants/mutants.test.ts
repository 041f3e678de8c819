/** A list of breaks that no longer fits the code would only be found out after hours of trying. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { broken } from './mutant';
import { BREAKS, seedOf } from './mutants';
import { ROOT } from './tree';

describe('Each break', () => {
  test.each(BREAKS.map((one) => [one.name, one] as const))('%s: fits the code', (_, one) => {
    const source = readFileSync(join(ROOT, 'lambda', 'export', one.file), 'utf8');
    expect(broken(source, one)).not.toBe(source);
  });

  test('has a name of its own', () => {
    expect(new Set(BREAKS.map(({ name }) => name)).size).toBe(BREAKS.length);
  });

  test('is caught by a seed that is on record, or by a test that is there', () => {
    const uncaught = BREAKS.filter((one) =>
      one.caughtBy === undefined ? seedOf(one) === null : !existsSync(join(ROOT, one.caughtBy.test)),
    );
    expect(uncaught.map(({ name }) => name)).toEqual([]);
  });
});
