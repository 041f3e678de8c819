import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, ArnPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { SigningKeyConfig } from '../config/config-evidence';
import { allow } from '../policies';

/** Inputs of the keys. */
interface SigningKeysProps {
  readonly prefix: string;
  readonly signingKeys: readonly SigningKeyConfig[];
  /** The only signers. */
  readonly exporterRoleArns: readonly string[];
}

/** A key that signs notes. */
export interface SigningKey {
  readonly arn: string;
  /** Base64 of its SubjectPublicKeyInfo, where the configuration has it; else the deployment asks KMS. */
  readonly publicKey?: string | undefined;
}

/** The only use of a key of notes. */
const HOW_NOTES_ARE_SIGNED = { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' } as const;

/**
 * Permissions of a role for keys of other accounts or stacks; the stack's own keys admit the exporters by their own
 * policies.
 */
export function signPermissions(keys: readonly SigningKeyConfig[]): PolicyStatement[] {
  const resources = keys.flatMap((key) => ('arn' in key ? [key.arn] : []));
  if (resources.length === 0) return [];
  const conditions = { StringEquals: HOW_NOTES_ARE_SIGNED };
  return [allow('SignNotes', ['kms:Sign'], resources, conditions)];
}

/**
 * The keys that sign notes, in the order of the configuration. The stack's own key signs digests for the exporters
 * only: its policy denies them to everybody else, administrators too. An administrator with the right to change that
 * policy can admit himself, which CloudTrail records; a key of another account prevents that. Administrators of keys
 * administer this one, so nobody is locked out.
 */
export class SigningKeys extends Construct {
  readonly keys: readonly SigningKey[];

  constructor(scope: Construct, id: string, props: SigningKeysProps) {
    super(scope, id);
    this.keys = props.signingKeys.map((key) => ('create' in key ? { arn: this.key(key.create, props).keyArn } : key));
  }

  private key(name: string, { prefix, exporterRoleArns }: SigningKeysProps): Key {
    const key = new Key(this, `Key-${name}`, {
      description: `Signs the commit notes of the audit export ${prefix}: ${name}.`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // A key that is not configured any more must not sign again. Its public half stays in the archive, so all its
      // signatures can still be checked; the deletion can be cancelled for 30 days.
      removalPolicy: RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(30),
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ExportersSign',
        principals: exporterRoleArns.map((arn) => new ArnPrincipal(arn)),
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { StringEquals: HOW_NOTES_ARE_SIGNED },
      }),
    );
    const deny = (sid: string, conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>) =>
      key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ['kms:Sign'],
          resources: ['*'],
          conditions,
        }),
      );
    deny('NobodyElseSigns', { ArnNotEquals: { 'aws:PrincipalArn': exporterRoleArns } });
    // One statement per condition, because conditions of one statement hold together.
    for (const [condition, value] of Object.entries(HOW_NOTES_ARE_SIGNED)) {
      deny(`Only${value.replaceAll(/[^A-Za-z0-9]/g, '')}`, { StringNotEquals: { [condition]: value } });
    }
    return key;
  }
}
