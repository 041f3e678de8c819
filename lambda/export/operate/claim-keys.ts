import type { Staged } from '../commit/stage';
import type { PendingEvent, RetryEntry } from '../domain/case-items';
import { caseList, NO_CASES, parseSeed } from '../domain/case-slice';
import { IntegrityError } from '../domain/errors';
import type { StoredDictionary } from '../domain/fields';
import { firstCompletedIndex, restoreEvent } from '../domain/flatten';
import { fieldChangesKey, fieldsKey, manifestKey, prefixOfStaged, quarantineKey, stagedKey } from '../domain/keys';
import { type Manifest, parseManifest } from '../domain/manifest';
import {
  newQuarantine,
  openEvents,
  parseQuarantine,
  type Quarantine,
  type QuarantinedEvent,
  type ReplayedEvent,
} from '../domain/quarantine';
import type { CommitHead } from '../domain/state';
import { sha256, toJsonBytes } from '../domain/stored-form';
import type { EventRef, FileEvents, RowFiles } from '../ports';
import type { Reader, Run } from '../run/run';
import { openEventsBefore } from './replay';

const NO_EVENTS: FileEvents = { rows: 0, events: [], run: null };

/** The visible part of a voided commit, at its final keys: it can never be taken back, so the ledger has to know it. */
export interface Visible {
  /** Objects at their final keys, from now on for ever. */
  readonly objects: readonly Staged[];
  readonly events: readonly EventRef[];
  readonly rows: number;
  readonly run: FileEvents['run'];
  readonly quarantined: number;
  /**
   * Digest list of the cases whose rows or quarantined events are visible; undefined where an earlier build made them,
   * without a seed.
   */
  readonly cases: Manifest['cases'];
  /** Number of distinct events among them. */
  readonly eventCount: number;
  /** Cases with an event kept raw because fields of it were null; rows of those fields may be visible by now. */
  readonly pending: readonly Owed[];
  /** Whether visible rows hold the fields that were null. */
  readonly isCompleted: (caseId: string, event: PendingEvent) => boolean;
  /**
   * Events in its quarantine that no row holds, less the earlier events that it replayed: negative if it replayed more.
   */
  readonly openQuarantined: number;
}

/** The part of a retry entry that owes fields which were null. */
type Owed = Pick<RetryEntry, 'caseId' | 'touched' | 'pending'>;

/** The remaining parts of a voided commit. */
interface Remains {
  readonly prefix: string;
  /** Null if the staged manifest itself is lost: then the keys follow from STATE, and hashes are unknown. */
  readonly manifest: Manifest | null;
}

/**
 * Writes every free final key of the commit: the staged bytes if they are whole, else an empty file, so that no process
 * that froze during its publish can make anything visible later.
 * @throws IntegrityError if a key holds other bytes than the commit's.
 */
export async function claimFinalKeys(run: Run, rowFiles: RowFiles, voided: CommitHead): Promise<Visible> {
  const { domainId } = run;
  const { state } = run.published;
  const { seq } = voided;
  const exportDate = state.lastExportDate ?? '';
  const remains = await findRemains(run, voided);
  const changes = await sealed(run, remains, fieldChangesKey(domainId, exportDate, seq), () =>
    rowFiles.empty({ domain_id: domainId, export_date: exportDate }),
  );
  const { rows, events, run: madeBy } = changes ? await rowFiles.eventsOf(changes.bytes, seq) : NO_EVENTS;
  const quarantine = await sealed(run, remains, quarantineKey(domainId, seq), async () =>
    toJsonBytes(newQuarantine(domainId, seq, [], await replayedAmong(run, events, seq))),
  );
  const kept: Kept = quarantine ? parseQuarantine(quarantine.bytes, { domainId, seq }) : { events: [], replayed: [] };
  const hasDictionary = state.fields?.seq === seq;
  const dictionary = hasDictionary
    ? await sealed(run, remains, fieldsKey(domainId, seq), () => noFields(run, seq))
    : null;
  const visible = new Map(events.map((event) => [identity(event), event.lastFieldIndex]));
  // An event without visible rows is not exported, even if quarantine kept it.
  const known = kept.events.filter((event) => !event.emitted || visible.has(identity(event)));
  return {
    cases: await casesOf(run, rowFiles, seq, changes?.bytes ?? null, kept),
    objects: [changes && { ...changes, facts: { rows } }, quarantine, dictionary].filter((object) => object !== null),
    events: [...events, ...known],
    eventCount: new Set([...visible.keys(), ...known.map(identity)]).size,
    isCompleted: (caseId, event) => isCompleted(visible, caseId, event),
    pending: known.flatMap(pendingOf),
    rows,
    run: madeBy,
    quarantined: kept.events.length,
    openQuarantined: openEvents(kept.events) - kept.replayed.length,
  };
}

/** The kept content of a quarantine object. */
type Kept = Pick<Quarantine, 'events' | 'replayed'> & { readonly caseSalt?: string | undefined };

/** Builds the list of case digests of the visible part: the same as the voided commit's if everything is visible. */
async function casesOf(
  { domainId }: Run,
  rowFiles: RowFiles,
  seq: number,
  file: Uint8Array | null,
  { events, caseSalt }: Kept,
): Promise<Manifest['cases']> {
  const slices = file === null ? null : await rowFiles.slicesOf(file);
  const rows = slices?.rows ?? [];
  if (rows.length === 0 && events.length === 0) return NO_CASES;
  const seed = slices?.seed ?? (caseSalt === undefined ? null : parseSeed(caseSalt));
  return seed === null ? undefined : caseList({ domainId, seq, seed }, rows, events);
}

/** Whether rows of the file hold the fields that were null: their rows follow those of the other fields. */
function isCompleted(
  lastFieldIndexes: ReadonlyMap<string, number>,
  caseId: string,
  { eventKey, positions, length }: PendingEvent,
): boolean {
  const last = lastFieldIndexes.get(identity({ caseId, eventKey }));
  return last !== undefined && last >= firstCompletedIndex(length, positions.length);
}

/** Identifies an event, for comparisons. */
function identity({ caseId, eventKey }: EventRef): string {
  return JSON.stringify([caseId, eventKey]);
}

function pendingOf({ caseId, eventKey, emitted, event: raw }: QuarantinedEvent): Owed[] {
  const { fields, performedTime } = restoreEvent(raw);
  if (!emitted || !Array.isArray(fields)) return [];
  const positions = fields.flatMap((field, position) => (field === null ? position : []));
  if (positions.length === 0) return [];
  const touched = performedTime instanceof Date ? performedTime.getTime() : 0;
  return [{ caseId, touched, pending: [{ eventKey, positions, length: fields.length }] }];
}

async function noFields({ domainId }: Reader, seq: number): Promise<Uint8Array> {
  const nothing: StoredDictionary = { version: 1, domainId, seq, fields: [] };
  return toJsonBytes(nothing);
}

/** Rebuilds the `replayed` list of a lost quarantine object from the visible rows. */
async function replayedAmong(run: Reader, events: readonly EventRef[], seq: number): Promise<ReplayedEvent[]> {
  const visible = new Set(events.map(identity));
  const replayed: ReplayedEvent[] = [];
  if (visible.size === 0) return replayed;
  for await (const { quarantinedIn, event } of openEventsBefore(run, seq)) {
    const { caseId, eventKey } = event;
    if (visible.has(identity(event))) replayed.push({ quarantinedIn, caseId, eventKey });
  }
  return replayed;
}

async function findRemains({ deps, domainId }: Reader, voided: CommitHead): Promise<Remains> {
  const { seq } = voided;
  const prefix = prefixOfStaged(voided.manifestKey, manifestKey(domainId, seq));
  const bytes = await deps.objects.get('work', voided.manifestKey);
  const isWhole = bytes !== null && sha256(bytes) === voided.sha256;
  return { prefix, manifest: isWhole ? parseManifest(bytes, { domainId, seq }, voided.manifestKey) : null };
}

/** Returns null if the commit has no such object. */
async function sealed(
  run: Reader,
  { prefix, manifest }: Remains,
  key: string,
  nothing: () => Promise<Uint8Array>,
): Promise<Staged | null> {
  const { objects } = run.deps;
  const expected = manifest?.objects.find((object) => object.key === key)?.sha256;
  if (manifest !== null && expected === undefined) return null;
  const staged = expected === undefined ? null : await objects.get('work', stagedKey(prefix, key));
  const offered = staged !== null && sha256(staged) === expected ? staged : await nothing();
  const created = (await objects.putIfAbsent('archive', key, offered)) === 'created';
  const content = created ? offered : await objects.get('archive', key);
  // Without the manifest the hash is unknown: then the object is judged by its own content.
  const isOurs = content !== null && (expected === undefined || [expected, sha256(offered)].includes(sha256(content)));
  if (isOurs) return { key, bytes: content };
  throw new IntegrityError(
    `Other bytes than those of the commit stand at ${key} (expected SHA-256 ${expected}). Nothing was voided. Find out who wrote there, and let the owner of the archive decide.`,
  );
}
