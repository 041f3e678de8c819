import { CasesCallError } from '../domain/errors';
import { latest } from '../domain/moments';
import { isNotFoundTwice } from '../domain/retry-list';
import { type Asker, now, type Run } from '../run/run';
import type { ReadTask } from './reading';

/**
 * What becomes of a case that has just answered 404. `owed`: a search shows it, or may show it; histories lag, and incidents pass.
 * `lost`: it is not where it stood, and may stand further up. `gone`: it stands nowhere.
 */
export type Fate = 'owed' | 'lost' | 'gone';

/** One call of SearchCases at most, and only after two 404s at least settle apart. */
export async function fateOf(run: Run, { caseId, lastUpdated }: ReadTask): Promise<Fate> {
  const retry = run.batch.retryOf(caseId);
  if (!isNotFoundTwice(retry, now(run), run.deps.settings.settleMs)) return 'owed';
  // Since it was not where it stood, a live pass has seen the end of the list, where it would stand if it had been updated.
  if (retry?.lostAt != null && retry.lostAt < (run.progress.provenUntil ?? Number.NEGATIVE_INFINITY)) return 'gone';
  const place = latest(lastUpdated, retry?.lastUpdated ?? null);
  return place === null ? 'owed' : lookFor(run, caseId, place);
}

async function lookFor(run: Asker, caseId: string, place: number): Promise<Fate> {
  const from = Math.floor(place / 1000) * 1000;
  try {
    const page = await run.calls.searchCases({ domainId: run.domainId, by: 'last_updated_datetime', from });
    if (page.cases.some((found) => found === null || found.caseId === caseId)) return 'owed';
    if (page.nextToken === undefined) return (page.totalCount ?? 0) > page.cases.length ? 'owed' : 'gone';
    const goesBeyond = page.cases.some((found) => found?.lastUpdated != null && found.lastUpdated >= from + 1000);
    return goesBeyond ? 'lost' : 'owed';
  } catch (error) {
    if (error instanceof CasesCallError) return 'owed';
    throw error;
  }
}
