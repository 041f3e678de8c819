import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Forbids actions on the objects of a bucket (or on some, `keys`) to everyone but some roles, whatever else allows them; no roles = nobody. */
export function denyEveryoneBut(
  roleArns: readonly string[],
  bucket: IBucket,
  sid: string,
  actions: readonly string[],
  conditions: Readonly<Record<string, unknown>> = {},
  keys = '*',
): void {
  const exempt = roleArns.length === 1 ? roleArns[0] : [...roleArns];
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [...actions],
      resources: [bucket.arnForObjects(keys)],
      conditions: {
        ...conditions,
        ...(roleArns.length > 0 && { ArnNotEquals: { 'aws:PrincipalArn': exempt } }),
      },
    }),
  );
}
