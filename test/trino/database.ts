/** A database as the stack makes it, over the files of local buckets. */
import {
  dictionaryTable,
  manifestTable,
  rawTable,
  type TablePlaces,
  userTable,
  viewTable,
} from '../../lib/athena/glue-tables';
import { readViews } from '../../lib/athena/sql-files';
import type { Flavour } from '../../lib/athena/view-encoding';
import { CURATED_PREFIX } from '../../lib/storage/work-area';
import { ARCHIVE_BUCKET, WORK_BUCKET } from '../../local/exporter/stack';
import type { Trino } from './client';
import { putTable } from './dialect';
import { type Refresh, refreshOf } from './refresh';
import { CATALOG } from './server';

interface DatabaseOptions {
  readonly name: string;
  /** Which table the views read. */
  readonly flavour: Flavour;
  readonly metastore: string;
  /** One folder a bucket. */
  readonly buckets: string;
  readonly domains: readonly string[];
  /** YYYY-MM-DD. */
  readonly firstExportDate: string;
}

/**
 * Makes the database with every table and view of the stack; the curated table comes with the first refresh. `client` is that of
 * the database.
 */
export async function createDatabase(client: Trino, options: DatabaseOptions): Promise<Refresh> {
  const { name, flavour, metastore, buckets, domains, firstExportDate } = options;
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${CATALOG}.${name}`);
  const places: TablePlaces = {
    archiveBucketName: ARCHIVE_BUCKET,
    workBucketName: WORK_BUCKET,
    domains,
    firstExportDate,
  };
  const tables = [rawTable(places), manifestTable(places), dictionaryTable(places), userTable(places)];
  const views = readViews().map((view) => viewTable(view, name, flavour));
  for (const table of [...tables, ...views]) putTable(metastore, name, table, buckets);
  return refreshOf(client, {
    database: name,
    buckets,
    archiveBucket: ARCHIVE_BUCKET,
    // A folder of its own for each database, which in AWS has its own bucket.
    location: `s3://${WORK_BUCKET}/${CURATED_PREFIX}${name}/`,
    domains,
    firstExportDate,
  });
}

/** Refreshes. Rejects, with what Trino said, unless the execution succeeds. */
export async function mustRefresh(refresh: Refresh, ...input: Parameters<Refresh>): ReturnType<Refresh> {
  const refreshed = await refresh(...input);
  if (refreshed.status !== 'SUCCEEDED') throw new Error(`the refresh failed: ${JSON.stringify(refreshed)}`);
  return refreshed;
}
