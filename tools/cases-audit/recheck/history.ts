/** One case as the service tells it now, and all cases that its search shows. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import { eventKey } from '../../../lambda/export/domain/flatten';
import type { AuditPage } from '../../../lambda/export/ports';
import type { PoliteCalls } from './polite-calls';

/** Why something could not be read. */
export type UnreadCause = Exclude<CasesFailure, 'not-found'> | 'no-progress' | 'incomplete' | 'hidden' | 'stopped';

/** `gone`: 404. `incomplete` events are those that came; without them none is contradicted. */
export type History =
  | { readonly kind: 'read'; readonly events: readonly AuditEvent[]; readonly isWhole: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unread'; readonly cause: UnreadCause };

/** Pages in a row that show nothing new: the exporter gives up there, too. */
const MAX_BARREN_PAGES = 1_000;
const MAX_RESTARTS = 2;

/** Every page of the history. A refused token begins again at the first page, twice at most; one that repeats ends it. */
export async function readHistory(calls: PoliteCalls, domainId: string, caseId: string): Promise<History> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await readPages((nextToken) => calls.getCaseAuditEvents({ domainId, caseId, nextToken }));
    } catch (error) {
      if (!(error instanceof CasesCallError)) throw error;
      if (error.failure === 'not-found') return { kind: 'gone' };
      if (error.failure !== 'refused' || restarts >= MAX_RESTARTS) return { kind: 'unread', cause: error.failure };
    }
  }
}

async function readPages(pageAt: (token: string | undefined) => Promise<AuditPage>): Promise<History> {
  const events: AuditEvent[] = [];
  const [tokens, keys] = [new Set<string>(), new Set<string>()];
  let isWhole = true;
  let barren = 0;
  for (let token: string | undefined; ; ) {
    const page = await pageAt(token);
    const before = keys.size;
    for (const event of page.events) {
      if (event === null) isWhole = false;
      else {
        events.push(event);
        keys.add(eventKey(event));
      }
    }
    if (page.nextToken === undefined) return { kind: 'read', events, isWhole };
    barren = keys.size > before ? 0 : barren + 1;
    if (tokens.has(page.nextToken) || barren >= MAX_BARREN_PAGES) return { kind: 'unread', cause: 'no-progress' };
    tokens.add(page.nextToken);
    token = page.nextToken;
  }
}

/** What two readings show together: lists that move between pages hide an event from one of them. */
export function joinHistories(first: History, second: History): History {
  if (first.kind !== 'read') return second;
  if (second.kind !== 'read') return second.kind === 'gone' ? second : first;
  return { kind: 'read', events: [...first.events, ...second.events], isWhole: first.isWhole || second.isWhole };
}

/** A case of a search; null where it did not tell the time. Epoch ms. */
export interface ShownCase {
  readonly caseId: string;
  readonly created: number | null;
  readonly lastUpdated: number | null;
}

interface SearchEnd {
  readonly pages: number;
  /** Elements that came as null: cases that hid. */
  readonly hidden: number;
  /** Null if the search came to its end. */
  readonly unread: UnreadCause | 'not-found' | null;
}

/** Pages that bring the search no further; a token that leads nowhere would go on for ever. */
const MAX_IDLE_PAGES = 100;

/**
 * Every case that the search shows, by creation, which never changes; some come twice. It goes on from the last creation time rather than
 * by token, except within one instant.
 */
export async function searchAll(
  calls: PoliteCalls,
  domainId: string,
  onCase: (shown: ShownCase) => void,
  onPage: (pages: number) => void,
): Promise<SearchEnd> {
  let [pages, hidden, from, idle] = [0, 0, 0, 0];
  const seen = new Set<string>();
  try {
    for (let nextToken: string | undefined; ; ) {
      const page = await calls.searchCases({ domainId, by: 'created_datetime', from, nextToken });
      const before = seen.size;
      pages += 1;
      onPage(pages);
      for (const shown of page.cases) {
        if (shown === null) hidden += 1;
        else if (!seen.has(shown.caseId)) {
          seen.add(shown.caseId);
          onCase(shown);
        }
      }
      if (page.nextToken === undefined) return { pages, hidden, unread: null };
      idle = seen.size > before ? 0 : idle + 1;
      if (idle >= MAX_IDLE_PAGES) return { pages, hidden, unread: 'no-progress' };
      const last = page.cases.at(-1)?.created ?? null;
      const isFurther = last !== null && last > from;
      if (isFurther) from = last;
      nextToken = isFurther ? undefined : page.nextToken;
    }
  } catch (error) {
    if (!(error instanceof CasesCallError)) throw error;
    return { pages, hidden, unread: error.failure };
  }
}
