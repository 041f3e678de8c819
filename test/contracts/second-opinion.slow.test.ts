/** The same suites on servers that nobody here has written; `.ci/second-opinion/run` starts them and sets the variables. */
import { describeS3Behaviour, localS3Client } from '../local/s3/s3-behaviour.contract';
import { describeCheckpointStore } from './checkpoint-store.contract';
import { describeObjectStore } from './object-store.contract';
import { dynamoDBAt, s3At } from './servers';

const s3Url = process.env['S3_SECOND_OPINION_URL'];
const dynamoDBUrl = process.env['DYNAMODB_SECOND_OPINION_URL'];

if (s3Url) {
  describeObjectStore('S3 client on an independent server', () => s3At(s3Url));
  describeS3Behaviour('an independent server', () => localS3Client(s3Url));
} else {
  test.skip('object store: needs S3_SECOND_OPINION_URL', () => undefined);
}

if (dynamoDBUrl) describeCheckpointStore('DynamoDB client on an independent server', () => dynamoDBAt(dynamoDBUrl));
else test.skip('checkpoint store: needs DYNAMODB_SECOND_OPINION_URL', () => undefined);
