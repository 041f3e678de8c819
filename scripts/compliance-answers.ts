/** The answers to what the rule packs find (`compliance.ts`): each says what replaces the rule, or who has to decide. */

/**
 * `setting`: an option of the configuration file ends the finding · `met-otherwise`: what the rule is for is reached another
 * way · `owner`: only the owner can say whether it is wanted.
 */
export type AnswerKind = 'setting' | 'met-otherwise' | 'owner';

export interface Answer {
  /** The rule's name without its pack. */
  readonly rule: string;
  /** As the page names them. */
  readonly resources: readonly string[];
  readonly kind: AnswerKind;
  /** Markdown, whole sentences. */
  readonly text: string;
}

export const ANSWERS: readonly Answer[] = [
  {
    rule: 'CloudWatchLogGroupEncrypted',
    resources: ['Exporter/Logs', 'PublicKeys/Logs', 'Verify/Logs'],
    kind: 'met-otherwise',
    text: 'CloudWatch Logs encrypts every log group with a key of its own. The rule asks for a customer’s key: `encryptAllWithKey` gives it one. The function logs ids and counts, never case data.',
  },
  {
    rule: 'DynamoDBInBackupPlan',
    resources: ['Checkpoints/Table'],
    kind: 'owner',
    text: 'Point-in-time recovery of 35 days and deletion protection are on. The table holds ids and hashes of what is exported, no values; a run refuses one that is older than the archive (runbook, "Restore the table"). A company with AWS Backup plans takes the table in by its tags, which the configuration sets.',
  },
  {
    rule: 'IAMNoInlinePolicy',
    resources: [
      'Exporter/Role-<domain>',
      'Schedules/Role',
      'Curated/Role',
      'Curated/ScheduleRole',
      'Curated/DeployedRole',
      'PublicKeys/Role',
      'Verify/Role',
      'Verify/ScheduleRole',
    ],
    kind: 'met-otherwise',
    text: 'An inline policy cannot be attached to anybody else, nor changed apart from its role: each of these names one role’s own buckets, tables and domain and would be wrong anywhere else. It is deployed and reviewed with the stack. The policies for people (`AnalystPolicy`, `OperatorPolicy`, `AuditorPolicy`) are managed ones.',
  },
  {
    rule: 'LambdaConcurrency',
    resources: ['Exporter/Function-<domain>', 'PublicKeys/Function', 'Verify/Function'],
    kind: 'met-otherwise',
    text: 'The rule is for functions that could use up the account’s concurrency. Only schedules invoke these, once every few minutes or once a day, and CloudFormation the one that publishes keys; a lease ends a second run of an exporter at once. Reserving concurrency is refused in accounts with a limit of 10, where the stack would roll back.',
  },
  {
    rule: 'LambdaDLQ',
    resources: ['Exporter/Function-<domain>', 'PublicKeys/Function', 'Verify/Function'],
    kind: 'met-otherwise',
    text: 'Failed runs of exporters and of the check go to the queue by the function’s `onFailure` destination, which keeps more than a dead-letter queue, and undelivered ticks to another by the schedule’s own. Alarms watch both. The rule looks at the property `DeadLetterConfig` alone.',
  },
  {
    rule: 'LambdaInsideVPC',
    resources: ['Exporter/Function-<domain>', 'PublicKeys/Function', 'Verify/Function'],
    kind: 'owner',
    text: 'The function has no open port and calls AWS only, over TLS. If a rule of the company asks for it, `vpcConfig` names subnets and security groups (the construct also takes a `vpc`), and the functions’ roles may then be attached to them. The VPC needs an interface endpoint for Amazon Connect Cases (`com.amazonaws.<region>.cases`, about 15 $ per month in two zones) and gateway endpoints for S3 and DynamoDB, which are free.',
  },
  {
    rule: 'S3BucketReplicationEnabled',
    resources: ['Archive/Bucket'],
    kind: 'owner',
    text: 'S3 keeps each object in three zones. A copy in another Region or account guards against the loss of either; which one, and whether case data may go there, is the company’s to say. The option `archiveCopy` adds the rule, and `examples/mirror` makes the locked bucket on the other side.',
  },
  {
    rule: 'S3BucketReplicationEnabled',
    resources: ['AccessLogs/Bucket', 'WorkArea/Bucket'],
    kind: 'met-otherwise',
    text: 'The work bucket holds nothing that cannot be made again: staged commits, which are published within the run, query results, the curated table, which is rebuilt from the archive, and lists of people, whose source is the owner’s. S3 delivers access logs without a guarantee, so a second copy proves no more than the first.',
  },
  {
    rule: 'S3BucketVersioningEnabled',
    resources: ['WorkArea/Bucket'],
    kind: 'met-otherwise',
    text: 'Staged objects are deleted once they are published, and every published object is checked against its SHA-256. The curated table keeps its own snapshots for five days and is rebuilt from the archive. Versions would keep case data of deleted query results beyond its time.',
  },
  {
    rule: 'S3BucketVersioningEnabled',
    resources: ['AccessLogs/Bucket'],
    kind: 'met-otherwise',
    text: 'Only S3’s log delivery may write here, each time under a new name. Nothing is overwritten, so there is nothing for versions to keep.',
  },
  {
    rule: 'S3DefaultEncryptionKMS',
    resources: ['Archive/Bucket', 'WorkArea/Bucket'],
    kind: 'setting',
    text: '`kmsKeyArn` (a key of yours) or `createKmsKey` (one of the stack’s own). The default is S3’s own keys: deleting a customer’s key destroys the archive, locked objects included.',
  },
  {
    rule: 'S3DefaultEncryptionKMS',
    resources: ['AccessLogs/Bucket'],
    kind: 'met-otherwise',
    text: 'S3 delivers access logs only to buckets with its own keys (SSE-S3). They hold names of objects and who asked for them, and no content; names are made of domain ids, dates, numbers and ids of queries.',
  },
  {
    rule: 'SNSEncryptedKMS',
    resources: ['Monitoring/Topic'],
    kind: 'setting',
    text: '`encryptAllWithKey` encrypts the topic that is made with the customer key; `alarms.topicArn` names a topic of yours, encrypted as you like. The topic that is made for `alarms.email` takes the texts of alarms over TLS only, and they hold no case data; CloudWatch cannot publish to a topic under the key that AWS manages, so encryption would need a customer’s key.',
  },
];
