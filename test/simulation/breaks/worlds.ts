/** Which worlds of the simulation can show that a guard is broken: what a search for a seed need not look at is left out. */
import type { FaultKind } from '../faults';
import type { Plan } from '../plan';

export type Worlds = (plan: Plan) => boolean;

const SETTLE_MS = 180_000;

/** Faults that hide cases from searches for as long as they like: then only a later sweep is promised to find everything. */
const HIDING: readonly FaultKind[] = [
  'cases.null-element',
  'cases.unsorted',
  'cases.results-capped',
  'cases.offset-token-moves',
];

/** With one of these faults. */
export function having(...kinds: readonly FaultKind[]): Worlds {
  return ({ rates }) => kinds.some((kind) => rates[kind] !== undefined);
}

/** In which nothing hides a case from searches, and settle is long enough for what the audit history is behind. */
export const findable: Worlds = (plan) => {
  const { settings, auditLagMs } = plan;
  const isBehind = having('cases.audit-lag', 'cases.stale-replica')(plan);
  return !having(...HIDING)(plan) && !(isBehind && 2 * auditLagMs > settings.settleMs);
};

/** In which changes take some time to settle. */
export const settling: Worlds = ({ settings }) => settings.settleMs >= SETTLE_MS;

/** In which cases change while they are exported. */
export const lively: Worlds = ({ changeRate, cases }) => changeRate >= 0.05 && cases >= 3;

/** In which searches and histories come in small pages. */
export const smallPages: Worlds = ({ pageSize }) => pageSize.searchCases <= 5 && pageSize.getCaseAuditEvents <= 5;

/** In which commits are many. */
export const smallBatches: Worlds = ({ settings }) => settings.maxRowsPerCommit <= 10;

/** In which there is more to read than there is time, and enough of it is kept in reserve for a commit. */
export const backlog: Worlds = ({ settings, ticks, cases }) =>
  settings.auditEventsRps <= 5 &&
  settings.commitReserveMs >= 5_000 &&
  cases >= 8 &&
  ticks.some(({ minutes }) => minutes === 0.5);

/** In which neither S3 nor DynamoDB is at fault for anything. */
export const storesAnswer: Worlds = ({ rates }) =>
  Object.keys(rates).every((kind) => !kind.startsWith('s3.') && !kind.startsWith('dynamodb.'));

export function all(...conditions: readonly Worlds[]): Worlds {
  return (plan) => conditions.every((holds) => holds(plan));
}
