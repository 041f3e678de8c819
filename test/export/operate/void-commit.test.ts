/**
 * A commit that was made and cannot be published, as a staged object of it is gone: what an operator may void, and what a void
 * does. `void-commit.slow.test.ts` loses each object at each step.
 */
import { IntegrityError, InvalidInputError } from '../../../lambda/export/domain/errors';
import { stateKey } from '../../../lambda/export/domain/keys';
import { park } from '../../../lambda/export/domain/retry-list';
import { headOf, loseStaged, stagedOf } from '../../support/unpublished';
import { DOMAIN, MINUTE, manifests, START } from '../../support/world';
import { createWorldBefore, expectExactAfterwards, tickThatDiesPublishing } from './void-world';

test('A void takes every lane back to where it stood before: what the voided commit claimed is looked for again', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 0);
  const { seq, manifestKey } = headOf(world);
  const { lanes: claimed } = JSON.parse(world.objects.text('work', manifestKey));
  for (const key of stagedOf(world)) if (key !== manifestKey) world.objects.buckets.work.delete(key);
  await world.voidCommit(seq);
  const [before, after] = manifests(world).slice(seq - 2, seq);
  expect(after?.voids).not.toBeNull();
  expect(claimed).not.toEqual(before?.lanes);
  expect(after?.lanes).toEqual(before?.lanes);
});

test('The answer of a void counts what is owed after it, as its manifest does', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 0);
  const { seq } = headOf(world);
  loseStaged(world);
  const failed = { caseId: 'old-0', templateId: null, touched: START, lastUpdated: START };
  const owed = park(undefined, { ...failed, missingFrom: null, neverRead: true, cause: 'denied' }, START, MINUTE);
  await world.checkpoints.putRetry(DOMAIN, { ...owed, seq });
  const answer = await world.voidCommit(seq);
  const { gaps = [], debts = [] } = manifests(world)[seq - 1] ?? {};
  expect(gaps.length).toBeGreaterThan(0);
  expect(answer.retrying).toBe(gaps.length);
  expect(answer.debts).toEqual(Object.fromEntries(debts.map(({ cause, cases }) => [cause, cases])));
});

test('Only the last commit can be voided, and only while it is not published', async () => {
  const world = await createWorldBefore();
  const before = world.objects.keys('archive');
  const { seq } = headOf(world);
  for (const wrong of [seq, seq + 1]) {
    await expect(world.voidCommit(wrong)).rejects.toThrow(
      new InvalidInputError(
        `Commit ${wrong} of domain domain-1 cannot be voided: the last commit is ${seq}, wholly published is ${seq}. Expected the number of a last commit that is made and not published. Nothing was done.`,
      ),
    );
  }
  expect(world.objects.keys('archive')).toEqual(before);
});

test('A commit that can be published after all is published, not voided', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 2);
  const { seq } = headOf(world);
  await world.voidCommit(seq);
  expect(manifests(world)[seq - 1]?.voids).toBeNull();
  await expectExactAfterwards(world);
});

test('Bytes that are not of the commit are no reason to void it: nothing is done', async () => {
  const world = await createWorldBefore();
  await tickThatDiesPublishing(world, 0);
  const { seq } = headOf(world);
  const [key = ''] = stagedOf(world, 'field_changes/');
  const final = key.slice(key.indexOf('field_changes/'));
  world.objects.buckets.archive.set(final, Buffer.from('{"case_id":"x","event_id":"y"}'));
  const before = world.checkpoints.item(stateKey(DOMAIN))?.['head'];
  await expect(world.voidCommit(seq)).rejects.toThrow(IntegrityError);
  expect(world.checkpoints.item(stateKey(DOMAIN))?.['head']).toEqual(before);
});
