/** What the audit history of a case shows at some moment. */
import type { CaseRecord, EventOrder, HappenedEvent, Place } from './domain';
import type { ServiceClock } from './service-clock';

/** What a replica knows. `asOf` = now for one that is not behind. */
export interface Replica {
  readonly now: number;
  readonly asOf: number;
  /** A replica is not behind by more than this for what the history itself shows. */
  readonly auditLagMs: number;
}

/** Whether the replica knows of the case. */
export function isThere({ created, deletedAt }: CaseRecord, replica: Replica): boolean {
  return created <= replica.asOf && (deletedAt === null || deletedAt > replica.asOf);
}

/** The events that the replica shows, in the order of the case. */
export function visibleEvents(record: CaseRecord, replica: Replica, clock: ServiceClock): readonly HappenedEvent[] {
  if (record.lastVisibleAt <= replica.asOf) return record.ordered;
  return record.ordered.filter(({ occurredAt, visibleAt }) => {
    const arrival = clock.arrival(occurredAt, visibleAt);
    return arrival <= replica.asOf || (arrival <= replica.now && isOld(occurredAt, replica));
  });
}

/** Where an event stands, by its time (for poison without one: when it happened) and its number; `shuffled` in [0, 1). */
export function placeInOrder(order: EventOrder, time: number, serial: number, shuffled: number): Place {
  if (order === 'oldest-first') return { major: time, minor: serial };
  if (order === 'newest-first') return { major: -time, minor: -serial };
  return { major: shuffled, minor: serial };
}

function isOld(time: number, { now, auditLagMs }: Replica): boolean {
  return time + auditLagMs <= now;
}
