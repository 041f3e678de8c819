import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements';

/**
 * A queue that nobody works off: its messages tell for four days what went wrong, and are never sent again. Without a key it has
 * those of SQS.
 */
export function evidenceQueue(scope: Construct, id: string, key: IKey | undefined): Queue {
  const queue = new Queue(scope, id, {
    ...(key
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
      : { encryption: QueueEncryption.SQS_MANAGED }),
    enforceSSL: true,
    retentionPeriod: Duration.days(4),
  });
  acknowledge(queue, 'It is the dead-letter queue. Alarms watch what is sent to it.', [
    'AwsSolutions-SQS3',
    'Serverless-SQSRedrivePolicy',
  ]);
  return queue;
}
