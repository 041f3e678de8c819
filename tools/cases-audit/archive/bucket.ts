/** An archive in S3. Calls ListObjectVersions, GetObject, HeadObject, GetObjectRetention and two questions about the bucket; never writes. */
import {
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { errorName, httpStatus, isDenied } from '../../../lambda/export/aws/store-failures';
import type { Archive, Level, ListedKey, Lock, ObjectHead, Protection, StoredBytes } from './archive';
import { compareKeys } from './archive-keys';
import { asked } from './aws-errors';

const DAYS_PER_YEAR = 365;

export class BucketArchive implements Archive {
  readonly kind = 'bucket';
  readonly name: string;

  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {
    this.name = `s3://${bucket}`;
  }

  async *list(prefix: string, after?: string): AsyncGenerator<ListedKey, void> {
    let open: ListedKey | null = null;
    for await (const page of this.#pages({ Prefix: prefix, KeyMarker: after })) {
      for (const listed of keysOf(page)) {
        // The versions of a key may go on over the end of a page.
        if (open !== null && open.key === listed.key) open = joined(open, listed);
        else {
          if (open !== null) yield open;
          open = listed;
        }
      }
    }
    if (open !== null) yield open;
  }

  async level(prefix: string): Promise<Level> {
    const folders: string[] = [];
    const keys = new Map<string, ListedKey>();
    for await (const page of this.#pages({ Prefix: prefix, Delimiter: '/' })) {
      for (const { Prefix } of page.CommonPrefixes ?? []) folders.push((Prefix ?? '').slice(prefix.length));
      for (const listed of keysOf(page)) add(keys, listed);
    }
    return { folders: folders.sort(compareKeys), keys: [...keys.values()] };
  }

  get(key: string): Promise<StoredBytes | null> {
    const get = async () => {
      const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      const bytes = await answer.Body?.transformToByteArray();
      return { bytes: bytes ?? new Uint8Array(), lock: lockIn(answer) };
    };
    return asked('s3:GetObject and s3:ListBucket', `${this.name}/${key}`, get, [[isMissing, null]]);
  }

  head(key: string): Promise<ObjectHead | null> {
    const head = async () => {
      const command = new HeadObjectCommand({ Bucket: this.bucket, Key: key, ChecksumMode: 'ENABLED' });
      const answer = await this.client.send(command);
      return { size: answer.ContentLength ?? 0, sha256: hexOf(answer.ChecksumSHA256), lock: lockIn(answer) };
    };
    return asked('s3:GetObject and s3:ListBucket', `${this.name}/${key}`, head, [[isMissing, null]]);
  }

  lockOf(key: string): Promise<Lock | null | 'denied'> {
    const lock = async () => {
      const { Retention } = await this.client.send(new GetObjectRetentionCommand({ Bucket: this.bucket, Key: key }));
      return lockIn({ ObjectLockMode: Retention?.Mode, ObjectLockRetainUntilDate: Retention?.RetainUntilDate });
    };
    return asked<Lock | null | 'denied'>('s3:GetObjectRetention', `the lock of ${this.name}/${key}`, lock, [
      [isDenied, 'denied'],
      [(error) => isMissing(error) || errorName(error) === 'NoSuchObjectLockConfiguration', null],
    ]);
  }

  async protection(): Promise<Protection> {
    const [lockDays, isVersioned] = await Promise.all([this.#lockDays(), this.#isVersioned()]);
    return { lockDays, isVersioned };
  }

  #lockDays(): Promise<number | null | undefined> {
    const days = async () => {
      const command = new GetObjectLockConfigurationCommand({ Bucket: this.bucket });
      const { ObjectLockConfiguration } = await this.client.send(command);
      const { Days, Years } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
      return Days ?? (Years === undefined ? null : Years * DAYS_PER_YEAR);
    };
    return asked('s3:GetBucketObjectLockConfiguration', this.name, days, [
      [(error) => errorName(error) === 'ObjectLockConfigurationNotFoundError', null],
      [isDenied, undefined],
    ]);
  }

  #isVersioned(): Promise<boolean | undefined> {
    const status = async () => (await this.client.send(new GetBucketVersioningCommand({ Bucket: this.bucket }))).Status;
    const isEnabled = async () => (await status()) === 'Enabled';
    return asked('s3:GetBucketVersioning', this.name, isEnabled, [[isDenied, undefined]]);
  }

  async *#pages(request: {
    readonly Prefix: string;
    readonly Delimiter?: string;
    readonly KeyMarker?: string | undefined;
  }): AsyncGenerator<ListObjectVersionsCommandOutput, void> {
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (;;) {
      // A key may hold characters that XML cannot.
      const input = { Bucket: this.bucket, EncodingType: 'url' as const, ...request, ...markers };
      const what = `the versions below ${this.name}/${request.Prefix}`;
      const send = () => this.client.send(new ListObjectVersionsCommand(input));
      const page: ListObjectVersionsCommandOutput = decoded(await asked('s3:ListBucketVersions', what, send));
      yield page;
      if (page.IsTruncated !== true) return;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }
}

/** Keys of a page in their order, each once. */
function keysOf({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput): ListedKey[] {
  const keys = new Map<string, ListedKey>();
  const none = { size: 0, writtenAt: 0, versions: 0, deleteMarkers: 0, isHidden: false };
  for (const { Key, Size, LastModified, IsLatest } of Versions) {
    const newest = IsLatest === true ? { size: Size ?? 0, writtenAt: LastModified?.getTime() ?? 0 } : {};
    add(keys, { ...none, key: Key ?? '', versions: 1, ...newest });
  }
  for (const { Key, IsLatest } of DeleteMarkers) {
    add(keys, { ...none, key: Key ?? '', deleteMarkers: 1, isHidden: IsLatest === true });
  }
  return [...keys.values()].sort((a, b) => compareKeys(a.key, b.key));
}

function add(keys: Map<string, ListedKey>, listed: ListedKey): void {
  const before = keys.get(listed.key);
  keys.set(listed.key, before === undefined ? listed : joined(before, listed));
}

/** Two parts of what stands at one key: only the part with the newest version knows size and time. */
function joined(a: ListedKey, b: ListedKey): ListedKey {
  return {
    key: a.key,
    size: a.size || b.size,
    writtenAt: a.writtenAt || b.writtenAt,
    versions: a.versions + b.versions,
    deleteMarkers: a.deleteMarkers + b.deleteMarkers,
    isHidden: a.isHidden || b.isHidden,
  };
}

/** The page with its keys as they are: a store says by `EncodingType` whether it has encoded them, and not every one does. */
function decoded(page: ListObjectVersionsCommandOutput): ListObjectVersionsCommandOutput {
  if (page.EncodingType !== 'url') return page;
  const text = (encoded = '') => decodeURIComponent(encoded.replaceAll('+', ' '));
  return {
    ...page,
    NextKeyMarker: page.NextKeyMarker && text(page.NextKeyMarker),
    CommonPrefixes: page.CommonPrefixes?.map(({ Prefix }) => ({ Prefix: text(Prefix) })),
    Versions: page.Versions?.map((version) => ({ ...version, Key: text(version.Key) })),
    DeleteMarkers: page.DeleteMarkers?.map((marker) => ({ ...marker, Key: text(marker.Key) })),
  };
}

/** Null also for the checksum of a multipart upload, which is none of the bytes. */
function hexOf(base64: string | undefined): string | null {
  return base64 === undefined || !/^[A-Za-z0-9+/]{43}=$/.test(base64)
    ? null
    : Buffer.from(base64, 'base64').toString('hex');
}

function lockIn(answer: {
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
}): Lock | null {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = answer;
  return mode === undefined || until === undefined ? null : { mode, until: until.getTime() };
}

function isMissing(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound', 'NoSuchVersion'].includes(errorName(error) ?? '') && httpStatus(error) === 404;
}
