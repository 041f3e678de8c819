/** A case as the service tells it, held against the archive's rows and quarantine of it: values in, ids and kinds out. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { eventKey, rawEvent } from '../../../lambda/export/domain/flatten';
import { canonicalJson } from '../../../lambda/export/domain/values';
import { type Claim, type ExcuseKind, excuseOf, type KnownCase } from './claim';
import {
  type ArchivedEvent,
  type ArchivedRaw,
  type ArchivedRow,
  compareEvent,
  type EventComparison,
  type EventDifference,
} from './event-rows';

/** All that the archive has of one case. */
export interface ArchivedCase {
  readonly caseId: string;
  readonly rows: readonly ArchivedRow[];
  readonly raw: readonly ArchivedRaw[];
}

/**
 * A contradiction between archive and service. The names are part of the JSON format and never change.
 * `event-missing`: the service tells it, and the archive lacks it although it claims to be complete · `event-unknown`: the archive has it,
 * and the service does not · `value-differs`, `field-missing`, `field-unknown`: of an event that both have.
 */
export interface Contradiction {
  readonly kind: 'event-missing' | 'event-unknown' | EventDifference['kind'];
  readonly caseId: string;
  readonly eventId: string;
  readonly fieldId: string | null;
  /** Columns of `field_changes` that differ. */
  readonly columns: readonly string[];
  /** Commits that hold the archive's side; none where it has none. */
  readonly commits: readonly number[];
}

export interface CaseComparison {
  readonly contradictions: readonly Contradiction[];
  /** Events by why their difference is no contradiction. */
  readonly excused: ReadonlyMap<ExcuseKind, number>;
  /** Events that both have and that were held against each other; rows of them. */
  readonly events: number;
  readonly rows: number;
  /** Every event that came could be judged. */
  readonly isWhole: boolean;
}

/**
 * @param told `isWhole`: the service told every event of the case: without that nothing of the archive's is contradicted by what is missing.
 * @param claim null where the archive has no manifest, and so claims nothing.
 */
export function compareCase(
  archived: ArchivedCase,
  told: { readonly events: readonly AuditEvent[]; readonly isWhole: boolean },
  claim: Claim | null,
): CaseComparison {
  const kept = byKey(archived);
  const seen = contentsByKey(told.events);
  const known = knownCase(archived, told.events, claim);
  const found = new Found(claim, archived.caseId);
  for (const [key, contents] of seen) {
    const ofArchive = kept.get(key);
    if (ofArchive === undefined) found.missing(key, contents[0] as AuditEvent, known);
    else found.compare(key, contents, ofArchive);
  }
  if (told.isWhole) {
    const isTrimmed = trimmedBefore(told.events);
    for (const [key, ofArchive] of kept) if (!seen.has(key)) found.unknown(key, ofArchive, isTrimmed);
  }
  return { ...found.result, isWhole: told.isWhole && found.result.isWhole };
}

class Found {
  readonly result = {
    contradictions: [] as Contradiction[],
    excused: new Map<ExcuseKind, number>(),
    events: 0,
    rows: 0,
    isWhole: true,
  };

  constructor(
    private readonly claim: Claim | null,
    private readonly caseId: string,
  ) {}

  missing(key: string, event: AuditEvent, known: KnownCase): void {
    const excuse = excuseOf(this.claim, known, { type: event.type, time: timeOf(event) });
    if (excuse === null) this.#contradict(key, { kind: 'event-missing', fieldId: null, columns: [] }, NOTHING);
    else this.#excuse(excuse);
  }

  /** The service tells an event with several contents at times: the one that the archive has counts. */
  compare(key: string, contents: readonly AuditEvent[], archived: ArchivedEvent): void {
    const judged = contents.flatMap((event) => compareEvent(event, this.caseId, archived) ?? []);
    const [best] = judged.toSorted((a, b) => a.differences.length - b.differences.length);
    if (best === undefined) {
      this.result.isWhole = false;
      return;
    }
    this.result.events += 1;
    this.result.rows += archived.rows.length;
    if (contents.length > 1) this.#excuse('told-twice');
    this.#judge(key, best, archived);
  }

  unknown(key: string, archived: ArchivedEvent, isTrimmed: (time: number) => boolean): void {
    const times = archived.rows.map(({ performed_time }) => performed_time?.getTime() ?? 0);
    if (this.claim?.changedUpstream.has(this.caseId)) this.#excuse('changed-upstream');
    else if (times.length > 0 && times.every(isTrimmed)) this.#excuse('history-trimmed');
    else this.#contradict(key, { kind: 'event-unknown', fieldId: null, columns: [] }, archived);
  }

  #judge(key: string, { differences, hasNull, isQuarantined }: EventComparison, archived: ArchivedEvent): void {
    if (hasNull) this.#excuse('null-field');
    if (isQuarantined) this.#excuse('quarantined');
    if (differences.length === 0) return;
    if (this.claim?.changedUpstream.has(this.caseId)) this.#excuse('changed-upstream');
    else for (const difference of differences) this.#contradict(key, difference, archived);
  }

  #contradict(
    eventId: string,
    difference: Pick<Contradiction, 'kind' | 'fieldId' | 'columns'>,
    { rows, raw }: ArchivedEvent,
  ): void {
    const commits = new Set([...rows.map(({ commit_seq }) => commit_seq), ...raw.map(({ commit }) => commit)]);
    const { kind, fieldId, columns } = difference;
    const { caseId } = this;
    this.result.contradictions.push({
      kind,
      caseId,
      eventId,
      fieldId,
      columns,
      commits: [...commits].sort((a, b) => a - b),
    });
  }

  #excuse(kind: ExcuseKind): void {
    this.result.excused.set(kind, (this.result.excused.get(kind) ?? 0) + 1);
  }
}

const NOTHING: ArchivedEvent = { rows: [], raw: [] };

/** Rows name an event by its id as text; an id that is none is kept raw in quarantine. */
function byKey({ rows, raw }: ArchivedCase): Map<string, { rows: ArchivedRow[]; raw: ArchivedRaw[] }> {
  const kept = new Map<string, { rows: ArchivedRow[]; raw: ArchivedRaw[] }>();
  const of = (key: string) => {
    const one = kept.get(key) ?? { rows: [], raw: [] };
    kept.set(key, one);
    return one;
  };
  for (const row of rows) of(row.event_id ?? '').rows.push(row);
  for (const one of raw) of(one.eventKey.toWellFormed()).raw.push(one);
  return kept;
}

/** Each content of an event once. */
function contentsByKey(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const contents = new Map<string, Map<string, AuditEvent>>();
  for (const event of events) {
    const key = eventKey(event).toWellFormed();
    const one = contents.get(key) ?? new Map<string, AuditEvent>();
    one.set(canonicalJson(rawEvent(event)), event);
    contents.set(key, one);
  }
  return new Map([...contents].map(([key, one]) => [key, [...one.values()]]));
}

function knownCase({ caseId, rows, raw }: ArchivedCase, events: readonly AuditEvent[], claim: Claim | null): KnownCase {
  const claimed = rows
    .filter(({ event_type }) => event_type?.startsWith('Case.'))
    .map(({ performed_time }) => performed_time?.getTime() ?? 0)
    .filter((time) => time <= (claim?.changesUntil ?? Number.NEGATIVE_INFINITY));
  return {
    caseId,
    isKnown: rows.length + raw.length > 0,
    readAfter: claimed.reduce<number | null>(most, null),
    firstSeen: events.reduce<number | null>((first, event) => least(first, timeOf(event)), null),
    lastChangeSeen: events
      .filter(({ type }) => typeof type === 'string' && type.startsWith('Case.'))
      .reduce<number | null>((last, event) => most(last, timeOf(event)), null),
  };
}

/** A history that no longer begins with the creation of its case has lost its beginning: what is older cannot be told any more. */
function trimmedBefore(events: readonly AuditEvent[]): (time: number) => boolean {
  if (events.some(({ type }) => type === 'Case.Created')) return () => false;
  const first = events.reduce<number | null>((earliest, event) => least(earliest, timeOf(event)), null);
  return (time) => first !== null && time < first;
}

function timeOf({ performedTime }: AuditEvent): number | null {
  const time = performedTime instanceof Date ? performedTime.getTime() : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function most(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
