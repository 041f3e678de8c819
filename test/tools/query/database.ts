/** DuckDB over an archive that a test lays into an empty folder. */
import { dirname, join } from 'node:path';
import { fieldChangesKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { rowFiles } from '../../../lambda/export/parquet/row-files';
import { readQueries } from '../../../lib/athena/sql-files';
import { type FieldChanges, openFieldChanges } from '../../../tools/query/field-changes';
import { saveFiles, scratchOfFile } from '../../support/scratch';
import { duckRows } from './duck-rows';
import type { Row } from './oracle/canonical';

/** For the tests of this file: the archive is laid and opened before them. */
export function databaseOfFile(lay: (archive: string) => Promise<unknown>) {
  const scratch = scratchOfFile();
  const archive = join(scratch.emptyFolder(), 'archive');
  let database: FieldChanges;
  beforeAll(async () => {
    await lay(archive);
    database = await openFieldChanges(archive);
  });
  afterAll(() => database.close());
  return {
    archive,
    /** The folder that holds nothing but the archive. */
    parent: dirname(archive),
    scratch,
    query: (sql: string) => database.query(sql),
    /** In canonical form. */
    rows: (sql: string) => duckRows(database, sql),
    answerOf: (query: string) => answerOf(database, query),
  };
}

/** What a named query answers, in canonical form. */
export async function answerOf(database: FieldChanges, query: string, parameters?: readonly string[]): Promise<Row[]> {
  const sql = readQueries().find(({ name }) => name === query)?.body ?? '';
  return (await duckRows(database, sql, parameters)).rows;
}

/** The file of a commit that has no row: the least that a query can read. */
export async function saveRowless(archive: string, domain_id: string, export_date: string): Promise<void> {
  const bytes = await rowFiles.empty({ domain_id, export_date });
  saveFiles(archive, [[fieldChangesKey(domain_id, export_date, 1), bytes]]);
}

export function saveManifests(archive: string, manifests: readonly Manifest[]): void {
  saveFiles(
    archive,
    manifests.map((manifest) => [
      pathOf('manifests', manifest.domainId, manifest.seq),
      `${JSON.stringify(manifest)}\n`,
    ]),
  );
}

/** The JSON of a commit; the id of the domain stands in it as it is. */
export function pathOf(kind: 'manifests' | 'fields', domainId: string, seq: number): string {
  return `${kind}/domain_id=${domainId}/${String(seq).padStart(12, '0')}.json`;
}
