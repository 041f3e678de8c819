import { type LocalS3, startS3 } from '../../../local/s3/server';
import { describeS3Behaviour, localS3Client } from './s3-behaviour.contract';

let local: LocalS3;

beforeAll(async () => {
  local = await startS3();
});
afterAll(() => local.close());

describeS3Behaviour('our stand-in', () => localS3Client(local.url));
