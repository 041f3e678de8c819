/** A domain in which everything happens that an archive can hold, exported by the exporter's own code over in-memory ports. */
import { CasesCallError } from '../../../lambda/export/domain/errors';
import { createSmallDomain, type Exporter, MINUTE, START } from '../exporter';

export const DOMAIN = 'domain-1';
const HOUR = 60 * MINUTE;

/** Eight ticks, an hour apart: rows, a quarantined event, a case that is deleted, and silence. */
export async function exportSmallDomain(): Promise<Exporter> {
  const lost = new Set<string>();
  const exporter = createSmallDomain(DOMAIN, (operation, request) => {
    if (operation !== 'getCaseAuditEvents' || !lost.has((request as { caseId: string }).caseId)) return;
    throw new CasesCallError('no such case', 'not-found', 'GetCaseAuditEvents');
  });
  const { cases, clock, tick } = exporter;
  const before = () => clock.now() - 10 * MINUTE;
  for (let index = 1; index <= 4; index += 1) cases.addCase(`case-${index}`, START - index * HOUR);
  cases.updateCase('case-1', START - HOUR / 2);
  await tick();
  cases.updateCase('case-2', before());
  cases.addRelatedItem('case-3', before());
  await tick();
  cases.updateCase('case-3', before());
  // No row can hold an event without a time.
  cases.cases
    .get('case-3')
    ?.events.push({ eventId: 'event-bad', type: 'Case.Updated', performedTime: null, fields: [] } as never);
  await tick();
  await tick();
  cases.updateCase('case-4', before());
  lost.add('case-4');
  await tick();
  cases.deleteCase('case-4');
  await tick();
  cases.updateCase('case-1', before());
  cases.updateCase('case-2', before());
  await tick();
  await tick();
  return exporter;
}
