/** Promises: every view and every named query answers what the history of the service says, computed without SQL. */
import { cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readQueries, readViews, type ViewType } from '../../../lib/athena/sql-files';
import { KEYS } from '../../../scripts/dbt-sources';
import { type FieldChanges, openFieldChanges } from '../../../tools/query/field-changes';
import { scratchOfFile } from '../../support/scratch';
import { answerOf } from './database';
import { duckRows } from './duck-rows';
import { type ExpectedAnswer, expectedAnswers, QUERY_ANSWERS, VIEW_ANSWERS } from './oracle/answers';
import { sortedRows } from './oracle/canonical';
import { changes } from './oracle/changes';
import { makeEdgeWorld } from './world/edge-world';
import type { ExportedWorld } from './world/exporting';

const scratch = scratchOfFile();
let world: ExportedWorld;
let database: FieldChanges;
let expected: ExpectedAnswer[];

beforeAll(async () => {
  world = await makeEdgeWorld(scratch.emptyFolder(), Number(process.env['SEED'] ?? 1));
  database = await openFieldChanges(world.archive);
  expected = expectedAnswers(world.facts);
});

afterAll(() => database.close());

const VIEWS = readViews();
const QUERIES = readQueries();

test.each(VIEWS.map(({ name }) => name))('the view %s holds what happened', (name) => expectAnswers('view', name));

test.each(QUERIES.map(({ name }) => name))('the query %s answers what happened', (name) =>
  expectAnswers('query', name),
);

test('each view and each query is known to the oracle, and nothing else', () => {
  expect(Object.keys(VIEW_ANSWERS).sort()).toEqual(VIEWS.map(({ name }) => name));
  expect(Object.keys(QUERY_ANSWERS).sort()).toEqual(QUERIES.map(({ name }) => name).sort());
});

test('the world has something to find for every question but the one that must find nothing', () => {
  const empty = [...VIEWS, ...QUERIES].filter(({ name }) =>
    expected.every((answer) => answer.name !== name || answer.rows.length === 0),
  );
  expect(empty.map(({ name }) => name)).toEqual(['duplicates']);
});

test('the columns that the sources for dbt call keys tell the rows apart, and are never null', () => {
  const views = expected.filter(({ kind }) => kind === 'view');
  for (const { name, rows } of views) {
    const keys = rows.map((row) => (KEYS[name] ?? []).map((column) => row[column]));
    expect([
      name,
      keys.filter((key) => key.length === 0 || key.some((cell) => cell === null || cell === undefined)),
    ]).toEqual([name, []]);
    expect([name, new Set(keys.map((key) => JSON.stringify(key))).size]).toEqual([name, rows.length]);
  }
});

test('all but one event of the readable cases is in a row', () => {
  const { domains } = world.facts;
  const events = domains.flatMap(({ history }) =>
    history.flatMap(({ caseId, events }) => (caseId === 'unreadable' ? [] : events)),
  );
  const rows = new Set(changes(world.facts).map((row) => `${row['domain_id']} ${row['event_id']}`));
  expect(rows.size).toBe(events.length - 1);
});

test('a condition on the day of the export reaches the files through the view', async () => {
  const asked = `SELECT * FROM changes WHERE export_date >= '2026-01-12'`;
  const explained = await database.query(`EXPLAIN (FORMAT json) ${asked}`);
  const plan = String(explained.rows[0]?.[1]);
  const [, read = '', all = ''] = /"Scanning Files": "(\d+)\/(\d+)"/.exec(plan) ?? [];
  expect(Number(read)).toBeGreaterThan(0);
  expect(Number(read)).toBeLessThan(Number(all));
});

test('a row that is there twice is found', async () => {
  const copy = scratch.emptyFolder();
  cpSync(world.archive, copy, { recursive: true });
  const [file = ''] = readdirSync(copy, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet'));
  cpSync(join(copy, file), join(copy, dirname(file), '000000000999.parquet'));
  const doubled = await openFieldChanges(copy);
  const rows = await answerOf(doubled, 'duplicates');
  doubled.close();
  expect(rows.length).toBeGreaterThan(100);
  expect(new Set(rows.map((row) => row['times']))).toEqual(new Set([2]));
});

test('a view has the columns that its file describes, in their order and of their types', async () => {
  for (const { name, columns } of VIEWS) {
    const { rows } = await database.query(`DESCRIBE ${name}`);
    const found = rows.map(([column, type]) => [column, String(type).toLowerCase()]);
    expect([name, found]).toEqual([name, columns.map((column) => [column.name, DUCK_TYPES[column.type]])]);
  }
});

test('a value holds from the very millisecond in which it was set', async () => {
  const statusOf = async (instant: string) => {
    const values = await answerOf(database, 'case-as-of', ['life', instant]);
    return values.find((row) => row['field_name'] === 'Status')?.['display'];
  };
  expect(await statusOf('2025-12-21 14:59:59.999')).toBe('Open');
  expect(await statusOf('2025-12-21 15:00:00.000')).toBe('Closed');
});

const DUCK_TYPES: Readonly<Record<ViewType, string>> = {
  varchar: 'varchar',
  bigint: 'bigint',
  integer: 'integer',
  double: 'double',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
};

async function expectAnswers(kind: ExpectedAnswer['kind'], name: string): Promise<void> {
  const answers = expected.filter((answer) => answer.kind === kind && answer.name === name);
  expect(answers).not.toEqual([]);
  for (const { sql, parameters, rows: wanted } of answers) {
    const { rows } = await duckRows(database, sql, parameters);
    expect({ parameters, rows: sortedRows(rows) }).toEqual({ parameters, rows: sortedRows(wanted) });
  }
}
