/** Functions in a VPC: what Lambda needs to put them there. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements';
import type { CheckedOptions } from '../config/config';

/** A VPC of the app's own, as the library's function takes it. */
export interface VpcPlace {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** Puts a function into subnets that are known by their ids only. */
export function putInto(exporter: LambdaFunction, vpcConfig: NonNullable<CheckedOptions['vpcConfig']>): void {
  const { defaultChild } = exporter.node;
  if (!(defaultChild instanceof CfnFunction)) throw new Error('Expected a function with a resource of its own');
  defaultChild.vpcConfig = { subnetIds: [...vpcConfig.subnetIds], securityGroupIds: [...vpcConfig.securityGroupIds] };
}

/**
 * What Lambda does with the role to attach a function, and may not be done by the function itself. Lambda refuses a function whose
 * role lacks it. Source: Lambda Developer Guide, giving functions access to resources in a VPC.
 */
export function vpcPermissions(scope: Construct): PolicyStatement[] {
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
    new PolicyStatement({ sid: 'AttachToVpc', actions, resources: ['*'] }),
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
export function acknowledgeVpc(role: Role): void {
  acknowledge(role, 'Lambda looks at all network interfaces to attach a function; the function itself is denied it.', [
    'AwsSolutions-IAM5[Resource::*]',
    'Serverless-LambdaStarPermissions',
  ]);
}
