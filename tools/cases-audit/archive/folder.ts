/** An archive as files: what `aws s3 sync` or the demo leaves. Nothing above the folder counts, and no name is a pattern. */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { WrongCallError } from '../outcome';
import { type Archive, ArchiveError, type Level, type ListedKey } from './archive';
import { compareKeys, DOMAIN_PREFIXES } from './archive-keys';

/** Files read before others get their turn: a signal, a progress bar. */
const FILES_PER_TURN = 64;

/**
 * The archive in this folder, or in its folder `archive/`, as the demo leaves it.
 * @throws WrongCallError where neither holds an archive.
 */
export function openFolder(folder: string): Archive {
  const root = [folder, join(folder, 'archive')].find(isArchive);
  if (root === undefined) throw new WrongCallError(noArchive(folder));
  return new FolderArchive(root);
}

function noArchive(folder: string): string {
  const came = !existsSync(folder)
    ? 'there is no such folder'
    : statSync(folder).isDirectory()
      ? `it holds ${listOf(readdirSync(folder))}`
      : 'it is a file';
  return `${folder} is no archive: ${came}; expected a folder with manifests/domain_id=…/….json. Copy the whole bucket (aws s3 sync s3://<archive bucket> <folder>) and name that folder.`;
}

function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
}

function isArchive(folder: string): boolean {
  return DOMAIN_PREFIXES.some((prefix) => {
    const path = join(folder, prefix);
    return existsSync(path) && statSync(path).isDirectory();
  });
}

class FolderArchive implements Archive {
  readonly kind = 'folder';
  #reads = 0;

  constructor(readonly name: string) {}

  async *list(prefix: string, after?: string): AsyncGenerator<ListedKey, void> {
    if (prefix.endsWith('/')) yield* this.#walk(prefix, after);
    else if (existsSync(join(this.name, prefix))) yield this.#listed(prefix);
  }

  async *#walk(prefix: string, after: string | undefined): AsyncGenerator<ListedKey, void> {
    for (const key of this.#keys(prefix, after)) {
      if (key.endsWith('/')) {
        yield* this.#walk(key, after);
        continue;
      }
      await this.#turn();
      yield this.#listed(key);
    }
  }

  /**
   * What lies directly below, folders with their `/`, in the order of the keys, which is not that of the names: `a/` comes after `a-b`.
   * What comes before `after`, with all below it, is left out.
   */
  #keys(prefix: string, after?: string): string[] {
    const path = join(this.name, prefix);
    if (!existsSync(path) || !statSync(path).isDirectory()) return [];
    const keys: string[] = [];
    for (const entry of reading(prefix, () => readdirSync(path, { withFileTypes: true }))) {
      const key = `${prefix}${entry.name}${entry.isDirectory() ? '/' : ''}`;
      const isBefore =
        after !== undefined && compareKeys(key, after) <= 0 && !(key.endsWith('/') && after.startsWith(key));
      if (!isBefore) keys.push(key);
    }
    return keys.sort(compareKeys);
  }

  #listed(key: string): ListedKey {
    const found = reading(key, () => lstatSync(join(this.name, key)));
    const one = { key, size: found.size, writtenAt: found.mtimeMs, versions: 1, deleteMarkers: 0, isHidden: false };
    if (found.isFile()) return one;
    return { ...one, oddity: found.isSymbolicLink() ? 'a symbolic link' : 'neither a file nor a folder' };
  }

  async level(prefix: string): Promise<Level> {
    const keys = this.#keys(prefix);
    return {
      folders: keys.filter((key) => key.endsWith('/')).map((key) => key.slice(prefix.length)),
      keys: keys.filter((key) => !key.endsWith('/')).map((key) => this.#listed(key)),
    };
  }

  async get(key: string) {
    await this.#turn();
    const bytes = this.#read(key);
    return bytes === null ? null : { bytes, lock: null };
  }

  async head(key: string) {
    const path = this.#pathOf(key);
    if (path === null) return null;
    return { size: reading(key, () => statSync(path)).size, sha256: null, lock: null };
  }

  async lockOf(): Promise<null> {
    return null;
  }

  async protection() {
    return { lockDays: null, isVersioned: false };
  }

  #read(key: string): Uint8Array | null {
    const path = this.#pathOf(key);
    return path === null ? null : reading(key, () => readFileSync(path));
  }

  /** Null where no file is. A key that leads out of the folder names nothing: a manifest that was tampered with may hold any. */
  #pathOf(key: string): string | null {
    if (key === '' || key.split('/').some((part) => part === '' || part === '.' || part === '..')) return null;
    if (process.platform === 'win32' && /[\\:]/.test(key)) return null;
    const path = join(this.name, key);
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : null;
  }

  async #turn(): Promise<void> {
    this.#reads += 1;
    if (this.#reads % FILES_PER_TURN === 0) await breathe();
  }
}

function reading<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const denied = code === 'EACCES' || code === 'EPERM';
    const hint = denied
      ? 'you may not read it: ask for leave to read the whole folder'
      : 'the disk may be at fault: copy the archive again';
    throw new ArchiveError(`${key} could not be read (${code}): ${hint}.`, denied ? 'denied' : 'unavailable', {
      cause: error,
    });
  }
}
