/** An archive as it was before a certain commit: what came later is not there. */

import type { Archive, Level, ListedKey } from './archive';
import { commitKeyOf } from './archive-keys';

/**
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
