/** What really happened, for those who compare. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { firstWhere } from '../sorted';
import type { CaseRecord, RelatedItem } from './domain';
import type { ServiceClock } from './service-clock';

export interface TrueCase {
  readonly caseId: string;
  readonly templateId: string | null;
  readonly created: number;
  readonly deletedAt: number | null;
  readonly events: readonly TrueEvent[];
}

export interface TrueEvent {
  /** As an answer holds it when nothing is wrong. */
  readonly event: AuditEvent;
  /** What it reads like later; undefined if that never changes. */
  readonly enriched: AuditEvent | undefined;
  /** From when on it does. */
  readonly enrichedAt: number | undefined;
  /** True time at which it happened; its performedTime may be another. */
  readonly occurredAt: number;
  /** From when getCaseAuditEvents shows it. */
  readonly visibleAt: number;
  /**
   * From when a search or a related item leads to the case with a touched ≥ this change, as long as the case is there; null if
   * nothing tells of it, as of related items that are edited or deleted. What only a deleted item told of is told no more.
   */
  readonly findableAt: number | null;
  /** No row can hold it. */
  readonly poison: boolean;
}

/** Something that leads to a case: with this `touched`, from then on. */
export interface Lead {
  readonly by: 'search' | 'association';
  readonly touched: number;
  readonly at: number;
}

/** A case with all its events in the order in which they occurred; they are made when they are first looked at. */
export function trueCase(record: CaseRecord, items: readonly RelatedItem[], clock: ServiceClock): TrueCase {
  const { caseId, templateId, created, deletedAt } = record;
  let events: readonly TrueEvent[] | undefined;
  return {
    caseId,
    templateId,
    created,
    deletedAt,
    get events() {
      events ??= trueEvents(record, items, clock);
      return events;
    },
  };
}

function trueEvents(record: CaseRecord, items: readonly RelatedItem[], clock: ServiceClock): TrueEvent[] {
  const leads = earliestFromHere(leadsTo(record, items, clock));
  return record.events
    .toSorted((a, b) => a.occurredAt - b.occurredAt)
    .map((happened) => ({
      event: happened.content(),
      enriched: happened.enriched?.content,
      enrichedAt: happened.enriched?.at,
      occurredAt: happened.occurredAt,
      visibleAt: clock.arrival(happened.occurredAt, happened.visibleAt),
      findableAt: earliestLead(leads, happened.occurredAt),
      poison: happened.poison,
    }));
}

/** Everything that leads to the case. A deleted item leads nowhere. */
export function leadsTo(record: CaseRecord, items: readonly RelatedItem[], clock: ServiceClock): Lead[] {
  const searches = record.versions.map(({ lastUpdated, indexedAt }) => ({
    by: 'search' as const,
    touched: lastUpdated,
    at: clock.arrival(lastUpdated, indexedAt),
  }));
  const associations = items
    .filter(({ endedAt }) => endedAt === null)
    .map(({ associatedAt }) => ({ by: 'association' as const, touched: associatedAt, at: associatedAt }));
  return [...searches, ...associations];
}

/** Ascending by `touched`; `at` is the earliest of it and all that follow. */
function earliestFromHere(leads: readonly Lead[]): Lead[] {
  let earliest = Number.POSITIVE_INFINITY;
  return leads
    .toSorted((a, b) => b.touched - a.touched)
    .map((lead) => {
      earliest = Math.min(earliest, lead.at);
      return { ...lead, at: earliest };
    })
    .reverse();
}

function earliestLead(leads: readonly Lead[], occurredAt: number): number | null {
  return leads[firstWhere(leads, ({ touched }) => touched >= occurredAt)]?.at ?? null;
}
