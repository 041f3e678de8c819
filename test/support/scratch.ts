import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
