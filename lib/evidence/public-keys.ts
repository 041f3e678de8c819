import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PUBLIC_KEYS_PREFIX } from '../../lambda/export/domain/keys';
import { acknowledge, wildcard } from '../acknowledgements';
import type { CheckedOptions } from '../config/config';
import { bundledCode } from '../function/bundle';
import { logPermission } from '../function/exporter-permissions';
import { type DataKeys, keyPermissions, ownBuckets } from '../storage/data-access';
import { type DataRemoval, removalPolicyOnceMade } from '../storage/data-removal';
import type { SigningKey } from './signing-keys';

/** Inputs of the publication. */
interface PublicKeysProps extends DataRemoval, DataKeys, Pick<CheckedOptions, 'logRetentionDays'> {
  readonly keys: readonly SigningKey[];
  readonly archive: IBucket;
  /** Encrypts the log; undefined = AWS's own keys. */
  readonly serviceKey: IKey | undefined;
  /** Folder of the bundles. */
  readonly bundleDirectory: string;
}

/**
 * Publishes the public halves of the signing keys to the archive as PEM at each deployment. It needs its own function,
 * because a key id is a hash, which templates cannot compute, and ready-made custom resources bring wider roles.
 */
export class PublicKeys extends Construct {
  /** `SIGNING_KEYS` of the exporters: `<ARN>=<public key>`, known when the stack is deployed. */
  readonly setting: string;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PublicKeysProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      ...(props.serviceKey && { encryptionKey: props.serviceKey }),
      removalPolicy: removalPolicyOnceMade(props),
    });
    this.role = this.makeRole(props, logGroup);
    const publisher = new LambdaFunction(this, 'Function', {
      description: 'Publishes the public halves of the keys that sign commit notes. Runs when the stack is deployed.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(props.bundleDirectory, 'keys'),
      memorySize: 256,
      timeout: Duration.minutes(1),
      role: this.role,
      logGroup,
    });
    acknowledge(publisher, 'CloudFormation waits for its answer: a run that fails fails the deployment.', [
      'Serverless-LambdaDLQ',
    ]);
    acknowledge(publisher, 'A function that calls AWS services and nothing else, once a deployment.', [
      'Serverless-LambdaTracing',
    ]);
    const published = new CustomResource(this, 'Published', {
      resourceType: 'Custom::PublicKeysOfNotes',
      serviceToken: publisher.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: {
        Bucket: props.archive.bucketName,
        Keys: props.keys.map(({ arn, publicKey }) => ({
          Arn: arn,
          ...(publicKey !== undefined && { PublicKey: publicKey }),
        })),
      },
    });
    // The role's policies come with it, those of the bucket do not.
    const { policy } = props.archive;
    if (policy) published.node.addDependency(policy);
    this.setting = published.getAttString('SigningKeys');
  }

  private makeRole(props: PublicKeysProps, logGroup: LogGroup): Role {
    const { keys, archive } = props;
    const asked = keys.filter(({ publicKey }) => publicKey === undefined).map(({ arn }) => arn);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Publishes the public halves of the keys that sign commit notes.',
      inlinePolicies: {
        publish: new PolicyDocument({
          statements: [
            new PolicyStatement({
              sid: 'PublishPublicKeys',
              actions: ['s3:GetObject', 's3:PutObject'],
              resources: [archive.arnForObjects(`${PUBLIC_KEYS_PREFIX}*`)],
              conditions: ownBuckets(this),
            }),
            ...(asked.length > 0
              ? [new PolicyStatement({ sid: 'AskForPublicKeys', actions: ['kms:GetPublicKey'], resources: asked })]
              : []),
            ...keyPermissions(this, props),
            logPermission(logGroup),
          ],
        }),
      },
    });
    acknowledge(role, 'The keys below one prefix of one bucket: the id of a public key is a hash of it.', [
      wildcard(this, archive.arnForObjects(`${PUBLIC_KEYS_PREFIX}*`)),
    ]);
    return role;
  }
}
