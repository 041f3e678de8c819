/** What the tests of the file's layout look at. */
import { type ColumnMetaData, parquetMetadata } from 'hyparquet';
import { type ParquetSchema, ParquetWriter } from 'parquetjs-lite';
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { ByteSink, parquetSchema, soundStatistics, WRITER_OPTIONS } from '../../../lambda/export/parquet/encode';
import { checkRows } from '../../../lambda/export/parquet/guards';
import { COMMIT, METADATA, row } from '../../support/rows';

/** Statistics of each row group, by column. */
export function statisticsOf(bytes: Uint8Array): Map<string, ColumnMetaData['statistics']>[] {
  return parquetMetadata(bytes).row_groups.map(
    (group) =>
      new Map(group.columns.map(({ meta_data }) => [meta_data?.path_in_schema[0] ?? '', meta_data?.statistics])),
  );
}

/** A file of the writer's own making: these rows one by one, with the columns of the commit. */
export async function writtenBy(
  schema: ParquetSchema,
  rows: readonly object[],
  options: object = {},
): Promise<Uint8Array> {
  const sink = new ByteSink();
  const writer = await ParquetWriter.openStream(schema, sink, { ...WRITER_OPTIONS, ...options });
  for (const [key, value] of Object.entries(METADATA)) writer.setMetadata(key, value);
  for (const each of rows) await writer.appendRow({ ...each, ...COMMIT });
  await writer.close();
  return sink.bytes();
}

/** The bytes by the writer's own `appendRow`. */
export function rowByRow(rows: readonly FieldChange[], layout: { rowGroupSize: number; pageSize: number }) {
  const schema = parquetSchema(soundStatistics(checkRows(rows, COMMIT).asciiColumns));
  // The writer counts distinct Dates by identity.
  const dates = new Map(rows.map(({ performed_time }) => [performed_time.getTime(), performed_time]));
  const shared = rows.map((each) => ({ ...each, performed_time: dates.get(each.performed_time.getTime()) }));
  return writtenBy(schema, shared, layout);
}

export function numberedRows(count: number): FieldChange[] {
  return Array.from({ length: count }, (_, index) =>
    row({ field_index: index, performed_time: new Date(index >> 2), new_value_double: index % 3 ? index / 7 : null }),
  );
}
