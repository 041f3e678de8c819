import type { Staged } from '../commit/stage';
import { caseList, NO_CASES, parseSeed } from '../domain/case-slice';
import { IntegrityError } from '../domain/errors';
import type { StoredDictionary } from '../domain/fields';
import { firstCompletedIndex, restoreEvent } from '../domain/flatten';
import { fieldChangesKey, fieldsKey, manifestKey, prefixOfStaged, quarantineKey, stagedKey } from '../domain/keys';
import { type Manifest, parseManifest, sha256, toJsonBytes } from '../domain/manifest';
import {
  newQuarantine,
  openEvents,
  parseQuarantine,
  type Quarantine,
  type QuarantinedEvent,
  type ReplayedEvent,
} from '../domain/quarantine';
import type { CommitHead, PendingEvent, RetryEntry } from '../domain/state';
import type { EventRef, FileEvents, RowFiles } from '../ports';
import type { Reader, Run } from '../run/run';
import { openEventsBefore } from './replay';

const NO_EVENTS: FileEvents = { rows: 0, events: [], run: null };

/** What stands at the final keys of a voided commit: it can never be taken back, so the ledger has to know it. */
export interface Visible {
  /** At their final keys, from now on for ever. */
  readonly objects: readonly Staged[];
  readonly events: readonly EventRef[];
  readonly rows: number;
  readonly run: FileEvents['run'];
  readonly quarantined: number;
  /** Of the cases whose rows or quarantined events are visible; undefined where an earlier build made them, without a seed. */
  readonly cases: Manifest['cases'];
  /** Rows of its file: the highest `field_index` by `identity` of their event. */
  readonly lastFieldIndexes: ReadonlyMap<string, number>;
  /** Cases of which an event was kept raw, as fields of it came as null; rows of them may be visible by now (`isCompleted`). */
  readonly pending: readonly Owed[];
  /** Events in its quarantine that no row holds, less those of earlier ones that it replayed: negative if it replayed more. */
  readonly openQuarantined: number;
}

/** What the retry list learns of a case that is owed fields which came as null. */
type Owed = Pick<RetryEntry, 'caseId' | 'touched' | 'pending'>;

/** A voided commit, as far as it is still to be had. */
interface Remains {
  readonly prefix: string;
  /** Null if the staged manifest itself is gone: then the keys follow from STATE, and hashes are unknown. */
  readonly manifest: Manifest | null;
}

/**
 * Writes every final key of the commit where nothing is: the staged bytes if they are whole, else a file that says nothing, so
 * that no process that froze while it published can make anything visible later.
 * @throws IntegrityError if other bytes than the commit's stand there.
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
  // Of an event whose rows are not visible nothing is exported, whatever is kept of it.
  const known = kept.events.filter((event) => !event.emitted || visible.has(identity(event)));
  return {
    cases: await casesOf(run, rowFiles, seq, changes?.bytes ?? null, kept),
    objects: [changes && { ...changes, facts: { rows } }, quarantine, dictionary].filter((object) => object !== null),
    events: [...events, ...known],
    lastFieldIndexes: visible,
    pending: known.flatMap(pendingOf),
    rows,
    run: madeBy,
    quarantined: kept.events.length,
    openQuarantined: openEvents(kept.events) - kept.replayed.length,
  };
}

/** What is kept of a quarantine object. */
type Kept = Pick<Quarantine, 'events' | 'replayed'> & { readonly caseSalt?: string | undefined };

/** The list of case digests, of what is visible: the same as the voided commit's if all of it is. */
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

/** Rows of the file hold the fields that came as null: those stand behind the rows of the fields that came first. */
export function isCompleted(
  lastFieldIndexes: Visible['lastFieldIndexes'],
  caseId: string,
  { eventKey, positions, length }: PendingEvent,
): boolean {
  const last = lastFieldIndexes.get(identity({ caseId, eventKey }));
  return last !== undefined && last >= firstCompletedIndex(length, positions.length);
}

/** Of an event, to compare by. */
export function identity({ caseId, eventKey }: EventRef): string {
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

/** Null if the commit has no such object. */
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
  // With the manifest gone nobody knows the hash: then the object is judged by what it says of itself.
  const isOurs = content !== null && (expected === undefined || [expected, sha256(offered)].includes(sha256(content)));
  if (isOurs) return { key, bytes: content };
  throw new IntegrityError(
    `Other bytes than those of the commit stand at ${key} (expected SHA-256 ${expected}). Nothing was voided. Find out who wrote there, and let the owner of the archive decide.`,
  );
}
