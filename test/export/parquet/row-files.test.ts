import { ParquetSchema } from 'parquetjs-lite';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { encodeRows, parquetSchema } from '../../../lambda/export/parquet/encode';
import { rowFiles } from '../../../lambda/export/parquet/row-files';
import { Duck } from '../../support/parquet-files';
import { COMMIT, METADATA, row } from '../../support/rows';
import { writtenBy } from './layout';

describe('A file without rows', () => {
  test('has all columns, no rows, and is the same every time', async () => {
    const bytes = await rowFiles.empty(METADATA);
    expect(Buffer.from(await rowFiles.empty(METADATA)).equals(bytes)).toBe(true);
    const duck = await Duck.open();
    try {
      const file = await duck.file(bytes);
      expect(await duck.query(`SELECT count(*)::INTEGER AS n FROM ${file}`)).toEqual([{ n: 0 }]);
      const described = await duck.query(`DESCRIBE SELECT * FROM ${file}`);
      expect(described.map((column) => column['column_name'])).toEqual(COLUMNS.map(({ name }) => name));
    } finally {
      await duck.close();
    }
    expect(await rowFiles.eventsOf(bytes, 7)).toEqual({ rows: 0, events: [], run: null });
  });
});

describe('The events of a file', () => {
  function schemaWithout(column: string): ParquetSchema {
    const { schema } = parquetSchema(new Set()) as unknown as { schema: Record<string, unknown> };
    return new ParquetSchema(Object.fromEntries(Object.entries(schema).filter(([name]) => name !== column)) as never);
  }

  test('come each once, with ids as they were, also one with a byte order mark', async () => {
    const rows = [
      { ...row(), case_id: 'a', event_id: '\uFEFFé', field_index: 0 },
      { ...row(), case_id: 'a', event_id: '\uFEFFé', field_index: 1 },
      { ...row(), case_id: 'b', event_id: 'e2', field_index: 0 },
    ];
    const bytes = await encodeRows(rows, COMMIT, METADATA);
    expect(await rowFiles.eventsOf(bytes, Number(COMMIT.commit_seq))).toEqual({
      rows: 3,
      events: [
        { caseId: 'a', eventKey: '\uFEFFé', lastFieldIndex: 1 },
        { caseId: 'b', eventKey: 'e2', lastFieldIndex: 0 },
      ],
      run: { runId: COMMIT.run_id, exportedAt: COMMIT.exported_at.toISOString() },
    });
  });

  test('come also of a file that an earlier version wrote, without the columns of later ones', async () => {
    const { other: _, ...old } = row();
    const bytes = await writtenBy(schemaWithout('other'), [old]);
    expect(await rowFiles.eventsOf(bytes, COMMIT.commit_seq)).toMatchObject({
      rows: 1,
      events: [{ caseId: 'case-1', eventKey: 'event-1' }],
    });
  });

  test('of another commit, or of no file at all, are refused without a word of what it holds', async () => {
    const bytes = await encodeRows([{ ...row(), case_id: 'secret' }], COMMIT, METADATA);
    const refusal = new IntegrityError(
      'The file of rows of commit 999 cannot be read, or its rows name another commit. Nothing was voided. Find out who wrote it.',
    );
    await expect(rowFiles.eventsOf(bytes, 999)).rejects.toThrow(refusal);
    await expect(rowFiles.eventsOf(Buffer.from('no file'), 999)).rejects.toThrow(refusal);
  });
});
