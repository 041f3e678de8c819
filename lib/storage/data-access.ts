/** What every role that reads or writes stored data needs, and is bound by. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The keys under which case data lies in S3. */
export interface DataKeys {
  /** For what is written from now on; undefined = S3's own keys. */
  readonly encryptionKey: IKey | undefined;
  /** For what was written before the key was changed. */
  readonly formerKmsKeyArns: readonly string[];
}

/**
 * What S3 asks of the keys, through S3 only: objects are never written again, so a former key is needed as long as they are.
 * @param actions of the key for what is written now; without `kms:GenerateDataKey` nothing can be.
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
 * What a role needs of a key that encrypts the checkpoint table and the queues: both services use it in the name of who calls
 * them. Source: DynamoDB and SQS Developer Guides, permissions for a customer managed key.
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

/** A condition: buckets of this account only. One that was deleted, and made by a stranger under its name, gets nothing. */
export function ownBuckets(
  scope: Construct,
  conditions: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { ...conditions, StringEquals: { 'aws:ResourceAccount': Stack.of(scope).account } };
}
