/**
 * The list of broken guards stays true: a refactoring that moves a guard away has to move its break with it. That each break is
 * caught is shown by `npm run breaks`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Break, broken, NotFoundOnce } from './break';
import { BREAKS, seedOf } from './breaks';
import seeds from './seeds.json';
import { ROOT } from './tree';

const PAGE = readFileSync(join(__dirname, 'BREAKS.md'), 'utf8');

function sourceOf({ file }: Break): string {
  return readFileSync(join(ROOT, 'lambda', 'export', file), 'utf8');
}

describe('Each break', () => {
  test.each(BREAKS.map((one) => [one.name, one] as const))('can be made: %s', (_name, one) => {
    expect(broken(sourceOf(one), one)).not.toBe(sourceOf(one));
  });

  test.each(BREAKS.map((one) => [one.name, one] as const))(
    'has what catches it, and is on the page: %s',
    (name, one) => {
      const { caughtBy } = one;
      if (caughtBy) expect(existsSync(join(ROOT, caughtBy.test))).toBe(true);
      else expect(seedOf(one)).toBeGreaterThan(0);
      const line = PAGE.split('\n').find((text) => text.startsWith(`| ${name} | \`${one.file}\` |`));
      expect(line).toContain(caughtBy ? `\`${caughtBy.test}\`` : `| ${seedOf(one)} |`);
    },
  );
});

describe('The list', () => {
  test('breaks at least twenty guards, and names each of them once', () => {
    const names = BREAKS.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(20);
    expect(new Set(names).size).toBe(names.length);
  });

  test('breaks no two guards in the same way', () => {
    const ways = BREAKS.map(({ file, find, replace }) => JSON.stringify([file, find, replace]));
    expect(new Set(ways).size).toBe(ways.length);
  });

  test('holds every seed that is recorded', () => {
    const bySeed = BREAKS.filter(({ caughtBy }) => caughtBy === undefined).map(({ name }) => name);
    expect(Object.keys(seeds).sort()).toEqual([...bySeed].sort());
  });
});

describe('A guard is broken only', () => {
  const one = { file: 'steps/any.ts', find: 'if (guard) return;', replace: '' };

  test('where its text stands', () => {
    expect(broken('a(); if (guard) return; b();', one)).toBe('a();  b();');
    expect(() => broken('a(); b();', one)).toThrow(NotFoundOnce);
  });

  test('where there is no doubt which place is meant', () => {
    expect(() => broken('if (guard) return; if (guard) return;', one)).toThrow(/holds this 2 times, expected once/);
  });

  test('by something else', () => {
    expect(() => broken(one.find, { ...one, replace: one.find })).toThrow(/changes nothing/);
  });

  test('by exactly what is put in, dollar signs included', () => {
    expect(broken('a(x)', { ...one, find: 'x', replace: "'$&$1'" })).toBe("a('$&$1')");
  });
});
