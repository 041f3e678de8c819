import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings of cdk-nag on one resource, each rule by its id, for a reason that a reviewer can judge. Never use
 * it on a stack or a construct of several resources: that would accept findings that nobody has looked at.
 */
export function acknowledge(resource: IConstruct, reason: string, ruleIds: readonly string[]): void {
  for (const id of ruleIds) Validations.of(resource).acknowledge({ id, reason });
}

/** Returns the id of the finding that a policy names a resource with a wildcard: an ARN that may hold references. */
export function wildcard(scope: IConstruct, arn: string): string {
  return `AwsSolutions-IAM5[Resource::${flat(Stack.of(scope).resolve(arn))}]`;
}

/** Writes references as cdk-nag does: `<LogicalId.Arn>`, `<AWS::Partition>`. */
function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const intrinsic = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (intrinsic['Fn::Join']) return intrinsic['Fn::Join'][1].map(flat).join(intrinsic['Fn::Join'][0]);
  return `<${intrinsic.Ref ?? intrinsic['Fn::GetAtt']?.join('.')}>`;
}
