/** Permissions for every role that queries with Athena. */
import { Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge, allow } from '../policies';

/** All tables and views of a database. */
export function tablesOf(scope: Construct, databaseName: string): string {
  return glueArn(scope, 'table', `${databaseName}/*`);
}

/**
 * Lets a role see one database. Athena also asks for the database `default`, whichever it is told to use. Source:
 * Athena User Guide, access to databases and tables in the Glue Data Catalog.
 */
export function seeTables(scope: Construct, databaseName: string): PolicyStatement[] {
  return [
    allow(
      'SeeTables',
      ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
      [glueArn(scope, 'catalog'), glueArn(scope, 'database', databaseName), tablesOf(scope, databaseName)],
    ),
    allow(
      'SeeDefaultDatabase',
      ['glue:GetDatabase'],
      [glueArn(scope, 'catalog'), glueArn(scope, 'database', 'default')],
    ),
  ];
}

/** Names a catalog as Athena's own actions do. */
export function athenaCatalog(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' });
}

/** Governance of the account's catalog besides IAM. */
export interface CatalogGovernance {
  /** The key that encrypts the account's Data Catalog; undefined = it is not encrypted. */
  readonly catalogKmsKeyArn?: string | undefined;
  /** Lake Formation hands out credentials for the locations of tables. */
  readonly lakeFormation: boolean;
}

/**
 * Permissions that a key of the Data Catalog and Lake Formation require of a querying role. Source: Athena User Guide,
 * access to encrypted metadata in the Glue Data Catalog, and Lake Formation data access.
 */
export function governancePermissions(
  { catalogKmsKeyArn, lakeFormation }: CatalogGovernance,
  keyActions: readonly string[],
): PolicyStatement[] {
  return [
    ...(catalogKmsKeyArn === undefined ? [] : [allow('UseCatalogKey', [...keyActions], [catalogKmsKeyArn])]),
    ...(lakeFormation ? [allow('AskLakeFormation', ['lakeformation:GetDataAccess'], ['*'])] : []),
  ];
}

/** Accepts the resource of the Lake Formation permission, where it is given. */
export function acknowledgeGovernance(on: IConstruct, { lakeFormation }: CatalogGovernance): void {
  if (!lakeFormation) return;
  acknowledge(on, 'GetDataAccess has no narrower resource: what it opens, the grants of Lake Formation say.', [
    'AwsSolutions-IAM5[Resource::*]',
  ]);
}

/** A condition: the request comes from Athena, in the name of whoever queries. Empty where files may be read as well. */
export function throughAthena(isNeeded: boolean): Record<string, unknown> {
  return isNeeded ? { 'ForAnyValue:StringEquals': { 'aws:CalledVia': ['athena.amazonaws.com'] } } : {};
}

/** Only what lies below these prefixes is listed. */
export function below(...prefixes: readonly string[]): Record<string, unknown> {
  return { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };
}

/** ARN of a Glue resource: the catalog, a database, a table. */
export function glueArn(scope: Construct, resource: string, resourceName?: string): string {
  return Stack.of(scope).formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
}
