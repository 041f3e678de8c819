import { readFileSync } from 'node:fs';

/** The text of a file with LF at the ends of lines, also where a checkout has made CRLF of them. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}
