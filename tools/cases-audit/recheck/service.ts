/** The real service and the real time. Loaded only where they are needed: the SDK is large. */
import { createCasesApi, createCasesClient } from '../../../lambda/export/aws/cases-api';
import { createClock as createSystemClock } from '../../../lambda/export/aws/clock';
import type { Clock } from '../../../lambda/export/ports';
import type { ReadingCases } from './polite-calls';

/** Under the caller's own role, from the usual settings of the SDK. */
export function createCases(region: string | undefined): ReadingCases {
  const { searchCases, getCaseAuditEvents } = createCasesApi(createCasesClient(region === undefined ? {} : { region }));
  return { searchCases, getCaseAuditEvents };
}

/** The time of day is the console's. */
export function createClock(now: () => number): Clock {
  return { ...createSystemClock(), now };
}
