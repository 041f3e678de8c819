/** Bags on disk, for tests. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** All files below a folder by their paths in it, in byte order; bytes as Latin-1. Empty where there is no folder. */
export function filesIn(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]));
}

/** As whoever tampers with a bag and knows BagIt does: both of its lists fit again. */
export function relisted(folder: string): string {
  const files = [...filesIn(folder).keys()];
  const payload = files.filter((path) => path.startsWith('data/'));
  writeFileSync(join(folder, 'manifest-sha256.txt'), listOf(folder, payload));
  const tags = ['bag-info.txt', 'bagit.txt', 'manifest-sha256.txt'];
  writeFileSync(join(folder, 'tagmanifest-sha256.txt'), listOf(folder, tags));
  return folder;
}

function listOf(folder: string, paths: readonly string[]): string {
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex');
  return paths.map((path) => `${hash(path)}  ${path}\n`).join('');
}
