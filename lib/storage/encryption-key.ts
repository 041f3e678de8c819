import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type DataRemoval, removalPolicy } from './stored-data';

/** Inputs of the key. */
interface EncryptionKeyProps extends DataRemoval {
  readonly prefix: string;
  /** The only role that may end the key; undefined = nobody. */
  readonly breakGlassRoleArn: string | undefined;
  /** It also encrypts the log and the topic, whose services use it in their own name. */
  readonly forAll: boolean;
}

/**
 * The stack's own key for case data. Without it the archive is unreadable, locked or not; so it stays when the stack
 * goes, and its policy keeps everyone but the break-glass role from ending or disabling it.
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
    if (props.forAll) this.admitServices(key);
    // A cast, because the library's classes do not fit its interfaces under exactOptionalPropertyTypes.
    this.key = key as IKey;
  }

  /** Source: CloudWatch Logs and SNS guides, key policies for encrypted log groups and topics. */
  private admitServices(key: Key): void {
    const { account, region, urlSuffix } = Stack.of(this);
    const allow = (sid: string, service: string, actions: string[], conditions: Record<string, unknown>) =>
      key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          principals: [new ServicePrincipal(service)],
          actions,
          resources: ['*'],
          conditions,
        }),
      );
    allow(
      'EncryptLog',
      `logs.${region}.${urlSuffix}`,
      ['kms:Decrypt', 'kms:Describe*', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': Stack.of(this).formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    );
    allow('PublishAlarms', 'cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey*'], {
      StringEquals: { 'aws:SourceAccount': account },
    });
  }
}
