/** A commit that was made and lost, and then voided by an operator, leaves no proof of what it would have brought. */
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { setTo } from '../../fakes/cases-api';
import { judge, judgedTick, judgedTicks } from '../../support/proof';
import { headOf, loseStaged } from '../../support/unpublished';
import { HOUR, START, visibleRows } from '../../support/world';
import { createLost, expectVoidedWithoutFalseProof, LOSSES } from './voided';

/** Nothing published, a part of it, all of it; the slow tests stop the run at every call. */
const SOME = [0, 8, 29];

test.each(LOSSES)(
  'With what is staged lost (%p), whatever of it was published: void, and everything comes out, proven only when it has',
  (loss) => expectVoidedWithoutFalseProof(loss, SOME),
);

test('With the redo log lost of a commit that holds an event without and with a field, void: the field is owed no more, and its row comes once', async () => {
  const value = (text: string) => setTo(text, text);
  const world = await createLost(0, ({ cases, clock }) => {
    cases.updateCase('case-1', clock.now(), [value('status'), value('title')]);
    const events = cases.cases.get('case-1')?.events ?? [];
    const whole = events.at(-1);
    if (whole == null) throw new Error('the fake has no event');
    events.splice(-1, 1, { ...whole, fields: [null, value('title')] as never }, whole);
  });
  loseStaged(world, 'redo.json');
  const { seq } = headOf(world);
  expect(await judgedTick(world)).toBeInstanceOf(IntegrityError);
  await world.voidCommit(seq);
  world.clock.advance(HOUR);
  await judgedTicks(world, 4, HOUR);
  const rows = visibleRows(world).filter((row) => row['case_id'] === 'case-1');
  const keys = rows.map((row) => `${row['event_id']}|${row['field_index']}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(rows.filter((row) => row['new_value'] === 'status')).toHaveLength(1);
  expect(judge(world, START)).toMatchObject({ isComplete: true });
});
