/** What really is in the simulated domain: facts only, nothing drawn. Times are true epoch milliseconds. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { FieldDefinition } from '../../../lambda/export/domain/fields';
import { firstWhere } from '../sorted';

/** A search may be answered from a state that is as old as this. */
export const SEARCH_BEHIND_MS = 120_000;

/** How the audit history of a case is ordered, for all its life. */
export type EventOrder = 'newest-first' | 'oldest-first' | 'shuffled';

/** Where an element stands in a list: ascending by `major`, then `minor`. No two elements of a list share both. */
export interface Place {
  readonly major: number;
  readonly minor: number;
}

/** An event as it happened, with its place in the audit history of its case. */
export interface HappenedEvent {
  readonly occurredAt: number;
  /** When the audit history shows it, unless the service is healed before. */
  readonly visibleAt: number;
  readonly poison: boolean;
  readonly place: Place;
  /** The same content every time; made when asked for where there are very many. */
  content(): AuditEvent;
  /** What it reads like from some moment on. */
  readonly enriched?: { readonly at: number; readonly content: AuditEvent } | undefined;
}

/** What the event reads like then. */
export function contentAt(event: HappenedEvent, now: number): AuditEvent {
  return event.enriched !== undefined && now >= event.enriched.at ? event.enriched.content : event.content();
}

/** One state of the case in the search index. */
interface IndexVersion {
  readonly lastUpdated: number;
  /** When searches place the case by it, unless the service is healed before. */
  readonly indexedAt: number;
  /** Searches show it at once, and place the case by an older one meanwhile. */
  readonly isShownAtOnce: boolean;
}

export interface CaseRecord {
  readonly caseId: string;
  /** Rises from case to case. */
  readonly serial: number;
  readonly templateId: string | null;
  readonly created: number;
  readonly order: EventOrder;
  /** In the order in which they were recorded. */
  readonly events: HappenedEvent[];
  /** By place: as the audit history gives them. */
  readonly ordered: HappenedEvent[];
  /** No event becomes visible after this. */
  lastVisibleAt: number;
  readonly versions: IndexVersion[];
  /** Those of them that a search may still show, now or from a replica that is behind. */
  recentVersions: readonly IndexVersion[];
  deletedAt: number | null;
  /** When searches stop to show a deleted case. */
  unindexedAt: number | null;
}

export interface RelatedItem {
  readonly caseId: string;
  readonly serial: number;
  readonly type: string;
  readonly associatedAt: number;
  /** Deleted, or its case was. */
  endedAt: number | null;
}

/** The facts, and the few ways in which they come about. */
export class Domain {
  readonly cases = new Map<string, CaseRecord>();
  /** Oldest first. */
  readonly items: RelatedItem[] = [];
  readonly fields = new Map<string, FieldDefinition>();
  #serials = 0;
  #version = 0;
  #alive: readonly string[] | undefined;

  /** Ascending. */
  readonly #changes: number[] = [];

  constructor(
    readonly domainId: string,
    private readonly now: () => number,
    private readonly onRecorded: (caseId: string, event: HappenedEvent) => void,
  ) {}

  /** Another one as soon as anything that a search shows has changed. */
  get version(): number {
    return this.#version;
  }

  /** Whether that happened in this span of time, true epoch ms. */
  hasChanged(from: number, to: number): boolean {
    const at = this.#changes.findLast((change) => change <= to);
    return at !== undefined && at >= from;
  }

  nextSerial(): number {
    this.#serials += 1;
    return this.#serials;
  }

  addCase(born: Pick<CaseRecord, 'caseId' | 'templateId' | 'created' | 'order'>): CaseRecord {
    const added: CaseRecord = {
      ...born,
      serial: this.nextSerial(),
      events: [],
      ordered: [],
      lastVisibleAt: born.created,
      versions: [],
      recentVersions: [],
      deletedAt: null,
      unindexedAt: null,
    };
    this.cases.set(added.caseId, added);
    this.#changed();
    return added;
  }

  /** Adds events to the history of a case, each at its place. */
  record(subject: CaseRecord, events: readonly HappenedEvent[]): void {
    for (const event of events) {
      subject.events.push(event);
      subject.lastVisibleAt = Math.max(subject.lastVisibleAt, event.visibleAt);
      this.onRecorded(subject.caseId, event);
    }
    const [only] = events;
    if (events.length === 1 && only !== undefined) {
      const { ordered } = subject;
      ordered.splice(
        firstAfter(ordered, (event) => event.place, only.place),
        0,
        only,
      );
      return;
    }
    for (const event of events) subject.ordered.push(event);
    subject.ordered.sort((a, b) => comparePlaces(a.place, b.place));
  }

  index(subject: CaseRecord, version: IndexVersion): void {
    subject.versions.push(version);
    subject.recentVersions = [...withoutOvertaken(subject.recentVersions, version.lastUpdated), version];
    this.#touch();
  }

  addItem(item: Omit<RelatedItem, 'serial' | 'endedAt'>): void {
    this.items.push({ ...item, serial: this.nextSerial(), endedAt: null });
    this.#touch();
  }

  itemsOf(caseId: string): readonly RelatedItem[] {
    return this.items.filter((item) => item.caseId === caseId);
  }

  endItem(item: RelatedItem, at: number): void {
    item.endedAt = at;
    this.#touch();
  }

  deleteCase(subject: CaseRecord, at: number, unindexedAt: number): void {
    subject.deletedAt = at;
    subject.unindexedAt = unindexedAt;
    for (const item of this.itemsOf(subject.caseId)) item.endedAt ??= at;
    this.#changed();
  }

  /** Ids of the cases that are not deleted, oldest first. */
  aliveIds(): readonly string[] {
    this.#alive ??= [...this.cases.values()].filter((one) => one.deletedAt === null).map((one) => one.caseId);
    return this.#alive;
  }

  /** @throws Error if there is no such case any more: a mistake of the caller, not a fault. */
  alive(caseId: string): CaseRecord {
    const found = this.cases.get(caseId);
    if (found === undefined || found.deletedAt !== null) throw new Error(`There is no case ${caseId} to change.`);
    return found;
  }

  #changed(): void {
    this.#touch();
    this.#alive = undefined;
  }

  #touch(): void {
    this.#version += 1;
    if (this.#changes.at(-1) !== this.now()) this.#changes.push(this.now());
  }
}

/** Versions but for those that a later one has replaced in every replica by `now`. */
function withoutOvertaken(versions: readonly IndexVersion[], now: number): readonly IndexVersion[] {
  const everywhere = versions.filter(({ indexedAt }) => indexedAt <= now - SEARCH_BEHIND_MS);
  const latest = Math.max(...everywhere.map(({ lastUpdated }) => lastUpdated));
  return versions.filter(({ lastUpdated }) => lastUpdated >= latest);
}

export function comparePlaces(a: Place, b: Place): number {
  return a.major - b.major || a.minor - b.minor;
}

/** Index of the first element whose place is greater; `list` is sorted by place. */
export function firstAfter<T>(list: readonly T[], placeOf: (element: T) => Place, place: Place): number {
  return firstWhere(list, (element) => comparePlaces(placeOf(element), place) > 0);
}
