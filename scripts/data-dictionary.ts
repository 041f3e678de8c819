import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS, type Column } from '../lambda/export/domain/columns';

export const DATA_DICTIONARY = join(__dirname, '../docs/data-dictionary.md');

/** The page of `docs/data-dictionary.md`, from the one list of columns. */
export function dataDictionary(): string {
  return `# Data dictionary

\`field_changes\`: one row per changed field of an audit event. An event without fields makes one row. The key of a row is
\`domain_id, case_id, event_id, field_index\`. This page is written by \`npm run docs\` from \`lambda/export/domain/columns.ts\`.

| column | type | null | what it holds |
|---|---|---|---|
${COLUMNS.map(row).join('\n')}
| domain_id | string | no | Partition: the Cases domain. Not in the file, but in its path and key-value metadata. |
| export_date | string | no | Partition: the UTC day of the commit, YYYY-MM-DD; never goes back. Not in the file. |

Times are UTC with milliseconds. Numbers as text are the shortest form that reads back as the same number, also \`NaN\`, \`Infinity\`,
\`-Infinity\` and \`-0\`; the double columns hold the finite ones. A value that is a date in Cases is text here, as the API has no
date member. A string that is not well-formed Unicode is written with U+FFFD in the place of the lone surrogate, and kept as it
came in \`quarantine/\`.

Columns are only ever added, at the end; none is renamed, retyped or removed.
`;
}

function row({ name, type, nullable, description }: Column): string {
  return `| ${name} | ${type} | ${nullable ? 'yes' : 'no'} | ${description} |`;
}

if (require.main === module) writeFileSync(DATA_DICTIONARY, dataDictionary());
