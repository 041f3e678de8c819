import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicy } from './data-removal';

/** What the key needs to know. */
interface EncryptionKeyProps extends DataRemoval {
  readonly prefix: string;
  /** The only role that may end the key; undefined = nobody. */
  readonly breakGlassRoleArn: string | undefined;
}

/**
 * A key of the stack's own for case data. Without it the archive cannot be read, locked or not; so it stays when the stack goes,
 * and its policy keeps everyone but the break-glass role from ending or disabling it.
 */
export class EncryptionKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const key = new Key(this, 'Key', {
      description: `Case data of the audit export ${props.prefix}.`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: removalPolicy(props),
    });
    if (!props.deleteData) {
      key.addToResourcePolicy(
        new PolicyStatement({
          sid: 'KeepKey',
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: ['kms:DisableKey', 'kms:ScheduleKeyDeletion'],
          resources: ['*'],
          ...(props.breakGlassRoleArn !== undefined && {
            conditions: { ArnNotEquals: { 'aws:PrincipalArn': props.breakGlassRoleArn } },
          }),
        }),
      );
    }
    // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.key = key as IKey;
  }
}
