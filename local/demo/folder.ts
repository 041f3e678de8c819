import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ARCHIVE_BUCKET } from '../exporter/stack';

/** Default folder of the demo's files. */
export const DEMO_FOLDER = join(__dirname, '../../demo-output');

/**
 * The archive bucket's folder inside a demo's folder. (Only the type is imported: a query need not load the whole
 * stack.)
 */
export const ARCHIVE_FOLDER: typeof ARCHIVE_BUCKET = 'archive';

/** The public key that checks the archive's signatures, beside the archive. */
export const KEY_FILE = 'audit-key.pem';

/** A copy of the archive with one bit changed, beside the archive. */
export const ALTERED_FOLDER = 'altered-copy';

const MARK = 'made-by-the-demo.txt';
const MARK_TEXT = 'Everything in this folder was made by `npm run demo`, and its next start deletes it.\n';

/** Empties a folder for a demo. Throws where it holds files that no demo has made, because nobody may delete those. */
export function emptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, MARK))) {
    throw new Error(`${folder} holds files that no demo has made. Name another folder by --folder, or empty it.`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), MARK_TEXT);
}
