/** The objects that a manifest lists: whether each is there, with its size and its hash. Bytes are hashed before anything parses them. */

import type { Manifest } from '../../../lambda/export/domain/manifest';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import { type Archive, ArchiveError, type ListedKey } from '../archive/archive';
import { OBJECT_KINDS, type ObjectKind, objectKeyIn } from '../archive/archive-keys';
import type { ChainedCommit } from './chain';
import { type CommitData, readCommitData } from './commit-data';
import type { Expiry } from './expiry';
import type { ListingCheck } from './listing-check';

type StoredObject = Manifest['objects'][number];

/** An object at the place where this commit's objects lie, and what is listed there. */
export interface PlacedObject {
  readonly kind: ObjectKind;
  readonly object: StoredObject;
  readonly listed: ListedKey | null;
}

export interface CheckedCommit {
  readonly commit: ChainedCommit;
  /** Objects whose hash was held against the manifest, and their bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** Null where it was not read, or is not what the manifest names. */
  readonly data: CommitData | null;
}

interface ObjectSources {
  readonly archive: Archive;
  readonly listing: ListingCheck;
  readonly expiry: Expiry;
  readonly partition: string;
  /** Whether the bytes of this commit are to be decoded. */
  readonly reads: (seq: number) => boolean;
}

/** The objects of a manifest that lie where they have to, each once; the others are the chain's to report. */
export function placedKinds({ objects, exportDate, seq }: Manifest, partition: string): [ObjectKind, StoredObject][] {
  const placed = new Map<ObjectKind, StoredObject>();
  for (const object of objects) {
    const kind = OBJECT_KINDS.find((each) => object.key === objectKeyIn(each, partition, exportDate, seq));
    if (kind !== undefined && !placed.has(kind)) placed.set(kind, object);
  }
  return [...placed];
}

/** Never rejects for what the archive holds. */
export async function checkObjects(
  sources: ObjectSources,
  commit: ChainedCommit,
  placed: readonly PlacedObject[],
): Promise<CheckedCommit> {
  const reads = sources.reads(commit.seq);
  const bytesOf = new Map<ObjectKind, Uint8Array>();
  let [objects, bytes] = [0, 0];
  for (const one of placed) {
    const checked = await checkObject(sources, commit, one, reads);
    if (checked === null) continue;
    objects += 1;
    bytes += one.object.bytes;
    if (checked !== 'by checksum') bytesOf.set(one.kind, checked);
  }
  const isWhole = reads && bytesOf.size === commit.manifest.objects.length;
  const data = isWhole ? await readCommitData(commit.manifest, bytesOf) : null;
  return { commit, objects, bytes, data };
}

/** The bytes, or that the store's own checksum says what the manifest says; null where something stands against the object, or unread. */
async function checkObject(
  sources: ObjectSources,
  commit: ChainedCommit,
  placed: PlacedObject,
  reads: boolean,
): Promise<Uint8Array | 'by checksum' | null> {
  const { object, listed } = placed;
  const { archive, listing } = sources;
  const { seq } = commit;
  const place = { commit: seq, key: object.key };
  try {
    const writtenAt = listed?.writtenAt ?? null;
    // A folder knows no checksum of its own.
    if (reads || archive.kind === 'folder') {
      const stored = await archive.get(object.key);
      if (stored === null) return missing(sources, commit, placed);
      await listing.lock(archive, object.key, stored.lock, writtenAt);
      return holds(sources, seq, object, stored.bytes.length, sha256Of(stored.bytes)) ? stored.bytes : null;
    }
    const head = await archive.head(object.key);
    if (head === null) return missing(sources, commit, placed);
    await listing.lock(archive, object.key, head.lock, writtenAt);
    if (head.sha256 === null && head.size === object.bytes) {
      listing.reporter.add(
        'no-checksum',
        place,
        `The store keeps no SHA-256 of ${object.key}: only its bytes can prove it. Check with --read-data all.`,
      );
      return null;
    }
    return holds(sources, seq, object, head.size, head.sha256) ? 'by checksum' : null;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    listing.reporter.unread(error, place);
    return null;
  }
}

function missing(
  { listing, expiry }: ObjectSources,
  { seq, manifest }: ChainedCommit,
  { kind, object: { key } }: PlacedObject,
): null {
  if (expiry.takeObject(seq, kind, manifest.exportedAt)) return null;
  listing.reporter.add(
    'object-missing',
    { commit: seq, key },
    `${key} is missing, though manifest ${seq} lists it: it was deleted, moved or renamed, or left out of the copy.`,
  );
  return null;
}

function holds(
  { listing }: ObjectSources,
  seq: number,
  object: StoredObject,
  size: number,
  hash: string | null,
): boolean {
  if (size === object.bytes && hash === object.sha256) return true;
  const has = size === object.bytes ? `the SHA-256 ${hash}` : `${size} bytes`;
  const expected = size === object.bytes ? object.sha256 : `${object.bytes}`;
  listing.reporter.add(
    'object-altered',
    { commit: seq, key: object.key },
    `${object.key} has ${has}, and manifest ${seq} says ${expected}: the file, or its manifest, was altered.`,
  );
  return false;
}
