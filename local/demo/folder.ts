import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ARCHIVE_BUCKET, WORK_BUCKET } from '../exporter/stack';

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

/** Of the work bucket, beside the archive. */
const WORK_FOLDER: typeof WORK_BUCKET = 'work-area';

/** All that a demo makes in its folder. */
const MADE = [ARCHIVE_FOLDER, WORK_FOLDER, ALTERED_FOLDER, KEY_FILE] as const;

const MARK = 'made-by-the-demo.txt';
const MARK_TEXT = `\`npm run demo\` makes these in this folder, and its next start deletes them: ${MADE.join(', ')}.
Everything else in it stays, such as pages of cases.
`;

/**
 * Deletes the files of the demo before; pages of cases and all other files stay. Throws where the folder holds files and no
 * demo has run: they might be somebody's archive.
 */
export function clearFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, MARK))) {
    throw new Error(`${folder} holds files that no demo has made. Name another folder by --folder, or empty it.`);
  }
  const users = join(folder, WORK_FOLDER, 'users');
  if (existsSync(users)) {
    throw new Error(`${users} holds lists of people, which no demo makes. Move it elsewhere, and name it by --users.`);
  }
  for (const name of MADE) rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), MARK_TEXT);
}
