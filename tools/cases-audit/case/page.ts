/** What a call says of the page of a case: where it goes, whose names and which clock it shows. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { compareCodeUnits } from '../../../lambda/export/domain/values';
import { QueryError } from '../../query/query-error';
import { readUsers, type UserRow } from '../../query/users-file';
import type { UserName } from '../../timeline/facts';
import { type Clock, clockIn } from '../../timeline/html/times';
import { WrongCallError } from '../outcome';
import { printable } from '../words';
import type { CaseAnswer } from './answer';

/** @throws WrongCallError for no such zone. */
export function clockOf(zone: string): Clock {
  try {
    // Some versions of Node take offsets such as +01:00, which say nothing of summer time.
    if (/^[A-Za-z]/.test(zone)) return clockIn(zone.toUpperCase() === 'UTC' ? 'UTC' : zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new WrongCallError(`There is no time zone "${zone}": expected an IANA name, such as Europe/Berlin or UTC`);
}

/**
 * Names by ARN: of the files at `users`, which have to be there, or of those at `otherwise`, which need not. Of an ARN that is named
 * twice, the name that sorts first.
 * @throws WrongCallError that names file and line.
 */
export function usersOf(users: string | undefined, otherwise: string | null): Map<string, UserName> {
  if (users !== undefined && !existsSync(users)) {
    throw new WrongCallError(
      `There is no ${users}, expected a CSV file of user_arn,name,team or a folder of such files`,
    );
  }
  const path = users ?? otherwise;
  if (path === null) return new Map();
  const names = new Map<string, UserName>();
  for (const { arn, name, team } of rowsAt(path).toSorted(byName)) {
    if (name !== '' && !names.has(arn)) names.set(arn, { name, team: team === '' ? null : team });
  }
  return names;
}

function rowsAt(path: string): readonly UserRow[] {
  try {
    return readUsers(path).rows;
  } catch (error) {
    if (error instanceof QueryError) throw new WrongCallError(error.message, { cause: error });
    throw error;
  }
}

function byName(a: UserRow, b: UserRow): number {
  return compareCodeUnits(a.name, b.name) || compareCodeUnits(a.team, b.team);
}

/** The whole path of a file that a page can go to. @throws WrongCallError where none can be. */
export function pageFile(path: string): string {
  const file = resolve(path);
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new WrongCallError(`${file} is a folder: --out names a file`);
  }
  if (!existsSync(dirname(file))) throw new WrongCallError(`There is no folder ${dirname(file)} for the page`);
  return file;
}

/** @throws WrongCallError where the page cannot be written. */
export function savePage(file: string, html: string): void {
  try {
    writeFileSync(file, html);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new WrongCallError(`The page could not be written to ${file} (${code}); name another place by --out.`, {
      cause: error,
    });
  }
}

/** One sentence, and where the page and the bag are, as seen from the folder in which the caller is. */
export function caseWords({ answer, page, extract }: CaseAnswer): string {
  return [
    `${printable(answer)}${page === null && extract === null ? '' : ':'}`,
    ...(page === null ? [] : [`  ${relative(process.cwd(), page)}`]),
    ...(extract === null ? [] : extractLines(extract)),
    '',
  ].join('\n');
}

function extractLines({ folder, seal, unbound, unsigned }: NonNullable<CaseAnswer['extract']>): string[] {
  return [
    `  ${relative(process.cwd(), folder)}`,
    `Seal (SHA-256 of its tagmanifest-sha256.txt; write it into the certificate):\n  ${seal}`,
    ...unbound.map(({ commit, why }) => `Commit ${commit} is not in it: ${printable(why)}`),
    ...(unsigned.length === 0
      ? []
      : [
          `No key that you gave has signed the note of commit ${unsigned.join(', ')} itself: whoever checks the extract will see it as unproven.`,
        ]),
  ];
}
