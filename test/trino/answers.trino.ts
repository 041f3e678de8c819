/** Every view and every query answers in Trino what the history says, on the raw and on the curated table. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readQueries, readViews } from '../../lib/athena/sql-files';
import { type Flavour, trinoType } from '../../lib/athena/view-encoding';
import { type ExpectedAnswer, expectedAnswers } from '../tools/query/oracle/answers';
import { type Cell, type Row, sortedRows, timeCellOfText } from '../tools/query/oracle/canonical';
import { makeEdgeWorld } from '../tools/query/world/edge-world';
import type { Trino, TrinoResult, Value } from './client';
import { clientOf, readContext } from './context';
import { createDatabase, mustRefresh } from './database';

const context = readContext();
const DATABASES: Readonly<Record<Flavour, string>> = { raw: 'answers_raw', curated: 'answers_curated' };
const MAX_PARAMETERS = 4;
let expected: readonly ExpectedAnswer[];

beforeAll(async () => {
  const buckets = join(context.folder, 'answers');
  const { facts, archive } = await makeEdgeWorld(buckets);
  expected = expectedAnswers(facts);
  const dates = readdirSync(archive, { recursive: true }).flatMap((name) =>
    [...String(name).matchAll(/export_date=(\S{10})$/g)].map(([, date]) => date ?? ''),
  );
  const options = {
    metastore: context.metastore,
    buckets,
    domains: facts.domains.map(({ domainId }) => domainId),
    firstExportDate: dates.sort()[0] ?? '',
  };
  for (const flavour of ['raw', 'curated'] as const) {
    const name = DATABASES[flavour];
    const refresh = await createDatabase(clientOf(context, name), { ...options, name, flavour });
    if (flavour === 'curated') await mustRefresh(refresh);
  }
});

describe.each(['raw', 'curated'] as const)('On the %s table', (flavour) => {
  const client = clientOf(context, DATABASES[flavour]);

  test.each(readViews().map(({ name }) => name))('the view %s holds what happened', (name) =>
    expectAnswers(client, 'view', name),
  );

  test.each(readQueries().map(({ name }) => name))('the query %s answers what happened', (name) =>
    expectAnswers(client, 'query', name),
  );

  test.each(readViews())('the columns of $name are of the types that its file declares', async ({ name, columns }) => {
    const declared = columns.map((column) => [column.name, trinoType(column.type, flavour)]);
    const described = await client.query(`DESCRIBE ${name}`);
    expect(described.rows.map(([column, type]) => [column, type])).toEqual(declared);
    const { columns: answered } = await client.query(`SELECT * FROM ${name} LIMIT 0`);
    expect(answered.map((column) => [column.name, column.type])).toEqual(declared);
  });
});

async function expectAnswers(client: Trino, kind: ExpectedAnswer['kind'], name: string): Promise<void> {
  const answers = someOf(expected.filter((answer) => answer.kind === kind && answer.name === name));
  expect(answers).not.toEqual([]);
  for (const { sql, parameters, rows: wanted } of answers) {
    const rows = canonicalRows(await client.query(sql, parameters));
    expect({ parameters, rows: sortedRows(rows) }).toEqual({ parameters, rows: sortedRows(wanted) });
  }
}

/** From the first to the last: DuckDB is asked with all of them (`test/tools/query`). */
function someOf<T>(all: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(all.length / MAX_PARAMETERS));
  return all.filter((_, index) => index % step === 0 || index === all.length - 1);
}

function canonicalRows({ columns, rows }: TrinoResult): Row[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, toCell(type, row[index] ?? null)])),
  );
}

function toCell(type: string, value: Value): Cell {
  if (typeof value === 'string') return type.startsWith('timestamp') ? timeCellOfText(value) : value;
  if (typeof value === 'object' && value !== null)
    throw new Error(`got a value of the type ${type}, expected a scalar`);
  return value;
}
