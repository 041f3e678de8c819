/** A tenth of the cases sick in every way, all of them, a thousand, six thousand: what it costs, and that everything comes out. */
import { withFailures } from '../../fakes/with-answers';
import { judge, judgedTick } from '../../support/proof';
import { lastManifest, MINUTE, rates } from '../../support/world';
import { createDomain, debtsOf, failing, pass, withSick } from './sick';
import { expectNineTenthsComeOut, expectNothingLostInAnHour } from './sick-promises';

test.each(['denied', 'unavailable', 'not-found', 'refused', 'malformed'] as const)(
  'A service that answers every case alike for an hour, after a first export, loses nothing, and is green again by itself: %s',
  expectNothingLostInAnHour,
);

test.each(['denied', 'unavailable', 'throttled', 'refused', 'malformed', 'not-found'] as const)(
  'A tenth of the cases %s for ever leaves the other nine tenths as they are, at the head of a sweep too',
  expectNineTenthsComeOut,
);

test('Retries of a thousand sick cases take a tenth of the calls, so that the others are read as before', async () => {
  const world = createDomain(1_100, rates(1.5));
  const sick = new Map(Array.from({ length: 1_000 }, (_, index) => [`case-${index}`, failing('refused')]));
  await pass(world, 60, withSick(world, sick));
  expect(debtsOf(world)).toEqual({ refused: 1_000 });
  world.cases.calls.length = 0;
  await judgedTick(world, { cases: withSick(world, sick) });
  expect(world.cases.requestsOf('getCaseAuditEvents').length).toBeLessThanOrEqual(0.1 * 1.5 * 15 * 60 + 8);
});

test('A manifest stays below 1 MB, however many cases are owed, and still counts all of them', async () => {
  const world = createDomain(20);
  await pass(world, 1);
  for (let index = 0; index < 6_000; index += 1) {
    // Ids as long as any.
    const caseId = `sick-${String(index).padStart(6, '0')}-${'x'.repeat(200)}`;
    world.cases.addCase(caseId, world.clock.now() + index * 10);
  }
  const cases = withFailures(world.cases, 'getCaseAuditEvents', 'refused', ({ caseId }) => caseId.startsWith('sick-'));
  world.clock.advance(10 * MINUTE);
  expect(await world.tick({ cases })).toMatchObject({ status: 'complete', retrying: 6_000 });
  const sizes = world.objects
    .keys('archive', 'manifests/')
    .map((key) => world.objects.buckets.archive.get(key)?.length ?? 0);
  expect(Math.max(...sizes)).toBeLessThan(1_000_000);
  expect(debtsOf(world)).toEqual({ refused: 6_000 });
  expect(lastManifest(world).gaps.length).toBeLessThan(6_000);
  expect(judge(world, world.clock.now() - 5 * MINUTE)).toMatchObject({ isComplete: false, debts: 6_000 });
});
