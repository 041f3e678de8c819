/**
 * The owner's names of users: CSV (RFC 4180) of `user_arn,name,team` with that header, in one file or in all `.csv`
 * files of a folder.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareCodeUnits } from '../../lambda/export/domain/values';
import { WrongCallError } from '../cases-audit/outcome';
import type { UserName } from './facts';

const HEADER = ['user_arn', 'name', 'team'];

/**
 * By ARN; of an ARN that is named twice, the name that sorts first. A path that is not there names nobody.
 * @throws WrongCallError that names file and line.
 */
export function readUserNames(path: string): Map<string, UserName> {
  const rows = filesAt(path).flatMap((file) => rowsIn(file, readFileSync(file)));
  const names = new Map<string, UserName>();
  for (const [arn = '', name = '', team = ''] of rows.sort(compareRows)) {
    if (arn !== '' && name !== '' && !names.has(arn)) names.set(arn, { name, team: team === '' ? null : team });
  }
  return names;
}

function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => join(path, name));
}

function rowsIn(file: string, bytes: Buffer): string[][] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new WrongCallError(
      `${file} is not UTF-8; expected ${HEADER.join(',')} as UTF-8. Save it again as CSV UTF-8.`,
    );
  }
  const [header, ...rows] = records(file, text);
  if (header === undefined || header.cells.join() !== HEADER.join()) {
    throw new WrongCallError(
      `${file} begins with "${(header?.cells ?? []).join(',').slice(0, 80)}"; expected the line ${HEADER.join(',')}, with commas between the columns.`,
    );
  }
  return rows.map(({ line, cells }) => {
    if (cells.length === HEADER.length) return cells.map((cell) => (cell === '\\N' ? '' : cell));
    throw new WrongCallError(
      `${file}, line ${line}: ${cells.length} columns; expected ${HEADER.length}: ${HEADER.join(', ')}.`,
    );
  });
}

/** Cells of each record, with the line on which it begins. Empty lines are none. */
function records(file: string, text: string): { line: number; cells: string[] }[] {
  const found: { line: number; cells: string[] }[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let [line, start, cells] = [1, 1, [] as string[]];
  while (cell.lastIndex < text.length || cells.length > 0) {
    const match = cell.exec(text);
    if (match === null)
      throw new WrongCallError(`${file}, line ${line}: a double quote is open, or stands within a value.`);
    const [whole, quoted, plain = '', end] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') found.push({ line: start, cells });
    [start, cells] = [line, []];
  }
  return found;
}

function compareRows(a: readonly string[], b: readonly string[]): number {
  for (const index of HEADER.keys()) {
    const order = compareCodeUnits(a[index] ?? '', b[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}
