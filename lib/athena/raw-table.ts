import { COLUMNS } from '../../lambda/export/domain/columns';

/** Name of the raw table in Athena. */
export const RAW_TABLE = 'field_changes';

/** Partition columns: part of the path, not of the files. */
export const PARTITION_KEYS = [
  { name: 'domain_id', type: 'string', comment: 'Id of the Cases domain.' },
  { name: 'export_date', type: 'string', comment: 'Day of the export, YYYY-MM-DD, UTC; filter on it to read less.' },
] as const;

/** The columns with their types as Glue and Athena name them, from the column list. */
export const GLUE_COLUMNS = COLUMNS.map(({ name, type, description }) => ({ name, type, comment: description }));

/**
 * Partition projection: Athena computes the partitions, so no crawler runs and a new day needs no action. The start is
 * a fixed date, because a relative one would hide old partitions; the end is tomorrow, to allow for clock differences.
 */
export function rawProjection(of: {
  readonly location: string;
  /** Includes retired domains. */
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

/**
 * One partition per domain. Athena requires a slash at the end of the template. `injected` instead of `enum` would
 * refuse every query without a domain.
 */
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

/** Lets Athena read the files. */
export const PARQUET_FORMAT = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
} as const;
