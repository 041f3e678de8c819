import type { AuditPage, SearchPage } from '../../../lambda/export/ports';
import { casesApi, createPacedCalls, DOMAIN } from '../fixtures';

export const AUDIT = 'GetCaseAuditEvents';
export const SEARCH = 'SearchCases';
export const auditPage: AuditPage = { events: [], nextToken: undefined, serviceTime: null };
export const searchPage: SearchPage = { cases: [], nextToken: undefined, totalCount: 0, serviceTime: null };
export const oneCase = { domainId: DOMAIN, caseId: 'case-1', nextToken: undefined };
export const search = { domainId: DOMAIN, by: 'created_datetime', from: 0 } as const;

type Script = (attempt: number) => AuditPage | Error;

/** Audit calls that are answered by their number, from 1; `at` holds when each went out. */
export function createAudit(script: Script, options: Parameters<typeof createPacedCalls>[1] = {}) {
  const at: number[] = [];
  const world = createPacedCalls(
    casesApi({
      getCaseAuditEvents: async () => {
        at.push(world.clock.monotonic());
        const answer = script(at.length);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      searchCases: async () => {
        at.push(world.clock.monotonic());
        const answer = script(at.length);
        if (answer instanceof Error) throw answer;
        return searchPage;
      },
    }),
    options,
  );
  return { ...world, at };
}
