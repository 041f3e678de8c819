/**
 * Contract: every value that the schema allows comes out of the file as it went in, read by DuckDB and by hyparquet, whatever
 * the sizes of pages and row groups.
 */
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { encodeRows, encoderWith } from '../../../lambda/export/parquet/encode';
import { asDuckRows, Duck, expectBothReadersSee } from '../../support/parquet-files';
import { CHANGE_COLUMNS, COMMIT, EDGE_VALUES, edgeRows, METADATA, row } from '../../support/rows';

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});
afterAll(() => duck.close());

test('every edge value of every column, by both readers', async () => {
  await expectBothReadersSee(duck, edgeRows(), await encodeRows(edgeRows(), COMMIT, METADATA));
});

test('every edge value of the columns that the commit adds', async () => {
  const seqs = EDGE_VALUES.bigint as number[];
  for (const [index, exported_at] of (EDGE_VALUES.timestamp as Date[]).entries()) {
    const commit = { exported_at, commit_seq: seqs[index % seqs.length] ?? 0, run_id: '😀\0' };
    expect(await duck.rows(await encodeRows([row()], commit, METADATA))).toEqual(asDuckRows([row()], commit));
  }
});

test('a file in which every optional column is null throughout', async () => {
  const nulls = Object.fromEntries(CHANGE_COLUMNS.filter(({ nullable }) => nullable).map(({ name }) => [name, null]));
  const rows = Array.from({ length: 5 }, (_, field_index) => row({ ...nulls, field_index }));
  await expectBothReadersSee(duck, rows, await encoderWith({ rowGroupSize: 3, pageSize: 2 })(rows, COMMIT, METADATA));
});

test('a file in which every column has a value throughout', async () => {
  const full = Object.fromEntries(CHANGE_COLUMNS.map(({ name, type }) => [name, EDGE_VALUES[type][1]]));
  const rows = Array.from({ length: 5 }, (_, field_index) => row({ ...full, field_index }));
  await expectBothReadersSee(duck, rows, await encodeRows(rows, COMMIT, METADATA));
});

test('the types that Athena’s table declares', async () => {
  const columns = await duck.query(
    `DESCRIBE SELECT * FROM ${await duck.file(await encodeRows([row()], COMMIT, METADATA))}`,
  );
  const types = {
    string: 'VARCHAR',
    timestamp: 'TIMESTAMP',
    int: 'INTEGER',
    bigint: 'BIGINT',
    double: 'DOUBLE',
    boolean: 'BOOLEAN',
  };
  expect(columns.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
    COLUMNS.map(({ name, type }) => [name, types[type]]),
  );
});
