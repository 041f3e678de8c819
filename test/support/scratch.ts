import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Empty folders, all gone with one call. */
export class Scratch {
  readonly #root = mkdtempSync(join(tmpdir(), 'scratch-'));

  /** A new one at every call. */
  emptyFolder(): string {
    return mkdtempSync(join(this.#root, 'folder-'));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** For the tests of this file; gone after them. */
export function scratchOfFile(): Scratch {
  const scratch = new Scratch();
  afterAll(() => scratch.remove());
  return scratch;
}

/** Writes files below the folder by their keys, which may have slashes, and makes the folders that they need. */
export function saveFiles(folder: string, files: Iterable<readonly [key: string, content: Uint8Array | string]>): void {
  for (const [key, content] of files) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), content);
  }
}
