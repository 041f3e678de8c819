/** A list of mutants that no longer fits the code would only be found out after hours of trying. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../../lib/text-file';
import { FINDING_KINDS } from '../../../tools/cases-audit/verify/findings';
import { broken } from './mutant';
import { MUTANTS, seedOf } from './mutants';
import { ROOT } from './tree';
import { VERIFIER_DATA_MUTANTS } from './verifier-data-mutants';
import { VERIFIER_MUTANTS } from './verifier-mutants';
import { VERIFIER_PLACE_MUTANTS } from './verifier-place-mutants';

describe('Each mutant', () => {
  test.each(MUTANTS.map((one) => [one.name, one] as const))('%s: fits the code', (_, one) => {
    const source = readText(join(ROOT, 'lambda', 'export', one.file));
    expect(broken(source, one)).not.toBe(source);
  });

  test('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  test('is caught by a seed that is on record, or by a test that is there', () => {
    const uncaught = MUTANTS.filter((one) =>
      one.caughtBy === undefined ? seedOf(one) === null : !existsSync(join(ROOT, one.caughtBy.test)),
    );
    expect(uncaught.map(({ name }) => name)).toEqual([]);
  });
});

test('Every finding of the checker is lost by a mutant, so that a test notices where its check is gone', () => {
  const all = [...VERIFIER_MUTANTS, ...VERIFIER_DATA_MUTANTS, ...VERIFIER_PLACE_MUTANTS];
  const lost = new Set(all.map(({ finding }) => finding));
  expect(Object.keys(FINDING_KINDS).filter((kind) => !lost.has(kind as keyof typeof FINDING_KINDS))).toEqual([]);
});
