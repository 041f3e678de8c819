/** Lambda's requirements for functions in a VPC. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements';
import type { CheckedOptions } from '../config/config';

/** A VPC of the surrounding app, in the form that the library's function takes. */
export interface VpcPlace {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** Puts a function into subnets given by their ids. */
export function putInto(exporter: LambdaFunction, vpcConfig: NonNullable<CheckedOptions['vpcConfig']>): void {
  const { defaultChild } = exporter.node;
  if (!(defaultChild instanceof CfnFunction)) throw new Error('Expected a function with a resource of its own');
  defaultChild.vpcConfig = { subnetIds: [...vpcConfig.subnetIds], securityGroupIds: [...vpcConfig.securityGroupIds] };
}

/**
 * Permissions that Lambda needs to attach a function to a VPC, and that the function itself must not use. Lambda
 * refuses a function whose role lacks them. Source: Lambda Developer Guide, giving functions access to resources in a
 * VPC.
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
