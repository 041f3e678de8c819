/** Promise: slices from the bytes of a Parquet file are those from the rows that were written, for any value that a row can hold. */
import fc from 'fast-check';
import { caseDigests } from '../../../lambda/export/domain/case-slice';
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { encodeRows } from '../../../lambda/export/parquet/encode';
import { readRows } from '../../../lambda/export/parquet/read-back';
import { anyRows, COMMIT, edgeRows, METADATA } from '../../support/rows';

const SLICED = { domainId: METADATA.domain_id, seq: COMMIT.commit_seq, seed: Buffer.alloc(32, 1) };

async function readBack(rows: readonly FieldChange[]): Promise<object[]> {
  return readRows(await encodeRows(rows, COMMIT, METADATA));
}

test('edge values', async () => {
  const rows = edgeRows();
  expect(caseDigests(SLICED, await readBack(rows))).toEqual(caseDigests(SLICED, rows));
});

test('any rows', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows(30), async (rows) => {
      expect(caseDigests(SLICED, await readBack(rows))).toEqual(caseDigests(SLICED, rows));
    }),
    { numRuns: 30 },
  );
});
