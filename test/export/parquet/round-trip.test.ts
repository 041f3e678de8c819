/**
 * Contract: every value that the schema allows comes out of the file as it went in, read by DuckDB and by hyparquet, whatever
 * the sizes of pages and row groups.
 */
import * as fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import { encodeRows, encoderWith } from '../../../lambda/export/parquet/encode';
import { asDuckRows, COMPRESSORS, Duck, inMemory } from '../../support/parquet-files';
import { anyRows, CHANGE_COLUMNS, COMMIT, EDGE_VALUES, edgeRows, METADATA, row } from '../../support/rows';

// Much work rather than waiting: slow machines get their time.
jest.setTimeout(300_000);

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open();
});
afterAll(() => duck.close());

test('every edge value of every column, by both readers', async () => {
  await expectBothReadersSee(edgeRows(), await encodeRows(edgeRows(), COMMIT, METADATA));
});

test('every edge value of the columns that the commit adds', async () => {
  for (const exported_at of EDGE_VALUES.timestamp as Date[]) {
    for (const commit_seq of EDGE_VALUES.bigint as number[]) {
      const commit = { exported_at, commit_seq, run_id: '😀\0' };
      expect(await duck.rows(await encodeRows([row()], commit, METADATA))).toEqual(asDuckRows([row()], commit));
    }
  }
});

test('a file in which every optional column is null throughout', async () => {
  const nulls = Object.fromEntries(CHANGE_COLUMNS.filter(({ nullable }) => nullable).map(({ name }) => [name, null]));
  const rows = Array.from({ length: 5 }, (_, field_index) => row({ ...nulls, field_index }));
  await expectBothReadersSee(rows, await encoderWith({ rowGroupSize: 3, pageSize: 2 })(rows, COMMIT, METADATA));
});

test('a file in which every column has a value throughout', async () => {
  const full = Object.fromEntries(CHANGE_COLUMNS.map(({ name, type }) => [name, EDGE_VALUES[type][1]]));
  const rows = Array.from({ length: 5 }, (_, field_index) => row({ ...full, field_index }));
  await expectBothReadersSee(rows, await encodeRows(rows, COMMIT, METADATA));
});

test('any rows, in pages and row groups of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRows(20),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      async (rows, a, b) => {
        const bytes = await encoderWith({ rowGroupSize: a, pageSize: b })(rows, COMMIT, METADATA);
        await expectBothReadersSee(rows, bytes);
      },
    ),
    { numRuns: 60 },
  );
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

async function expectBothReadersSee(rows: readonly FieldChange[], bytes: Uint8Array): Promise<void> {
  expect(await duck.rows(bytes)).toEqual(asDuckRows(rows, COMMIT));
  const text = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const parsers = { stringFromBytes: (stored: Uint8Array) => text.decode(stored) };
  const read = await parquetReadObjects({ file: inMemory(bytes), compressors: COMPRESSORS, parsers });
  expect(read).toEqual(rows.map((each) => ({ ...each, ...COMMIT, commit_seq: BigInt(COMMIT.commit_seq) })));
}
