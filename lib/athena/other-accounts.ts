import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPrincipalPermissions } from 'aws-cdk-lib/aws-lakeformation';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { READABLE_ARCHIVE, READABLE_WORK } from './analyst-policy';
import { below, throughAthena } from './athena-permissions';
import type { Catalog } from './catalog';

/** What the grants need to know. */
interface OtherAccountsProps {
  /** Their ids. */
  readonly analystAccounts: readonly string[];
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly catalog: Catalog;
  /** Undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** Lake Formation hands out access: the accounts get its grants too. */
  readonly lakeFormation: boolean;
  readonly analystsOnlyThroughAthena: boolean;
}

/**
 * Lets analysts of other accounts read what an analyst of this one reads: rows, manifests, dictionaries, and the tables in the work
 * bucket; no quarantine, no staging, no results of others. Whom of its people an account lets in, its own policies say. The catalog
 * of this account has one policy for all its databases, which no stack may own: the runbook has the statement for it.
 */
export class OtherAccounts extends Construct {
  constructor(scope: Construct, id: string, props: OtherAccountsProps) {
    super(scope, id);
    const principals = props.analystAccounts.map((account) => new AccountPrincipal(account));
    open(props.archive, READABLE_ARCHIVE, principals, props);
    open(props.work, READABLE_WORK, principals, props);
    this.openKey(props.encryptionKey, principals);
    if (props.lakeFormation) for (const account of props.analystAccounts) this.grant(account, props.catalog);
  }

  /** A key that the stack did not make keeps its policy: its owner adds the statement. */
  private openKey(key: IKey | undefined, principals: IPrincipal[]): void {
    const { region, urlSuffix } = Stack.of(this);
    key?.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AnalystsOfOtherAccounts',
        principals,
        actions: ['kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` } },
      }),
      true,
    );
  }

  /** With the option to grant further: only an administrator of that account can give it to roles there. */
  private grant(account: string, { databaseName }: Catalog): void {
    const to = (id: string, permissions: string[], resource: CfnPrincipalPermissions.ResourceProperty) =>
      new CfnPrincipalPermissions(this, `${id}${account}`, {
        principal: { dataLakePrincipalIdentifier: account },
        permissions,
        permissionsWithGrantOption: permissions,
        resource,
      });
    const catalogId = Stack.of(this).account;
    to('Database', ['DESCRIBE'], { database: { catalogId, name: databaseName } });
    to('Tables', ['DESCRIBE', 'SELECT'], { table: { catalogId, databaseName, tableWildcard: {} } });
  }
}

function open(
  bucket: IBucket,
  prefixes: readonly string[],
  principals: IPrincipal[],
  { analystsOnlyThroughAthena }: OtherAccountsProps,
): void {
  const condition = throughAthena(analystsOnlyThroughAthena);
  const allow = (sid: string, actions: string[], resources: string[], conditions: Record<string, unknown>) =>
    bucket.addToResourcePolicy(new PolicyStatement({ sid, principals, actions, resources, conditions }));
  allow(
    'AnalystsOfOtherAccountsRead',
    ['s3:GetObject'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    condition,
  );
  allow('AnalystsOfOtherAccountsFind', ['s3:ListBucket'], [bucket.bucketArn], { ...condition, ...below(...prefixes) });
  allow('AnalystsOfOtherAccountsLocate', ['s3:GetBucketLocation'], [bucket.bucketArn], {});
}
