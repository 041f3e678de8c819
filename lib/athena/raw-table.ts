import { COLUMNS } from '../../lambda/export/domain/columns';

/** Name of the raw table in Athena. */
export const RAW_TABLE = 'field_changes';

/** Partition columns: part of the path, not of the files. */
export const PARTITION_KEYS = [
  { name: 'domain_id', type: 'string', comment: 'Id of the Cases domain.' },
  { name: 'export_date', type: 'string', comment: 'Day of the export, YYYY-MM-DD, UTC; filter on it to read less.' },
] as const;

/** The columns as Glue and Athena name their types, which are those of the column list. */
export const GLUE_COLUMNS = COLUMNS.map(({ name, type, description }) => ({ name, type, comment: description }));

/**
 * Partition projection: Athena works out the partitions, so that no crawler runs and a new day needs nobody.
 * The start is a fixed date, as a relative one would hide old partitions; the end is tomorrow, for clocks apart.
 */
export function rawProjection(of: {
  readonly location: string;
  /** Also those no longer exported. */
  readonly domains: readonly string[];
  readonly firstExportDate: string;
}): Record<string, string> {
  return {
    ...domainProjection(of),
    'projection.export_date.type': 'date',
    'projection.export_date.format': 'yyyy-MM-dd',
    'projection.export_date.range': `${of.firstExportDate},NOW+1DAYS`,
    'projection.export_date.interval': '1',
    'projection.export_date.interval.unit': 'DAYS',
    'storage.location.template': `${of.location}domain_id=\${domain_id}/export_date=\${export_date}/`,
  };
}

/** A partition a domain. Athena asks that the template ends in a slash. `injected` instead of `enum` would refuse every query without a domain. */
export function domainProjection(of: {
  readonly location: string;
  readonly domains: readonly string[];
}): Record<string, string> {
  return {
    'projection.enabled': 'true',
    'projection.domain_id.type': 'enum',
    'projection.domain_id.values': of.domains.join(','),
    'storage.location.template': `${of.location}domain_id=\${domain_id}/`,
  };
}

/** How Athena reads the files. */
export const PARQUET_FORMAT = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
} as const;
