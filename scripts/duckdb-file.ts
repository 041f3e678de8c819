/** Writes a database file of DuckDB with the tables and views of Athena over the files of an archive: docs/bi.md. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { archiveFiles, patternFree } from '../tools/query/archive-files';
import { fillUserNames } from '../tools/query/field-changes';
import { keptRelations } from '../tools/query/relations';
import { readUsers } from '../tools/query/users-file';

const USAGE = `Usage: npx tsx scripts/duckdb-file.ts <folder of the archive> <database file> [<users.csv>]

The file holds views, no rows: it reads the archive where it lies now. It must not exist yet.
`;

/** Rejects where there are no exported files, or where the database file exists: nothing is ever replaced. */
export async function writeDuckDbFile(archiveFolder: string, file: string, users?: string): Promise<void> {
  const archive = resolve(archiveFolder);
  if (existsSync(file)) throw new Error(`${file} is there already: name a file that does not exist`);
  const files = archiveFiles(archive);
  if (files.rows.length === 0) {
    throw new Error(`There are no exported files in ${archiveFolder}: expected field_changes/domain_id=…/….parquet`);
  }
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const people = readUsers(resolve(users ?? join(dirname(archive), 'work-area', 'users')));
    const { pathOf } = patternFree(archive);
    const paths = {
      rows: files.rows.map(pathOf),
      manifests: files.manifests.map(pathOf),
      dictionaries: files.dictionaries.map(pathOf),
    };
    for (const statement of keptRelations(paths)) await connection.run(statement);
    await fillUserNames(connection, people.rows);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

if (require.main === module) {
  const [archive, file, users, ...more] = process.argv.slice(2);
  if (archive === undefined || file === undefined || more.length > 0) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  } else {
    writeDuckDbFile(archive, file, users).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    });
  }
}
