/** The local S3 and DynamoDB, and an environment in which every client of this process talks to them. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { startDynamoDB } from '../../../local/dynamodb/server';
import { type LocalS3, startS3 } from '../../../local/s3/server';

export interface LocalStores {
  readonly s3: LocalS3;
  readonly client: S3Client;
  readonly tableClient: DynamoDBClient;
  /** Ends both, and gives the environment back. */
  close(): Promise<void>;
}

export async function startStores(): Promise<LocalStores> {
  const before = { ...process.env };
  const [s3, dynamodb] = await Promise.all([startS3(), startDynamoDB()]);
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
  });
  const client = new S3Client({ forcePathStyle: true });
  const tableClient = new DynamoDBClient({});
  return {
    s3,
    client,
    tableClient,
    async close() {
      process.env = before;
      client.destroy();
      tableClient.destroy();
      await Promise.all([s3.close(), dynamodb.close()]);
    },
  };
}
