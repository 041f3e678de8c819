/** The local S3 and DynamoDB, and an environment in which every client of this process talks to them. */
import { createHash } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { NEW_DOMAIN, stateItem } from '../../../lambda/export/domain/stored-items';
import { createCheckpointTable, type LocalDynamoDB, startDynamoDB } from '../../../local/dynamodb/server';
import { type LocalS3, startS3 } from '../../../local/s3/server';
import { DOMAIN } from './signed-archive';

/** For the tests of this file. After each of them no fault is left; after all the environment is what it was. */
export function storesOfFile() {
  const before = { ...process.env };
  let s3: LocalS3;
  let dynamodb: LocalDynamoDB;
  let client: S3Client;
  let tableClient: DynamoDBClient;
  let made = 0;

  beforeAll(async () => {
    [s3, dynamodb] = await Promise.all([startS3(), startDynamoDB()]);
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    });
    client = new S3Client({ forcePathStyle: true });
    tableClient = new DynamoDBClient({});
  });
  afterEach(() => s3.setFault(undefined));
  afterAll(async () => {
    process.env = before;
    client.destroy();
    tableClient.destroy();
    await Promise.all([s3.close(), dynamodb.close()]);
  });

  /** As the exporter puts it: with its SHA-256. */
  async function put(Bucket: string, Key: string, Body: Uint8Array): Promise<void> {
    const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumSHA256 }));
  }

  async function putItem(TableName: string, item: Record<string, unknown>): Promise<void> {
    const Item = marshall(item, { removeUndefinedValues: true });
    await tableClient.send(new PutItemCommand({ TableName, Item }));
  }

  return {
    get s3(): LocalS3 {
      return s3;
    },
    put,
    putItem,
    /** A new bucket with these files, by its name. */
    async bucketOf(files: Iterable<readonly [string, Uint8Array]>, { lockDays }: { lockDays?: number } = {}) {
      const bucket = `archive-${++made}`;
      s3.createBucket(bucket);
      if (lockDays !== undefined) s3.setLockDays(bucket, lockDays);
      for (const [key, bytes] of files) await put(bucket, key, bytes);
      return bucket;
    },
    /** A new, empty table of checkpoints, by its name. */
    async emptyTable(): Promise<string> {
      const table = `checkpoints-${++made}`;
      await createCheckpointTable(tableClient, table);
      return table;
    },
    /** The small domain's newest commit, as the table has it. */
    putHead: (table: string, head: { seq: number; sha256: string }, applied = head.seq) =>
      putItem(table, stateItem.encode(DOMAIN, { ...NEW_DOMAIN, head: { ...head, manifestKey: 'staged' }, applied })),
    /** What was asked of S3 from now on: call it afterwards. */
    callsFromNow(): () => LocalS3['calls'] {
      const start = s3.calls.length;
      return () => s3.calls.slice(start);
    },
  };
}
