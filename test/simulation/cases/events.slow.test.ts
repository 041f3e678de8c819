/** A case as large as the simulation makes one: every event of it is shown, each once. */
import { HOUR, START, TryOut } from './try-out';

test('100,000 events unless asked otherwise, once a world, each shown once', async () => {
  const tryOut = new TryOut({ 'cases.huge-case': 1 });
  const caseId = tryOut.cases.createCase({ at: START - HOUR });
  const other = tryOut.cases.createCase();
  const ids = new Set<string | undefined>();
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const page = await tryOut.audit(caseId, nextToken);
    for (const event of page.events ?? []) ids.add(event?.eventId);
    nextToken = page.nextToken;
    pages += 1;
  } while (nextToken !== undefined);
  expect([ids.size, pages]).toEqual([100_000, 4_000]);
  expect(tryOut.truth(other)).toHaveLength(1);
  expect(tryOut.faults.counts).toEqual({ 'cases.huge-case': 1 });
  const truth = tryOut.truth(caseId);
  expect(truth.filter(({ event }) => ids.has(event.eventId))).toHaveLength(100_000);
  expect(truth.every((event, at) => at === 0 || event.occurredAt >= (truth[at - 1]?.occurredAt ?? 0))).toBe(true);
});
