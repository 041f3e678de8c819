import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, allow, wildcard } from '../policies';
import { type DataKeys, keyForServices, keyPermissions, ownBuckets } from '../storage/stored-data';
import type { SigningKey } from './signing-keys';

/** Resources that an auditor checks. */
export interface AuditedResources extends DataKeys {
  readonly archive: IBucket;
  readonly table: ITable;
  readonly signingKeys: readonly SigningKey[];
  /** Encrypts the table; undefined = AWS's own key. */
  readonly serviceKey: IKey | undefined;
  /** Actions on the key of the buckets; `kms:Decrypt` alone by default. */
  readonly keyActions?: readonly string[];
}

/**
 * Permissions of a check of the archive: read all of it with all versions and locks, quarantine too, because a hash
 * covers the bytes; and the table. It writes nothing, and needs no Athena.
 */
export function auditPermissions(scope: Construct, on: AuditedResources): PolicyStatement[] {
  const { archive, table, signingKeys } = on;
  return [
    allow(
      'SeeArchive',
      ['s3:GetBucketObjectLockConfiguration', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions'],
      [archive.bucketArn],
      ownBuckets(scope),
    ),
    allow('ReadArchive', ['s3:GetObject', 's3:GetObjectRetention'], [archive.arnForObjects('*')], ownBuckets(scope)),
    ...keyPermissions(scope, on, on.keyActions ?? ['kms:Decrypt']),
    allow('ReadTable', ['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn]),
    ...(signingKeys.length === 0
      ? []
      : [
          allow(
            'SeePublicKeys',
            ['kms:GetPublicKey'],
            signingKeys.map(({ arn }) => arn),
          ),
        ]),
  ];
}

/** Accepts the wildcard of `auditPermissions` on its resource. */
export function acknowledgeWholeArchive(scope: Construct, holder: IConstruct, archive: IBucket): void {
  acknowledge(holder, 'A check reads the whole archive: what does not belong there may lie under any key.', [
    wildcard(scope, archive.arnForObjects('*')),
  ]);
}

/**
 * For the roles of auditors: everything that `cases-audit verify` needs in this account, and no permission to change
 * anything.
 */
export class AuditorPolicy extends Construct {
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: AuditedResources & { readonly prefix: string }) {
    super(scope, id);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Check the archive of the audit export ${props.prefix}: read all versions, locks, notes and the table.`,
      statements: [
        ...auditPermissions(this, props),
        ...keyForServices(this, props.serviceKey, ['dynamodb']),
        // For checks by hand, above all of a version that was overwritten or hidden.
        allow(
          'ReadVersions',
          ['s3:GetObjectAttributes', 's3:GetObjectLegalHold', 's3:GetObjectVersion', 's3:GetObjectVersionAttributes'],
          [props.archive.arnForObjects('*')],
          ownBuckets(this),
        ),
        // The names of bucket and table, for --stack.
        allow('SeeOutputs', ['cloudformation:DescribeStacks'], [Stack.of(this).stackId]),
      ],
    });
    acknowledgeWholeArchive(this, this.policy, props.archive);
  }
}
