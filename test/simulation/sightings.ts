/** What answers of searches have shown to a process. */
import { CasesCallError } from '../../lambda/export/domain/errors';
import type { RelatedPage, SearchPage, SearchRequest } from '../../lambda/export/ports';
import type { CallOutcome, PortCall } from './process';

/** A case, or an item related to it, as one answer showed it. */
export interface Shown {
  readonly by: SearchRequest['by'] | 'association';
  readonly caseId: string;
  /** Value of what was searched by. */
  readonly place: number;
  /** The change that the answer told of. */
  readonly touched: number;
}

/** What answers have shown to one process, in order. */
export class Sightings {
  readonly shown: Shown[] = [];
  /** Whole seconds, as searches are asked. */
  readonly #placesOfNotFound = new Set<number>();

  /** @param leadsTo what searches have ever shown of a case. */
  constructor(private readonly leadsTo: (caseId: string) => readonly { readonly touched: number }[]) {}

  answered({ method, args: [request] }: PortCall, outcome: CallOutcome): void {
    if (outcome.kind === 'value' && method === 'searchCases') {
      this.#search(request as SearchRequest, (outcome.value as SearchPage).cases);
    } else if (outcome.kind === 'value' && method === 'searchAllRelatedItems') {
      this.#related((outcome.value as RelatedPage).items);
    } else if (outcome.kind === 'error' && method === 'getCaseAuditEvents') {
      this.#failed((request as { readonly caseId: string }).caseId, outcome.error);
    }
  }

  #failed(caseId: string, error: unknown): void {
    if (!(error instanceof CasesCallError) || error.failure !== 'not-found') return;
    for (const { touched } of this.leadsTo(caseId)) this.#placesOfNotFound.add(wholeSecond(touched));
  }

  /** A look at the place of a case that is not found is no find of a lane: whatever else it shows, its own lane has still to find. */
  #search({ by, from, nextToken }: SearchRequest, cases: SearchPage['cases']): void {
    const isFirstPage = by === 'last_updated_datetime' && nextToken === undefined;
    if (isFirstPage && this.#placesOfNotFound.has(from)) return;
    for (const found of cases) {
      if (found === null || found.lastUpdated === null || found.created === null) continue;
      const place = by === 'created_datetime' ? found.created : found.lastUpdated;
      this.shown.push({ by, caseId: found.caseId, place, touched: found.lastUpdated });
    }
  }

  #related(items: RelatedPage['items']): void {
    for (const item of items) {
      if (item === null || item.associatedAt === null) continue;
      const { caseId, associatedAt } = item;
      this.shown.push({ by: 'association', caseId, place: associatedAt, touched: associatedAt });
    }
  }
}

/** As searches are asked. */
function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
