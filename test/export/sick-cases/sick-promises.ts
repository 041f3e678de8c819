/** Promises that hold whichever way cases are sick: the quick files try some of the ways, the slow ones every one. */
import type { RetryCause } from '../../../lambda/export/domain/case-items';
import type { CasesFailure } from '../../../lambda/export/domain/errors';
import { judge, judgedTick } from '../../support/proof';
import { HOUR, MINUTE, rates, START, type World } from '../../support/world';
import {
  createDomain,
  debtsOf,
  emptyPages,
  endlessTokens,
  expectFeedGoesOn,
  expectRecovers,
  exportedCases,
  failing,
  gapsOf,
  hanging,
  listMissing,
  pass,
  type Sickness,
  withSick,
} from './sick';

/** Each way of one case to be sick: what it does, how it answers, and the cause that it is owed for. */
export const SICKNESSES: readonly (readonly [string, () => Sickness, RetryCause])[] = [
  ['answers 5xx', () => failing('unavailable'), 'unavailable'],
  ['never answers', () => hanging, 'unavailable'],
  ['answers 500 with Retry-After: 3600', () => failing('unavailable', 3_600_000), 'unavailable'],
  ['answers 403, as access by tags may', () => failing('denied'), 'denied'],
  ['answers 429', () => failing('throttled'), 'throttled'],
  ['answers 429 with Retry-After: 3600', () => failing('throttled', 3_600_000), 'throttled'],
  ['answers 404 and is shown', () => failing('not-found'), 'not-found'],
  ['answers 400', () => failing('refused'), 'refused'],
  ['answers nonsense', () => failing('malformed'), 'malformed'],
  ['answers without its list', () => listMissing, 'malformed'],
  ['has endless tokens', endlessTokens, 'no-progress'],
  ['has endless empty pages', emptyPages, 'no-progress'],
];

const QUICK = rates(15);

/** One or two sick cases keep neither the first export nor any change from coming out, are owed, and come out once well. */
export async function expectOthersComeOut(sicknessOf: () => Sickness, cause: RetryCause, count: number): Promise<void> {
  const world = createDomain(40, QUICK);
  // The first that the sweep comes to, and one in the middle.
  const sick = new Map(['case-0', 'case-20'].slice(0, count).map((caseId) => [caseId, sicknessOf()]));
  const cases = withSick(world, sick);
  expect(await pass(world, 3, cases)).toEqual([]);
  expect(exportedCases(world).size).toBeGreaterThanOrEqual(40 - count);
  await expectFeedGoesOn(world, cases, ['case-5', 'case-6', 'case-25', 'case-39', 'case-1']);
  expect(gapsOf(world)).toEqual(Object.fromEntries([...sick.keys()].map((caseId) => [caseId, cause])));
  expect(debtsOf(world)).toMatchObject({ [cause]: count });
  expect(judge(world, START - HOUR)).toMatchObject({ isComplete: false, debts: count });
  world.clock.advance(24 * HOUR);
  await expectRecovers(world);
}

/** The first 30 of 300 cases fail for ever, and the other 270 come out as if they did not, from the first export on. */
export async function expectNineTenthsComeOut(failure: CasesFailure): Promise<void> {
  const world = createDomain(300, QUICK);
  // The first thirty that the sweep comes to: nothing can be read before them.
  const sick = new Map(Array.from({ length: 30 }, (_, index) => [`case-${index}`, failing(failure)]));
  const cases = withSick(world, sick);
  // With nothing to compare with, a run gives up at six to twenty of them, and the next goes on behind those.
  await pass(world, 7, cases);
  expect(exportedCases(world).size).toBe(270);
  expect(await pass(world, 4, cases)).toEqual([]);
  await expectFeedGoesOn(world, cases, ['case-40', 'case-80', 'case-120', 'case-160', 'case-299'], 3);
  expect(debtsOf(world)).toEqual({ [failure]: 30 });
  world.clock.advance(24 * HOUR);
  await expectRecovers(world);
}

/** For an hour after the first export the service fails every read: the runs say so, and all comes out by itself later. */
export async function expectNothingLostInAnHour(failure: CasesFailure): Promise<void> {
  const world = createDomain(100);
  await pass(world, 1);
  world.cases.updateCases(60, world.clock.now());
  world.clock.advance(5 * MINUTE);
  const cases = allSick(world, failing(failure));
  expect(await judgedTick(world, { cases })).toBeInstanceOf(Error);
  await pass(world, 12, cases);
  world.clock.advance(HOUR);
  await expectRecovers(world);
}

/** The service of a world in which every case is sick alike. */
export function allSick(world: World, sickness: Sickness) {
  return withSick(world, new Map([...world.cases.cases.keys()].map((caseId) => [caseId, sickness])));
}
