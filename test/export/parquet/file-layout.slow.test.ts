/** Contract: the same as in `file-layout.test.ts`, for any rows, and at the real sizes of pages and row groups. */
import * as fc from 'fast-check';
import { type ColumnMetaData, parquetMetadata } from 'hyparquet';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import { encodeRows, encoderWith, WRITER_OPTIONS } from '../../../lambda/export/parquet/encode';
import { anyRows, COMMIT, METADATA } from '../../support/rows';
import { numberedRows, rowByRow, statisticsOf } from './layout';

test('appending by columns gives the very bytes of appending row by row, whatever the rows', async () => {
  const size = fc.integer({ min: 1, max: 8 });
  await fc.assert(
    fc.asyncProperty(anyRows(25), size, size, async (rows, rowGroupSize, pageSize) => {
      const layout = { rowGroupSize, pageSize };
      const byColumns = await encoderWith(layout)(rows, COMMIT, METADATA);
      expect(Buffer.compare(byColumns, await rowByRow(rows, layout))).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('also at the real sizes, over two row groups', async () => {
  const rows = numberedRows(WRITER_OPTIONS.rowGroupSize + 1);
  const bytes = await encodeRows(rows, COMMIT, METADATA);
  expect(Buffer.compare(bytes, await rowByRow(rows, WRITER_OPTIONS))).toBe(0);
  const footer = parquetMetadata(bytes);
  expect(footer.row_groups.map((group) => Number(group.num_rows))).toEqual([50_000, 1]);
});

test('what statistics say is true of every row group', async () => {
  const size = fc.integer({ min: 1, max: 8 });
  await fc.assert(
    fc.asyncProperty(anyRows(20), size, size, async (rows, rowGroupSize, pageSize) => {
      const chunks = statisticsOf(await encoderWith({ rowGroupSize, pageSize })(rows, COMMIT, METADATA));
      chunks.forEach((chunk, index) => {
        const group = rows.slice(index * rowGroupSize, (index + 1) * rowGroupSize);
        for (const { name } of COLUMNS) expectTrue(chunk.get(name), name, group);
      });
    }),
    { numRuns: 60 },
  );
});
function expectTrue(statistics: ColumnMetaData['statistics'], name: string, rows: readonly FieldChange[]): void {
  if (statistics === undefined) return;
  const all = rows.map((each) => ({ ...each, ...COMMIT })[name as keyof FieldChange]).map(comparable);
  const values = all.filter((value) => value !== null);
  expect(Number(statistics.null_count)).toBe(all.length - values.length);
  expect(Number(statistics.distinct_count)).toBe(new Set(values).size);
  const { min_value, max_value } = statistics;
  // Absent bounds are no lie: the writer drops them when the first page of a row group is all null.
  if (min_value === undefined && max_value === undefined) return;
  expect(values).toContain(comparable(min_value));
  expect(values).toContain(comparable(max_value));
  for (const value of values) {
    expect(value >= (comparable(min_value) as typeof value)).toBe(true);
    expect(value <= (comparable(max_value) as typeof value)).toBe(true);
  }
}

function comparable(value: unknown): string | number | boolean | null {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'bigint' ? Number(value) : ((value ?? null) as string | number | boolean | null);
}
