import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { dictionaryTable, manifestTable, rawTable, type TableInput, userTable, viewTable } from './glue-tables';
import { readViews } from './sql-files';
import type { Flavour } from './view-encoding';

/** Inputs of the catalog. */
interface CatalogProps {
  readonly prefix: string;
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly domains: readonly string[];
  readonly retiredDomains: readonly string[];
  readonly firstExportDate: string;
  /** The table that the views read. */
  readonly flavour: Flavour;
}

/** Athena's view of the archive: a database, tables over the stored files, and the views for people. */
export class Catalog extends Construct {
  readonly databaseName: string;
  readonly database: CfnDatabase;
  readonly rawTable: CfnTable;
  readonly manifestTable: CfnTable;
  readonly dictionaryTable: CfnTable;
  readonly userTable: CfnTable;
  /** By name. */
  readonly views: ReadonlyMap<string, CfnTable>;

  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    this.databaseName = databaseName(props.prefix);
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: this.databaseName, description: 'Audit history of Amazon Connect cases.' },
    });
    const places = {
      archiveBucketName: props.archive.bucketName,
      workBucketName: props.work.bucketName,
      domains: [...props.domains, ...props.retiredDomains],
      firstExportDate: props.firstExportDate,
    };
    this.rawTable = this.table('RawTable', rawTable(places));
    this.manifestTable = this.table('ManifestTable', manifestTable(places));
    this.dictionaryTable = this.table('DictionaryTable', dictionaryTable(places));
    this.userTable = this.table('UserTable', userTable(places));
    this.views = new Map(
      readViews().map((view) => [
        view.name,
        this.table(`View-${view.name}`, viewTable(view, this.databaseName, props.flavour)),
      ]),
    );
  }

  private table(id: string, tableInput: TableInput): CfnTable {
    const table = new CfnTable(this, id, {
      catalogId: Stack.of(this).account,
      databaseName: this.databaseName,
      tableInput,
    });
    table.addResourceDependency(this.database);
    return table;
  }
}

/** Replaces hyphens, so that queries need not quote the name. */
function databaseName(prefix: string): string {
  return prefix.replaceAll('-', '_');
}
