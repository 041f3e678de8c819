/** Writes `examples/dbt/models/sources.yml`: tables and views as sources of dbt, with what their columns hold and tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS } from '../lambda/export/domain/columns';
import { type Described, readViews } from '../lib/athena/sql-files';

export const DBT_SOURCES = join(__dirname, '../examples/dbt/models/sources.yml');

/** The columns that tell the rows of each relation apart. None of them is ever null. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  field_changes: ['domain_id', 'case_id', 'event_id', 'field_index'],
  case_milestones: ['domain_id', 'case_id'],
  changes: ['domain_id', 'case_id', 'event_id', 'field_index'],
  current_fields: ['domain_id', 'case_id', 'field_id'],
  export_commits: ['domain_id', 'commit_seq'],
  export_debt_cases: ['domain_id', 'commit_seq', 'cause', 'case_id'],
  export_debts: ['domain_id', 'commit_seq', 'cause'],
  export_gaps: ['domain_id', 'commit_seq', 'case_id'],
  field_dictionary: ['domain_id', 'field_id', 'from_seq'],
  field_versions: ['domain_id', 'case_id', 'field_id', 'valid_from'],
  option_labels: ['domain_id', 'field_id', 'value', 'from_seq'],
  status_periods: ['domain_id', 'case_id', 'valid_from'],
  template_names: ['domain_id', 'template_id', 'from_seq'],
};

/** Columns of a view that hold one of few values, or null. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'changes.performed_by_kind': ['user', 'entity', 'other', 'iam'],
};

interface Relation {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly (Described<string> & { readonly isNullable: boolean })[];
}

const PARTITIONS = [
  { name: 'domain_id', type: 'string', description: 'Id of the Cases domain.', isNullable: false },
  { name: 'export_date', type: 'string', description: 'UTC day of the commit, YYYY-MM-DD.', isNullable: false },
];

/** The file, from the one list of columns and the files of `sql/views`. Throws for a view whose key is not known here. */
export function dbtSources(): string {
  const table: Relation = {
    name: 'field_changes',
    description: 'One row per changed field of an audit event.',
    columns: [...COLUMNS.map((column) => ({ ...column, isNullable: column.nullable })), ...PARTITIONS],
  };
  const views = readViews().map(({ name, description, columns }): Relation => {
    const keys = keysOf(name);
    return {
      name,
      description,
      columns: columns.map((column) => ({ ...column, isNullable: !keys.includes(column.name) })),
    };
  });
  return `# Written by \`npm run docs\` from lambda/export/domain/columns.ts and sql/views: docs/bi.md says how to use it.
version: 2

sources:
  - name: cases_audit
    description: "Every field change of every Amazon Connect case, and what the exporter says of its commits."
    database: "{{ var('cases_audit_database', target.database) }}"
    schema: "{{ var('cases_audit_schema', 'main') }}"
    tables:
${[table, ...views].map(relation).join('\n')}
`;
}

function relation({ name, description, columns }: Relation): string {
  return `      - name: ${name}
        description: ${quoted(description)}
        data_tests:
          - unique_rows: { arguments: { columns: [${keysOf(name).join(', ')}] } }
        columns:
${columns.map((each) => column(name, each)).join('\n')}`;
}

function column(of: string, { name, type, description, isNullable }: Relation['columns'][number]): string {
  const values = VALUES[`${of}.${name}`];
  const accepted =
    values === undefined ? [] : [`{ accepted_values: { arguments: { values: [${values.join(', ')}] } } }`];
  const tests = [...(isNullable ? [] : ['not_null']), ...accepted];
  return [
    `          - name: ${name}`,
    `            data_type: ${type}`,
    `            description: ${quoted(description)}`,
    ...(tests.length === 0 ? [] : [`            data_tests: [${tests.join(', ')}]`]),
  ].join('\n');
}

function keysOf(name: string): readonly string[] {
  const keys = KEYS[name];
  if (keys === undefined) throw new Error(`scripts/dbt-sources.ts knows no key of the view ${name}: add it to KEYS`);
  return keys;
}

/** JSON's strings are YAML's. Single quotes where there are double ones inside, as the formatter has it. */
function quoted(text: string): string {
  return text.includes('"') ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

if (require.main === module) writeFileSync(DBT_SOURCES, dbtSources());
