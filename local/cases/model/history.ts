import type { WireAuditEvent } from './wire-event';
import { findCase, findDomain, type RecordedEvent, type World } from './world';

/** What truly happened to a case: the yardstick for what a client read. */
export interface CaseHistory {
  readonly caseId: string;
  readonly templateId: string;
  readonly deleted: boolean;
  /** In the order they were recorded. */
  readonly events: readonly RecordedEvent[];
}

/** Every case of the domain, deleted ones too, with every event, whatever the switches hide or spoil on the way. */
export function historyOf(world: World, domainId: string): CaseHistory[] {
  return [...findDomain(world, domainId).cases.values()].map(({ caseId, templateId, deletedAt, events }) => ({
    caseId,
    templateId,
    deleted: deletedAt !== null,
    events: [...events],
  }));
}

/** Adds a raw event, recorded now, however it looks: of an unknown type, without an id, undecodable. */
export function injectEvent(
  world: World,
  domainId: string,
  caseId: string,
  event: Readonly<Record<string, unknown>>,
): void {
  const subject = findCase(findDomain(world, domainId), caseId);
  // What a client makes of an event that breaks the rules is the very thing to be tested.
  subject.events.push({ at: world.now(), event: event as unknown as WireAuditEvent, injected: true });
}
