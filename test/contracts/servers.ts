/** Adapters as the function makes them, but for their limits of time, pointed at a server on this machine by the standard SDK variables alone. */
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { createCheckpointStore, createDynamoDBClient } from '../../lambda/export/aws/checkpoint-store';
import { createObjectStore, createS3Client } from '../../lambda/export/aws/object-store';
import { createCheckpointTable } from '../../local/dynamodb';
import { patient } from '../support/patient';
import type { CheckpointStoreSetup } from './checkpoint-store.contract';
import type { ObjectStoreSetup } from './object-store.contract';

function useCredentials(): void {
  process.env['AWS_REGION'] = 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] = process.env['SECOND_OPINION_ACCESS_KEY_ID'] ?? 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = process.env['SECOND_OPINION_SECRET_ACCESS_KEY'] ?? 'local-secret';
}

/** Two new buckets on the server at this URL. One URL a test file: the SDK reads its variables when it likes. */
export async function s3At(url: string): Promise<ObjectStoreSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_S3'] = url;
  const client = patient(createS3Client());
  const buckets = { archive: `archive-${randomUUID()}`, work: `work-${randomUUID()}` };
  for (const Bucket of Object.values(buckets)) await client.send(new CreateBucketCommand({ Bucket }));
  return { store: createObjectStore({ client, buckets }), close: async () => client.destroy() };
}

/** A new table on the server at this URL. One URL a test file. */
export async function dynamoDBAt(url: string): Promise<CheckpointStoreSetup> {
  useCredentials();
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = url;
  const client = patient(createDynamoDBClient());
  const table = `checkpoints-${randomUUID()}`;
  await createCheckpointTable(client, table);
  return { store: createCheckpointStore({ client, table }), close: async () => client.destroy() };
}
