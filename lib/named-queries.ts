import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where the queries are, one file each. */
export const QUERY_DIRECTORY = join(__dirname, '..', 'sql', 'queries');

/** A query that the workgroup offers under Saved queries. */
export interface NamedQuery {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** The file's opening comment: the question that it answers. */
  readonly description: string;
  /** The whole file. A `?` is a parameter that Athena asks for. */
  readonly sql: string;
}

/** All queries of the directory, by name. Throws if a file does not open with a comment. */
export function readNamedQueries(directory: string = QUERY_DIRECTORY): NamedQuery[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file) => {
    const sql = readFileSync(join(directory, file), 'utf8');
    return { name: basename(file, '.sql'), description: openingComment(sql, file), sql };
  });
}

function openingComment(sql: string, file: string): string {
  const lines = sql.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('--'));
  const comment = lines.slice(0, end).map((line) => line.replace(/^--\s*/, ''));
  if (comment.length === 0) throw new Error(`${file}: expected an opening comment that says what question it answers`);
  return comment.join(' ');
}
