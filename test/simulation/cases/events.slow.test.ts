/** A case as large as the simulation makes one: every event of it is shown, each once. */
import { expectHugeCase } from './huge-case';
import { TryOut } from './try-out';

test('100,000 events unless asked otherwise, once a world, each shown once', async () => {
  await expectHugeCase(new TryOut({ 'cases.huge-case': 1 }), 100_000);
});
