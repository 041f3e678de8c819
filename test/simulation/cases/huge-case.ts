import { HOUR, START, type TryOut } from './try-out';

/** A world that makes its first case huge shows each of so many events once, 25 a page, and every other case as it is. */
export async function expectHugeCase(tryOut: TryOut, events: number): Promise<void> {
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
  expect([ids.size, pages]).toEqual([events, events / 25]);
  expect(tryOut.truth(other)).toHaveLength(1);
  expect(tryOut.faults.counts).toEqual({ 'cases.huge-case': 1 });
  const truth = tryOut.truth(caseId);
  expect(truth.filter(({ event }) => ids.has(event.eventId))).toHaveLength(events);
  expect(truth.every((event, at) => at === 0 || event.occurredAt >= (truth[at - 1]?.occurredAt ?? 0))).toBe(true);
}
