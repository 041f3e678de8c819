import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS, type Column } from '../lambda/export/domain/columns';
import { type Described, type QueryFile, readQueries, readViews, type ViewFile } from '../lib/athena/sql-files';
import { wrapped } from './prose';

export const DATA_DICTIONARY = join(__dirname, '../docs/data-dictionary.md');

/** The page of `docs/data-dictionary.md`, from the one list of columns and the files of `sql/`. */
export function dataDictionary(): string {
  return wrapped(`# Data dictionary

This page is written by \`npm run docs\` from \`lambda/export/domain/columns.ts\`, \`sql/views\` and \`sql/queries\`.
[querying.md](querying.md) shows them at work.

## Table field_changes

One row per changed field of an audit event. An event without fields makes one row. The key of a row is
\`domain_id, case_id, event_id, field_index\`. \`field_changes_curated\` has the same columns and rows, laid out by the month of
\`performed_time\`; its timestamps have microseconds.

| column | type | null | what it holds |
|---|---|---|---|
${COLUMNS.map(columnRow).join('\n')}
| domain_id | string | no | Partition: the Cases domain. Not in the file, but in its path and key-value metadata. |
| export_date | string | no | Partition: the UTC day of the commit, YYYY-MM-DD; never goes back. Not in the file. |

Times are UTC with milliseconds. Of a time that came with more digits, or as a leap second, \`other\` holds the whole text, as
\`performedTime\`. Numbers as text are the shortest form that reads back as the same number, also \`NaN\`, \`Infinity\`, \`-Infinity\` and
\`-0\`; a number of more digits than a double keeps has the text that came, and the double column has the nearest double, null beyond
the largest. The double columns hold the finite ones. A value that is a date in Cases is text here, as the API has no
date member. A string that is not well-formed Unicode is written with U+FFFD in the place of the lone surrogate, and kept as it
came in \`quarantine/\`.

JSON in \`other\`, \`performed_by_other\` and values of unknown kinds is what came. What JSON cannot say otherwise is tagged:
\`{"$decimal": "1e400"}\` for a number that no double keeps, \`{"$number": "-0"}\`, and \`{"$literal": …}\` around an object that merely
looks like a tag.

Members of related items, such as the \`status\` of an SLA, may have the id of a field. Here \`field_name\`, \`field_type\` and
\`field_namespace\` are then those of that field; the view \`changes\` keeps the two apart.

Columns are only ever added, at the end; none is renamed, retyped or removed.

## Other tables

| table | what it holds |
|---|---|
| manifest_files | The manifests as they are stored, one per commit. Read the views \`export_commits\`, \`export_debts\`, \`export_debt_cases\` and \`export_gaps\` instead. |
| dictionary_files | What fields, select values and templates were called, one file per change. Read \`field_dictionary\`, \`option_labels\` and \`template_names\` instead. |
| commits_curated | One row per commit: its manifest, and the dictionary that it wrote. Athena keeps it from the archive; it is no evidence. |
| all_manifests, all_dictionaries | Views with the columns of the two tables of files: older commits from \`commits_curated\`, newer ones from the files. |
| user_names | \`user_arn, name, team\`: CSV files that the owner of the export may put below \`users/\` in the work bucket. Without them users go by their ids. |

## Views
${readViews().map(viewSection).join('\n')}
## Named queries

Saved in the workgroup, and known to \`npm run query -- <name>\`. In Athena, parameters are typed in this order, each between single
quotes.

| query | question | parameters |
|---|---|---|
${readQueries().map(queryRow).join('\n')}
`);
}

function columnRow({ name, type, nullable, description }: Column): string {
  return `| ${name} | ${type} | ${nullable ? 'yes' : 'no'} | ${description} |`;
}

function viewSection({ name, description, columns }: ViewFile): string {
  return `
### ${name}

${description}

| column | type | what it holds |
|---|---|---|
${columns.map(viewColumnRow).join('\n')}
`;
}

function viewColumnRow({ name, type, description }: Described<string>): string {
  return `| ${name} | ${type} | ${inCell(description)} |`;
}

function queryRow({ name, description, parameters }: QueryFile): string {
  const taken = parameters.map((each) => `\`${each.name}\` (${each.type}): ${each.description}`);
  return `| ${name} | ${inCell(description)} | ${taken.map(inCell).join('<br>')} |`;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (require.main === module) writeFileSync(DATA_DICTIONARY, dataDictionary());
