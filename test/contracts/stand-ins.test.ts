import { type LocalDynamoDB, startDynamoDB } from '../../local/dynamodb';
import { type LocalS3, startS3 } from '../../local/s3';
import { describeCheckpointStore } from './checkpoint-store.contract';
import { describeObjectStore } from './object-store.contract';
import { dynamoDBAt, s3At } from './servers';

let s3: LocalS3;
let dynamodb: LocalDynamoDB;

beforeAll(async () => {
  [s3, dynamodb] = await Promise.all([startS3(), startDynamoDB()]);
});
afterAll(async () => {
  await Promise.all([s3.close(), dynamodb.close()]);
});

describeObjectStore('S3 client on our stand-in', () => s3At(s3.url));
describeCheckpointStore('DynamoDB client on dynalite', () => dynamoDBAt(dynamodb.url));
