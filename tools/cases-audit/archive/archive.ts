/**
 * What a checker needs of an archive, wherever it lies. It belongs to the checker; a folder and a bucket implement it, and one
 * contract suite holds both to it.
 */

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
