/** What all deployed functions have in common: their code, their log, and the VPC that they may be in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type AssetCode,
  CfnFunction,
  Code,
  type FunctionProps,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { CheckedOptions } from '../config/config';
import { acknowledge, allow } from '../policies';
import { type DataRemoval, removalPolicyOnceMade } from '../storage/stored-data';
import { PACKAGE_ROOT } from '../text-file';

/** The folder of `npm run build`, with one folder per bundle. */
export const BUNDLE_DIRECTORY = join(PACKAGE_ROOT, 'dist', 'lambda');

/**
 * The deployed functions: the exporters, the scheduled check of the archive, and the deployment's own helper that
 * publishes public keys.
 */
export type BundleName = 'export' | 'verify' | 'keys';

/** A VPC of the surrounding app, in the form that the library's function takes. */
export interface VpcPlace {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** What a function needs around it. */
export interface FunctionPlace extends DataRemoval, Pick<CheckedOptions, 'logRetentionDays' | 'vpcConfig'> {
  /** Folder of the bundles. */
  readonly bundleDirectory: string;
  /** Encrypts the log; undefined = AWS's own keys. */
  readonly serviceKey: IKey | undefined;
  /** Undefined = not in a VPC, or in the one of the options. */
  readonly vpc?: VpcPlace | undefined;
  /** Receives failed runs. */
  readonly failures?: IQueue | undefined;
}

type InVpc = Pick<FunctionPlace, 'vpc' | 'vpcConfig'>;

/** Creates the log group of a function. */
export function functionLog(scope: Construct, props: Omit<FunctionPlace, 'vpcConfig'>): LogGroup {
  return new LogGroup(scope, 'Logs', {
    retention: props.logRetentionDays,
    ...(props.serviceKey && { encryptionKey: props.serviceKey }),
    removalPolicy: removalPolicyOnceMade(props),
  });
}

/** Allows its own log group and no other. */
export function logPermission(logGroup: ILogGroup): PolicyStatement {
  // The attribute ends in `:*`, the streams of this group.
  return allow('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
}

/** What a function runs, besides what all functions have in common. */
interface BundledFunctionProps
  extends Omit<FunctionProps, 'runtime' | 'architecture' | 'handler' | 'code' | 'vpc' | 'onFailure'> {
  readonly bundle: BundleName;
}

/**
 * Creates a function that runs a bundle byte for byte as tested.
 * @throws Error with the remedy if the bundle is not built.
 */
export function bundledFunction(
  scope: Construct,
  id: string,
  {
    bundleDirectory,
    vpc,
    vpcConfig,
    failures,
  }: Pick<FunctionPlace, 'bundleDirectory' | 'vpc' | 'vpcConfig' | 'failures'>,
  { bundle, ...props }: BundledFunctionProps,
): LambdaFunction {
  const made = new LambdaFunction(scope, id, {
    ...props,
    ...vpc,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: bundledCode(bundleDirectory, bundle),
    // Not SqsDestination, which would add wider permissions to the role.
    ...(failures && { onFailure: { bind: () => ({ destination: failures.queueArn }) } }),
  });
  if (vpcConfig) putInto(made, vpcConfig);
  acknowledge(made, 'A function that calls AWS services and nothing else: its log has the times and counts.', [
    'Serverless-LambdaTracing',
  ]);
  if (failures) {
    acknowledge(made, 'Failed runs go to the onFailure destination, which tells more than a DLQ.', [
      'Serverless-LambdaDLQ',
    ]);
  }
  return made;
}

function bundledCode(bundleDirectory: string, name: BundleName): AssetCode {
  const directory = join(bundleDirectory, name);
  const entry = join(directory, 'index.js');
  if (!existsSync(entry)) {
    throw new Error(`${entry}: no such file, expected the bundle of the function; run "npm run build" first`);
  }
  return Code.fromAsset(directory);
}

/** Puts a function into subnets given by their ids. */
function putInto(made: LambdaFunction, vpcConfig: NonNullable<FunctionPlace['vpcConfig']>): void {
  const { defaultChild } = made.node;
  if (!(defaultChild instanceof CfnFunction)) throw new Error('Expected a function with a resource of its own');
  defaultChild.vpcConfig = { subnetIds: [...vpcConfig.subnetIds], securityGroupIds: [...vpcConfig.securityGroupIds] };
}

/** Allows to leave failed runs in the queue. */
export function failurePermission(failures: IQueue): PolicyStatement {
  return allow('ReportFailures', ['sqs:SendMessage'], [failures.queueArn]);
}

/**
 * Permissions that Lambda needs to attach a function to a VPC, and that the function itself must not use; none outside
 * of a VPC. Lambda refuses a function whose role lacks them. Source: Lambda Developer Guide, giving functions access to
 * resources in a VPC.
 */
export function vpcPermissions(scope: Construct, place: InVpc): PolicyStatement[] {
  if (!isInVpc(place)) return [];
  const functions = Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [
    allow('AttachToVpc', actions, ['*']),
    new PolicyStatement({
      sid: 'OnlyLambdaAttaches',
      effect: Effect.DENY,
      actions,
      resources: ['*'],
      conditions: { ArnLike: { 'lambda:SourceFunctionArn': functions } },
    }),
  ];
}

/** Accepts the resource of the permissions above. */
export function acknowledgeVpc(role: Role, place: InVpc): void {
  if (!isInVpc(place)) return;
  acknowledge(role, 'Lambda looks at all network interfaces to attach a function; the function itself is denied it.', [
    'AwsSolutions-IAM5[Resource::*]',
    'Serverless-LambdaStarPermissions',
  ]);
}

function isInVpc({ vpc, vpcConfig }: InVpc): boolean {
  return vpc !== undefined || vpcConfig !== undefined;
}
