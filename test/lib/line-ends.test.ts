/** Promise: the stack is the same whether a checkout ended the lines of `sql/` by LF or by CRLF. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readQueries, readViews, SQL_DIRECTORY } from '../../lib/athena/sql-files';
import { readCuratedStatements } from '../../lib/curated/curated-statements';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder of `sql/` with these ends of lines. */
function folderWith(lineEnd: string, folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'line-ends-'));
  folders.push(copy);
  for (const name of readdirSync(join(SQL_DIRECTORY, folder))) {
    const text = readFileSync(join(SQL_DIRECTORY, folder, name), 'utf8');
    writeFileSync(join(copy, name), text.replaceAll(/\r?\n/g, lineEnd));
  }
  return copy;
}

test.each([
  ['views', readViews],
  ['queries', readQueries],
  ['curated', readCuratedStatements],
] as const)('%s: every statement is the same', (folder, read) => {
  const statements = read(folderWith('\r\n', folder));
  expect(statements).toEqual(read(folderWith('\n', folder)));
  expect(JSON.stringify(statements)).not.toContain('\\r');
});
