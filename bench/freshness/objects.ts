import { manifestKey } from '../../lambda/export/domain/keys';
import type { Clock, EncodeRows, ObjectStore } from '../../lambda/export/ports';

/** A guess at an answer's time. */
const LATENCY_MS = 30;
/** Manifests that the exporter may still ask for. */
const MANIFESTS_KEPT = 3;

/** Only what the watcher needs: Parquet has benchmarks of its own. */
export const encodeIdsOnly: EncodeRows = async (rows) =>
  Buffer.from(rows.map(({ case_id, event_id }) => `${case_id} ${event_id}`).join('\n'));

export interface LeanObjects extends ObjectStore {
  readonly puts: number;
}

/**
 * Both buckets in memory. Published rows are handed to `onRows` and dropped, and of the manifests only the last few are kept, as
 * an archive of a million cases would otherwise be all that the heap shows.
 */
export function createLeanObjects(
  clock: Clock,
  domainId: string,
  onRows: (rows: readonly { caseId: string; eventId: string }[]) => void,
): LeanObjects {
  const buckets = { archive: new Map<string, Uint8Array>(), work: new Map<string, Uint8Array>() };
  let puts = 0;
  let manifests = 0;

  const answer = () => clock.sleep(LATENCY_MS);

  function publish(key: string, bytes: Uint8Array): void {
    if (key.startsWith('field_changes/')) {
      onRows(rowsOf(bytes));
      return;
    }
    buckets.archive.set(key, bytes);
    if (!key.startsWith('manifests/')) return;
    manifests += 1;
    if (manifests > MANIFESTS_KEPT) buckets.archive.delete(manifestKey(domainId, manifests - MANIFESTS_KEPT));
  }

  return {
    get puts() {
      return puts;
    },
    async get(bucket, key) {
      await answer();
      return buckets[bucket].get(key) ?? null;
    },
    async put(bucket, key, bytes) {
      puts += 1;
      await answer();
      buckets[bucket].set(key, bytes);
    },
    async putIfAbsent(bucket, key, bytes) {
      puts += 1;
      await answer();
      if (buckets[bucket].has(key)) return 'exists';
      publish(key, bytes);
      return 'created';
    },
    async delete(bucket, key) {
      await answer();
      buckets[bucket].delete(key);
    },
  };
}

function rowsOf(bytes: Uint8Array): { caseId: string; eventId: string }[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => {
      const [caseId = '', eventId = ''] = line.split(' ');
      return { caseId, eventId };
    });
}
