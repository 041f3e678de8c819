/** Writes a database file of DuckDB with the tables and views of Athena over the files of an archive: docs/bi.md. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { hasFiles, relations } from '../tools/query/relations';

const USAGE = `Usage: npx tsx scripts/duckdb-file.ts <folder of the archive> <database file> [<users.csv>]

The file holds views, no rows: it reads the archive where it lies now. It must not exist yet.
`;

/** Rejects where there are no exported files, or where the database file exists: nothing is ever replaced. */
export async function writeDuckDbFile(archiveFolder: string, file: string, users?: string): Promise<void> {
  const archive = resolve(archiveFolder);
  if (!hasFiles(join(archive, 'field_changes'), '.parquet')) {
    throw new Error(`There are no exported files in ${archiveFolder}: expected field_changes/domain_id=…/….parquet`);
  }
  if (existsSync(file)) throw new Error(`${file} is there already: name a file that does not exist`);
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const names = resolve(users ?? join(dirname(archive), 'work-area', 'users'));
    for (const statement of relations(archive, names)) await connection.run(statement);
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
