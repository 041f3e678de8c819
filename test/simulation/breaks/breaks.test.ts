/** A list of breaks that no longer fits the code would only be found out after hours of trying. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { broken } from './break';
import { BREAKS } from './breaks';
import seeds from './seeds.json';
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
    const recorded = new Set(Object.keys(seeds));
    const uncaught = BREAKS.filter(({ name, caughtBy }) =>
      caughtBy === undefined ? !recorded.has(name) : !existsSync(join(ROOT, caughtBy.test)),
    );
    expect(uncaught.map(({ name }) => name)).toEqual([]);
  });
});
