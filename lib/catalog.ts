import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { GLUE_COLUMNS, PARQUET_FORMAT, PARTITION_KEYS, partitionProjection, RAW_TABLE, rawLocation } from './raw-table';

/** What the catalog needs to know. */
export interface CatalogProps {
  readonly prefix: string;
  readonly archive: IBucket;
  readonly domains: readonly string[];
  readonly retiredDomains: readonly string[];
  readonly firstExportDate: string;
}

/** What Athena knows of the archive: a database and the raw table, one row per changed field. */
export class Catalog extends Construct {
  readonly databaseName: string;
  readonly database: CfnDatabase;
  readonly rawTable: CfnTable;

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    this.databaseName = databaseName(props.prefix);
    this.database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: { name: this.databaseName, description: 'Audit history of Amazon Connect cases.' },
    });
    this.rawTable = new CfnTable(this, 'RawTable', {
      catalogId,
      databaseName: this.databaseName,
      tableInput: {
        name: RAW_TABLE,
        description: 'One row per changed field of a case. Filter on export_date.',
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          EXTERNAL: 'TRUE',
          classification: 'parquet',
          ...partitionProjection({
            bucketName: props.archive.bucketName,
            domains: [...props.domains, ...props.retiredDomains],
            firstExportDate: props.firstExportDate,
          }),
        },
        partitionKeys: [...PARTITION_KEYS],
        storageDescriptor: {
          location: rawLocation(props.archive.bucketName),
          columns: GLUE_COLUMNS,
          inputFormat: PARQUET_FORMAT.inputFormat,
          outputFormat: PARQUET_FORMAT.outputFormat,
          serdeInfo: { serializationLibrary: PARQUET_FORMAT.serde },
        },
      },
    });
    this.rawTable.addResourceDependency(this.database);
  }
}

/** Glue allows no hyphen that a query would not have to quote. */
function databaseName(prefix: string): string {
  return prefix.replaceAll('-', '_');
}
