/**
 * What the term of an archive has deleted. Whoever deploys may let rows, manifests and quarantine expire (`archiveExpirationDays`); notes and
 * dictionaries stay. An absence counts as expired by the age of its commit alone, as its note or its manifest tells it, and only where
 * the caller has named the term. It never counts as checked.
 */
import type { NoteLines } from '../../../lambda/export/domain/commit-note';
import type { ListedKey } from '../archive/archive';
import { type CommitKey, manifestKeyIn } from '../archive/archive-keys';
import { counted } from '../words';
import type { Reporter } from './findings';

const DAY_MS = 86_400_000;
/** Two runs' clocks may differ by so much. */
const CLOCKS_DIFFER_MS = 900_000;
const MAX_NAMED_RUNS = 10;

/** What a lifecycle deletes, as the stack sets it up. */
export const EXPIRING_KINDS: ReadonlySet<CommitKey['kind']> = new Set(['field_changes', 'manifests', 'quarantine']);

/** Commits by their numbers, as runs: numbers come in ascending order. */
class Runs {
  readonly #runs: { readonly first: number; last: number }[] = [];
  count = 0;

  add(seq: number): void {
    const last = this.#runs.at(-1);
    if (last?.last === seq) return;
    this.count += 1;
    if (last?.last === seq - 1) last.last = seq;
    else this.#runs.push({ first: seq, last: seq });
  }

  has(seq: number): boolean {
    return this.#runs.some(({ first, last }) => first <= seq && seq <= last);
  }

  get first(): number {
    return this.#runs[0]?.first ?? 0;
  }

  get last(): number {
    return this.#runs.at(-1)?.last ?? 0;
  }

  get words(): string {
    const named = this.#runs.slice(0, MAX_NAMED_RUNS).map(({ first, last }) => {
      return first === last ? `${first}` : `${first} to ${last}`;
    });
    const more = this.#runs.length > MAX_NAMED_RUNS ? ' and others' : '';
    return `${this.count === 1 ? 'commit' : 'commits'} ${named.join(', ')}${more}`;
  }
}

export class Expiry {
  readonly #manifests = new Runs();
  readonly #objects = new Runs();
  /** When the newest commit of all so far was exported, and the newest one that has expired; epoch ms. */
  #newest = 0;
  #newestExpired = 0;

  /** @param days after which objects expire; null where nothing does. */
  constructor(
    private readonly days: number | null,
    private readonly now: number,
  ) {}

  /** Whether anything expires at all. */
  get isOn(): boolean {
    return this.days !== null;
  }

  /** How many commits have lost their manifest to the term. */
  get commits(): number {
    return this.#manifests.count;
  }

  /** The highest of them; 0 without any. */
  get through(): number {
    return this.#manifests.last;
  }

  /** Whether something of this commit has expired, so that the archive cannot tell what it held. */
  touches(seq: number): boolean {
    return this.#manifests.has(seq) || this.#objects.has(seq);
  }

  /** Whether a commit of this time is old enough. */
  isOver(exportedAt: string): boolean {
    return this.days !== null && this.now - Date.parse(exportedAt) >= this.days * DAY_MS;
  }

  /** A commit whose manifest stands. */
  saw(exportedAt: string): void {
    this.#newest = Math.max(this.#newest, Date.parse(exportedAt));
  }

  /**
   * Takes a commit without its manifest for expired if its note says that it is old enough, and no older than the ones before: a date that
   * somebody puts into a note does not make a recent commit an old one.
   */
  takeCommit(seq: number, { exported }: NoteLines): boolean {
    const time = Date.parse(exported);
    if (!this.isOver(exported) || time < this.#newest - CLOCKS_DIFFER_MS) return false;
    this.saw(exported);
    this.#newestExpired = time;
    this.#manifests.add(seq);
    return true;
  }

  /** Takes an object that its manifest lists for expired, if the manifest is old enough. */
  takeObject(seq: number, kind: CommitKey['kind'], exportedAt: string): boolean {
    if (!EXPIRING_KINDS.has(kind) || !this.isOver(exportedAt)) return false;
    this.#objects.add(seq);
    return true;
  }

  /**
   * What is left of a commit whose manifest has expired: `hidden` already, `left` and proven by nothing, or put there later than the exporter
   * can have. Null where the commit has not expired. A folder knows no time of writing.
   */
  leftOver(seq: number, { isHidden, writtenAt }: ListedKey, isFolder: boolean): 'hidden' | 'left' | 'later' | null {
    if (!this.#manifests.has(seq)) return null;
    if (isHidden) return 'hidden';
    return isFolder || writtenAt < this.#newestExpired + DAY_MS ? 'left' : 'later';
  }

  /** Says what has expired: never a contradiction, and never sound. */
  finish(partition: string, reporter: Reporter): void {
    const why = `as the archive lets objects expire after ${counted(this.days ?? 0, 'day')} (--expiration-days)`;
    const [manifests, objects] = [this.#manifests, this.#objects];
    if (manifests.count > 0) {
      reporter.add(
        'expired',
        { commit: manifests.first, key: manifestKeyIn(partition, manifests.first) },
        `The manifests of ${manifests.words} are gone, ${why}. Their notes are old enough for that; what these commits held cannot be checked any more.`,
      );
    }
    if (objects.count > 0) {
      reporter.add(
        'expired',
        { commit: objects.first, key: manifestKeyIn(partition, objects.first) },
        `Files that the manifests of ${objects.words} list are gone, ${why}. What they held cannot be checked any more.`,
      );
    }
  }
}
