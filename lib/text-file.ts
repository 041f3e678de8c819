import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Reads a text file with LF at the ends of lines, also where a checkout has written CRLF. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

/** Folder of this package, with the built files and the SQL, whether the sources run or their compiled form. */
export const PACKAGE_ROOT = above(__dirname);

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error(`No folder above ${__dirname} has a package.json, expected that of this package`);
  return above(parent);
}
