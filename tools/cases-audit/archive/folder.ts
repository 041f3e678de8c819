/** An archive as files: what `aws s3 sync` or the demo leaves. Nothing above the folder counts, and no name is a pattern. */
import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
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
  /** Folders of the archive that are none by a symbolic link, by their keys. */
  readonly #ownFolders = new Set(['']);

  constructor(readonly name: string) {}

  async *list(prefix: string, after?: string): AsyncGenerator<ListedKey, void> {
    for (const key of this.#keys(prefix, after)) {
      if (key.endsWith('/')) {
        yield* this.list(key, after);
        continue;
      }
      await this.#turn();
      const listed = this.#listed(key);
      if (listed !== null) yield listed;
    }
  }

  /**
   * What lies directly below, folders with their `/`, in the order of the keys, which is not that of the names: `a/` comes after `a-b`.
   * What comes before `after`, with all below it, is left out.
   */
  #keys(prefix: string, after?: string): string[] {
    if (!this.#isOwnFolder(prefix.slice(0, -1))) return [];
    const keys: string[] = [];
    for (const entry of this.#entries(prefix)) {
      const isFolder = entry.isDirectory() && !this.#isNoText(`${prefix}${entry.name}`);
      const key = `${prefix}${entry.name}${isFolder ? '/' : ''}`;
      const isBefore =
        after !== undefined && compareKeys(key, after) <= 0 && !(key.endsWith('/') && after.startsWith(key));
      if (!isBefore) keys.push(key);
    }
    return keys.sort(compareKeys);
  }

  #entries(prefix: string): Dirent[] {
    return orNull(prefix, () => readdirSync(join(this.name, prefix), { withFileTypes: true })) ?? [];
  }

  /** Null for what was removed since its folder was read. */
  #listed(key: string): ListedKey | null {
    const found = this.#found(key);
    const none = { key, size: 0, writtenAt: 0, versions: 1, deleteMarkers: 0, isHidden: false };
    if (found === null)
      return this.#isNoText(key) ? { ...none, oddity: 'a file or folder whose name is no text' } : null;
    const one = { ...none, size: found.size, writtenAt: found.mtimeMs };
    if (found.isFile()) return one;
    return { ...one, oddity: found.isSymbolicLink() ? 'a symbolic link' : 'neither a file nor a folder' };
  }

  async level(prefix: string): Promise<Level> {
    const keys = this.#keys(prefix);
    return {
      folders: keys.filter((key) => key.endsWith('/')).map((key) => key.slice(prefix.length)),
      keys: keys.filter((key) => !key.endsWith('/')).flatMap((key) => this.#listed(key) ?? []),
    };
  }

  async get(key: string) {
    await this.#turn();
    if (!this.#isFile(key)) return null;
    const bytes = orNull(key, () => readFileSync(join(this.name, key)));
    return bytes && { bytes, lock: null };
  }

  async head(key: string) {
    const found = this.#isFile(key) ? this.#found(key) : null;
    return found && { size: found.size, sha256: null, lock: null };
  }

  async lockOf(): Promise<null> {
    return null;
  }

  async protection() {
    return { lockDays: null, isVersioned: false };
  }

  /** A key that leads out of the folder names nothing: a manifest that was tampered with may hold any. */
  #isFile(key: string): boolean {
    const parts = key.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..') || key.includes('\0')) return false;
    if (process.platform === 'win32' && /[\\:]/.test(key)) return false;
    return this.#isOwnFolder(parts.slice(0, -1).join('/')) && this.#found(key)?.isFile() === true;
  }

  /** Whether it is a folder, and none on the way to it is a symbolic link: that would lead out of the archive. */
  #isOwnFolder(key: string): boolean {
    if (this.#ownFolders.has(key)) return true;
    const isOwn =
      this.#isOwnFolder(key.slice(0, Math.max(0, key.lastIndexOf('/')))) && this.#found(key)?.isDirectory() === true;
    if (isOwn) this.#ownFolders.add(key);
    return isOwn;
  }

  /** Names come as text: one that is none has U+FFFD in it, and is not found by that. */
  #isNoText(key: string): boolean {
    return key.includes('\ufffd') && this.#found(key) === null;
  }

  #found(key: string): Stats | null {
    return orNull(key, () => lstatSync(join(this.name, key)));
  }

  async #turn(): Promise<void> {
    this.#reads += 1;
    if (this.#reads % FILES_PER_TURN === 0) await breathe();
  }
}

/** Errors of the system that say that there is no such file, or cannot be. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Null where nothing is. @throws ArchiveError where it may not or cannot be read. */
function orNull<T>(key: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (ABSENT.has(code)) return null;
    const denied = code === 'EACCES' || code === 'EPERM';
    const hint = denied
      ? 'you may not read it: ask for leave to read the whole folder'
      : 'the disk may be at fault: copy the archive again';
    throw new ArchiveError(`${key} could not be read (${code}): ${hint}.`, denied ? 'denied' : 'unavailable', {
      cause: error,
    });
  }
}
