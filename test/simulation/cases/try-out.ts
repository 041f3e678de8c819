/** A simulated service whose time a test moves by hand, and readers that walk its lists. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, CasesApi, RelatedPage, SearchPage, SearchRequest } from '../../../lambda/export/ports';
import { pagesOf } from '../../support/pages';
import { Random } from '../../support/random';
import { type FaultRates, Faults } from '../faults';
import { SECOND, START } from '../times';
import type { TrueEvent } from './history';
import { createSimulatedCases, type SimulatedCases, type SimulatedCasesOptions } from './service';

export { HOUR, MINUTE, SECOND, START } from '../times';

export const DOMAIN = 'domain-1';

export class TryOut {
  readonly faults: Faults;
  readonly cases: SimulatedCases;
  #now = START;

  constructor(rates: FaultRates = {}, options: Partial<SimulatedCasesOptions> = {}, seed = 1) {
    this.faults = new Faults(seed, rates);
    this.cases = createSimulatedCases({
      domainId: DOMAIN,
      now: () => this.#now,
      sleep: async () => undefined,
      faults: this.faults,
      random: new Random(seed),
      ...options,
    });
  }

  get now(): number {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  /** So many cases, a second apart, the last one now. */
  createCases(count: number): string[] {
    return Array.from({ length: count }, () => {
      this.pass(SECOND);
      return this.cases.createCase({ templateId: 'template-1' });
    });
  }

  /** A case that is updated so many times, a second apart. */
  updatedCase(updates: number): string {
    const [caseId = ''] = this.createCases(1);
    for (let count = 0; count < updates; count += 1) {
      this.pass(SECOND);
      this.cases.updateCase(caseId);
    }
    return caseId;
  }

  search(request: Partial<SearchRequest> = {}, signal = never): Promise<SearchPage> {
    return this.cases.searchCases({ domainId: DOMAIN, by: 'last_updated_datetime', from: 0, ...request }, signal);
  }

  audit(caseId: string, nextToken?: string): Promise<AuditPage> {
    return this.cases.getCaseAuditEvents({ domainId: DOMAIN, caseId, nextToken }, never);
  }

  related(nextToken?: string): Promise<RelatedPage> {
    return this.cases.searchAllRelatedItems({ domainId: DOMAIN, nextToken }, never);
  }

  /** Ids of the cases that a whole walk by token shows. */
  async found(request: Partial<SearchRequest> = {}): Promise<string[]> {
    const pages = await pagesOf((nextToken) => this.search({ ...request, nextToken }));
    return pages.flatMap(({ cases }) => cases ?? []).flatMap((one) => one?.caseId ?? []);
  }

  /** The events that a whole walk by token shows. */
  async events(caseId: string): Promise<AuditEvent[]> {
    const pages = await pagesOf((nextToken) => this.audit(caseId, nextToken));
    return pages.flatMap(({ events }) => events ?? []).filter((event) => event !== null);
  }

  truth(caseId: string): readonly TrueEvent[] {
    return this.cases.history().find((one) => one.caseId === caseId)?.events ?? [];
  }
}

export const never = new AbortController().signal;

/** One call of each operation. */
export const OPERATIONS: readonly (readonly [
  keyof CasesApi,
  (tryOut: TryOut, signal: AbortSignal) => Promise<unknown>,
])[] = [
  [
    'searchCases',
    ({ cases }, signal) => cases.searchCases({ domainId: DOMAIN, by: 'created_datetime', from: 0 }, signal),
  ],
  [
    'getCaseAuditEvents',
    ({ cases }, signal) => cases.getCaseAuditEvents({ domainId: DOMAIN, caseId: 'case-0001' }, signal),
  ],
  ['searchAllRelatedItems', ({ cases }, signal) => cases.searchAllRelatedItems({ domainId: DOMAIN }, signal)],
  ['listFields', ({ cases }, signal) => cases.listFields({ domainId: DOMAIN }, signal)],
  ['batchGetFields', ({ cases }, signal) => cases.batchGetFields({ domainId: DOMAIN, fieldIds: ['title'] }, signal)],
  ['listFieldOptions', ({ cases }, signal) => cases.listFieldOptions({ domainId: DOMAIN, fieldId: 'status' }, signal)],
  ['listTemplates', ({ cases }, signal) => cases.listTemplates({ domainId: DOMAIN }, signal)],
];

/** The error that a call rejects with; fails if it answers. */
export async function errorOf(call: Promise<unknown>): Promise<CasesCallError> {
  const outcome = await call.then(
    () => new Error('The call was answered.'),
    (error: unknown) => error,
  );
  if (outcome instanceof CasesCallError) return outcome;
  throw outcome;
}

/** How the call fails; null if it is answered. */
export function failureOf(call: Promise<unknown>): Promise<CasesFailure | null> {
  return call.then(
    () => null,
    (error: CasesCallError) => error.failure,
  );
}
