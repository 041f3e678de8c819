/** The manifests of a domain, one after the other, as far as they can be read. No hash is checked: that is `verify`'s part. */
import { domainInKeys } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { mapInOrder } from '../verify/in-order';
import { readStoredManifest } from '../verify/stored-manifest';
import type { Archive } from './archive';
import { commitKeyOf, manifestKeyIn } from './archive-keys';

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
  if ('problem' in read) return { seq, problem: read.problem, isNewer: read.isNewer };
  if (read.seq === seq && domainInKeys(read.domainId) === partition) return read;
  const problem = `${key} calls itself commit ${read.seq} of the domain ${read.domainId}: it belongs elsewhere.`;
  return { seq, problem, isNewer: false };
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
