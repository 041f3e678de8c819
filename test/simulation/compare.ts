/** What is visible, compared with what really happened. */
import { SEARCH_BEHIND_MS } from './cases/domain';
import { UNKNOWN_MEMBER } from './cases/event-kinds';
import type { FaultKind } from './faults';
import type { Simulation } from './simulation';
import type { KnownCase, KnownEvent } from './truth';

/** With one of these a search leaves cases out at random, or for longer than any overlap, and a whole scan has to settle it. */
const HIDES: readonly FaultKind[] = [
  'cases.null-element',
  'cases.unsorted',
  'cases.results-capped',
  'cases.offset-token-moves',
  'cases.no-token-too-early',
  'case.hidden-by-null',
  'case.unlisted',
];

/**
 * Which events must be visible before any later sweep has looked: those that something led to in time, and that the audit history
 * held in time. In worlds where searches hide cases for longer than settle and overlap, or at random, nothing is promised but that
 * the sweep finds them.
 */
export function findableWithoutSweep({ plan }: Simulation): (event: KnownEvent) => boolean {
  const { rates, settings, auditLagMs } = plan;
  const { settleMs, overlapMs } = settings;
  const lags = (['cases.audit-lag', 'cases.stale-replica'] as const).filter((kind) => rates[kind] !== undefined);
  const behindMs = rates['cases.stale-replica'] === undefined ? 0 : SEARCH_BEHIND_MS;
  if (HIDES.some((kind) => rates[kind] !== undefined)) return () => false;
  // One answer of a replica may be behind by as much again as the history itself.
  if (auditLagMs * lags.length > settleMs) return () => false;
  const mayLag = rates['cases.audit-lag-uncapped'] !== undefined;
  return ({ truth: { findableAt, occurredAt, visibleAt } }) =>
    findableAt !== null &&
    findableAt - occurredAt + behindMs <= settleMs + overlapMs &&
    (!mayLag || visibleAt - occurredAt <= settleMs);
}

/** Every event that is visible is wholly visible, and those that must be visible are. */
export function compare(simulation: Simulation, mustBeThere: (event: KnownEvent) => boolean, when: string): void {
  const { truth, archive, violations } = simulation.checks;
  for (const known of truth.cases().values()) {
    for (const event of known.events.values()) {
      const id = `${known.truth.caseId}|${event.key}`;
      const visible = archive.visibleEvents.get(id)?.rows ?? 0;
      checkRows(simulation, known, event, when);
      if (!mustBeThere(event) || known.truth.deletedAt !== null) continue;
      const isPoison = event.rows().length === 0;
      if (!isPoison && visible === 0) violations.add('1, nothing lost', `${when}: ${lost(known, event)}`);
      const quarantined = archive.quarantined.get(id);
      if (isPoison && quarantined?.emitted !== false) {
        violations.add('6, quarantine', `${when}: poison ${id} is not in quarantine`);
      }
    }
  }
}

/** As many rows as one of its contents has. Where a field was null until the case was deleted, its row never comes. */
function checkRows(simulation: Simulation, { truth }: KnownCase, event: KnownEvent, when: string): void {
  const { cases, checks } = simulation;
  const { archive, violations } = checks;
  const id = `${truth.caseId}|${event.key}`;
  if (!archive.visibleEvents.has(id)) return;
  const visible = archive.rowsOf(id);
  const counts = event.variants().map((rows) => rows.length);
  const isLost = cases.isMaimed(event.truth.event) && truth.deletedAt !== null;
  // An event of which every field came as null has made a row without a field, and the fields come after it.
  const isAfterPlaceholder = counts.includes(visible - 1) && cases.isMaimed(event.truth.event);
  if (!counts.includes(visible) && !isAfterPlaceholder && !isLost) {
    violations.add('1, whole', `${visible} of ${counts.join(' or ')} rows of event ${id} are visible ${when}`);
  }
  const { event: content } = event.truth;
  if (!JSON.stringify(content).includes(UNKNOWN_MEMBER)) return;
  if (JSON.stringify(event.rows()).includes(UNKNOWN_MEMBER)) return;
  violations.add('1, no fact dropped', `a member of event ${id} that is not known is in none of its rows`);
}

/** An event that is not visible, with its times. */
export function lost({ truth: { caseId } }: KnownCase, { key, truth }: KnownEvent): string {
  const { occurredAt, visibleAt, findableAt } = truth;
  const times = { occurredAt, visibleAt, findableAt };
  return `event ${key} of ${caseId} is not visible, ${JSON.stringify(times)}`;
}
