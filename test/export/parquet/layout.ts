/** What the tests of the file's layout look at. */
import { type ColumnMetaData, parquetMetadata } from 'hyparquet';
import { ParquetWriter } from 'parquetjs-lite';
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

/** The bytes by the writer's own `appendRow`. */
export async function rowByRow(rows: readonly FieldChange[], layout: { rowGroupSize: number; pageSize: number }) {
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

export function numberedRows(count: number): FieldChange[] {
  return Array.from({ length: count }, (_, index) =>
    row({ field_index: index, performed_time: new Date(index >> 2), new_value_double: index % 3 ? index / 7 : null }),
  );
}
