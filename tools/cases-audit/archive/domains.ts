/** Which domains an archive has, by its keys alone. */
import { domainInKeys } from '../../../lambda/export/domain/keys';
import { WrongCallError } from '../outcome';
import type { Archive } from './archive';
import { DOMAIN_PREFIXES, isPartition } from './archive-keys';

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

/** Those of this domain, named by its id or as keys name it. @throws WrongCallError with all domains where there is none. */
export function choosePartitions(partitions: readonly string[], wanted: string): string[] {
  const found = partitions.filter((partition) => partition === wanted || partition === domainInKeys(wanted));
  if (found.length > 0) return found;
  throw new WrongCallError(
    `There is no domain ${wanted} in the archive: expected one of ${partitions.join(', ') || 'none'}.`,
  );
}
