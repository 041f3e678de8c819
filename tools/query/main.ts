import { relative } from 'node:path';
import { DEMO_FOLDER } from '../../local/demo/folder';
import { fromCaller, readArguments } from '../read-arguments';
import { onTerminal } from '../shown-text';
import { findArchive } from './archive-files';
import { type FieldChanges, openFieldChanges, QueryError } from './field-changes';
import { FORMATS, type Format, formatResult } from './formats';
import { details, findQuery, listing, type Statement, statementOf, statementOfFile } from './statement';

const USAGE = `Asks exported files by SQL (DuckDB), as Athena would be asked: the same tables, views and named queries.

Usage: npm run query -- <name> [--param <name>=<value> …]   a named query
       npm run query -- "<select …>" [--param <value> …]    SQL of your own
       npm run query -- --file <file.sql> [--param <value> …]
       npm run query -- --list                              all named queries, with their questions and parameters
       npm run query -- <name> --help                       one of them

  --param   a parameter of a named query, or the value of the next "?"; may be given again
  --format  table (default; long values and answers are cut), csv or json (exact), excel-csv (safe in a spreadsheet)
  --folder  folder of a demo (default ${relative(process.cwd(), DEMO_FOLDER) || '.'}), or a copy of an archive bucket
  --users   CSV file of user_arn,name,team, or a folder of such files (default: work-area/users beside the archive)
  --help    this text

Examples:
  npm run query -- changes-by-user --param first_day=2026-01-01 --param last_day=2026-03-31
  npm run query -- "select field_name, count(*) as changes from changes group by all order by 2 desc"
  npm run query -- "select performed_time, old_display, new_display from changes where is_case_change and field_id = 'status' limit 10"
`;

const WIDTH_WITHOUT_TERMINAL = 160;

const OPTIONS = {
  file: { type: 'string' },
  param: { type: 'string', multiple: true, default: [] as string[] },
  format: { type: 'string', default: 'table' },
  folder: { type: 'string', default: DEMO_FOLDER },
  users: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What to ask, where, and how to show it. */
interface Question extends Statement {
  readonly format: Format;
  readonly folder: string;
  readonly users?: string | undefined;
}

/** What to do: print a text, or ask. */
type Command = { readonly text: string } | Question;

/** The command line as what to do. Throws QueryError that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = readArguments(args, OPTIONS, (message) => new QueryError(message));
  const [text] = positionals;
  if (values.list) return { text: listing() };
  if (values.help) return { text: text === undefined ? USAGE : details(findQuery(text)) };
  const format = FORMATS.find((each) => each === values.format);
  if (format === undefined) throw new QueryError(`--format is table, csv, excel-csv or json, not "${values.format}"`);
  if (positionals.length + (values.file === undefined ? 0 : 1) > 1) {
    throw new QueryError('Give one query: put it between double quotes, or name one file by --file');
  }
  const folder = fromCaller(values.folder);
  const users = values.users === undefined ? undefined : fromCaller(values.users);
  if (values.file !== undefined) {
    return { ...statementOfFile(fromCaller(values.file), values.param), format, folder, users };
  }
  if (text === undefined || text.trim() === '') return { text: USAGE };
  return { ...statementOf(text, values.param), format, folder, users };
}

/**
 * Answers with what is to be printed; what else is to be known, such as files that are no data, goes to `notice`, a line each. Rejects with
 * QueryError, also where a named query asks for a case that is not there: no rows would look like an answer.
 */
export async function answer(
  command: Command,
  width: number,
  notice: (line: string) => void = () => undefined,
): Promise<string> {
  if ('text' in command) return command.text;
  const { question, sql, parameters, format, folder, users } = command;
  const changes = await openFieldChanges(findArchive(folder), users === undefined ? {} : { users });
  try {
    changes.notices.map(onTerminal).forEach(notice);
    const { caseId } = command;
    if (caseId !== undefined && !(await hasCase(changes, caseId))) {
      throw new QueryError(await whyNoRows(changes, caseId, folder));
    }
    const result = await changes.query(sql, parameters);
    const title = question === undefined || format !== 'table' ? '' : `${question}\n\n`;
    return `${title}${formatResult(result, format, width)}\n`;
  } finally {
    changes.close();
  }
}

const NEAREST = 5;

/** Whether any row is of the case. */
async function hasCase(changes: FieldChanges, caseId: string): Promise<boolean> {
  const { rows } = await changes.query('SELECT 1 FROM field_changes WHERE case_id = ? LIMIT 1', [caseId]);
  return rows.length > 0;
}

/**
 * A sentence that says that the case is an open gap, owed, or not there, then with the ids that look most like it.
 * @param where what was looked at, for people.
 */
async function whyNoRows(changes: FieldChanges, caseId: string, where: string): Promise<string> {
  const gap = await gapOf(changes, caseId);
  if (gap !== undefined) {
    const attempts = `${gap.attempts} attempt${gap.attempts === 1 ? '' : 's'} since ${gap.since}`;
    return `No event of the case ${caseId} could be read yet: ${gap.cause}, ${attempts}. It is an open gap.`;
  }
  const nearest = await nearestCaseIds(changes, caseId);
  const hint = nearest.length === 0 ? 'no case at all is there' : `the nearest ids are\n  ${nearest.join('\n  ')}`;
  return `There is no case ${caseId} in ${where}: expected the id of an exported case; ${hint}`;
}

interface Gap {
  readonly cause: string;
  readonly attempts: number;
  readonly since: string;
}

async function gapOf(changes: FieldChanges, caseId: string): Promise<Gap | undefined> {
  const { rows } = await changes.query(
    `SELECT gap.cause, gap.attempts, gap.since
     FROM (SELECT unnest(gaps) AS gap FROM manifest_files
           QUALIFY row_number() OVER (PARTITION BY domain_id ORDER BY seq DESC) = 1)
     WHERE gap.caseId = ? LIMIT 1`,
    [caseId],
  );
  const [cause, attempts, since] = rows[0] ?? [];
  return rows.length === 0 ? undefined : { cause: String(cause), attempts: Number(attempts), since: String(since) };
}

/** Up to five ids that look most like this one. */
async function nearestCaseIds(changes: FieldChanges, caseId: string): Promise<string[]> {
  const { rows } = await changes.query(
    `SELECT case_id FROM (SELECT DISTINCT case_id FROM field_changes)
     ORDER BY NOT starts_with(lower(case_id), lower(?)), levenshtein(lower(case_id), lower(?)), case_id LIMIT ${NEAREST}`,
    [caseId, caseId],
  );
  return rows.map(([id]) => String(id));
}

async function main(): Promise<void> {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const width = process.stdout.columns ?? WIDTH_WITHOUT_TERMINAL;
  const notice = (line: string) => void process.stderr.write(`${line}\n`);
  process.stdout.write(await answer(parseCommandLine(process.argv.slice(2)), width, notice));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof QueryError ? 2 : 1;
  });
}
