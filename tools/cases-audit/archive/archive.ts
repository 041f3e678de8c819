/**
 * What a checker needs of an archive, wherever it lies, and of the checkpoint table. It belongs to the checker; a folder and a bucket implement it, and one
 * contract suite holds both to it.
 */
import { commitKeyOf } from './archive-keys';

/** Object Lock of one version. */
export interface Lock {
  readonly mode: string;
  /** Epoch ms. */
  readonly until: number;
}

/** Everything that stands at one key. */
export interface ListedKey {
  readonly key: string;
  /** Of the newest version, bytes; 0 where that is a delete marker. */
  readonly size: number;
  /** When the newest version was written, epoch ms. */
  readonly writtenAt: number;
  /** Versions that hold bytes. Where nothing is versioned, as in a folder, there is one. */
  readonly versions: number;
  readonly deleteMarkers: number;
  /** The newest version is a delete marker: a plain reader sees no such key. */
  readonly isHidden: boolean;
  /** It is there and no file that an archive could hold, such as a symbolic link: why. */
  readonly oddity?: string;
}

/** The newest version of an object without its bytes. */
export interface ObjectHead {
  readonly size: number;
  /** The checksum that the store took at upload, lower-case hex; null where it took none, and in a folder. */
  readonly sha256: string | null;
  readonly lock: Lock | null;
}

export interface StoredBytes {
  readonly bytes: Uint8Array;
  readonly lock: Lock | null;
}

/** What the store does for new objects by itself. */
export interface Protection {
  /** Days for which the bucket locks each new object; null where it locks none; undefined where that could not be asked. */
  readonly lockDays: number | null | undefined;
  /** Whether it keeps all versions; undefined where that could not be asked. */
  readonly isVersioned: boolean | undefined;
}

/** One level of the keys, as a folder shows it. */
export interface Level {
  /** Names of what holds more, each with its `/` and without the prefix, in byte order. */
  readonly folders: readonly string[];
  readonly keys: readonly ListedKey[];
}

/**
 * Reading an archive. Rejects with ArchiveError where the store refuses or fails; a key that is not there is null, never an error.
 * Nothing is ever written.
 */
export interface Archive {
  readonly kind: 'folder' | 'bucket';
  /** The folder's path, or `s3://<bucket>`. */
  readonly name: string;
  /**
   * Keys below a prefix that is empty or ends with `/`, in UTF-8 byte order, with all their versions; only those after `after`, if it is
   * given. What is removed meanwhile may be left out.
   */
  list(prefix: string, after?: string): AsyncIterable<ListedKey>;
  /** What lies directly below a prefix that is empty or ends with `/`. */
  level(prefix: string): Promise<Level>;
  /** All of its bytes: an answer that breaks off is an error. */
  get(key: string): Promise<StoredBytes | null>;
  head(key: string): Promise<ObjectHead | null>;
  /** Why a version shows no lock: it has none, or the caller may not ask. */
  lockOf(key: string): Promise<Lock | null | 'denied'>;
  protection(): Promise<Protection>;
}

/** Part of an archive could not be read: not evidence against it, and not for it. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';

  constructor(
    message: string,
    /** `denied`: no permission · `unavailable`: the network, a disk, the service. */
    readonly reason: 'denied' | 'unavailable',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * An archive as it was before a certain commit: what came later is not there.
 * @param first the first commit of each domain, as keys name domains, that is left out with all after it. Of other
 * domains everything is there, and so is what is of no commit.
 */
export function before(archive: Archive, first: ReadonlyMap<string, number>): Archive {
  const isThere = (key: string) => {
    const commit = commitKeyOf(key);
    return commit === null || commit.seq < (first.get(commit.partition) ?? Number.POSITIVE_INFINITY);
  };
  return {
    kind: archive.kind,
    name: archive.name,
    async *list(prefix: string, after?: string): AsyncGenerator<ListedKey, void> {
      for await (const listed of archive.list(prefix, after)) if (isThere(listed.key)) yield listed;
    },
    async level(prefix: string): Promise<Level> {
      const { folders, keys } = await archive.level(prefix);
      return { folders, keys: keys.filter(({ key }) => isThere(key)) };
    },
    get: async (key) => (isThere(key) ? archive.get(key) : null),
    head: async (key) => (isThere(key) ? archive.head(key) : null),
    lockOf: (key) => archive.lockOf(key),
    protection: () => archive.protection(),
  };
}

/** STATE, as far as a checker needs it. */
export interface TableState {
  /** The last commit that was made; null before the first. */
  readonly head: { readonly seq: number; readonly sha256: string } | null;
  /** The last one that is wholly published. */
  readonly applied: number;
}

export interface LedgerPart {
  readonly caseId: string;
  readonly seq: number;
  /** Ledger ids: 16 bytes each, as `storedIds` takes them. */
  readonly ids: Uint8Array;
  /** Sort key of the item. */
  readonly sortKey: string;
}

/**
 * What a checker needs of the checkpoint table. Reading only. Rejects with ArchiveError where the table refuses or fails, or holds an item
 * that this version cannot read.
 */
export interface Checkpoints {
  /** For messages. */
  readonly name: string;
  /** Null if the table knows no such domain. */
  state(domainId: string): Promise<TableState | null>;
  /** Every part of the domain's ledger. */
  ledger(domainId: string): AsyncIterable<LedgerPart>;
  /** The entry of the retry list, open or closed; null if there never was one. */
  retry(domainId: string, caseId: string): Promise<{ readonly closed: boolean; readonly seq: number } | null>;
}
