/** The domains of an archive, and their manifests as far as they can be read. No hash is checked: that is `verify`'s part. */
import { noteText } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { domainInKeys, PUBLIC_KEYS_PREFIX } from '../../../lambda/export/domain/keys';
import { MANIFEST, type Manifest } from '../../../lambda/export/domain/manifest';
import { readStored } from '../../../lambda/export/domain/stored-form';
import { InterruptedError, WrongCallError } from '../outcome';
import { mapInOrder } from '../verify/in-order';
import type { Archive } from './archive';
import { commitKeyOf, DOMAIN_PREFIXES, isPartition, isPublicKeyKey, manifestKeyIn } from './archive-keys';

/** A manifest that is there and says nothing, and why. */
export interface UnreadManifest {
  readonly seq: number;
  readonly problem: string;
  /** It is of a later version of the format: this version cannot look, and nothing is wrong with it. */
  readonly isNewer: boolean;
}

type FoundManifest = Manifest | UnreadManifest;

const FETCHES_AT_ONCE = 32;

/** Whether this manifest could not be read. */
export function isUnread(found: FoundManifest): found is UnreadManifest {
  return 'problem' in found;
}

/** Every manifest that a plain reader sees, by its number. Rejects with ArchiveError where the store refuses or fails. */
export async function* manifestsIn(archive: Archive, partition: string): AsyncGenerator<FoundManifest, void> {
  const found = mapInOrder(commitsBelow(archive, `manifests/domain_id=${partition}/`), FETCHES_AT_ONCE, ({ seq }) =>
    manifestIn(archive, partition, seq),
  );
  for await (const manifest of found) if (manifest !== null) yield manifest;
}

/** One manifest; null where none is. */
export async function manifestIn(archive: Archive, partition: string, seq: number): Promise<FoundManifest | null> {
  const key = manifestKeyIn(partition, seq);
  const stored = await archive.get(key);
  if (stored === null) return null;
  const read = readStoredManifest(key, stored.bytes);
  if ('problem' in read) return { seq, ...read };
  if (read.seq === seq && domainInKeys(read.domainId) === partition) return read;
  const problem = `${key} calls itself commit ${read.seq} of the domain ${read.domainId}: it belongs elsewhere.`;
  return { seq, problem, isNewer: false };
}

/** The highest number of a commit with a key below a prefix that a plain reader sees; 0 without any. Rejects with InterruptedError. */
export async function newestBelow(archive: Archive, prefix: string, signal?: AbortSignal): Promise<number> {
  let newest = 0;
  for await (const { seq } of commitsBelow(archive, prefix)) {
    if (signal?.aborted) throw new InterruptedError();
    newest = Math.max(newest, seq);
  }
  return newest;
}

/** Keys of commits below a prefix that a plain reader sees, in their order, with their sizes in bytes. */
export async function* commitsBelow(
  archive: Archive,
  prefix: string,
): AsyncGenerator<{ seq: number; key: string; size: number }, void> {
  for await (const { key, size, isHidden, oddity } of archive.list(prefix)) {
    const commit = commitKeyOf(key);
    if (commit !== null && !isHidden && oddity === undefined) yield { seq: commit.seq, key, size };
  }
}

/**
 * The domains as keys name them, sorted, also those of which only rows are there. Rejects with ArchiveError where the store refuses or
 * fails.
 */
export async function partitionsIn(archive: Archive): Promise<string[]> {
  const levels = await Promise.all(DOMAIN_PREFIXES.map((prefix) => archive.level(`${prefix}/`)));
  const names = levels.flatMap(({ folders }) =>
    folders.flatMap((folder) => /^domain_id=(.+)\/$/.exec(folder)?.[1] ?? []),
  );
  return [...new Set(names.filter(isPartition))].sort();
}

/** All domains, or those that `wanted` names. Rejects as `partitionsIn` and `choosePartitions` do. */
export async function partitionsOf(archive: Archive, wanted: string | undefined): Promise<string[]> {
  const all = await partitionsIn(archive);
  return wanted === undefined ? all : choosePartitions(all, wanted);
}

/** What lies where the public keys of an archive do, under the names that they have: nobody trusts it for that. */
export async function* publicKeysIn(archive: Archive): AsyncGenerator<{ key: string; bytes: Uint8Array }, void> {
  for (const { key } of (await archive.level(PUBLIC_KEYS_PREFIX)).keys) {
    const stored = isPublicKeyKey(key) ? await archive.get(key) : null;
    if (stored !== null) yield { key, bytes: stored.bytes };
  }
}

/** Those of this domain, named by its id or as keys name it. @throws WrongCallError with all domains where there is none. */
export function choosePartitions(partitions: readonly string[], wanted: string): string[] {
  const found = partitions.filter((partition) => partition === wanted || partition === domainInKeys(wanted));
  if (found.length > 0) return found;
  throw new WrongCallError(
    `There is no domain ${wanted} in the archive: expected one of ${partitions.join(', ') || 'none'}.`,
  );
}

/** The manifest in these bytes, or what is wrong with them. A time that no clock shows is wrong, too. */
export function readStoredManifest(
  key: string,
  bytes: Uint8Array,
  form = MANIFEST,
): Manifest | Omit<UnreadManifest, 'seq'> {
  try {
    const manifest = readStored(form, key, bytes);
    noteText(manifest, '');
    return manifest;
  } catch (error) {
    if (error instanceof IntegrityError) return { problem: error.message, isNewer: isNewer(bytes, form.version) };
    if (error instanceof RangeError)
      return { problem: `The manifest ${key} holds a time that no clock shows.`, isNewer: false };
    throw error;
  }
}

function isNewer(bytes: Uint8Array, known: number): boolean {
  try {
    const { version } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { version?: unknown };
    return Number.isInteger(version) && (version as number) > known;
  } catch {
    return false;
  }
}
