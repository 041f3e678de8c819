/** The commits of a domain in the order of their numbers: manifest, note and the note that a mirror holds, as bytes. */
import type { Archive, ListedKey } from '../archive/archive';
import { commitKeyOf, manifestKeyIn, noteKeyIn } from '../archive/archive-keys';
import { mapInOrder } from './in-order';
import type { ListingCheck } from './listing-check';

/** Bytes; null where nothing is; `unread` where that could not be found out. */
type Fetched = Uint8Array | null | 'unread';

export interface FetchedCommit {
  readonly seq: number;
  readonly manifest: Fetched;
  readonly note: Fetched;
  readonly mirrorNote: Fetched;
}

interface CommitSources {
  readonly archive: Archive;
  readonly mirror: Archive | null;
  readonly partition: string;
  /** Only commits after this one; 0 for all. */
  readonly after: number;
  readonly listing: ListingCheck;
  readonly mirrorListing: ListingCheck;
}

const FETCHES_AT_ONCE = 32;

/** Every number at which a manifest, a note or a mirror's note stands, ascending. */
export function commitsOf(sources: CommitSources): AsyncGenerator<FetchedCommit, void> {
  return mapInOrder(numbersOf(sources), FETCHES_AT_ONCE, (found) => fetchCommit(sources, found));
}

interface Found {
  readonly seq: number;
  readonly hasManifest: boolean;
  readonly hasNote: boolean;
  readonly hasMirrorNote: boolean;
}

async function* numbersOf(sources: CommitSources): AsyncGenerator<Found, void> {
  const { archive, mirror, partition, after, listing, mirrorListing } = sources;
  const from = (key: (partition: string, seq: number) => string) => (after > 0 ? key(partition, after) : undefined);
  const listings = [
    listing.keys(archive, `manifests/domain_id=${partition}/`, from(manifestKeyIn)),
    listing.keys(archive, `notes/domain_id=${partition}/`, from(noteKeyIn)),
    mirror === null ? nothing() : mirrorListing.keys(mirror, `notes/domain_id=${partition}/`, from(noteKeyIn)),
  ].map((keys) => keys[Symbol.asyncIterator]());
  const next = async (index: number) => {
    const result = await listings[index]?.next();
    return result === undefined || result.done ? null : (commitKeyOf(result.value.key)?.seq ?? null);
  };
  const heads = await Promise.all(listings.map((_, index) => next(index)));
  for (;;) {
    const seqs = heads.filter((seq) => seq !== null);
    if (seqs.length === 0) return;
    const seq = Math.min(...seqs);
    const [hasManifest, hasNote, hasMirrorNote] = heads.map((head) => head === seq) as [boolean, boolean, boolean];
    for (const [index, head] of heads.entries()) if (head === seq) heads[index] = await next(index);
    yield { seq, hasManifest, hasNote, hasMirrorNote };
  }
}

async function* nothing(): AsyncGenerator<ListedKey, void> {}

async function fetchCommit(
  { archive, mirror, partition, listing, mirrorListing }: CommitSources,
  { seq, hasManifest, hasNote, hasMirrorNote }: Found,
): Promise<FetchedCommit> {
  const get = async (from: Archive | null, check: ListingCheck, key: string, isThere: boolean): Promise<Fetched> => {
    if (from === null || !isThere) return null;
    const read = async () => {
      const stored = await from.get(key);
      if (stored !== null) await check.lock(from, key, stored.lock);
      return stored?.bytes ?? null;
    };
    return check.reporter.reading({ commit: seq, key }, read, 'unread' as const);
  };
  const [manifest, note, mirrorNote] = await Promise.all([
    get(archive, listing, manifestKeyIn(partition, seq), hasManifest),
    get(archive, listing, noteKeyIn(partition, seq), hasNote),
    get(mirror, mirrorListing, noteKeyIn(partition, seq), hasMirrorNote),
  ]);
  return { seq, manifest, note, mirrorNote };
}
