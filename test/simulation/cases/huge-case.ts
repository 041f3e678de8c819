import { pagesOf } from '../../support/pages';
import { HOUR, START, type TryOut } from './try-out';

/** A world that makes its first case huge shows each of so many events once, 25 a page, and every other case as it is. */
export async function expectHugeCase(tryOut: TryOut, events: number): Promise<void> {
  const caseId = tryOut.cases.createCase({ at: START - HOUR });
  const other = tryOut.cases.createCase();
  const pages = await pagesOf((nextToken) => tryOut.audit(caseId, nextToken));
  const ids = new Set(pages.flatMap((page) => page.events).map((event) => event?.eventId));
  expect([ids.size, pages.length]).toEqual([events, events / 25]);
  expect(tryOut.truth(other)).toHaveLength(1);
  expect(tryOut.faults.counts).toEqual({ 'cases.huge-case': 1 });
  const truth = tryOut.truth(caseId);
  expect(truth.filter(({ event }) => ids.has(event.eventId))).toHaveLength(events);
  expect(truth.every((event, at) => at === 0 || event.occurredAt >= (truth[at - 1]?.occurredAt ?? 0))).toBe(true);
}
