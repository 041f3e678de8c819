import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ARCHIVE_BUCKET } from '../exporter/stack';

/** Where the demo leaves its files unless told otherwise. */
export const DEMO_FOLDER = join(__dirname, '../../demo-output');

/** Of the archive bucket, inside a demo's folder. (Only the type is imported: a query need not load the whole stack.) */
export const ARCHIVE_FOLDER: typeof ARCHIVE_BUCKET = 'archive';

/** The key by which the archive's signatures can be checked, beside the archive. */
export const KEY_FILE = 'audit-key.pem';

/** A copy of the archive with one bit changed, beside the archive. */
export const ALTERED_FOLDER = 'altered-copy';

const MARK = 'made-by-the-demo.txt';
const MARK_TEXT = 'Everything in this folder was made by `npm run demo`, and its next start deletes it.\n';

/** An empty folder for a demo. Throws where there are files that no demo has made: those are nobody's to delete. */
export function emptyFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, MARK))) {
    throw new Error(`${folder} holds files that no demo has made. Name another folder by --folder, or empty it.`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), MARK_TEXT);
}
