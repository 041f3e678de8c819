import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/**
 * What Amazon S3 does, as far as the stand-in claims to do it, too. Runs on the stand-in and, as the second opinion, on a
 * server that nobody here has written. Every client call is the real SDK's.
 */
export function describeS3Behaviour(name: string, connect: () => S3Client): void {
  describe(`S3: ${name}`, () => {
    let s3: S3Client;
    let buckets = 0;

    beforeAll(() => {
      s3 = connect();
    });
    afterAll(() => s3.destroy());

    async function newBucket(): Promise<string> {
      const Bucket = `bucket-${process.pid}-${Date.now()}-${++buckets}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    }

    test('a bucket that is not there is NoSuchBucket to every operation', async () => {
      for (const command of [
        new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }),
        new PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: 'x' }),
        new DeleteObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }),
      ]) {
        await expect(s3.send(command as GetObjectCommand)).rejects.toMatchObject({ name: 'NoSuchBucket' });
      }
    });

    test('a missing key is NoSuchKey, and deleting it succeeds', async () => {
      const Bucket = await newBucket();
      await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    });

    test('metadata, type, length and ETag come back', async () => {
      const Bucket = await newBucket();
      const Metadata = { owner: 'me' };
      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello', ContentType: 'text/plain', Metadata }));
      expect(await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).toMatchObject({
        ContentLength: 5,
        ContentType: 'text/plain',
        Metadata,
        ETag: `"${createHash('md5').update('hello').digest('hex')}"`,
      });
    });

    test('If-None-Match: * writes only where nothing is, and where the last thing was deleted', async () => {
      const Bucket = await newBucket();
      const write = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body, IfNoneMatch: '*' }));
      const read = async () => (await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).Body?.transformToString();
      await write('1');
      await expect(write('2')).rejects.toMatchObject({
        name: 'PreconditionFailed',
        $metadata: { httpStatusCode: 412 },
      });
      expect(await read()).toBe('1');
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
      await write('3');
      expect(await read()).toBe('3');
    });
  });
}

/** The SDK's client as it comes, with its own checksums, for a server on this machine. */
export function localS3Client(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local-secret' },
  });
}
