/**
 * Contract: the file holds what readers may rely on and nothing that this writer gets wrong; the same rows give the same bytes,
 * which are the bytes of the writer's own `appendRow`.
 */
import * as fc from 'fast-check';
import { type ColumnMetaData, parquetMetadata } from 'hyparquet';
import { ParquetWriter } from 'parquetjs-lite';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import {
  ByteSink,
  encodeRows,
  encoderWith,
  parquetSchema,
  soundStatistics,
  WRITER_OPTIONS,
} from '../../../lambda/export/parquet/encode';
import { checkRows } from '../../../lambda/export/parquet/guards';
import { anyRows, COMMIT, edgeRows, METADATA, row } from '../../support/rows';

// Much work rather than waiting: slow machines get their time.
jest.setTimeout(300_000);

test('the same rows give the same bytes', async () => {
  const first = await encodeRows(edgeRows(), COMMIT, METADATA);
  expect(await encodeRows(edgeRows(), COMMIT, METADATA)).toEqual(first);
  const other = await encodeRows(edgeRows(), { ...COMMIT, commit_seq: 8 }, METADATA);
  expect(Buffer.compare(first, other)).not.toBe(0);
});

test('appending by columns gives the very bytes of appending row by row', async () => {
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

  test('what they say is true of every row group', async () => {
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

function statisticsOf(bytes: Uint8Array): Map<string, ColumnMetaData['statistics']>[] {
  return parquetMetadata(bytes).row_groups.map(
    (group) =>
      new Map(group.columns.map(({ meta_data }) => [meta_data?.path_in_schema[0] ?? '', meta_data?.statistics])),
  );
}

async function rowByRow(rows: readonly FieldChange[], layout: { rowGroupSize: number; pageSize: number }) {
  const sink = new ByteSink();
  const schema = parquetSchema(soundStatistics(checkRows(rows, COMMIT).asciiColumns));
  const writer = await ParquetWriter.openStream(schema, sink, { ...WRITER_OPTIONS, ...layout });
  for (const [key, value] of Object.entries(METADATA)) writer.setMetadata(key, value);
  // The writer counts distinct Dates by identity.
  const dates = new Map(rows.map(({ performed_time }) => [performed_time.getTime(), performed_time]));
  for (const each of rows) {
    await writer.appendRow({ ...each, performed_time: dates.get(each.performed_time.getTime()), ...COMMIT });
  }
  await writer.close();
  return sink.bytes();
}

function numberedRows(count: number): FieldChange[] {
  return Array.from({ length: count }, (_, index) =>
    row({ field_index: index, performed_time: new Date(index >> 2), new_value_double: index % 3 ? index / 7 : null }),
  );
}
