/** Contract: bytes that do not hold exactly the given rows are never accepted, and what is said about them holds no value. */
import { parquetMetadata } from 'hyparquet';
import { ParquetSchema, ParquetWriter } from 'parquetjs-lite';
import { ParquetError } from '../../../lambda/export/domain/errors';
import {
  ByteSink,
  encodeRows,
  encoderWith,
  parquetSchema,
  WRITER_OPTIONS,
} from '../../../lambda/export/parquet/encode';
import { verifyFile } from '../../../lambda/export/parquet/read-back';
import { COMMIT, edgeRows, METADATA, row } from '../../support/rows';
import { writtenBy } from './layout';

const SECRET = 'secret-customer-data';

test('the right bytes are accepted', async () => {
  const bytes = await encodeRows(edgeRows(), COMMIT, METADATA);
  await expect(verifyFile(bytes, edgeRows(), COMMIT, METADATA)).resolves.toBeUndefined();
});

describe('one value that differs is found', () => {
  test('in the last row of the last row group, and in the commit', async () => {
    const rows = Array.from({ length: 7 }, (_, field_index) => row({ field_index }));
    const bytes = await encoderWith({ rowGroupSize: 3, pageSize: 2 })(rows, COMMIT, METADATA);
    const changed = [...rows.slice(0, 6), row({ field_index: 6, new_value: SECRET })];
    await expect(verifyFile(bytes, changed, COMMIT, METADATA)).rejects.toThrow(/row 6, column new_value/);
    for (const commit of [
      { ...COMMIT, commit_seq: 8 },
      { ...COMMIT, run_id: 'run-2' },
      { ...COMMIT, exported_at: new Date(1) },
    ]) {
      await expect(verifyFile(bytes, rows, commit, METADATA)).rejects.toThrow(/reads back differently/);
    }
  });

  test('where text only looks alike: bytes of UTF-8 are not characters of Latin-1', async () => {
    const bytes = await encodeRows([row({ new_value: 'é' })], COMMIT, METADATA);
    await expect(verifyFile(bytes, [row({ new_value: 'Ã©' })], COMMIT, METADATA)).rejects.toThrow(/new_value/);
  });
});

test('a row too many or too few is found', async () => {
  const bytes = await encodeRows([row(), row()], COMMIT, METADATA);
  await expect(verifyFile(bytes, [row()], COMMIT, METADATA)).rejects.toThrow(/2 rows instead of 1/);
  await expect(verifyFile(bytes, [row(), row(), row()], COMMIT, METADATA)).rejects.toThrow(/2 rows instead of 3/);
});

test('metadata of another partition are found', async () => {
  const bytes = await encodeRows([row()], COMMIT, METADATA);
  const rows = [row()];
  await expect(verifyFile(bytes, rows, COMMIT, { ...METADATA, domain_id: 'x' })).rejects.toThrow(/domain_id/);
  await expect(verifyFile(bytes, rows, COMMIT, { ...METADATA, export_date: 'x' })).rejects.toThrow(/export_date/);
});

test('a row group that the footer counts but does not list is found', async () => {
  const sink = new ByteSink();
  const options = { ...WRITER_OPTIONS, rowGroupSize: 1 };
  const writer = await ParquetWriter.openStream(parquetSchema(new Set()), sink, options);
  for (const [key, value] of Object.entries(METADATA)) writer.setMetadata(key, value);
  for (let count = 0; count < 2; count += 1) await writer.appendRow({ ...row(), ...COMMIT });
  (writer as unknown as { envelopeWriter: { rowGroups: unknown[] } }).envelopeWriter.rowGroups.pop();
  await writer.close();
  await expect(verifyFile(sink.bytes(), [row(), row()], COMMIT, METADATA)).rejects.toThrow(
    /row groups hold 1 rows instead of 2/,
  );
});

describe('a file of another make is found', () => {
  const every = new Set(['case_id']);

  test('with a page index', async () => {
    const bytes = await writtenBy(parquetSchema(every), [row()], { pageIndex: true });
    expect(parquetMetadata(bytes).row_groups[0]?.columns[0]?.offset_index_offset).toBeDefined();
    await expect(verifyFile(bytes, [row()], COMMIT, METADATA)).rejects.toThrow(/page index/);
  });

  test('with another type, another name, a column less', async () => {
    const schema = (change: (columns: Record<string, { type: string; optional: boolean }>) => void) => {
      const columns = (
        parquetSchema(every) as unknown as { schema: Record<string, { type: string; optional: boolean }> }
      ).schema;
      change(columns);
      return new ParquetSchema(columns as never);
    };
    const asOptional = schema((columns) => Object.assign(columns['case_id'] ?? {}, { optional: true }));
    const withoutLast = schema((columns) => delete columns['other']);
    const asDouble = schema((columns) => Object.assign(columns['field_index'] ?? {}, { type: 'DOUBLE' }));
    const asMicros = schema((columns) => Object.assign(columns['performed_time'] ?? {}, { type: 'TIMESTAMP_MICROS' }));
    const check = async (other: ParquetSchema, message: RegExp) =>
      expect(verifyFile(await writtenBy(other, [row()]), [row()], COMMIT, METADATA)).rejects.toThrow(message);
    await check(asOptional, /column 0 is "case_id BYTE_ARRAY UTF8 OPTIONAL"/);
    await check(withoutLast, /column 26 is "undefined"/);
    await check(asDouble, /column 9 is "field_index DOUBLE/);
    await check(asMicros, /column 3 is "performed_time INT64 TIMESTAMP_MICROS REQUIRED"/);
  });
});

test('a truncated or foreign file is refused with an error of ours', async () => {
  const bytes = await encodeRows([row()], COMMIT, METADATA);
  for (const damaged of [bytes.subarray(0, -1), bytes.subarray(4), new Uint8Array(0), Buffer.from('PAR1')]) {
    await expect(verifyFile(damaged, [row()], COMMIT, METADATA)).rejects.toThrow(ParquetError);
  }
});
