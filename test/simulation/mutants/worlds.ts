/** Which worlds of the simulation can show that a guard is broken: what a search for a seed need not look at is left out. */
import type { FaultKind } from '../faults';
import type { Plan } from '../plan';

export type Worlds = (plan: Plan) => boolean;

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

/** In which cases change while they are exported. */
export const lively: Worlds = ({ changeRate, cases }) => changeRate >= 0.05 && cases >= 3;

/** In which searches and histories come in small pages. */
export const smallPages: Worlds = ({ pageSize }) => pageSize.searchCases <= 5 && pageSize.getCaseAuditEvents <= 5;

export function all(...conditions: readonly Worlds[]): Worlds {
  return (plan) => conditions.every((holds) => holds(plan));
}
