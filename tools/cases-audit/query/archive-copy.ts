/** A copy of an account's archive on this disk, for a query: the engine reads files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Archive, ListedKey } from '../archive/archive';
import { commitKeyOf } from '../archive/archive-keys';
import { InterruptedError, WrongCallError } from '../outcome';
import { mapInOrder } from '../verify/in-order';

/** What tables are made of. Notes are none. */
const PREFIXES = ['manifests/', 'fields/', 'quarantine/', 'field_changes/'] as const;
const FETCHES_AT_ONCE = 16;
const MAX_BYTES = 4 * 1024 ** 3;

/**
 * Copies what a plain reader sees into a new folder that only this user can read. Manifests are listed first: they are published last, so
 * every file that they name is in the copy. Rejects with WrongCallError where that is more than 4 GB, with ArchiveError where the store
 * refuses or fails, and with InterruptedError; then nothing is left.
 * @param onObject how many are copied.
 * @returns the folder, and how to remove it.
 */
export async function copyOf(
  archive: Archive,
  on: { readonly signal: AbortSignal; readonly onObject: (done: number) => void },
): Promise<{ readonly folder: string; readonly remove: () => void }> {
  const listed = await toCopy(archive, on.signal);
  const folder = mkdtempSync(join(tmpdir(), 'cases-audit-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let isOver = false;
  const copyOne = async ({ key }: ListedKey) => {
    const stored = await archive.get(key);
    // Gone since it was listed: a plain reader sees it no more. And what arrives late must not make the folder anew.
    if (stored === null || isOver) return;
    const file = join(folder, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stored.bytes);
  };
  try {
    let done = 0;
    for await (const _ of mapInOrder(listed, FETCHES_AT_ONCE, copyOne)) {
      if (on.signal.aborted) throw new InterruptedError();
      done += 1;
      on.onObject(done);
    }
    return { folder, remove };
  } catch (error) {
    isOver = true;
    remove();
    throw error;
  }
}

/** Rejects with WrongCallError where that is too much. */
async function toCopy(archive: Archive, signal: AbortSignal): Promise<ListedKey[]> {
  const listed: ListedKey[] = [];
  for (const prefix of PREFIXES) {
    for await (const one of archive.list(prefix)) {
      // No other key has a name that is safe on every disk.
      if (!one.isHidden && commitKeyOf(one.key) !== null) listed.push(one);
      if (signal.aborted) throw new InterruptedError();
    }
  }
  const bytes = listed.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) {
    throw new WrongCallError(
      `${archive.name} holds ${gigabytes(bytes)} GB, expected at most ${gigabytes(MAX_BYTES)} to copy for a query. Ask Athena, or copy what you need (aws s3 sync) and give --offline <dir>.`,
    );
  }
  return listed;
}

function gigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
