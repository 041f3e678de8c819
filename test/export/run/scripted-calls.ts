import type { AuditPage } from '../../../lambda/export/ports';
import { NO_CASES } from '../../fakes/with-answers';
import { casesApi, createPacedCalls, DOMAIN } from '../fixtures';

export const AUDIT = 'GetCaseAuditEvents';
export const SEARCH = 'SearchCases';
export const oneCase = { domainId: DOMAIN, caseId: 'case-1', nextToken: undefined };
export const search = { domainId: DOMAIN, by: 'created_datetime', from: 0 } as const;

type Script = (attempt: number) => AuditPage | Error;

/** Audit calls that are answered by their number, from 1; `at` holds when each went out. */
export function createAudit(script: Script, options: Parameters<typeof createPacedCalls>[1] = {}) {
  const at: number[] = [];
  const answer = () => {
    at.push(world.clock.monotonic());
    const next = script(at.length);
    if (next instanceof Error) throw next;
    return next;
  };
  const world = createPacedCalls(
    casesApi({
      getCaseAuditEvents: async () => answer(),
      searchCases: async () => {
        answer();
        return NO_CASES;
      },
    }),
    options,
  );
  return { ...world, at };
}
