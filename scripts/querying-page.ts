/** The page `docs/querying.md`: every command on it is run over the desk of the demo, and its answer printed below it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDeskWorld } from '../test/tools/query/world/desk-world';
import { type FieldChanges, openFieldChanges, type QueryResult } from '../tools/query/field-changes';
import { formatResult } from '../tools/query/formats';
import { parseCommandLine } from '../tools/query/main';
import { wrapped } from './prose';

export const QUERYING_PAGE = join(__dirname, '../docs/querying.md');

const MAX_ROWS = 8;
const FEW_ROWS = 3;
const CASE = '00000279-da76-46a5-a9c8-897f8921baba';
const FEBRUARY_TO_MARCH = ['--param', 'first_day=2026-02-01', '--param', 'last_day=2026-03-31'];

interface Question {
  readonly title: string;
  /** Each is asked by `npm run query -- …`. */
  readonly commands: readonly (readonly string[])[];
  readonly remark?: string;
}

const QUESTIONS: readonly Question[] = [
  {
    title: 'What happened to this case, and who did it?',
    commands: [
      [
        `select performed_time, field_name, old_display, new_display, performed_by from changes where case_id = '${CASE}' and event_type = 'Case.Updated' order by performed_time, event_id, field_index`,
      ],
    ],
    remark:
      'The query `case-timeline` has all events and more columns, and `npm run timeline -- <case id>` makes a page of them that can be handed over.',
  },
  {
    title: 'What did it look like at a certain moment?',
    commands: [['case-as-of', '--param', `case_id=${CASE}`, '--param', 'instant=2026-03-28 12:00:00']],
  },
  {
    title: 'How many cases are in which status now?',
    commands: [['select status, count(*) as cases from case_milestones group by status order by cases desc']],
    remark:
      'The latest value of every field of every case is in the view `current_fields`, and `current-values` lists it.',
  },
  {
    title: 'Who changed how much, and who gave cases to whom?',
    commands: [
      ['changes-by-user', ...FEBRUARY_TO_MARCH],
      ['reassignments', ...FEBRUARY_TO_MARCH],
    ],
  },
  { title: 'Which fields change most?', commands: [['changes-by-field', ...FEBRUARY_TO_MARCH]] },
  { title: 'How long do cases stay in a status?', commands: [['time-in-status']] },
  {
    title: 'How fast do we answer?',
    commands: [['first-response', ...FEBRUARY_TO_MARCH]],
    remark: 'The first response is the first comment or contact that a user added; those of automations do not count.',
  },
  { title: 'Which cases were opened again?', commands: [['reopened-cases']] },
  {
    title: 'What was changed in cases that were closed already?',
    commands: [['edits-after-close', ...FEBRUARY_TO_MARCH]],
  },
  {
    title: 'Is everything there, and exactly once?',
    commands: [
      ['period-complete', '--param', 'last_day=2026-03-30'],
      ['open-debts'],
      ['continuity-breaks'],
      ['duplicates'],
    ],
    remark:
      '[complete.md](complete.md) explains each column of `period-complete`, what a yes rests on, and what to do with a no. `continuity-breaks` is a second proof, from the data itself: each old value is the new value before it. Neither shows a case that was deleted before it was ever exported.',
  },
];

const MARCH = ['--param', 'first_day=2026-03-01', '--param', 'last_day=2026-03-31'];

/** Asked less often, with fewer rows of each answer. */
const FURTHER: readonly Question[] = [
  {
    title: 'Which SLAs were met, which missed, and how long did it take?',
    commands: [['sla-outcomes', '--param', 'met_by_value=closed', ...MARCH]],
    remark:
      'The query computes the outcome from the field that the SLA names. `reported_status` has what the service itself says, for cases with one SLA.',
  },
  {
    title: 'How large is the backlog, and how old?',
    commands: [['backlog-by-day', '--param', 'first_day=2026-03-28', '--param', 'last_day=2026-03-30']],
  },
  { title: 'How long does each team have a case in hand?', commands: [['handle-time-by-team', ...MARCH]] },
  { title: 'How often are cases opened again?', commands: [['reopen-rate', ...MARCH]] },
  { title: 'Which fields are filled in?', commands: [['field-completion', ...MARCH]] },
  {
    title: 'What did one person change?',
    commands: [['changes-by-person', '--param', 'person=aisha.bello', ...MARCH]],
    remark: 'No query shows who *viewed* a case: the service records changes only.',
  },
  {
    title: 'What was changed outside business hours?',
    commands: [
      [
        'changes-outside-hours',
        '--param',
        'zone=Europe/Berlin',
        ...MARCH,
        '--param',
        'opens=8',
        '--param',
        'closes=18',
      ],
    ],
  },
  {
    title: 'Who changed many cases at once?',
    commands: [
      ['bulk-edits-by-user', '--param', 'least_cases=3'],
      ['bulk-edits', '--param', 'least_cases=3'],
    ],
  },
  {
    title: 'Did one person both approve and close?',
    commands: [
      [
        'closed-and-approved-alike',
        '--param',
        'approval_field=Callback wanted',
        '--param',
        'approval_value=true',
        ...MARCH,
      ],
    ],
    remark: 'The demo has no approvals, so this asks for another field. Name the field that records yours.',
  },
  {
    title: 'Who changed personal data?',
    commands: [['changes-of-fields', '--param', 'fields=customer_id,Promised by', ...MARCH]],
  },
  {
    title: 'Which cases belong on a legal hold?',
    commands: [
      [
        'legal-hold',
        '--param',
        'field=customer_id',
        '--param',
        'value=arn:aws:profile:us-east-1:111122223333:domains/harbour/profiles/1042',
      ],
    ],
  },
];

/** The whole page. The same on every machine and day. */
export async function queryingPage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'querying-page-'));
  const world = await makeDeskWorld(folder, { cases: 60, seed: 1, users: false });
  const database = await openFieldChanges(world.archive);
  try {
    const first = await sectionsOf(QUESTIONS, database, { from: 1, rows: MAX_ROWS });
    const further = await sectionsOf(FURTHER, database, { from: QUESTIONS.length + 1, rows: FEW_ROWS });
    return wrapped(`${OPENING}\n${first}\n\n${FURTHER_OPENING}\n${further}\n\n${CLOSING}`);
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function sectionsOf(
  questions: readonly Question[],
  database: FieldChanges,
  { from, rows }: { readonly from: number; readonly rows: number },
): Promise<string> {
  const sections: string[] = [];
  for (const [index, { title, commands, remark }] of questions.entries()) {
    const answers: string[] = [];
    for (const command of commands) {
      const asked = parseCommandLine(command);
      if ('text' in asked) throw new Error(`no query: ${command.join(' ')}`);
      const result = await database.query(asked.sql, asked.parameters);
      answers.push(`\`\`\`\n$ npm run query -- ${command.map(quoted).join(' ')}\n${shown(result, rows)}\n\`\`\``);
    }
    sections.push(
      [`### ${from + index}. ${title}`, ...answers, ...(remark === undefined ? [] : [remark])].join('\n\n'),
    );
  }
  return sections.join('\n\n');
}

function quoted(word: string): string {
  return /[\s'*()]/.test(word) ? `"${word}"` : word;
}

function shown(result: QueryResult, most: number): string {
  const more = result.rows.length - most;
  const text = formatResult({ ...result, rows: result.rows.slice(0, most) }, 'table', 1_000);
  return more > 0
    ? text.replace(/\n[^\n]*$/, `\n${result.rows.length} rows, of which the first ${most} are shown`)
    : text;
}

const OPENING = `# Querying

Athena and \`npm run query\` (DuckDB, over files on a disk) have the same tables, views and named queries. The answers on this page
are those of \`npm run demo -- --cases 60\`; only timestamps and values derived from them differ, because the demo ends at the
current time, and this page on 31 March 2026. A test keeps them true.

| where | how |
|---|---|
| Athena | Choose the workgroup of the stack; the queries are under *Saved queries*. A \`?\` becomes a parameter: type its values in the order of the query's comment, each between single quotes. |
| files of the demo | \`npm run query -- <name> --param <name>=<value>\`; \`--list\` shows names, questions and parameters, \`<name> --help\` one query in full |
| files of an archive | \`aws s3 sync s3://<archive bucket> copy --exclude 'staging/*'\`, then \`npm run query -- <name> --folder copy\` |

A missing or wrong parameter, days in the wrong order, an unknown case or query, and a folder without files end with exit code 2
and a message that says what was expected.

| \`--format\` | for | what it holds |
|---|---|---|
| \`table\` | people | Long values are cut, and a table ends after some 1,000 lines, as its last line says. Characters that are invisible, or would steer a terminal, are shown by code point: \`[U+202E]\`. |
| \`csv\` | programs | RFC 4180, UTF-8, every value as it is. Do not open it in a spreadsheet: a value such as \`=1+1\` would run there. |
| \`excel-csv\` | spreadsheets | Begins with a byte order mark, and quotes every text. A text that a spreadsheet would take for a formula (\`=\`, \`+\`, \`-\`, \`@\`, their full-width forms, a tab or a line end at its start, also behind blanks, a semicolon, a tab, a bar or a line end) gets an apostrophe before it. Numbers stay numbers. |
| \`json\` | programs | An array of rows; integers beyond 2^53 as text. |

A query is **one statement that reads**: \`SELECT\`, \`WITH\`, \`FROM\`, \`VALUES\`, \`DESCRIBE\`, \`SHOW\`, \`SUMMARIZE\`, or \`EXPLAIN\` of one.
Several statements, every statement that writes or sets, and table functions that do more than read are refused before anything runs.

**Files** are those that the manifests list. Other files in the folder, such as those of file managers, office programs and sync
tools, are not read; stderr says so, and \`cases-audit verify\` names each. Rows of a commit whose manifest is missing are read, as
Athena reads them, and stderr says that nothing proves them. The path of the folder does not matter: no folder above the archive
becomes a column, and no name a pattern.

## The ten questions people ask first
`;

const FURTHER_OPENING = `## What service, audit and law ask besides

Each query says in \`--help\` what it counts and what the history does not show. For all of them:

- A case that was deleted before it was exported is missing, as is what happened to it.
- **Opened again** is a change of the status from \`closed\` to anything else; **open** is every status but \`closed\`.
- Medians and 90th percentiles are by nearest rank: the least time that half, or nine in ten, do not exceed.
- Days are UTC, wherever no time zone is asked for.
`;

const CLOSING = `## Questions of your own

[data-dictionary.md](data-dictionary.md) has every column. Begin with the view \`changes\`: one row per changed field, with names in
place of ids, and typed columns (\`new_number\`, \`new_boolean\`, \`new_time\`) beside the lossless text.

- Times are UTC.
- **Names** of fields, select values and templates in \`changes\` are those that the exporter knew when it exported the change;
  \`current_field_name\` is the name now. If a look-up is denied, values and ids are shown in place of names.
- **People** are shown by the id in their ARN until the owner supplies their names: a CSV with the header \`user_arn,name,team\` below \`users/\`
  in the work bucket, or by \`--users\` here. UTF-8, commas, one person on each line. Both readers keep to the same rules: put
  a value with a comma, a quote or a backslash between quotes, and write each quote and backslash in it twice; a single backslash is
  dropped. A list that breaks these rules is refused here with its file and line; Athena would show wrong names.
- **Order**: the service promises none. Sort by \`performed_time, event_id, field_index\`; two changes of one field in the same
  millisecond have no knowable order.
- **Cost**: the views read the curated table, where a condition on \`performed_time\` saves reading. Without it they read the raw
  table, where one on \`export_date\` does: \`export_date >= '2026-03-01'\` holds for every change made since then.
- **Related items**: editing or deleting a comment changes nothing that a search of the API shows, so only a later scan over all cases finds it.
  Events do not say which comment they are about, so their values over time are not in \`field_versions\`.
`;

if (require.main === module) {
  queryingPage().then(
    (page) => writeFileSync(QUERYING_PAGE, page),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
