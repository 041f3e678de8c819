/**
 * Where Trino's DDL and catalog are not Athena's. This is the only place that changes a statement or a table before Trino gets
 * it; what is not listed here runs as it is deployed. Each difference, and why it does not matter to what is proven:
 * - Locations: s3://<bucket>/ is file://<folder>/<bucket>/, as there is no S3. The local S3 keeps every object as a
 *   file.
 * - Tables and views are not created by DDL: what the stack puts into Glue is written into the metastore, name by
 *   name.
 * - An empty location is made a folder: S3 knows no folders, and an absent prefix is an empty list. So projected days
 *   without files are passed over (server.ts).
 * - JSON: the OpenX SerDe came to Trino after this version; Hive’s own reads the same objects, also without regard to
 *   case. What OpenX makes of them is tried by itself (json-tables.trino.ts).
 * - CREATE TABLE … TBLPROPERTIES of an Iceberg table is WITH (…), string is varchar, int is integer, timestamp is
 *   timestamp(6), struct<…> is row(…), array<…> and map<…> have round brackets.
 * - A path that a statement names is one on this disk, as Hadoop writes it: file:/… with one slash.
 * - The codec zstd is a setting of the Iceberg catalog, not of the table.
 * - OPTIMIZE … REWRITE DATA USING BIN_PACK is ALTER TABLE … EXECUTE optimize.
 * - VACUUM is ALTER TABLE … EXECUTE expire_snapshots and remove_orphan_files; Athena keeps five days, tests keep
 *   none.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableInput } from '../../lib/athena/glue-tables';
import { splitAtTop } from '../lib/curated/stored-json';

/** Puts a table of Glue into the metastore's folder, as the file metastore of Trino 406 keeps it. `buckets` is the folder of the buckets. */
export function putTable(metastore: string, database: string, table: TableInput, buckets: string): void {
  const folder = join(metastore, database, table.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.trinoSchema'), JSON.stringify(metastoreTable(table, buckets), null, 2));
}

/** An address in S3 as one on this disk. */
function localAddress(address: string, buckets: string): string {
  return address.replaceAll('s3://', `file://${buckets}/`);
}

function metastoreTable(table: TableInput, buckets: string): object {
  const storage = table.storageDescriptor as {
    readonly location: string;
    readonly columns: readonly object[];
    readonly serdeInfo: { readonly serializationLibrary: string };
  };
  const isView = table.tableType === 'VIRTUAL_VIEW';
  if (!isView) mkdirSync(localAddress(storage.location, buckets).slice('file://'.length), { recursive: true });
  const parameters = Object.entries(table.parameters as Readonly<Record<string, string>>);
  return {
    writerVersion: '406',
    owner: 'stack',
    tableType: table.tableType,
    dataColumns: storage.columns,
    partitionColumns: table.partitionKeys ?? [],
    parameters: Object.fromEntries(parameters.map(([name, value]) => [name, localAddress(value, buckets)])),
    ...(isView
      ? { viewOriginalText: table.viewOriginalText, viewExpandedText: table.viewExpandedText }
      : {
          storageFormat: storageFormat(storage.serdeInfo.serializationLibrary),
          externalLocation: localAddress(storage.location, buckets),
        }),
    serdeParameters: {},
    columnStatistics: {},
  };
}

const FORMATS: Readonly<Record<string, string>> = {
  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe': 'PARQUET',
  'org.openx.data.jsonserde.JsonSerDe': 'JSON',
  'org.apache.hadoop.hive.serde2.OpenCSVSerde': 'CSV',
};

function storageFormat(serde: string): string {
  const format = FORMATS[serde];
  if (format === undefined)
    throw new Error(`got the SerDe ${serde}, expected one of ${Object.keys(FORMATS).join(', ')}`);
  return format;
}

/** A statement of `sql/curated/` for Trino, as the statements that do the same. Throws for DDL that is not known here. */
export function trinoStatements(
  athena: string,
  places: { readonly buckets: string; readonly database: string },
): string[] {
  const statement = athena.trim();
  if (!statement.startsWith('CREATE TABLE') && statement.includes("'s3://")) {
    return [statement.replaceAll("'s3://", `'file:${places.buckets}/`)];
  }
  const optimized = /^OPTIMIZE (\w+) REWRITE DATA USING BIN_PACK$/.exec(statement);
  if (optimized) return [`ALTER TABLE ${optimized[1]} EXECUTE optimize`];
  const vacuumed = /^VACUUM (\w+)$/.exec(statement);
  if (vacuumed) {
    return ['expire_snapshots', 'remove_orphan_files'].map(
      (task) => `ALTER TABLE ${vacuumed[1]} EXECUTE ${task}(retention_threshold => '0s')`,
    );
  }
  const [, altered, column] = /^ALTER TABLE (\w+) ADD COLUMNS \((\w+) string\)$/.exec(statement) ?? [];
  if (column !== undefined) return [`ALTER TABLE iceberg.${places.database}.${altered} ADD COLUMN ${column} varchar`];
  return [/^CREATE TABLE\b/.test(statement) ? icebergTable(statement, places) : statement];
}

const CREATE =
  /^CREATE TABLE IF NOT EXISTS (\w+) \(\n([\s\S]+)\n\)\nPARTITIONED BY \(([^\n]+)\)\nLOCATION '([^']+)'\nTBLPROPERTIES \(\n([\s\S]+)\n\)$/;
const TYPES: Readonly<Record<string, string>> = { string: 'varchar', int: 'integer', timestamp: 'timestamp(6)' };

function trinoTypeOf(type: string): string {
  const [, outer, inner = ''] = /^(struct|array|map)<(.*)>$/.exec(type) ?? [];
  if (outer === undefined) return TYPES[type] ?? type;
  const parts = splitAtTop(inner);
  if (outer !== 'struct') return `${outer}(${parts.map(trinoTypeOf).join(', ')})`;
  const members = parts.map((part) => {
    const colon = part.indexOf(':');
    return `"${part.slice(0, colon)}" ${trinoTypeOf(part.slice(colon + 1))}`;
  });
  return `row(${members.join(', ')})`;
}

function icebergTable(
  statement: string,
  { buckets, database }: { readonly buckets: string; readonly database: string },
): string {
  const [, name, columns, partitioning, location, properties] = CREATE.exec(statement) ?? [];
  if (name === undefined || columns === undefined || location === undefined) {
    throw new Error(
      'expected CREATE TABLE IF NOT EXISTS … PARTITIONED BY … LOCATION … TBLPROPERTIES, as Athena takes it',
    );
  }
  const expected = `  'table_type' = 'ICEBERG',\n  'format' = 'parquet',\n  'write_compression' = 'zstd'`;
  if (properties !== expected) throw new Error(`got the table properties ${properties}, expected ${expected}`);
  const typed = columns.replace(
    /^( {2}\w+ )(\S+)(?= COMMENT )/gm,
    (_, start: string, type: string) => `${start}${trinoTypeOf(type)}`,
  );
  // The connector of Iceberg makes the table, and that of Hive finds it.
  return `CREATE TABLE IF NOT EXISTS iceberg.${database}.${name} (\n${typed}\n) WITH (
  format = 'PARQUET', partitioning = ARRAY['${partitioning}'], location = '${localAddress(location, buckets).replace(/\/$/, '')}')`;
}
