import { type QueryFile, readQueries, readViews } from '../../lib/athena/sql-files';
import { parameterUsage, WRITTEN } from './parameters';
import { questionOf } from './statement';

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
