/**
 * Contract: the file holds what readers may rely on and nothing that this writer gets wrong; the same rows give the same bytes,
 * which are the bytes of the writer's own `appendRow`.
 */
import { parquetMetadata } from 'hyparquet';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { encodeRows, encoderWith } from '../../../lambda/export/parquet/encode';
import { COMMIT, edgeRows, METADATA, row } from '../../support/rows';
import { numberedRows, rowByRow, statisticsOf } from './layout';

test('the same rows give the same bytes', async () => {
  const first = await encodeRows(edgeRows(), COMMIT, METADATA);
  expect(await encodeRows(edgeRows(), COMMIT, METADATA)).toEqual(first);
  const other = await encodeRows(edgeRows(), { ...COMMIT, commit_seq: 8 }, METADATA);
  expect(Buffer.compare(first, other)).not.toBe(0);
});

test('appending by columns gives the very bytes of appending row by row', async () => {
  const layout = { rowGroupSize: 40, pageSize: 9 };
  const byColumns = await encoderWith(layout)(edgeRows(), COMMIT, METADATA);
  expect(Buffer.compare(byColumns, await rowByRow(edgeRows(), layout))).toBe(0);
});

test('the caller’s rows are left as they were', async () => {
  const rows = edgeRows().map((each) => Object.freeze(each));
  await encodeRows(Object.freeze(rows), Object.freeze({ ...COMMIT }), METADATA);
  expect(rows).toEqual(edgeRows());
});

test('the footer: rows, GZIP, the partition as metadata, no page index', async () => {
  const rows = numberedRows(10);
  const footer = parquetMetadata(await encoderWith({ rowGroupSize: 4, pageSize: 2 })(rows, COMMIT, METADATA));
  expect(Number(footer.num_rows)).toBe(10);
  expect(footer.row_groups.map((group) => Number(group.num_rows))).toEqual([4, 4, 2]);
  expect(footer.key_value_metadata).toEqual([
    { key: 'domain_id', value: 'domain-1' },
    { key: 'export_date', value: '2026-01-31' },
  ]);
  for (const chunk of footer.row_groups.flatMap((group) => group.columns)) {
    expect(chunk.meta_data?.codec).toBe('GZIP');
    expect(chunk.column_index_offset).toBeUndefined();
    expect(chunk.offset_index_offset).toBeUndefined();
  }
});

describe('statistics', () => {
  test('a string column has them iff all of it is ASCII; every other column has them', async () => {
    const rows = [row({ new_value: 'zebra' }), row({ new_value: 'zèbre' })];
    const chunks = statisticsOf(await encodeRows(rows, COMMIT, METADATA));
    for (const { name } of COLUMNS) expect(chunks[0]?.get(name) === undefined).toBe(name === 'new_value');
  });

  test('one value beyond ASCII in one row group takes them from the whole column', async () => {
    const rows = [row({ new_value: 'a' }), row({ new_value: 'b' }), row({ new_value: 'ü' })];
    const chunks = statisticsOf(await encoderWith({ rowGroupSize: 1, pageSize: 1 })(rows, COMMIT, METADATA));
    expect(chunks.map((chunk) => chunk.get('new_value'))).toEqual([undefined, undefined, undefined]);
  });
});
