/** Permissions that whoever queries with Athena needs. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/** All tables and views of a database. */
export function tablesOf(scope: Construct, databaseName: string): string {
  return glueArn(scope, 'table', `${databaseName}/*`);
}

/**
 * To look at one database. Athena asks for the database `default` besides, whichever it is told to use.
 * Source: Athena User Guide, access to databases and tables in the Glue Data Catalog.
 */
export function seeTables(scope: Construct, databaseName: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'SeeTables',
      actions: ['glue:GetDatabase', 'glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
      resources: [glueArn(scope, 'catalog'), glueArn(scope, 'database', databaseName), tablesOf(scope, databaseName)],
    }),
    new PolicyStatement({
      sid: 'SeeDefaultDatabase',
      actions: ['glue:GetDatabase'],
      resources: [glueArn(scope, 'catalog'), glueArn(scope, 'database', 'default')],
    }),
  ];
}

/** Only what lies below these prefixes is listed. */
export function below(...prefixes: readonly string[]): Record<string, unknown> {
  return { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };
}

function glueArn(scope: Construct, resource: string, resourceName?: string): string {
  return Stack.of(scope).formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
}
