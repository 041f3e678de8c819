/**
 * Bags (BagIt 1.0, RFC 8493): folders that say what is in them, by SHA-256. The same files and words give the same
 * bytes.
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import { version } from '../../../package.json';
import { ArchiveError } from '../archive/archive';
import { compareKeys } from '../archive/archive-keys';
import { InterruptedError, WrongCallError } from '../outcome';

/** Puts a file of the payload into the bag, below `data/`. @throws InterruptedError once somebody pressed Ctrl-C. */
export type AddFile = (path: string, content: Uint8Array | string) => void;

/** Lines of bag-info.txt: a label and what it says. */
export type BagInfo = readonly (readonly [label: string, value: string])[];

export interface SealedBag {
  /** Of the payload. */
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of tagmanifest-sha256.txt, lower-case hex: whoever holds it has every byte of the bag. */
  readonly seal: string;
}

/**
 * Makes a bag at a folder that is not there, or is empty. It is written beside its place and renamed at the end, so
 * there is a whole bag or none, whatever happens.
 * @param fill adds the payload and gives what bag-info.txt says.
 * @throws WrongCallError where the folder cannot be made, InterruptedError. Rejects with ArchiveError where the disk is
 * full or fails.
 */
export async function writeBag(
  folder: string,
  signal: AbortSignal,
  fill: (add: AddFile) => Promise<BagInfo>,
): Promise<SealedBag> {
  const target = resolve(folder);
  checkBagFolder(folder);
  const draft = writing(folder, () => mkdtempSync(join(dirname(target), `.${basename(target)}.part-`)));
  try {
    const bag = new Draft(draft, folder, signal);
    const sealed = bag.seal(await fill((path, content) => bag.add(`data/${path}`, content)));
    if (signal.aborted) throw new InterruptedError();
    writing(folder, () => {
      if (existsSync(target)) rmdirSync(target);
      renameSync(draft, target);
    });
    return sealed;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @throws WrongCallError where a bag cannot be made here, before any work is done for it. */
export function checkBagFolder(folder: string): void {
  const target = resolve(folder);
  const parent = dirname(target);
  if (!existsSync(parent)) {
    throw new WrongCallError(
      `There is no folder ${parent}, in which ${basename(target)} was to be made: make it first.`,
    );
  }
  writing(folder, () => accessSync(parent, constants.W_OK));
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory()) {
    throw new WrongCallError(`${folder} is a file; expected the name of a folder that is not there yet.`);
  }
  const [first] = writing(folder, () => readdirSync(target));
  if (first === undefined) return;
  throw new WrongCallError(
    `${folder} is not empty (it holds ${first}); expected a folder that is not there yet, or is empty. Nothing is overwritten: name another.`,
  );
}

class Draft {
  readonly #hashes = new Map<string, string>();
  #bytes = 0;

  constructor(
    private readonly root: string,
    /** As the caller named it. */
    private readonly name: string,
    private readonly signal: AbortSignal,
  ) {}

  add(path: string, content: Uint8Array | string): void {
    if (this.signal.aborted) throw new InterruptedError();
    if (this.#hashes.has(path)) throw new Error(`A bag cannot hold two files ${path}`);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    writing(this.name, () => {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), bytes);
    });
    this.#hashes.set(path, sha256Of(bytes));
    this.#bytes += bytes.length;
  }

  seal(info: BagInfo): SealedBag {
    const payload = new Map(this.#hashes);
    const sealed = { files: payload.size, bytes: this.#bytes };
    const lines: BagInfo = [
      ...info,
      ['Bag-Software-Agent', `cases-audit ${version}`],
      ['Payload-Oxum', `${sealed.bytes}.${sealed.files}`],
    ];
    this.add('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
    this.add('bag-info.txt', lines.map(([label, value]) => `${label}: ${oneLine(value)}\n`).join(''));
    this.add('manifest-sha256.txt', manifestOf(payload));
    const tags = new Map([...this.#hashes].filter(([path]) => !payload.has(path)));
    const tagManifest = manifestOf(tags);
    this.add('tagmanifest-sha256.txt', tagManifest);
    return { ...sealed, seal: sha256Of(Buffer.from(tagManifest)) };
  }
}

function manifestOf(hashes: ReadonlyMap<string, string>): string {
  const paths = [...hashes.keys()].sort(compareKeys);
  return paths.map((path) => `${hashes.get(path)}  ${encoded(path)}\n`).join('');
}

/** What would end a line of a manifest, by section 2.1.3 of the RFC. */
function encoded(path: string): string {
  return path.replaceAll('%', '%25').replaceAll('\n', '%0A').replaceAll('\r', '%0D');
}

function oneLine(value: string): string {
  return value.replaceAll(/[\r\n]+/g, ' ').trim();
}

/** What a disk answers, as what the caller can do about it. */
function writing<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const nothing = 'Nothing was left there.';
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new WrongCallError(
        `${folder} could not be written (${code}): you may not write there. Name a folder that is yours. ${nothing}`,
        { cause: error },
      );
    }
    const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full. Make room' : 'the disk may be at fault';
    throw new ArchiveError(
      `${folder} could not be written (${code}): ${why}, or name a folder on another disk. ${nothing}`,
      'unavailable',
      { cause: error },
    );
  }
}
