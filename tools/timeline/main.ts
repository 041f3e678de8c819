/** `npm run timeline -- <caseId>`: `cases-audit case` over the demo's files, or a folder that is named. */
import { dirname, join, resolve } from 'node:path';
import { openFolder } from '../cases-audit/archive/folder';
import { answerCase } from '../cases-audit/case/answer';
import { pageFile, savePage, usersOf } from '../cases-audit/case/page-options';
import { caseWords } from '../cases-audit/case/report';
import { WRONG_CALL, WrongCallError } from '../cases-audit/outcome';
import { findArchive } from '../query/archive-folder';
import { QueryError } from '../query/field-changes';
import { parseCommandLine, placeOf, USAGE } from './command-line';
import { fileNameOf } from './make-page';

/** Writes the page and answers with what is to be printed: ids and counts, no values. Rejects as `answerCase` does. */
export async function timeline(args: readonly string[], madeAt: number): Promise<string> {
  return (await madePage(args, madeAt)).text;
}

async function madePage(args: readonly string[], madeAt: number): Promise<{ text: string; exitCode: number }> {
  const settings = parseCommandLine(args);
  if (settings === null) return { text: USAGE, exitCode: 0 };
  const folder = resolve(findArchive(settings.folder));
  const file = placeOf(settings.out, folder, fileNameOf(settings.caseId));
  const { caseId, domain, clock } = settings;
  const { signal } = new AbortController();
  const page = pageFile(file);
  const { answer, made } = await answerCase({
    ...{ archive: openFolder(folder), caseId, domain, clock, now: madeAt, asOf: null, keys: [], signal },
    names: usersOf(settings.users, join(dirname(folder), 'work-area/users')),
    onCommit: () => undefined,
  });
  savePage(page, made.html);
  return { text: caseWords({ ...answer, page }), exitCode: answer.exitCode };
}

async function main(): Promise<void> {
  const { text, exitCode } = await madePage(process.argv.slice(2), Date.now());
  process.stdout.write(text);
  process.exitCode = exitCode;
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof WrongCallError || error instanceof QueryError ? WRONG_CALL : 1;
  });
}
