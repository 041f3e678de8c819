/** The objects that a manifest lists: whether each is there, with its size and its hash. Bytes are hashed before anything parses them. */

import type { Manifest } from '../../../lambda/export/domain/manifest';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import type { Archive, ListedKey } from '../archive/archive';
import { OBJECT_KINDS, type ObjectKind, objectKeyIn } from '../archive/archive-keys';
import type { ChainedCommit } from './chain';
import { type CommitData, readCommitData } from './commit-data';
import type { Expiry } from './expiry';
import type { ListingCheck } from './listing-check';
import type { ReadingPlan } from './reading-plan';

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
  /** Of which commits the bytes are decoded. */
  readonly plan: ReadingPlan;
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
  const reads = sources.plan.reads(commit.seq);
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
  const check = async () => {
    const found = await readObject(archive, object.key, reads);
    if (found === null) return missing(sources, commit, placed);
    await listing.lock(archive, object.key, found.lock, listed?.writtenAt);
    if (found.sha256 === null && found.size === object.bytes) {
      const words = `The store keeps no SHA-256 of ${object.key}: only its bytes can prove it. Check with --read-data all.`;
      listing.reporter.add('no-checksum', place, words);
      return null;
    }
    return holds(sources, seq, object, found.size, found.sha256) ? (found.bytes ?? ('by checksum' as const)) : null;
  };
  return listing.reporter.reading(place, check, null);
}

/** Without its bytes where nobody needs them. */
async function readObject(archive: Archive, key: string, reads: boolean) {
  if (!reads && archive.kind === 'bucket') {
    const head = await archive.head(key);
    return head && { ...head, bytes: null };
  }
  // A folder knows no checksum of its own.
  const stored = await archive.get(key);
  return stored && { ...stored, size: stored.bytes.length, sha256: sha256Of(stored.bytes) };
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
