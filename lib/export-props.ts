/** The options of the construct: those of a configuration file, and those that only code can give. */
import { Stack, Token } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { CheckedOptions } from './config/config';
import { checkOptions } from './config/config-file';
import type { ExportOptions } from './config/export-options';
import type { VpcPlace } from './function/bundled-function';

/**
 * The options of a configuration file except account and Region, which belong to the stack, plus options that only code
 * can give.
 */
export interface CaseAuditExportProps extends Omit<ExportOptions, 'alarms'> {
  /**
   * Receivers of alarms; needed unless `alarmTopic` is given.
   * @default thresholds as in a file that leaves them out
   */
  readonly alarms?: ExportOptions['alarms'] | undefined;
  /**
   * Receives the alarms, in place of `alarms.email` and `alarms.topicArn`. CloudWatch must be allowed to publish to it.
   * @default the topic in `alarms`, or a new one for its e-mail address
   */
  readonly alarmTopic?: ITopic | undefined;
  /**
   * Encrypts case data, in place of `kmsKeyArn` and `createKmsKey`.
   * @default the key of those options, or S3's own keys
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * The only role that may delete from the archive, in place of `breakGlassRoleArn`.
   * @default the role in that option, or nobody
   */
  readonly breakGlassRole?: IRole | undefined;
  /**
   * The VPC of the functions, in place of `vpcConfig`. It needs the interface endpoint `com.amazonaws.<region>.cases`
   * and the gateway endpoints of S3 and DynamoDB, or another way to them.
   * @default the one in `vpcConfig`, or none
   */
  readonly vpc?: IVpc | undefined;
  /**
   * Subnets of `vpc`.
   * @default the private ones
   */
  readonly vpcSubnets?: SubnetSelection | undefined;
  /**
   * Security groups of the functions in `vpc`; they must let 443 out.
   * @default one per function that lets everything out
   */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
  /**
   * The second switch: the data is deleted with the stack only if `whenStackIsDeleted` allows it, too.
   * @default false
   */
  readonly deleteData?: boolean | undefined;
  /**
   * Prefix of the names of the stack's outputs, which the commands of the runbook need.
   * @default the id of the construct
   */
  readonly outputPrefix?: string | undefined;
  /**
   * Folder of the bundles: `export/index.js`, `verify/index.js` and `keys/index.js`.
   * @default the folder of this package's `npm run build`
   */
  readonly bundleDirectory?: string | undefined;
}

/**
 * Checks the options of a construct, with the account and Region of its stack.
 * @throws ConfigError that lists every problem.
 */
export function checkProps(construct: Construct, props: CaseAuditExportProps): CheckedOptions {
  const { alarmTopic, encryptionKey, breakGlassRole, vpc, ...more } = props;
  const {
    deleteData: _,
    bundleDirectory: __,
    outputPrefix: ___,
    vpcSubnets: ____,
    securityGroups: _____,
    ...given
  } = more;
  const { account, region } = Stack.of(construct);
  const options = checkOptions({ ...given, alarms: given.alarms ?? {} }, construct.node.path, {
    now: new Date(),
    account: known(account),
    region: known(region),
    brings: { topic: alarmTopic !== undefined, key: encryptionKey !== undefined, vpc: vpc !== undefined },
  });
  return breakGlassRole ? { ...options, breakGlassRoleArn: breakGlassRole.roleArn } : options;
}

/** The VPC of the surrounding app, in the form that the library's function takes. */
export function vpcOf({ vpc, vpcSubnets, securityGroups }: CaseAuditExportProps): VpcPlace | undefined {
  if (vpc === undefined) return undefined;
  return { vpc, ...(vpcSubnets && { vpcSubnets }), ...(securityGroups && { securityGroups: [...securityGroups] }) };
}

/** An account or Region that is known only at deployment is not compared. */
function known(value: string): string | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
