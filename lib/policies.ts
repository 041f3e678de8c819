/** Statements of policies, and the findings of cdk-nag on them and on other resources that are accepted. */
import { Stack, Validations } from 'aws-cdk-lib';
import { type Conditions, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';

/** Allows these actions on these resources, under all of these conditions. */
export function allow(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions: Readonly<Record<string, unknown>> = {},
): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources], conditions });
}

/** A role of a service of AWS. */
interface ServiceRole {
  readonly service: string;
  readonly description: string;
  /** Name of the one policy that it has, and its statements. */
  readonly policy: string;
  readonly statements: PolicyStatement[];
  /** Under which the service takes the role on. */
  readonly conditions?: Conditions;
}

/** Creates a role that one service takes on, with one policy inside of it. */
export function serviceRole(
  scope: Construct,
  id: string,
  { service, description, policy, statements, conditions }: ServiceRole,
): Role {
  return new Role(scope, id, {
    assumedBy: new ServicePrincipal(service, { ...(conditions && { conditions }) }),
    description,
    inlinePolicies: { [policy]: new PolicyDocument({ statements }) },
  });
}

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
