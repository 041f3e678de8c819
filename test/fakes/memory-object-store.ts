/** ObjectStore in memory. The contract suite that pins the S3 adapter pins this too. */
import type { BucketRole, ObjectStore } from '../../lambda/export/ports';

export interface MemoryObjectStore extends ObjectStore {
  /** Every object there is, by role and key; the two roles share one map when they are one bucket. Live: tests may change it. */
  readonly buckets: Readonly<Record<BucketRole, Map<string, Uint8Array>>>;
  /** Sorted keys. */
  keys(bucket: BucketRole, prefix?: string): string[];
  /** The object as text; empty where there is none. */
  text(bucket: BucketRole, key: string): string;
}

interface MemoryObjectStoreOptions {
  /** `archive` and `work` are the same bucket, as with the default of STAGING_BUCKET. */
  readonly oneBucket?: boolean;
}

export function createMemoryObjectStore({ oneBucket = false }: MemoryObjectStoreOptions = {}): MemoryObjectStore {
  const archive = new Map<string, Uint8Array>();
  const buckets = { archive, work: oneBucket ? archive : new Map<string, Uint8Array>() };
  return {
    buckets,
    keys(bucket, prefix = '') {
      return [...buckets[bucket].keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    text(bucket, key) {
      return Buffer.from(buckets[bucket].get(key) ?? []).toString();
    },
    async get(bucket, key) {
      await Promise.resolve();
      const bytes = buckets[bucket].get(key);
      return bytes === undefined ? null : Uint8Array.from(bytes);
    },
    async put(bucket, key, bytes) {
      const copy = Uint8Array.from(bytes);
      await Promise.resolve();
      buckets[bucket].set(key, copy);
    },
    async putIfAbsent(bucket, key, bytes) {
      const copy = Uint8Array.from(bytes);
      await Promise.resolve();
      if (buckets[bucket].has(key)) return 'exists';
      buckets[bucket].set(key, copy);
      return 'created';
    },
    async delete(bucket, key) {
      await Promise.resolve();
      buckets[bucket].delete(key);
    },
  };
}
