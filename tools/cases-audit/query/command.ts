/** `cases-audit query`: the command line of `tools/query`, which is loaded only when it is asked, as it needs DuckDB. */
import type { Command } from 'commander';
import type * as Program from '../../query/main';
import { archiveCommand, checkPlace, openPlaces, type PlaceOptions } from '../archive/places';
import { type Console, underProgress } from '../console';
import { InterruptedError, WrongCallError } from '../outcome';
import { several } from '../words';
import { copyOf } from './archive-copy';

interface QueryOptions extends PlaceOptions {
  readonly file?: string;
  readonly param: readonly string[];
  readonly format?: string;
  readonly users?: string;
  readonly list: boolean;
  readonly about: boolean;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit query --offline ./archive changes-by-user --param first_day=2026-01-01 --param last_day=2026-03-31
  cases-audit query --offline ./archive "select field_name, count(*) from changes group by all" --format csv
  cases-audit query --stack CaseAuditExport "select field_name, count(*) from changes group by all" --format csv

--stack and --bucket copy the archive (4 GB at most) to a new folder, and remove
it afterwards.

Exit codes: 0 answered · 2 wrong call, or DuckDB is not installed · 3 could not look · 130 interrupted
`;

/** What a query is asked of: `tools/query/main`. */
type QueryProgram = typeof Program;

/** @param load where the program comes from; tests give their own. */
export function queryCommand(console: Console, load: () => Promise<QueryProgram> = loadProgram): Command {
  return archiveCommand(
    'query',
    'Asks exported files by SQL (DuckDB), as Athena would be asked: the same tables, views and named queries.',
    EXAMPLES,
  )
    .argument('[query]', 'name of a named query, or SQL')
    .option('--file <file.sql>', 'SQL of a file')
    .option('--param <value>', 'name=value, or the value of the next "?"; may be given again', several, [])
    .option(
      '--format <format>',
      'table, csv, excel-csv (safe in a spreadsheet) or json (default: table, in which what is long is cut)',
    )
    .option('--users <csv>', 'CSV file of user_arn,name,team, or a folder of such files')
    .option('--list', 'all named queries, with their questions and parameters', false)
    .option('--about', 'what the named query answers, takes and is', false)
    .option('--json', 'the same as --format json: the rows, whole', false)
    .action(async (text: string | undefined, options: QueryOptions) => {
      // What is wrong with a call is said before anything is copied.
      checkCall(text, options);
      const program = await loaded(load);
      const { folder, remove } = await folderOf(options, console);
      try {
        console.out(await interruptible(console, () => ask(program, argumentsOf(text, options, folder), console)));
      } finally {
        remove();
      }
      console.exit(0);
    });
}

/** @throws WrongCallError for a call that no archive could answer. */
function checkCall(text: string | undefined, options: QueryOptions): void {
  const { offline, stack, bucket, file, format, list, about, json } = options;
  if (list || (about && text !== undefined)) return;
  if (text === undefined && file === undefined) {
    throw new WrongCallError(
      'No query was given; expected its name, SQL between double quotes, or --file. Try --list.',
    );
  }
  if (offline === undefined && stack === undefined && bucket === undefined) {
    throw new WrongCallError(
      'No archive was named; expected --offline <dir>, a copy of the archive bucket, or --stack or --bucket <name>. Try --help.',
    );
  }
  checkPlace(options);
  if (json && format !== undefined && format !== 'json') {
    throw new WrongCallError(`--json and --format ${format} are two answers; expected one of them.`);
  }
}

/** The files that are asked: a folder that is there, or a copy of the bucket that is removed afterwards. */
async function folderOf(options: QueryOptions, console: Console) {
  const { offline, stack, bucket, list, about } = options;
  const isOnline = stack !== undefined || bucket !== undefined;
  if (!isOnline || list || about) return { folder: offline, remove: () => undefined };
  const { archive } = await openPlaces(options, console);
  return underProgress(console, 'objects', (tick) =>
    copyOf(archive, { signal: console.signal, onObject: (done) => tick('copying', done) }),
  );
}

/** As `npm run query` takes them. */
function argumentsOf(text: string | undefined, options: QueryOptions, folder: string | undefined): string[] {
  const { file, param, format, users, list, about, json } = options;
  const named = text === undefined ? [] : [text];
  if (list) return ['--list'];
  if (about && text !== undefined) return [text, '--help'];
  const values = { folder, file, format: json ? 'json' : format, users };
  return [
    // With its "=", as a value may begin with a dash.
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...param.map((value) => `--param=${value}`),
    '--',
    ...named,
  ];
}

async function ask(program: QueryProgram, args: readonly string[], { width, err }: Console): Promise<string> {
  try {
    return asCommand(await program.answer(program.parseCommandLine(args), width, (line) => err(`${line}\n`)));
  } catch (error) {
    // Loaded from another file it has a class of its own: only its name is shared.
    if (error instanceof Error && error.name === 'QueryError') {
      throw new WrongCallError(asCommand(error.message), { cause: error });
    }
    throw error;
  }
}

/** Its own hints name the npm script, which an installed package does not have. */
function asCommand(text: string): string {
  return text.replaceAll('npm run query -- ', 'cases-audit query ');
}

async function loadProgram(): Promise<QueryProgram> {
  return await import('../../query/main');
}

/** Rejects with WrongCallError that says what to install where a part is missing. */
async function loaded(load: () => Promise<QueryProgram>): Promise<QueryProgram> {
  try {
    return await load();
  } catch (error) {
    const missing = /Cannot find (?:module|package) '([^']+)'/.exec(error instanceof Error ? error.message : '')?.[1];
    const { code } = error as NodeJS.ErrnoException;
    if (missing?.includes('cases-audit-query')) {
      throw new WrongCallError(
        'cases-audit query needs the whole package, for its views and named queries: this is cases-audit.js alone. Run it where the package is installed. All other questions to an archive work here.',
        { cause: error },
      );
    }
    if (missing === undefined && code !== 'ERR_DLOPEN_FAILED') throw error;
    throw new WrongCallError(
      `cases-audit query needs DuckDB, and ${missing ?? 'its native library'} cannot be loaded: npm install @duckdb/node-api beside the package, on the platform on which it runs.`,
      { cause: error },
    );
  }
}

/** The engine runs on; nobody waits for it any more. */
function interruptible<T>({ signal }: Console, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(new InterruptedError());
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new InterruptedError()), { once: true });
    work().then(resolve, reject);
  });
}
