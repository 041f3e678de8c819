/** What an auditor asks of a bucket, by the real SDK's calls: every write and delete is a version, and a delimiter rolls up what lies below. */
import {
  DeleteObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type LocalS3, startS3 } from '../../../local/s3/server';
import { localS3Client } from './s3-behaviour.contract';

const Bucket = 'bucket';
let server: LocalS3;
let s3: S3Client;

beforeEach(async () => {
  server = await startS3({ buckets: { [Bucket]: {} } });
  s3 = localS3Client(server.url);
});
afterEach(async () => {
  s3.destroy();
  await server.close();
});

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ChecksumAlgorithm: 'SHA256' }));

test('every write and delete is a version, page by page, with what lies below a delimiter rolled up', async () => {
  for (const key of ['a/1', 'a/2', 'b', 'b', 'c/1', 'd +é']) await put(key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
  const [keys, folders]: [string[], string[]] = [[], []];
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  do {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Delimiter: '/', MaxKeys: 2, EncodingType: 'url', ...markers }),
    );
    keys.push(...(page.Versions ?? []).map(({ Key = '', IsLatest }) => `${decodeURIComponent(Key)} ${IsLatest}`));
    keys.push(...(page.DeleteMarkers ?? []).map(({ Key = '', IsLatest }) => `${Key} deleted ${IsLatest}`));
    folders.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => decodeURIComponent(Prefix)));
    const { NextKeyMarker } = page;
    markers = {
      KeyMarker: NextKeyMarker === undefined ? undefined : decodeURIComponent(NextKeyMarker),
      VersionIdMarker: page.NextVersionIdMarker,
    };
  } while (markers.KeyMarker !== undefined);
  expect(keys.sort()).toEqual(['b deleted true', 'b false', 'b false', 'd +é true']);
  expect(folders).toEqual(['a/', 'c/']);
});

test('a head has size, checksum and lock; what was put before the bucket locked anything has none', async () => {
  await put('before');
  const none = { name: 'NoSuchObjectLockConfiguration' };
  await expect(s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'before' }))).rejects.toMatchObject(none);
  await expect(s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).rejects.toMatchObject({
    name: 'ObjectLockConfigurationNotFoundError',
  });
  server.setLockDays(Bucket, 7);
  await put('after');
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'after', ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({
    ContentLength: 1,
    ObjectLockMode: 'COMPLIANCE',
    ChecksumSHA256: expect.stringMatching(/=$/),
  });
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'after' }));
  expect(Retention?.RetainUntilDate).toEqual(head.ObjectLockRetainUntilDate);
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'nothing' }))).rejects.toMatchObject({ name: 'NotFound' });
});

test.each(['url', undefined] as const)(
  'keys of any character come as they are, with encoding-type %s',
  async (encoding) => {
    const Key = 'a b/<c>&"d\' ü%20';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const { Versions, EncodingType } = await s3.send(
      new ListObjectVersionsCommand({ Bucket, ...(encoding === undefined ? {} : { EncodingType: encoding }) }),
    );
    expect(EncodingType).toBe(encoding);
    const keys = Versions?.map((version) => version.Key ?? '');
    expect(encoding === undefined ? keys : keys?.map(decodeURIComponent)).toEqual([Key]);
  },
);
