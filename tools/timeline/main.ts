/** `npm run timeline -- <caseId>`: `cases-audit case` over the demo's files, or a folder that is named. */
import { dirname, join, relative, resolve } from 'node:path';
import { DEMO_FOLDER } from '../../local/demo/folder';
import { openFolder } from '../cases-audit/archive/folder';
import { answerCase } from '../cases-audit/case/answer';
import { caseWords, clockOf, pageFile, savePage, usersOf } from '../cases-audit/case/page';
import { WRONG_CALL, WrongCallError } from '../cases-audit/outcome';
import { findArchive } from '../query/archive-files';
import { QueryError } from '../query/field-changes';
import { readArguments } from '../read-arguments';
import { fileNameOf } from './make-page';

const USAGE = `Writes the timeline of a case as one HTML file: every event, who, old and new values, and what proves it.

Usage: npm run timeline -- <caseId> [--folder <folder>] [--domain <domainId>] [--out <file>] [--time-zone <zone>] [--users <file>]

  --folder     folder of a demo (default ${relative(process.cwd(), DEMO_FOLDER) || '.'}), or of an archive as "aws s3 sync" leaves it
  --domain     where a case id occurs in several domains
  --out        default <caseId>.timeline.html, beside the archive's folder
  --time-zone  IANA name, such as Europe/Berlin (default UTC)
  --users      CSV with the header user_arn,name,team, or a folder of such files (default work-area/users beside the archive)
  --help       this text

cases-audit case makes the same page, also from a bucket, and a bag to hand over (--extract).
`;

const OPTIONS = {
  folder: { type: 'string', default: DEMO_FOLDER },
  domain: { type: 'string' },
  out: { type: 'string' },
  'time-zone': { type: 'string', default: 'UTC' },
  users: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Writes the page and answers with what is to be printed: ids and counts, no values. Rejects as `answerCase` does. */
export async function timeline(args: readonly string[], madeAt: number): Promise<string> {
  return (await madePage(args, madeAt)).text;
}

/** Rejects with WrongCallError that says what is wrong with the command line. */
async function madePage(args: readonly string[], madeAt: number): Promise<{ text: string; exitCode: number }> {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new WrongCallError(message));
  if (values.help) return { text: USAGE, exitCode: 0 };
  const [caseId, ...others] = positionals;
  if (caseId === undefined || caseId === '' || others.length > 0) {
    throw new WrongCallError(`Expected one case id, got ${positionals.length}. Try --help.`);
  }
  const clock = clockOf(values['time-zone']);
  const folder = resolve(findArchive(values.folder));
  const page = pageFile(placeOf(values.out, folder, fileNameOf(caseId)));
  const { signal } = new AbortController();
  const { answer, made } = await answerCase({
    ...{ archive: openFolder(folder), caseId, domain: values.domain, clock, now: madeAt, asOf: null, keys: [], signal },
    names: usersOf(values.users, join(dirname(folder), 'work-area/users')),
    onCommit: () => undefined,
  });
  savePage(page, made.html);
  return { text: caseWords({ ...answer, page }), exitCode: answer.exitCode };
}

/** `out`, seen from where the caller is, as npm runs scripts elsewhere; or a file of this name beside the archive's folder. */
function placeOf(out: string | undefined, archive: string, fileName: string): string {
  if (out === undefined) return join(dirname(archive), fileName);
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), out);
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
