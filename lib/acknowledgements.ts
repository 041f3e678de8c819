import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings of cdk-nag on one resource, each rule by its id, for a reason that a reviewer can judge.
 * Never on a stack or a construct that holds several resources: that would accept what nobody has looked at.
 */
export function acknowledge(resource: IConstruct, reason: string, ruleIds: readonly string[]): void {
  for (const id of ruleIds) Validations.of(resource).acknowledge({ id, reason });
}

/** The id of the finding that a policy ends in `*`, for the keys of a bucket below a prefix. */
export function keysBelow(bucket: IBucket, prefix: string): string {
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
  return wildcard(`<${logicalId}.Arn>/${prefix}*`);
}

/** The id of the finding that a policy names a resource with a wildcard. */
export function wildcard(resource: string): string {
  return `AwsSolutions-IAM5[Resource::${resource}]`;
}
