/** A stand-in that stores what it should have refused would hide a corrupted upload: every digest is checked. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type LocalS3, startS3 } from '../../../local/s3/server';
import { localS3Client } from './s3-behaviour.contract';

let local: LocalS3;

beforeEach(async () => {
  local = await startS3({
    buckets: { b: {}, locked: { locked: true } },
  });
});
afterEach(() => local.close());

async function put(headers: Record<string, string>, body: string | Buffer = 'hello', bucket = 'b'): Promise<string> {
  const response = await fetch(`${local.url}/${bucket}/k`, {
    method: 'PUT',
    headers,
    body: new Uint8Array(Buffer.from(body)),
  });
  const text = await response.text();
  return response.ok ? 'stored' : `${response.status} ${/<Code>(\w+)</.exec(text)?.[1]}`;
}

function base64(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('base64');
}

// Digests of "hello" as published tools give them: cksum -a crc32b, RFC 3720 CRC-32C.
const OF_HELLO: Record<string, string> = {
  'x-amz-checksum-crc32': Buffer.from('3610a686', 'hex').toString('base64'),
  'x-amz-checksum-crc32c': Buffer.from('9a71bb4c', 'hex').toString('base64'),
  'x-amz-checksum-sha1': base64('sha1', 'hello'),
  'x-amz-checksum-sha256': base64('sha256', 'hello'),
  'content-md5': base64('md5', 'hello'),
};

describe('a digest sent along', () => {
  test.each(Object.entries(OF_HELLO))('%s: right is stored, wrong is refused', async (header, value) => {
    expect(await put({ [header]: value }, 'hell0')).toBe('400 BadDigest');
    expect(local.keys('b')).toEqual([]);
    expect(await put({ [header]: value })).toBe('stored');
  });

  test('the payload hash of the signature', async () => {
    const hash = createHash('sha256').update('hello').digest('hex');
    expect(await put({ 'x-amz-content-sha256': hash }, 'hell0')).toBe('400 XAmzContentSHA256Mismatch');
    expect(await put({ 'x-amz-content-sha256': hash })).toBe('stored');
    expect(await put({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })).toBe('stored');
  });

  test('one of an algorithm that is not known here is refused, not trusted', async () => {
    expect(await put({ 'x-amz-checksum-xxhash64': 'AAAAAAAAAAA=' })).toBe('501 NotImplemented');
  });

  test('an MD5 that is none', async () => {
    expect(await put({ 'content-md5': 'x' })).toBe('400 InvalidDigest');
  });

  test('a bucket with default retention demands one', async () => {
    expect(await put({}, 'hello', 'locked')).toBe('400 InvalidRequest');
    expect(await put({ 'x-amz-checksum-sha256': base64('sha256', 'hello') }, 'hello', 'locked')).toBe('stored');
  });
});

describe('aws-chunked framing', () => {
  const FRAMED = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '5',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  const trailer = `x-amz-checksum-crc32:${OF_HELLO['x-amz-checksum-crc32']}`;

  test('never reaches the object', async () => {
    expect(await put(FRAMED, `2\r\nhe\r\n3;chunk-signature=abc\r\nllo\r\n0\r\n${trailer}\r\n\r\n`)).toBe('stored');
    expect(local.bytes('b', 'k')?.toString()).toBe('hello');
    const response = await fetch(`${local.url}/b/k`, { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('x-amz-checksum-crc32')).toBe(OF_HELLO['x-amz-checksum-crc32']);
  });

  test.each([
    ['a trailer that does not fit', `5\r\nhell0\r\n0\r\n${trailer}\r\n\r\n`, '400 BadDigest'],
    ['a trailer that does not come', '5\r\nhello\r\n0\r\n\r\n', '400 InvalidRequest'],
    ['another length than announced', `4\r\nhell\r\n0\r\n${trailer}\r\n\r\n`, '400 IncompleteBody'],
    ['a chunk cut short', '5\r\nhel', '400 IncompleteBody'],
    ['a chunk that is longer than its size', `4\r\nhello\r\n0\r\n${trailer}\r\n\r\n`, '400 IncompleteBody'],
    ['no last chunk', '5\r\nhello\r\n', '400 IncompleteBody'],
    ['no size', 'hello\r\n0\r\n\r\n', '400 IncompleteBody'],
  ])('%s is refused', async (_, body, expected) => {
    expect(await put(FRAMED, body)).toBe(expected);
    expect(local.keys('b')).toEqual([]);
  });

  test('as the SDK itself sends it: streams and default checksums', async () => {
    const s3 = localS3Client(local.url);
    const Body = Readable.from([Buffer.from('he'), Buffer.from('llo')]);
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'stream', Body, ContentLength: 5 }));
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'buffer', Body: 'hello', ChecksumAlgorithm: 'CRC32C' }));
    s3.destroy();
    expect(local.keys('b').map((key) => local.bytes('b', key)?.toString())).toEqual(['hello', 'hello']);
  });
});
