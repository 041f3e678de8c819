/** Contract: a file is never accepted with another value in any column, or with a damaged byte; the error tells no value. */
import { gunzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { ParquetError } from '../../../lambda/export/domain/errors';
import { encodeRows } from '../../../lambda/export/parquet/encode';
import { verifyFile } from '../../../lambda/export/parquet/read-back';
import { CHANGE_COLUMNS, COMMIT, EDGE_VALUES, METADATA, row } from '../../support/rows';

const SECRET = 'secret-customer-data';

describe('one value that differs is found', () => {
  test.each(CHANGE_COLUMNS.map(({ name, type, nullable }) => [name, type, nullable] as const))(
    'in %s',
    async (name, type, nullable) => {
      const values = [...EDGE_VALUES[type], ...(nullable ? [null] : [])];
      for (const [index, value] of values.entries()) {
        const stored = row({ [name]: value });
        const bytes = await encodeRows([stored], COMMIT, METADATA);
        const other = { ...stored, [name]: values[(index + 1) % values.length] };
        await expect(verifyFile(bytes, [other], COMMIT, METADATA)).rejects.toThrow(
          `row 0, column ${name} reads back differently`,
        );
      }
    },
  );
});

test('no byte that matters of the column data can change unnoticed', async () => {
  const rows = [row({ new_value: SECRET }), row({ new_value: null, field_index: 1 })];
  const bytes = await encodeRows(rows, COMMIT, METADATA);
  let noticed = 0;
  for (const [start, end] of compressedPages(bytes)) {
    for (let at = start; at < end; at += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      const error = await verifyFile(damaged, rows, COMMIT, METADATA).catch((thrown: unknown) => thrown);
      if (error === undefined) {
        // The file time in the GZIP header, padding bits: what comes out is the same.
        expect(gunzipSync(damaged.subarray(start, end))).toEqual(gunzipSync(bytes.subarray(start, end)));
        continue;
      }
      noticed += 1;
      expect(error).toBeInstanceOf(ParquetError);
      expect(String(error)).not.toContain(SECRET);
    }
  }
  expect(noticed).toBeGreaterThan(500);
});

/** Where the compressed page of each column chunk lies: from the GZIP magic to the end of the trailer. */
function compressedPages(bytes: Uint8Array): [number, number][] {
  const buffer = Buffer.from(bytes);
  return parquetMetadata(bytes).row_groups.flatMap((group) =>
    group.columns.map(({ meta_data }): [number, number] => {
      const chunk = Number(meta_data?.data_page_offset);
      const end = chunk + Number(meta_data?.total_compressed_size);
      return [buffer.indexOf(Buffer.from([0x1f, 0x8b, 8]), chunk), end];
    }),
  );
}
