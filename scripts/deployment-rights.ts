/**
 * What CloudFormation does when it deploys the stack, as policies for its execution role
 * (`cdk bootstrap --cloudformation-execution-policies`). Source: the permissions of the handlers in CloudFormation's registry
 * schemas, without those for properties that this stack does not use.
 */

/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** Where the stack goes. */
export interface Place {
  readonly prefix: string;
  readonly account: string;
  readonly region: string;
}

interface Rights {
  readonly actions: readonly string[];
  /** Actions of the type that IAM checks against `*` only. Source: Service Authorization Reference. */
  readonly anywhere?: readonly string[];
  /** ARNs of what they act on; undefined = the action has no narrower resource, or the name is not known before. */
  readonly on?: (place: Place) => readonly string[];
}

const named = (service: string, path: string) => (place: Place) => [
  `arn:aws:${service}:${place.region}:${place.account}:${path.replace('<stack>', stackName(place)).replace('<prefix>', place.prefix)}`,
];

const all = (verbs: string, service: string): string[] => verbs.split(' ').map((verb) => `${service}:${verb}`);

/** By type of resource. CloudFormation names what has no name of its own after the stack. */
const RIGHTS: Readonly<Record<string, Rights>> = {
  'AWS::S3::Bucket': {
    actions: all(
      'CreateBucket DeleteBucket GetBucketAcl GetBucketLogging GetBucketObjectLockConfiguration GetBucketOwnershipControls ' +
        'GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetEncryptionConfiguration GetLifecycleConfiguration ' +
        'GetReplicationConfiguration ListBucket PutBucketAcl PutBucketLogging PutBucketObjectLockConfiguration PutBucketOwnershipControls ' +
        'PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration ' +
        'PutReplicationConfiguration',
      's3',
    ),
    on: (place) => [`arn:aws:s3:::${stackName(place)}-*`],
  },
  'AWS::S3::BucketPolicy': {
    actions: all('DeleteBucketPolicy GetBucketPolicy PutBucketPolicy', 's3'),
    on: (place) => [`arn:aws:s3:::${stackName(place)}-*`],
  },
  'AWS::DynamoDB::Table': {
    actions: all(
      'CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights DescribeKinesisStreamingDestination ' +
        'DescribeTable DescribeTimeToLive GetResourcePolicy ListTagsOfResource TagResource UntagResource ' +
        'UpdateContinuousBackups UpdateTable',
      'dynamodb',
    ),
    on: named('dynamodb', 'table/<stack>-*'),
  },
  'AWS::SQS::Queue': {
    actions: all(
      'CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue UntagQueue',
      'sqs',
    ),
    on: named('sqs', '<stack>-*'),
  },
  'AWS::SQS::QueuePolicy': { actions: ['sqs:SetQueueAttributes'], on: named('sqs', '<stack>-*') },
  'AWS::Logs::LogGroup': {
    actions: all(
      'AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey GetDataProtectionPolicy ' +
        'ListTagsForResource PutRetentionPolicy TagResource UntagResource',
      'logs',
    ),
    anywhere: all('DescribeIndexPolicies DescribeLogGroups', 'logs'),
    on: named('logs', 'log-group:*'),
  },
  'AWS::IAM::Role': {
    actions: all(
      'CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ' +
        'ListRolePolicies PassRole PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole ' +
        'UpdateRoleDescription',
      'iam',
    ),
    on: (place) => [`arn:aws:iam::${place.account}:role/${stackName(place)}-*`],
  },
  'AWS::IAM::Policy': {
    actions: all('DeleteRolePolicy GetRolePolicy PutRolePolicy', 'iam'),
    on: (place) => [`arn:aws:iam::${place.account}:role/${stackName(place)}-*`],
  },
  // CloudFormation asks the function in the deployer's name.
  'Custom::PublicKeysOfNotes': { actions: ['lambda:InvokeFunction'], on: named('lambda', 'function:<stack>-*') },
  'AWS::IAM::ManagedPolicy': {
    actions: all(
      'CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy ' +
        'ListPolicyVersions',
      'iam',
    ),
    on: (place) => [`arn:aws:iam::${place.account}:policy/${stackName(place)}-*`],
  },
  'AWS::Lambda::Function': {
    actions: all(
      'CreateFunction DeleteFunction GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig ' +
        'GetRuntimeManagementConfig PublishVersion TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration',
      'lambda',
    ),
    on: named('lambda', 'function:<stack>-*'),
  },
  'AWS::Lambda::EventInvokeConfig': {
    actions: all(
      'DeleteFunctionEventInvokeConfig GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig',
      'lambda',
    ),
    on: named('lambda', 'function:<stack>-*'),
  },
  'AWS::Scheduler::ScheduleGroup': {
    actions: all(
      'CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup ListTagsForResource TagResource UntagResource',
      'scheduler',
    ),
    on: named('scheduler', 'schedule-group/<stack>-*'),
  },
  'AWS::Scheduler::Schedule': {
    actions: all('CreateSchedule DeleteSchedule GetSchedule UpdateSchedule', 'scheduler'),
    on: named('scheduler', 'schedule/<stack>-*'),
  },
  'AWS::Glue::Database': {
    actions: all('CreateDatabase DeleteDatabase GetDatabase UpdateDatabase', 'glue'),
    on: catalog,
  },
  // A grant to another account is shared by Resource Access Manager, and let in by the catalog's policy.
  // Source: AWS Managed Policy Reference, AWSLakeFormationCrossAccountManager.
  'AWS::LakeFormation::PrincipalPermissions': {
    actions: [
      ...all('DeleteResourcePolicy GetDatabase GetTable GetTables PutResourcePolicy', 'glue'),
      ...all('GrantPermissions ListPermissions RevokePermissions', 'lakeformation'),
      ...all(
        'AssociateResourceShare AssociateResourceSharePermission CreateResourceShare DeleteResourceShare ' +
          'DisassociateResourceShare GetResourceShares UpdateResourceShare',
        'ram',
      ),
    ],
  },
  'AWS::Glue::Table': { actions: all('CreateTable DeleteTable GetTable UpdateTable', 'glue'), on: catalog },
  'AWS::Athena::WorkGroup': {
    actions: all(
      'CreateWorkGroup DeleteWorkGroup GetWorkGroup ListTagsForResource TagResource UntagResource UpdateWorkGroup',
      'athena',
    ),
    on: named('athena', 'workgroup/<prefix>*'),
  },
  'AWS::Athena::NamedQuery': {
    actions: all('CreateNamedQuery DeleteNamedQuery GetNamedQuery', 'athena'),
    on: named('athena', 'workgroup/<prefix>*'),
  },
  'AWS::StepFunctions::StateMachine': {
    actions: all(
      'CreateStateMachine DeleteStateMachine DescribeStateMachine ListTagsForResource TagResource UntagResource UpdateStateMachine',
      'states',
    ),
    on: named('states', 'stateMachine:<prefix>-*'),
  },
  'AWS::Events::Rule': {
    actions: all(
      'DeleteRule DescribeRule ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets TagResource UntagResource',
      'events',
    ),
    on: named('events', 'rule/<stack>-*'),
  },
  'AWS::SNS::Topic': {
    actions: all(
      'CreateTopic DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource ' +
        'SetTopicAttributes Subscribe TagResource UntagResource',
      'sns',
    ),
    anywhere: ['sns:Unsubscribe'],
    on: named('sns', '<stack>-*'),
  },
  'AWS::SNS::TopicPolicy': { actions: ['sns:SetTopicAttributes'], on: named('sns', '<stack>-*') },
  'AWS::SNS::Subscription': {
    actions: ['sns:Subscribe'],
    anywhere: all('GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe', 'sns'),
    on: named('sns', '<stack>-*'),
  },
  'AWS::CloudWatch::Alarm': {
    actions: all(
      'DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource',
      'cloudwatch',
    ),
    on: named('cloudwatch', 'alarm:<prefix>-*'),
  },
  'AWS::CloudWatch::Dashboard': {
    actions: all(
      'DeleteDashboards GetDashboard ListTagsForResource PutDashboard TagResource UntagResource',
      'cloudwatch',
    ),
    on: (place) => [`arn:aws:cloudwatch::${place.account}:dashboard/${place.prefix}`],
  },
  // The key has no name before it is made; its own policy decides what else is done with it.
  'AWS::KMS::Key': {
    actions: all(
      'CreateGrant CreateKey Decrypt DescribeKey DisableKeyRotation EnableKeyRotation Encrypt GenerateDataKey GetKeyPolicy ' +
        'GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource UpdateKeyDescription',
      'kms',
    ),
  },
};

/** What the handlers ask for besides: the function's code, and places of functions in a VPC. */
function always({ account, region }: Place): PolicyStatement[] {
  return [
    {
      Sid: 'ReadAssets',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:GetObjectVersion'],
      Resource: `arn:aws:s3:::cdk-hnb659fds-assets-${account}-${region}/*`,
    },
    {
      Sid: 'ReadBootstrapVersion',
      Effect: 'Allow',
      Action: ['ssm:GetParameters'],
      Resource: `arn:aws:ssm:${region}:${account}:parameter/cdk-bootstrap/hnb659fds/version`,
    },
    {
      Sid: 'SeeNetwork',
      Effect: 'Allow',
      Action: all('DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs', 'ec2'),
      Resource: '*',
    },
  ];
}

/** Characters of a managed policy, not counting white space. Source: IAM quotas. */
export const MANAGED_POLICY_LIMIT = 6144;

/**
 * Policies that together allow the deployment of these types of resources, each small enough for a managed policy.
 * @throws Error for a type whose rights are not known.
 */
export function deploymentPolicies(place: Place, types: Iterable<string>): PolicyDocument[] {
  const documents: PolicyStatement[][] = [always(place)];
  const statements = [...new Set(types)].sort().flatMap((type) => statementsOf(type, place));
  for (const statement of statements) {
    const current = documents.at(-1) ?? [];
    if (sizeOf([...current, statement]) > MANAGED_POLICY_LIMIT) documents.push([statement]);
    else current.push(statement);
  }
  return documents.map(document);
}

/** The name that the app gives to the stack. */
export function stackName({ prefix }: Place): string {
  return `${prefix}-export`;
}

function statementsOf(type: string, place: Place): PolicyStatement[] {
  const rights = RIGHTS[type];
  if (rights === undefined) {
    throw new Error(`${type}: no rights are listed for this type, expected them in scripts/deployment-rights.ts`);
  }
  const { actions, on, anywhere } = rights;
  const Sid = type.replace(/^AWS|::/g, '');
  return [
    { Sid, Effect: 'Allow', Action: actions, Resource: on?.(place) ?? '*' },
    ...(anywhere === undefined
      ? []
      : [{ Sid: `${Sid}Anywhere`, Effect: 'Allow', Action: anywhere, Resource: '*' } as const]),
  ];
}

function catalog({ prefix, account, region }: Place): string[] {
  const database = prefix.replaceAll('-', '_');
  // To delete a database takes the right to delete what is in it.
  return ['catalog', `database/${database}`, `table/${database}/*`, `userDefinedFunction/${database}/*`].map(
    (path) => `arn:aws:glue:${region}:${account}:${path}`,
  );
}

function document(statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

function sizeOf(statements: readonly PolicyStatement[]): number {
  return JSON.stringify(document(statements)).length;
}
