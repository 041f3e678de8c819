import { type LocalDynamoDB, startDynamoDB } from '../../local/dynamodb/server';
import { type LocalKms, startKms } from '../../local/kms/server';
import { type LocalS3, startS3 } from '../../local/s3/server';
import { describeCheckpointStore } from './checkpoint-store.contract';
import { describeNoteSigner } from './note-signer.contract';
import { describeObjectStore } from './object-store.contract';
import { dynamoDBAt, kmsAt, s3At } from './servers';

let s3: LocalS3;
let dynamodb: LocalDynamoDB;
let kms: LocalKms;

beforeAll(async () => {
  [s3, dynamodb, kms] = await Promise.all([startS3(), startDynamoDB(), startKms()]);
});
afterAll(async () => {
  await Promise.all([s3.close(), dynamodb.close(), kms.close()]);
});

describeObjectStore('S3 client on our stand-in', () => s3At(s3.url));
describeCheckpointStore('DynamoDB client on dynalite', () => dynamoDBAt(dynamodb.url));
describeNoteSigner('KMS client on our stand-in', () => kmsAt(kms));
