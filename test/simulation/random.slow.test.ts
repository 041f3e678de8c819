/** Random worlds, all those that are small among the first 40: every promise holds. */
import { expectNoViolation, smallSeeds, WITH_EVERYTHING_ON, WITH_NOTHING_ON } from './some-seeds';

test('whatever goes wrong, every promise holds', async () => {
  for (const seed of smallSeeds(40)) await expectNoViolation(seed);
});

test('also where everything goes wrong at once, and where nothing does', async () => {
  for (const seed of [...WITH_EVERYTHING_ON, ...WITH_NOTHING_ON]) await expectNoViolation(seed);
});
