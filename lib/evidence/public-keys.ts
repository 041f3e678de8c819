import { CustomResource, Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PUBLIC_KEYS_PREFIX } from '../../lambda/export/domain/keys';
import { bundledFunction, type FunctionPlace, functionLog, logPermission } from '../function/bundled-function';
import { acknowledge, allow, serviceRole, wildcard } from '../policies';
import { type DataKeys, keyPermissions, ownBuckets } from '../storage/stored-data';
import type { SigningKey } from './signing-keys';

/** Inputs of the publication. */
interface PublicKeysProps extends Omit<FunctionPlace, 'vpcConfig'>, DataKeys {
  readonly keys: readonly SigningKey[];
  readonly archive: IBucket;
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
    const logGroup = functionLog(this, props);
    this.role = this.makeRole(props, logGroup);
    const { bundleDirectory } = props;
    const publisher = bundledFunction(
      this,
      'Function',
      { bundleDirectory },
      {
        description: 'Publishes the public halves of the keys that sign commit notes. Runs when the stack is deployed.',
        bundle: 'keys',
        memorySize: 256,
        timeout: Duration.minutes(1),
        role: this.role,
        logGroup,
      },
    );
    acknowledge(publisher, 'CloudFormation waits for its answer: a run that fails fails the deployment.', [
      'Serverless-LambdaDLQ',
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
    const role = serviceRole(this, 'Role', {
      service: 'lambda.amazonaws.com',
      description: 'Publishes the public halves of the keys that sign commit notes.',
      policy: 'publish',
      statements: [
        allow(
          'PublishPublicKeys',
          ['s3:GetObject', 's3:PutObject'],
          [archive.arnForObjects(`${PUBLIC_KEYS_PREFIX}*`)],
          ownBuckets(this),
        ),
        ...(asked.length > 0 ? [allow('AskForPublicKeys', ['kms:GetPublicKey'], asked)] : []),
        ...keyPermissions(this, props),
        logPermission(logGroup),
      ],
    });
    acknowledge(role, 'The keys below one prefix of one bucket: the id of a public key is a hash of it.', [
      wildcard(this, archive.arnForObjects(`${PUBLIC_KEYS_PREFIX}*`)),
    ]);
    return role;
  }
}
