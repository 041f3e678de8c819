/** A table that is restored to any moment, also inside a publish: the export goes on exactly, or refuses and says so. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { retryKey } from '../../../lambda/export/domain/keys';
import { expectNoFalseProof, judge, judgedTick } from '../../support/proof';
import { DOMAIN, HOUR, manifests, START } from '../../support/world';
import { createLife, expectRestored } from './restored-life';

/** The first and the last of each kind of write; the slow tests try every one. */
test('Whatever moment the table is restored to, no row comes twice, no gap is forgotten and nothing is proven falsely', () =>
  expectRestored((moment, moments) => {
    const method = moments[moment] ?? '';
    return moments.indexOf(method) === moment || moments.lastIndexOf(method) === moment;
  }));

test('An entry of the retry list that is gone from the table is missed: nothing is exported until somebody has looked', async () => {
  const world = await createLife(() => undefined);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
  const commits = manifests(world).length;
  world.checkpoints.deleteItem(retryKey(DOMAIN, 'case-5'));
  world.clock.advance(HOUR);
  const answer = await judgedTick(world);
  expect(answer).toBeInstanceOf(IntegrityError);
  expect((answer as Error).message).toMatch(/holds 0 open entries of the retry list .* STATE counts 1/);
  expect(manifests(world)).toHaveLength(commits);
  expectNoFalseProof(world);
});
