/** What a listing of keys says by itself: shapes, versions, delete markers, locks. */
import { type Archive, ArchiveError, type ListedKey, type Lock } from '../archive/archive';
import { type CommitKey, commitKeyOf } from '../archive/archive-keys';
import { EXPIRING_KINDS } from './expiry';
import type { Reporter } from './findings';

const DAY_MS = 86_400_000;

export class ListingCheck {
  /** Prefixes whose listing failed: what is below them is not known. */
  readonly failed = new Set<string>();
  #mayAskLocks = true;

  /**
   * @param lockDays for which the store locks each new object; null or undefined where nothing is expected.
   * @param expires the store deletes old objects by itself: what is hidden then is as good as absent, which others judge by its age.
   */
  constructor(
    readonly reporter: Reporter,
    private readonly lockDays: number | null | undefined,
    private readonly expires = false,
  ) {}

  /**
   * Keys of commits below a prefix, in order. What has another shape is reported and left out; a listing that fails is reported and ends.
   */
  async *keys(archive: Archive, prefix: string, after?: string): AsyncGenerator<ListedKey, void> {
    try {
      for await (const listed of archive.list(prefix, after)) {
        if (this.isFit(listed, prefix)) yield listed;
      }
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      this.failed.add(prefix);
      this.reporter.add(error.reason, { key: prefix }, error.message);
    }
  }

  /** Whether a commit may have an object at this key; reports what is odd about it. */
  isFit(listed: ListedKey, prefix: string): boolean {
    const { key, oddity } = listed;
    const parsed = commitKeyOf(key);
    if (parsed === null || !key.startsWith(prefix) || oddity !== undefined) {
      this.foreign(listed);
      return false;
    }
    if (!this.#mayHaveExpired(listed, parsed.kind)) this.#versions(listed, parsed.seq);
    return true;
  }

  /** Reports a key that has no business here. */
  foreign({ key, oddity }: ListedKey): void {
    const what = oddity === undefined ? 'no key that an archive has' : `${oddity}, where an archive has files`;
    const name = key.split('/').at(-1) ?? '';
    const hint = /^(\.|~\$|Thumbs\.db|desktop\.ini)/i.test(name)
      ? ' A file manager or an office program makes such files: delete it and copy the archive again.'
      : ' The exporter never wrote it: find out who did.';
    this.reporter.add('foreign-key', { commit: commitKeyOf(key)?.seq ?? null, key }, `${key} is ${what}.${hint}`);
  }

  /** As a lifecycle leaves it: one marker, and the one version below it until that goes, too. */
  #mayHaveExpired({ isHidden, deleteMarkers, versions }: ListedKey, kind: CommitKey['kind']): boolean {
    return this.expires && EXPIRING_KINDS.has(kind) && isHidden && deleteMarkers === 1 && versions <= 1;
  }

  #versions({ key, versions, deleteMarkers, isHidden }: ListedKey, commit: number): void {
    if (deleteMarkers > 0) {
      const now = isHidden ? 'A plain reader no longer sees it' : 'It was written again since';
      this.reporter.add(
        'delete-marker',
        { commit, key },
        `${key} was deleted: it has ${deleteMarkers} delete marker${deleteMarkers === 1 ? '' : 's'}. ${now}; the versions below can be restored by the owner of the archive.`,
      );
    }
    if (versions > 1) {
      this.reporter.add(
        'second-version',
        { commit, key },
        `${key} has ${versions} versions, expected one: keys are written once. Compare the oldest with the newest, and find out who wrote.`,
      );
    }
  }

  /** Held against what the store does for every new object by itself. */
  async lock(archive: Archive, key: string, shown: Lock | null, writtenAt?: number): Promise<void> {
    const { lockDays } = this;
    if (lockDays === null || lockDays === undefined || !this.#mayAskLocks) return;
    const place = { commit: commitKeyOf(key)?.seq ?? null, key };
    const lock = shown ?? (await archive.lockOf(key));
    if (lock === 'denied') {
      // Others of the same time were asked for, too: one finding says it.
      if (!this.#mayAskLocks) return;
      this.#mayAskLocks = false;
      this.reporter.add(
        'denied',
        { key },
        `No permission to ask for the lock of ${key} (s3:GetObjectRetention): locks are not checked.`,
      );
    } else if (lock === null) {
      this.reporter.add(
        'unlocked',
        place,
        `${key} is not locked, though the bucket locks new objects for ${lockDays} days: it was written before the bucket did, or its lock was removed.`,
      );
    } else if (writtenAt !== undefined && lock.until < writtenAt + (lockDays - 1) * DAY_MS) {
      this.reporter.add(
        'unlocked',
        place,
        `${key} is locked until ${new Date(lock.until).toISOString()}, less than the ${lockDays} days of the bucket.`,
      );
    }
  }
}
