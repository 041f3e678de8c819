import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ARCHIVE_FOLDER, DEMO_FOLDER } from '../demo/folder';
import { openFieldChanges, QueryError } from './field-changes';
import { FORMATS, type Format, formatResult } from './formats';

const USAGE = `Asks the files of the demo by SQL (DuckDB). The view field_changes holds one row per changed field.

Usage: npm run query -- "<select …>" [--format table|csv|json] [--folder <folder>]
       npm run query -- --file <file.sql> [--param <value> …]

  --file    the query is in a file
  --param   value of the next "?" of the query; may be given again
  --format  table (default; long values are cut), csv or json (whole values)
  --folder  folder of a demo (default ${relative(process.cwd(), DEMO_FOLDER) || '.'})
  --help    this text

Examples:
  npm run query -- "select field_name, count(*) as changes from field_changes group by all order by 2 desc"
  npm run query -- "select performed_time, old_value, new_value from field_changes where field_id = 'status' limit 10"
`;

const WIDTH_WITHOUT_TERMINAL = 160;

interface Settings {
  readonly sql: string | undefined;
  readonly parameters: readonly string[];
  readonly format: Format;
  readonly folder: string;
}

/** The command line as settings; `sql` undefined asks for the usage. Throws QueryError that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): Settings {
  const { values, positionals } = parsed(args);
  const format = FORMATS.find((each) => each === values.format);
  if (format === undefined) throw new QueryError(`--format is table, csv or json, not "${values.format}"`);
  if (positionals.length + (values.file === undefined ? 0 : 1) > 1) {
    throw new QueryError('Give one query: put it between double quotes, or name one file by --file');
  }
  const sql = values.help ? undefined : values.file === undefined ? positionals[0] : readSql(values.file);
  return { sql, parameters: values.param, format, folder: values.folder };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: 'string' },
        param: { type: 'string', multiple: true, default: [] },
        format: { type: 'string', default: 'table' },
        folder: { type: 'string', default: DEMO_FOLDER },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new QueryError(`${error instanceof Error ? error.message : String(error)}\nTry --help.`);
  }
}

function readSql(file: string): string {
  if (!existsSync(file)) throw new QueryError(`There is no file ${file}`);
  return readFileSync(file, 'utf8');
}

/** Answers with what is to be printed. Rejects with QueryError. */
export async function answer(settings: Settings, width: number): Promise<string> {
  if (settings.sql === undefined || settings.sql.trim() === '') return USAGE;
  const archive = join(settings.folder, ARCHIVE_FOLDER);
  if (!existsSync(join(archive, 'field_changes'))) {
    throw new QueryError(`There are no files of a demo in ${settings.folder}. Make them first: npm run demo`);
  }
  const changes = await openFieldChanges(archive);
  try {
    return `${formatResult(await changes.query(settings.sql, settings.parameters), settings.format, width)}\n`;
  } finally {
    changes.close();
  }
}

async function main(): Promise<void> {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const width = process.stdout.columns ?? WIDTH_WITHOUT_TERMINAL;
  process.stdout.write(await answer(parseCommandLine(process.argv.slice(2)), width));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
