import { existsSync, readFileSync } from 'node:fs';
import { type QueryFile, readQueries, readViews } from '../../lib/athena/sql-files';
import { editDistance } from '../cases-audit/words';
import { parameterUsage, parameterValues, WRITTEN } from './parameters';
import { QueryError } from './query-error';

/** What is to be asked, with a value for each `?`. */
export interface Statement {
  /** The question that it answers, where it is a named query. */
  readonly question?: string;
  /** The case that a named query asks for. */
  readonly caseId?: string;
  readonly sql: string;
  readonly parameters: readonly string[];
}

const MAX_SUGGESTIONS = 3;
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
  const parameters = parameterValues(name, query.parameters, given);
  const caseId = parameters[query.parameters.findIndex((parameter) => parameter.name === 'case_id')];
  return {
    question: questionOf(query),
    sql: query.body,
    parameters,
    ...(caseId === undefined ? {} : { caseId }),
  };
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

/** The names that are most like the one that was typed, best first, three at most; none where nothing is like it. */
function nearest(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word.length > 2);
  const distanceOf = (name: string) => {
    const shared = words.filter((word) => name.includes(word)).length;
    return shared > 0 ? 1 - shared / 10 : editDistance(wanted, name);
  };
  return names
    .map((name) => ({ name, distance: distanceOf(name) }))
    .filter(({ name, distance }) => distance <= name.length / 2)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

const TABLES = ['field_changes', 'manifest_files', 'dictionary_files', 'user_names'];

/** Every named query with its question and its parameters, and the names of views and tables for SQL of one's own. */
export function listing(): string {
  const queries = readQueries();
  const indent = Math.max(...queries.map(({ name }) => name.length)) + 2;
  const lines = queries.flatMap((query) => [
    `${query.name.padEnd(indent)}${questionOf(query)}`,
    ...(query.parameters.length === 0 ? [] : [`${' '.repeat(indent)}${parameterUsage(query.parameters)}`]),
  ]);
  return [
    ...lines,
    '',
    `Views:  ${readViews()
      .map(({ name }) => name)
      .join(', ')}`,
    `Tables: ${TABLES.join(', ')}`,
    'Columns are in docs/data-dictionary.md.',
    '',
  ].join('\n');
}

/** What one query answers, takes and is. */
export function details(query: QueryFile): string {
  const { name, description, parameters, body } = query;
  const usage = parameterUsage(parameters);
  return [
    description,
    '',
    `Usage: npm run query -- ${name}${usage === '' ? '' : ` ${usage}`}`,
    ...parameters.map((each) => `  ${each.name.padEnd(12)}${each.description} (${WRITTEN[each.type]})`),
    '',
    body,
    '',
  ].join('\n');
}
