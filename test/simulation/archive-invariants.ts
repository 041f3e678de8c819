/**
 * What holds of the buckets after every write. Each check runs in the moment in which the write takes effect, whoever made it:
 * a zombie, a request that outlived its process, or two writers at once.
 */

import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { ledgerId } from '../../lambda/export/domain/case-items';
import type { Manifest } from '../../lambda/export/domain/manifest';
import { sha256 } from '../../lambda/export/domain/stored-form';
import type { BucketRole } from '../../lambda/export/ports';
import type { RowFormat } from './rows';
import type { TableMirror } from './table-mirror';
import type { JsonRow, KnownEvent, Truth } from './truth';
import type { Violations } from './violations';

interface ArchiveLimits {
  readonly maxRows: number;
  /** Whether a row may lack the names of its field: nothing was ever wrong with the look-ups that give them. */
  readonly namesMayLack: boolean;
  /** Whether a field of the event was ever shown as null: then its rows come as their fields are shown, perhaps in two commits. */
  readonly isMaimed: (event: AuditEvent) => boolean;
  /** Called when the manifest is there, and so all that it speaks of. */
  readonly onNote: (seq: number, bytes: Uint8Array) => void;
  readonly onManifest: (manifest: Manifest) => void;
}

interface PublishedQuarantine {
  readonly events: readonly { caseId: string; eventKey: string; emitted: boolean }[];
}

/** What only a commit knows of a row. */
const COMMIT_COLUMNS = new Set(['exported_at', 'run_id', 'commit_seq']);
const NAME_COLUMNS = new Set(['field_name', 'field_type', 'field_namespace']);
/** Null where an event has no field that could be shown. */
const FIELD_COLUMNS = /^(field|old|new)_/;

export class ArchiveInvariants {
  /** Commit by row: case, event, field_index. */
  readonly visible = new Map<string, number>();
  /** Rows by event, and the commit that shows them. */
  readonly visibleEvents = new Map<string, { rows: number; readonly seq: number }>();
  readonly rowsByCommit = new Map<number, number>();
  /** Commits that brought rows of fields that had been null when the rest of their event was published: event and commit. */
  readonly completions = new Set<string>();
  readonly manifests = new Map<number, { readonly manifest: Manifest; readonly sha256: string }>();
  readonly quarantined = new Map<string, { readonly seq: number; readonly emitted: boolean }>();
  /** An operator voids the last commit: keys that it will never fill are sealed by files without rows. */
  isVoiding = false;
  readonly #published = new Map<string, Uint8Array>();
  readonly #hashes = new Map<string, string>();
  /** Events with a row without a field: whether the event had none at first, or the row stands for fields that were null. */
  readonly #withoutFields = new Map<string, boolean>();
  /** Contents, by number, that the visible rows of an event can be of. */
  readonly #contents = new Map<string, readonly number[]>();
  readonly #eventsOf = new Map<number, Map<string, Set<string>>>();
  #lastExportDate = '';
  #lastDatedSeq = 0;

  constructor(
    private readonly violations: Violations,
    private readonly truth: Truth,
    private readonly mirror: TableMirror,
    private readonly rows: RowFormat,
    private readonly limits: ArchiveLimits,
  ) {}

  written(role: BucketRole, key: string, bytes: Uint8Array): void {
    if (isStaged(key)) this.#staged(key, bytes);
    else if (role === 'archive') this.violations.during('published object', () => this.#publishedObject(key, bytes));
    else this.violations.add('layout', `${key} was written to the work bucket`);
  }

  deleted(role: BucketRole, key: string): void {
    this.#published.delete(isStaged(key) ? key : '');
    if (role === 'archive' && !isStaged(key)) this.violations.add('1, immutable', `${key} was deleted`);
  }

  /** The table was restored: numbers of attempts at a commit may come again, and with them the keys that were staged. */
  forgetStaged(): void {
    for (const key of this.#published.keys()) if (isStaged(key)) this.#published.delete(key);
  }

  /** Visible rows of the event; not the one that stands for it while all its fields are null. */
  rowsOf(id: string): number {
    const rows = this.visibleEvents.get(id)?.rows ?? 0;
    const hadNone = this.#withoutFields.get(id);
    return hadNone === undefined || (hadNone && rows === 1) ? rows : rows - 1;
  }

  /** Whether all rows of the event are visible. */
  isWhole(id: string, { variants }: KnownEvent): boolean {
    const rows = this.rowsOf(id);
    return this.visibleEvents.has(id) && variants().some((content) => rows >= content.length);
  }

  /** Key and bytes of everything that was published. */
  published(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#published].filter(([key]) => !isStaged(key)));
  }

  /** No two attempts at a commit share a prefix, so a staged key never gets other bytes either. */
  #staged(key: string, bytes: Uint8Array): void {
    this.#unchanged(key, bytes, '4, staged once');
  }

  #unchanged(key: string, bytes: Uint8Array, promise: string): boolean {
    const before = this.#published.get(key);
    if (before !== undefined && !Buffer.from(before).equals(bytes)) {
      this.violations.add(promise, `${key} got other bytes (${before.length}, now ${bytes.length})`);
    }
    this.#published.set(key, bytes);
    return before === undefined;
  }

  #publishedObject(key: string, bytes: Uint8Array): void {
    if (!this.#unchanged(key, bytes, '1, immutable')) return;
    this.#hashes.set(key, sha256(bytes));
    const seq = Number(/(\d{12})\.\w+$/.exec(key)?.[1]);
    const [folder] = key.split('/');
    if (this.mirror.state?.head?.seq !== seq) {
      this.violations.add('3, fence', `${key} was published while the head was ${this.mirror.state?.head?.seq}`);
    }
    if (folder === 'field_changes') this.#fieldChanges(key, seq, this.rows.rowsOf(bytes));
    else if (folder === 'quarantine') this.#quarantine(seq, JSON.parse(Buffer.from(bytes).toString()));
    else if (folder === 'manifests') this.#manifest(key, seq, bytes);
    else if (folder === 'notes') this.limits.onNote(seq, bytes);
    else if (folder !== 'fields') this.violations.add('layout', `${key} is no place of the archive`);
  }

  #fieldChanges(key: string, seq: number, rows: readonly JsonRow[]): void {
    this.#exportDate(key, seq);
    const events = new Set<string>();
    if (rows.length === 0 && !this.isVoiding) this.violations.add('4, readable', `no row can be read from ${key}`);
    for (const row of rows) {
      const event = `${row['case_id']}|${row['event_id']}`;
      events.add(event);
      this.#row(row, event, seq);
    }
    if (rows.length > this.limits.maxRows && events.size > 1) {
      this.violations.add('7, rows', `${key} has ${rows.length} rows of ${events.size} events`);
    }
  }

  #row(row: JsonRow, event: string, seq: number): void {
    const id = `${event}|${row['field_index']}`;
    const before = this.visible.get(id);
    if (before !== undefined) this.violations.add('1, once', `row ${id} is visible in commits ${before} and ${seq}`);
    this.visible.set(id, seq);
    this.rowsByCommit.set(seq, 1 + (this.rowsByCommit.get(seq) ?? 0));
    this.#countEvent(event, seq);
    this.#ofCommit(seq, String(row['case_id'])).add(String(row['event_id']));
    if (row['commit_seq'] !== seq) this.violations.add('4, columns', `row ${id} says commit ${row['commit_seq']}`);
    const wrong = this.#differs(row);
    if (wrong !== null) this.violations.add('1, true', `row ${id} of commit ${seq}: ${wrong}`);
  }

  #countEvent(event: string, seq: number): void {
    const known = this.visibleEvents.get(event);
    if (known === undefined) this.visibleEvents.set(event, { rows: 1, seq });
    else if (known.seq === seq) known.rows += 1;
    else if (this.#isMaimed(event)) {
      known.rows += 1;
      this.completions.add(`${event}|${seq}`);
    } else this.violations.add('1, one row set', `event ${event} is in commits ${known.seq} and ${seq}`);
  }

  #ofCommit(seq: number, caseId: string): Set<string> {
    const cases = this.#eventsOf.get(seq) ?? new Map<string, Set<string>>();
    const events = cases.get(caseId) ?? new Set<string>();
    this.#eventsOf.set(seq, cases.set(caseId, events));
    return events;
  }

  /** What is wrong with a row, compared with the history, column by column. */
  #differs(row: JsonRow): string | null {
    const caseId = String(row['case_id']);
    const event = this.truth.find(caseId, String(row['event_id']));
    if (event === undefined) return 'no such event ever was';
    const id = `${caseId}|${event.key}`;
    const variants = event.variants();
    const wrong = variants.map((content) => this.#differsFrom(content, row, this.limits.isMaimed(event.truth.event)));
    const possible = this.#contents.get(id) ?? [...variants.keys()];
    const matching = possible.filter((number) => wrong[number] === null);
    if (matching.length === 0) return wrong[possible[0] ?? 0] ?? 'its rows are of two contents';
    this.#contents.set(id, matching);
    if (row['field_id'] === null) this.#withoutFields.set(id, event.rows()[0]?.['field_id'] == null);
    return null;
  }

  #differsFrom(content: readonly JsonRow[], row: JsonRow, isMaimed: boolean): string | null {
    const atItsPlace = content[Number(row['field_index'])];
    if (!isMaimed) return atItsPlace === undefined ? 'no such row of this event' : this.#difference(row, atItsPlace);
    const fieldIndex = { field_index: row['field_index'] };
    const withoutField = content.slice(0, 1).map((one) => ({ ...emptied(one), other: row['other'] ?? null }));
    const wrong = [...content, ...withoutField].map((one) => this.#difference(row, { ...one, ...fieldIndex }));
    return wrong.includes(null) ? null : (wrong[0] ?? 'no such row of this event');
  }

  #difference(row: JsonRow, expected: JsonRow): string | null {
    for (const column of new Set([...Object.keys(expected), ...Object.keys(row)])) {
      const value = row[column];
      if (COMMIT_COLUMNS.has(column) || value === expected[column]) continue;
      if (value === null && column === 'template_id') continue;
      if (value === null && this.limits.namesMayLack && NAME_COLUMNS.has(column)) continue;
      return `${column} is ${JSON.stringify(value)}, expected ${JSON.stringify(expected[column])}`;
    }
    return null;
  }

  #isMaimed(id: string): boolean {
    const [caseId = '', key = ''] = id.split('|');
    const event = this.truth.find(caseId, key);
    return event !== undefined && this.limits.isMaimed(event.truth.event);
  }

  #exportDate(key: string, seq: number): void {
    const date = /export_date=([\d-]+)/.exec(key)?.[1] ?? '';
    if (seq > this.#lastDatedSeq && date < this.#lastExportDate) {
      this.violations.add('export_date', `${key} comes after one of ${this.#lastExportDate}`);
    }
    this.#lastDatedSeq = Math.max(seq, this.#lastDatedSeq);
    if (date > this.#lastExportDate) this.#lastExportDate = date;
  }

  #quarantine(seq: number, { events }: PublishedQuarantine): void {
    for (const { caseId, eventKey, emitted } of events) {
      const event = `${caseId}|${eventKey}`;
      const known = this.truth.find(caseId, eventKey);
      if (known === undefined) this.violations.add('6, quarantine', `${event} never was`);
      if (!emitted && known?.truth.poison === false) this.violations.add('6, quarantine', `${event} is sound`);
      if (this.quarantined.has(event)) this.violations.add('6, quarantine', `${event} is in quarantine twice`);
      this.quarantined.set(event, { seq, emitted });
      this.#ofCommit(seq, caseId).add(eventKey);
    }
  }

  /** The manifest comes last: whatever it speaks of is there, in the archive and in the ledger. */
  #manifest(key: string, seq: number, bytes: Uint8Array): void {
    const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
    const before = this.manifests.get(seq - 1);
    if (seq > 1 && before === undefined) this.violations.add('chain', `${key} has no predecessor`);
    if (manifest.previousSha256 !== (before?.sha256 ?? null)) this.violations.add('chain', `${key} breaks the chain`);
    if (this.manifests.has(seq)) this.violations.add('chain', `a second manifest ${seq}`);
    this.manifests.set(seq, { manifest, sha256: sha256(bytes) });
    for (const object of manifest.objects) {
      if (this.#hashes.get(object.key) !== object.sha256) {
        this.violations.add('manifest last', `${key} lists ${object.key}, which is not there with these bytes`);
      }
    }
    if (manifest.objects.length === 0 || manifest.counts.events > 0) this.#ledgerOf(key, seq);
    this.limits.onManifest(manifest);
  }

  /** Invariant 1 in one line: what the ledger calls exported in this commit is what this commit shows or keeps. */
  #ledgerOf(key: string, seq: number): void {
    const shown = this.#eventsOf.get(seq) ?? new Map<string, Set<string>>();
    const ledger = this.mirror.idsOf(seq);
    for (const [caseId, ids] of ledger) {
      const events = new Set([...(shown.get(caseId) ?? [])].map(ledgerId));
      for (const id of ids) {
        if (!events.has(id)) this.violations.add('1, ledger', `${key}: an event of ${caseId} is in the ledger alone`);
      }
    }
    for (const [caseId, keys] of shown) {
      for (const event of keys) {
        if (ledger.get(caseId)?.has(ledgerId(event))) continue;
        // The rows of fields that were null before come later; the ledger has known the event since.
        if (this.#isMaimed(`${caseId}|${event}`) && this.mirror.knows(caseId, ledgerId(event))) continue;
        this.violations.add('1, ledger', `${key}: event ${event} of ${caseId} is not in the ledger`);
      }
    }
  }
}

function emptied(row: JsonRow): JsonRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, FIELD_COLUMNS.test(column) ? null : value]),
  );
}

function isStaged(key: string): boolean {
  return key.startsWith('staging/');
}
