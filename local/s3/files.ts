/** Every object as a file below a folder, `<root>/<bucket>/<key>`, for tools that read files. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Bucket } from './bucket';
import { S3Error } from './http';

interface Files {
  /** Creates the bucket's empty folder; an Error if it already holds files. */
  addBucket(name: string): void;
  /** InvalidArgument for a key that is not a path: `a//b`, `a/../b`, `a/`. */
  check(bucket: string, key: string): void;
  /** Makes the file equal to the object: written whole or not at all, deleted if there is none. */
  update(bucket: Bucket, key: string): void;
}

export function createFiles(root: string): Files {
  // Beside the buckets, so that no pattern over a bucket's files ever sees half a file.
  const incoming = join(root, '.incoming');
  mkdirSync(incoming, { recursive: true });
  let writes = 0;
  return {
    addBucket(name) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      if (readdirSync(folder).length > 0) {
        throw new Error(`${folder} holds files already: give an empty folder, or remove it`);
      }
    },
    check: (bucket, key) => void pathOf(root, bucket, key),
    update(bucket, key) {
      const path = pathOf(root, bucket.name, key);
      const stored = bucket.objects.get(key);
      if (!stored) {
        rmSync(path, { force: true });
        return;
      }
      mkdirSync(dirname(path), { recursive: true });
      const temporary = join(incoming, String(writes++));
      writeFileSync(temporary, stored.bytes);
      renameSync(temporary, path);
    },
  };
}

function pathOf(root: string, bucket: string, key: string): string {
  const folder = resolve(root, bucket);
  const path = resolve(folder, key);
  if (path !== folder + sep + key.split('/').join(sep)) {
    throw new S3Error('InvalidArgument', 'This key cannot be kept as a file');
  }
  return path;
}
