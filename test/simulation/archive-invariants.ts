/**
 * What holds of the buckets after every write. Each check runs in the moment in which the write takes effect, whoever made it:
 * a zombie, a request that outlived its process, or two writers at once.
 */

import { ledgerId } from '../../lambda/export/domain/ledger';
import { type Manifest, sha256 } from '../../lambda/export/domain/manifest';
import type { BucketRole } from '../../lambda/export/ports';
import type { RowFormat } from './rows';
import type { TableMirror } from './table-mirror';
import type { JsonRow, Truth } from './truth';
import type { Violations } from './violations';

interface ArchiveLimits {
  readonly maxRows: number;
  /** Whether a row may lack the names of its field: nothing was ever wrong with the look-ups that give them. */
  readonly namesMayLack: boolean;
}

interface PublishedQuarantine {
  readonly events: readonly { caseId: string; eventKey: string; emitted: boolean }[];
}

/** What only a commit knows of a row. */
const COMMIT_COLUMNS = new Set(['exported_at', 'run_id', 'commit_seq']);
const NAME_COLUMNS = new Set(['field_name', 'field_type', 'field_namespace']);

export class ArchiveInvariants {
  /** Commit by row: case, event, field_index. */
  readonly visible = new Map<string, number>();
  /** Rows by event, and the commit that shows them. */
  readonly visibleEvents = new Map<string, { rows: number; readonly seq: number }>();
  readonly manifests = new Map<number, { readonly manifest: Manifest; readonly sha256: string }>();
  readonly quarantined = new Map<string, { readonly seq: number; readonly emitted: boolean }>();
  /** An operator voids the last commit: keys that it will never fill are sealed by files without rows. */
  isVoiding = false;
  readonly #published = new Map<string, Uint8Array>();
  readonly #hashes = new Map<string, string>();
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
    else this.violations.add('1, one row set', `event ${event} is in commits ${known.seq} and ${seq}`);
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
    const expected = event.rows()[Number(row['field_index'])];
    if (expected === undefined) return 'no such row of this event';
    for (const column of new Set([...Object.keys(expected), ...Object.keys(row)])) {
      const value = row[column];
      if (COMMIT_COLUMNS.has(column) || value === expected[column]) continue;
      if (value === null && column === 'template_id') continue;
      if (value === null && this.limits.namesMayLack && NAME_COLUMNS.has(column)) continue;
      return `${column} is ${JSON.stringify(value)}, expected ${JSON.stringify(expected[column])}`;
    }
    return null;
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
        this.violations.add('1, ledger', `${key}: event ${event} of ${caseId} is not in the ledger`);
      }
    }
  }
}

function isStaged(key: string): boolean {
  return key.startsWith('staging/');
}
