/** What holds for all stored data: who may use its keys, from which account, and what becomes of it with the stack. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { allow } from '../policies';

/** The keys that encrypt case data in S3. */
export interface DataKeys {
  /** For new objects; undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** For objects written before a change of key. */
  readonly formerKmsKeyArns: readonly string[];
}

/**
 * Permissions on the keys, through S3 only. Objects are never written again, so a former key is needed as long as they
 * exist.
 * @param actions on the key for new objects; without `kms:GenerateDataKey` nothing can be written.
 */
export function keyPermissions(
  scope: Construct,
  { encryptionKey, formerKmsKeyArns }: DataKeys,
  actions: readonly string[] = ['kms:Decrypt', 'kms:GenerateDataKey'],
): PolicyStatement[] {
  const { region, urlSuffix } = Stack.of(scope);
  const conditions = { StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` } };
  const use = (sid: string, actions: string[], resources: string[]) =>
    resources.length > 0 ? [allow(sid, actions, resources, conditions)] : [];
  return [
    ...use('UseKeyThroughS3', [...actions], encryptionKey ? [encryptionKey.keyArn] : []),
    ...use('ReadUnderFormerKeys', ['kms:Decrypt'], [...formerKmsKeyArns]),
  ];
}

/**
 * Permissions of a role on a key that encrypts the checkpoint table and the queues: both services use it in the
 * caller's name. Source: DynamoDB and SQS Developer Guides, permissions for a customer managed key.
 */
export function keyForServices(
  scope: Construct,
  key: IKey | undefined,
  services: readonly ('dynamodb' | 'sqs')[],
): PolicyStatement[] {
  if (key === undefined) return [];
  const { region, urlSuffix } = Stack.of(scope);
  const forTable = ['kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
  return [
    allow(
      'UseKeyThroughServices',
      ['kms:Decrypt', ...(services.includes('dynamodb') ? forTable : []), 'kms:GenerateDataKey'].sort(),
      [key.keyArn],
      { StringEquals: { 'kms:ViaService': services.map((name) => `${name}.${region}.${urlSuffix}`) } },
    ),
  ];
}

/**
 * A condition: buckets of this account only. A bucket that was deleted, and recreated by a stranger under its name,
 * gets nothing.
 */
export function ownBuckets(
  scope: Construct,
  conditions: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { ...conditions, StringEquals: { 'aws:ResourceAccount': Stack.of(scope).account } };
}

/** The fate of stored data when the stack, or its resource, is deleted. */
export interface DataRemoval {
  /** Buckets are emptied and deleted, the table too. False: all of it stays in the account. */
  readonly deleteData: boolean;
}

/** Returns the CloudFormation policy of a resource with data, which is also kept when it would be replaced. */
export function removalPolicy({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

/**
 * As `removalPolicy`, for resources that are empty until the stack is complete: a first deployment that fails removes
 * them again. Not for resources that refuse deletion, such as a protected table or a key: the roll-back would fail on
 * them.
 */
export function removalPolicyOnceMade({ deleteData }: DataRemoval): RemovalPolicy {
  return deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
