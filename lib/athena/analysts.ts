import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, type IPrincipal, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPrincipalPermissions } from 'aws-cdk-lib/aws-lakeformation';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ArchivePrefix } from '../../lambda/export/domain/keys';
import { acknowledge, allow, wildcard } from '../policies';
import { type DataKeys, keyPermissions, ownBuckets } from '../storage/stored-data';
import { CURATED_PREFIX, USERS_PREFIX } from '../storage/work-area';
import {
  athenaCatalog,
  below,
  type CatalogGovernance,
  glueArn,
  governancePermissions,
  seeTables,
  tablesOf,
  throughAthena,
} from './athena-permissions';
import type { Catalog } from './catalog';

/** Inputs of the policy. */
interface AnalystPolicyProps extends DataKeys, CatalogGovernance {
  readonly prefix: string;
  readonly archive: IBucket;
  readonly work: IBucket;
  readonly catalog: Catalog;
  /** Prefix of query results in the work bucket. */
  readonly queryResults: string;
  /** Only Athena reads rows, within the limits and the history of its workgroup; nobody copies files. */
  readonly analystsOnlyThroughAthena: boolean;
}

/** What tables and views are read from. No quarantine: raw events are for those who mend. */
const READABLE_ARCHIVE = ['field_changes/', 'manifests/', 'fields/'] as const satisfies readonly ArchivePrefix[];
/** And from the work bucket. */
const READABLE_WORK = [CURATED_PREFIX, USERS_PREFIX] as const;

/**
 * For the roles of analysts: they query the export in its workgroup, and nothing else. No access to staging, whose rows
 * may never be published; none to quarantine; no change of the archive or the catalog.
 */
export class AnalystPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AnalystPolicyProps) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Query the audit history of Amazon Connect cases in the Athena workgroup ${props.prefix}.`,
      statements: [
        ...this.athena(props),
        ...this.data(props),
        ...keyPermissions(this, props),
        ...governancePermissions(props, ['kms:Decrypt']),
      ],
    });
    acknowledge(this.policy, 'The objects below one prefix of one bucket: their names are not known beforehand.', [
      ...READABLE_ARCHIVE.map((prefix) => wildcard(this, props.archive.arnForObjects(`${prefix}*`))),
      ...READABLE_WORK.map((prefix) => wildcard(this, props.work.arnForObjects(`${prefix}*`))),
      wildcard(this, props.work.arnForObjects(`${props.queryResults}*`)),
    ]);
    acknowledge(this.policy, 'The tables and views of one database, to look at only: none of them is secret by name.', [
      wildcard(this, tablesOf(this, props.catalog.databaseName)),
    ]);
    acknowledge(
      this.policy,
      'The lists without which console and drivers do not open, and access by Lake Formation, have no narrower resource.',
      ['AwsSolutions-IAM5[Resource::*]'],
    );
  }

  private athena({ prefix, catalog }: AnalystPolicyProps): PolicyStatement[] {
    const stack = Stack.of(this);
    return [
      allow('OpenConsole', ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'], ['*']),
      allow(
        'BrowseCatalog',
        [
          'athena:GetDataCatalog',
          'athena:GetDatabase',
          'athena:GetTableMetadata',
          'athena:ListDatabases',
          'athena:ListTableMetadata',
        ],
        [athenaCatalog(this)],
      ),
      allow(
        'QueryInWorkgroup',
        [
          'athena:BatchGetNamedQuery',
          'athena:BatchGetQueryExecution',
          'athena:GetNamedQuery',
          'athena:GetQueryExecution',
          'athena:GetQueryResults',
          'athena:GetQueryResultsStream',
          'athena:GetQueryRuntimeStatistics',
          'athena:GetWorkGroup',
          'athena:ListNamedQueries',
          'athena:ListQueryExecutions',
          'athena:StartQueryExecution',
          'athena:StopQueryExecution',
        ],
        [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: prefix })],
      ),
      ...seeTables(this, catalog.databaseName),
      allow(
        'BrowseDatabases',
        ['glue:GetDatabases'],
        [glueArn(this, 'catalog'), glueArn(this, 'database', catalog.databaseName)],
      ),
    ];
  }

  private data({ archive, work, queryResults, ...props }: AnalystPolicyProps): PolicyStatement[] {
    const here = ownBuckets(this);
    const viaAthena = throughAthena(props.analystsOnlyThroughAthena);
    return [
      allow(
        'ReadArchive',
        ['s3:GetObject'],
        READABLE_ARCHIVE.map((prefix) => archive.arnForObjects(`${prefix}*`)),
        { ...here, ...viaAthena },
      ),
      allow('FindInArchive', ['s3:ListBucket'], [archive.bucketArn], {
        ...here,
        ...viaAthena,
        ...below(...READABLE_ARCHIVE),
      }),
      allow(
        'ReadTables',
        ['s3:GetObject'],
        READABLE_WORK.map((prefix) => work.arnForObjects(`${prefix}*`)),
        { ...here, ...viaAthena },
      ),
      allow(
        'KeepResults',
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
        [work.arnForObjects(`${queryResults}*`)],
        here,
      ),
      allow('FindInWorkArea', ['s3:ListBucket'], [work.bucketArn], {
        ...here,
        ...below(...READABLE_WORK, queryResults),
      }),
      allow('LocateBuckets', ['s3:GetBucketLocation'], [archive.bucketArn, work.bucketArn], here),
    ];
  }
}

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
  const admit = (sid: string, actions: string[], resources: string[], conditions: Record<string, unknown>) =>
    bucket.addToResourcePolicy(new PolicyStatement({ sid, principals, actions, resources, conditions }));
  admit(
    'AnalystsOfOtherAccountsRead',
    ['s3:GetObject'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    condition,
  );
  admit('AnalystsOfOtherAccountsFind', ['s3:ListBucket'], [bucket.bucketArn], { ...condition, ...below(...prefixes) });
  admit('AnalystsOfOtherAccountsLocate', ['s3:GetBucketLocation'], [bucket.bucketArn], {});
}
