import { type Place, type PolicyDocument, stackName } from './deployment-rights';

/** Characters of a service control policy. Source: AWS Organizations quotas. */
export const SERVICE_CONTROL_POLICY_LIMIT = 5120;

/**
 * What the stack cannot deny itself, as CloudFormation needs it: an organisation denies it to everyone but the deployment, the
 * stack's own roles and the break-glass role. Without a break-glass role nobody is exempt from the denials that it would lift.
 */
export function serviceControlPolicy(place: Place, breakGlassRoleArn: string | undefined): PolicyDocument {
  const { account, region } = place;
  const stack = stackName(place);
  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  const deployment = role(`cdk-hnb659fds-cfn-exec-role-${account}-${region}`);
  const breakGlass = breakGlassRoleArn === undefined ? [] : [breakGlassRoleArn];
  const deny = (sid: string, actions: string[], resource: string, exempt: readonly string[]) =>
    ({
      Sid: sid,
      Effect: 'Deny',
      Action: actions,
      Resource: resource,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': exempt } },
    }) as const;
  const buckets = `arn:aws:s3:::${stack}-*`;
  return {
    Version: '2012-10-17',
    Statement: [
      deny(
        'KeepBucketRules',
        [
          's3:DeleteBucketPolicy',
          's3:PutBucketLogging',
          's3:PutBucketObjectLockConfiguration',
          's3:PutBucketPolicy',
          's3:PutLifecycleConfiguration',
        ],
        buckets,
        [deployment, ...breakGlass],
      ),
      deny('KeepBuckets', ['s3:DeleteBucket'], buckets, [deployment, ...breakGlass]),
      deny(
        'KeepLedger',
        ['dynamodb:BatchWriteItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        `arn:aws:dynamodb:${region}:${account}:table/${stack}-*`,
        [role(`${stack}-ExportExporterRole*`), ...breakGlass],
      ),
      // No policy sees the payload, by which an operator voids a commit: so who may invoke is named.
      deny(
        'OnlyOperatorsInvoke',
        ['lambda:InvokeFunction'],
        `arn:aws:lambda:${region}:${account}:function:${stack}-*`,
        [role(`${stack}-ExportSchedulesRole*`), role('<role of the operators>'), ...breakGlass],
      ),
      deny(
        'KeepKey',
        ['kms:DisableKey', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion'],
        `arn:aws:kms:${region}:${account}:key/<id of the key>`,
        [deployment, ...breakGlass],
      ),
    ],
  };
}
