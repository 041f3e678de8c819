import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
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

    async function newBucket(options: { versioned?: boolean; locked?: boolean } = {}): Promise<string> {
      const Bucket = `bucket-${process.pid}-${Date.now()}-${++buckets}`;
      await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: options.locked ?? false }));
      if (options.versioned) {
        await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
      }
      return Bucket;
    }

    async function put(Bucket: string, Key: string, text = 'x'): Promise<string | undefined> {
      return (await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(text) }))).VersionId;
    }

    async function read(Bucket: string, Key: string, VersionId?: string): Promise<string | undefined> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      return Body?.transformToString();
    }

    describe('buckets', () => {
      test('one that is made is there, one that is not answers 404', async () => {
        const Bucket = await newBucket();
        await s3.send(new HeadBucketCommand({ Bucket }));
        const { Buckets } = await s3.send(new ListBucketsCommand({}));
        expect(Buckets?.map((bucket) => bucket.Name)).toContain(Bucket);
        await expect(s3.send(new HeadBucketCommand({ Bucket: 'no-such-bucket' }))).rejects.toMatchObject({
          name: 'NotFound',
        });
        for (const command of [
          new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }),
          new PutObjectCommand({ Bucket: 'no-such-bucket', Key: 'k', Body: 'x' }),
          new DeleteObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }),
        ]) {
          await expect(s3.send(command as GetObjectCommand)).rejects.toMatchObject({ name: 'NoSuchBucket' });
        }
      });
    });

    describe('objects', () => {
      test('a missing key is NoSuchKey on GET and a bare 404 on HEAD', async () => {
        const Bucket = await newBucket();
        await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
        await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({
          name: 'NotFound',
          $metadata: { httpStatusCode: 404 },
        });
      });

      test('metadata, type, length and ETag come back on GET and HEAD', async () => {
        const Bucket = await newBucket();
        const Metadata = { owner: 'me' };
        await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'hello', ContentType: 'text/plain', Metadata }));
        const expected = {
          ContentLength: 5,
          ContentType: 'text/plain',
          Metadata,
          ETag: `"${createHash('md5').update('hello').digest('hex')}"`,
        };
        expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject(expected);
        expect(await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))).toMatchObject(expected);
      });

      test('ranges', async () => {
        const Bucket = await newBucket();
        await put(Bucket, 'k', '0123456789');
        const get = async (Range: string) => {
          const { Body, ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range }));
          return [await Body?.transformToString(), ContentRange];
        };
        expect(await get('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
        expect(await get('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
        expect(await get('bytes=-3')).toEqual(['789', 'bytes 7-9/10']);
        expect(await get('bytes=8-100')).toEqual(['89', 'bytes 8-9/10']);
        await expect(get('bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' });
      });

      test('a copy has the same bytes and metadata', async () => {
        const [from, to] = [await newBucket(), await newBucket()];
        await s3.send(new PutObjectCommand({ Bucket: from, Key: 'a b/ü', Body: 'x', Metadata: { m: '1' } }));
        const CopySource = `${from}/${encodeURIComponent('a b/ü')}`;
        await s3.send(new CopyObjectCommand({ Bucket: to, Key: 'copy', CopySource }));
        expect(await read(to, 'copy')).toBe('x');
        expect(await s3.send(new HeadObjectCommand({ Bucket: to, Key: 'copy' }))).toMatchObject({
          Metadata: { m: '1' },
        });
        const missing = new CopyObjectCommand({ Bucket: to, Key: 'k', CopySource: `${from}/missing` });
        await expect(s3.send(missing)).rejects.toMatchObject({ name: 'NoSuchKey' });
      });

      test('several are deleted at once, also such as are not there', async () => {
        const Bucket = await newBucket();
        for (const key of ['a', 'b&<c>', 'c']) await put(Bucket, key);
        const Delete = { Objects: [{ Key: 'a' }, { Key: 'b&<c>' }, { Key: 'missing' }] };
        const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
        expect(Deleted?.map((each) => each.Key).sort()).toEqual(['a', 'b&<c>', 'missing']);
        const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
        expect(Contents?.map((each) => each.Key)).toEqual(['c']);
      });
    });

    describe('conditions', () => {
      test('If-None-Match: * writes only where nothing is, and where the last thing was deleted', async () => {
        const Bucket = await newBucket({ versioned: true });
        const write = (Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body, IfNoneMatch: '*' }));
        await write('1');
        await expect(write('2')).rejects.toMatchObject({
          name: 'PreconditionFailed',
          $metadata: { httpStatusCode: 412 },
        });
        expect(await read(Bucket, 'k')).toBe('1');
        await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
        await write('3');
        expect(await read(Bucket, 'k')).toBe('3');
      });

      test('If-Match writes only over what one has seen', async () => {
        const Bucket = await newBucket();
        const write = (Body: string, IfMatch: string) =>
          s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body, IfMatch }));
        await expect(write('0', '"0"')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
        const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
        await write('2', ETag);
        await expect(write('3', ETag)).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
        expect(await read(Bucket, 'k')).toBe('2');
      });

      test('a reader may ask for another version than he has, or for the one he has', async () => {
        const Bucket = await newBucket();
        const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
        const get = (condition: object) => s3.send(new GetObjectCommand({ Bucket, Key: 'k', ...condition }));
        await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
        await expect(get({ IfMatch: '"0"' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
        await expect(get({ IfMatch: ETag })).resolves.toMatchObject({ ETag });
      });
    });

    describe('listings', () => {
      test('keys in the order of their bytes, page by page', async () => {
        const Bucket = await newBucket();
        const keys = ['b', 'a/2', 'a/1', 'ü', 'B', '😀', 'ￜ', 'a'];
        for (const key of keys) await put(Bucket, key);
        const seen: (string | undefined)[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3, ContinuationToken }));
          expect(page.KeyCount).toBeLessThanOrEqual(3);
          seen.push(...(page.Contents ?? []).map((each) => each.Key));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken);
        expect(seen).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      });

      test('prefix, delimiter and start', async () => {
        const Bucket = await newBucket();
        for (const key of ['x/1/a', 'x/1/b', 'x/2/a', 'x/3', 'y']) await put(Bucket, key);
        const list = async (options: object) => {
          const page = await s3.send(new ListObjectsV2Command({ Bucket, ...options }));
          return {
            keys: page.Contents?.map((each) => each.Key) ?? [],
            folders: page.CommonPrefixes?.map((each) => each.Prefix) ?? [],
          };
        };
        expect(await list({ Prefix: 'x/', Delimiter: '/' })).toEqual({ keys: ['x/3'], folders: ['x/1/', 'x/2/'] });
        expect(await list({ Delimiter: '/' })).toEqual({ keys: ['y'], folders: ['x/'] });
        expect(await list({ Prefix: 'x/1/' })).toEqual({ keys: ['x/1/a', 'x/1/b'], folders: [] });
        expect(await list({ StartAfter: 'x/1/b' })).toEqual({ keys: ['x/2/a', 'x/3', 'y'], folders: [] });
        expect(await list({ Prefix: 'z' })).toEqual({ keys: [], folders: [] });
      });
    });

    describe('versions', () => {
      test('none is lost: each write and each delete is a version', async () => {
        const Bucket = await newBucket({ versioned: true });
        expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: 'Enabled' });
        const first = await put(Bucket, 'k', '1');
        const second = await put(Bucket, 'k', '2');
        expect(first).not.toBe(second);
        expect(await read(Bucket, 'k')).toBe('2');
        const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
        expect(deleted).toMatchObject({ DeleteMarker: true });
        await expect(read(Bucket, 'k')).rejects.toMatchObject({ name: 'NoSuchKey' });
        expect(await read(Bucket, 'k', first)).toBe('1');
        const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'k' }));
        expect(Versions?.map((each) => each.VersionId)).toEqual([second, first]);
        expect(DeleteMarkers).toMatchObject([{ VersionId: deleted.VersionId, IsLatest: true }]);
      });

      test('without its delete marker an object is back, and a version can go for good', async () => {
        const Bucket = await newBucket({ versioned: true });
        const first = await put(Bucket, 'k', '1');
        const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
        await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
        expect(await read(Bucket, 'k')).toBe('1');
        await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: first }));
        await expect(read(Bucket, 'k', first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
      });
    });

    describe('Object Lock', () => {
      async function lockedBucket(Mode: 'GOVERNANCE' | 'COMPLIANCE'): Promise<string> {
        const Bucket = await newBucket({ locked: true });
        const Rule = { DefaultRetention: { Mode, Days: 7 } };
        const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
        await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
        expect(await s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).toMatchObject({
          ObjectLockConfiguration,
        });
        return Bucket;
      }

      test('what the default retention holds cannot be deleted, only hidden', async () => {
        const Bucket = await lockedBucket('COMPLIANCE');
        const VersionId = await put(Bucket, 'k', '1');
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
        expect(head.ObjectLockMode).toBe('COMPLIANCE');
        expect(Number(head.ObjectLockRetainUntilDate) - Date.now()).toBeGreaterThan(6 * 86_400_000);
        const away = (bypass: boolean) =>
          s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId, BypassGovernanceRetention: bypass }));
        await expect(away(false)).rejects.toMatchObject({ name: 'AccessDenied' });
        await expect(away(true)).rejects.toMatchObject({ name: 'AccessDenied' });
        await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
        expect(await read(Bucket, 'k', VersionId)).toBe('1');
      });

      test('governance yields to those who may bypass it', async () => {
        const Bucket = await lockedBucket('GOVERNANCE');
        const VersionId = await put(Bucket, 'k', '1');
        const target = { Bucket, Key: 'k', VersionId };
        await expect(s3.send(new DeleteObjectCommand(target))).rejects.toMatchObject({ name: 'AccessDenied' });
        await s3.send(new DeleteObjectCommand({ ...target, BypassGovernanceRetention: true }));
        await expect(read(Bucket, 'k', VersionId)).rejects.toMatchObject({ name: 'NoSuchVersion' });
      });

      test('a bucket without Object Lock takes no retention', async () => {
        const Bucket = await newBucket();
        await expect(
          s3.send(
            new PutObjectCommand({
              Bucket,
              Key: 'k',
              Body: 'x',
              ObjectLockMode: 'GOVERNANCE',
              ObjectLockRetainUntilDate: new Date(Date.now() + 86_400_000),
            }),
          ),
        ).rejects.toMatchObject({ name: 'InvalidRequest' });
      });
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
