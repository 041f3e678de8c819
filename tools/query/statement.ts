import { existsSync, readFileSync } from 'node:fs';
import { type QueryFile, readQueries } from '../../lib/athena/sql-files';
import { QueryError } from './field-changes';
import { nearest } from './nearest';
import { parameterValues } from './parameters';

/** What is to be asked, with a value for each `?`. */
export interface Statement {
  /** The question that it answers, where it is a named query. */
  readonly question?: string;
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** Looks like the name of a query: no SELECT is one word. */
const NAME = /^[\w-]+$/;

/**
 * A named query, or SQL, with what `--param` gave: `name=value` for a named query, values in the order of the `?` else.
 * Throws QueryError for a name that no query has, and for parameters that do not fit.
 */
export function statementOf(text: string, given: readonly string[]): Statement {
  const name = text.trim();
  if (!NAME.test(name)) return { sql: text, parameters: given };
  const query = findQuery(name);
  return { question: questionOf(query), sql: query.body, parameters: parameterValues(name, query.parameters, given) };
}

/** Throws QueryError where there is no such file. */
export function statementOfFile(file: string, given: readonly string[]): Statement {
  if (!existsSync(file)) throw new QueryError(`There is no file ${file}`);
  return { sql: readFileSync(file, 'utf8'), parameters: given };
}

/** Throws QueryError with the names that are most like it. */
export function findQuery(name: string): QueryFile {
  const queries = readQueries();
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    queries.map((query) => query.name),
  );
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  throw new QueryError(`There is no query "${name}".${hint} All of them: npm run query -- --list`);
}

/** The first sentence of the query's comment. */
export function questionOf({ description }: QueryFile): string {
  const end = description.indexOf('?');
  return end < 0 ? description : description.slice(0, end + 1);
}
