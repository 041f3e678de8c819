/** Permissions and conditions for every role that reads or writes stored data. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

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
    resources.length > 0 ? [new PolicyStatement({ sid, actions, resources, conditions })] : [];
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
    new PolicyStatement({
      sid: 'UseKeyThroughServices',
      actions: ['kms:Decrypt', ...(services.includes('dynamodb') ? forTable : []), 'kms:GenerateDataKey'].sort(),
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': services.map((name) => `${name}.${region}.${urlSuffix}`) } },
    }),
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
