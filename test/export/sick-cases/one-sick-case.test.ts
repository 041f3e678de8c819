/** No case is fatal to the feed: whatever one or a few of them do, for ever, the others come out, and each sick one stands in a list. */
import { setTo } from '../../fakes/cases-api';
import { failed, neverAnswers } from '../../fakes/with-answers';
import { judge } from '../../support/proof';
import { aField } from '../../support/stored-values';
import { expectExactlyTheHistory, HOUR, rates, START } from '../../support/world';
import {
  createDomain,
  debtsOf,
  endlessEvents,
  expectFeedGoesOn,
  expectRecovers,
  exportedCases,
  gapsOf,
  pass,
  withSick,
} from './sick';
import { expectOthersComeOut, SICKNESSES } from './sick-promises';

/** A call that fails, a call that has no end, pages that have no end: the slow tests try every way. */
const TRIED: ReadonlySet<string> = new Set(['answers 5xx', 'never answers', 'has endless tokens']);

test.each(SICKNESSES.filter(([name]) => TRIED.has(name)))(
  'A case that %s, for ever, does not keep the first export from coming out, nor any change after it',
  (_, sicknessOf, cause) => expectOthersComeOut(sicknessOf, cause, 1),
);

test('A case whose history never ends takes its share and no more, and stands as partly read', async () => {
  const world = createDomain(40, { auditEventsRps: 0.25, searchCasesRps: 1.5 });
  const cases = withSick(world, new Map([['case-0', endlessEvents()]]));
  await pass(world, 3, cases);
  expect(exportedCases(world).size).toBe(40);
  await expectFeedGoesOn(world, cases, ['case-5', 'case-6', 'case-25', 'case-39', 'case-1']);
  expect(debtsOf(world)).toEqual({ 'partly-read': 1 });
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: 1 });
});

test('Sick cases of every kind at once keep nothing from coming out', async () => {
  const world = createDomain(200, rates(15));
  const sick = new Map(SICKNESSES.map(([, sickness], index) => [`case-${index * 15}`, sickness()]));
  const cases = withSick(world, sick);
  await pass(world, 4, cases);
  const healthy = [...world.cases.cases.keys()].filter((caseId) => !sick.has(caseId));
  expect(healthy.filter((caseId) => !exportedCases(world).has(caseId))).toEqual([]);
  await expectFeedGoesOn(world, cases, healthy);
  expect(gapsOf(world)).toEqual(
    Object.fromEntries(SICKNESSES.map(([, , cause], index) => [`case-${index * 15}`, cause])),
  );
  world.clock.advance(24 * HOUR);
  await expectRecovers(world);
});

test('ListFields that fails for ever keeps nothing from coming out: the names of earlier runs stand', async () => {
  const world = createDomain(20);
  world.cases.fields.set('status', aField());
  await pass(world, 1);
  const broken = async () => Promise.reject(failed('unavailable', 'ListFields'));
  const cases = { ...world.cases, listFields: broken, batchGetFields: broken };
  await expectFeedGoesOn(world, cases, ['case-1', 'case-2']);
  expectExactlyTheHistory(world);
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: true });
});

test('A BatchGetField that never answers keeps no history waiting, however many fields have no name', async () => {
  const world = createDomain(60);
  for (let index = 0; index < 60; index += 1) {
    const at = START - 40 * HOUR + index * 60_000;
    world.cases.updateCase(`case-${index}`, at, [setTo(`deleted-${index}`, 'x')]);
  }
  const cases = { ...world.cases, batchGetFields: neverAnswers('batchGetFields') };
  expect(await pass(world, 1, cases)).toEqual([]);
  expect(exportedCases(world).size).toBe(60);
  expectExactlyTheHistory(world);
});
