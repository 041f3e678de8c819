/** The checksums that a client may send with a body, verified over the bytes that arrived. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from './http';

/** Base64 of the checksum (big endian), by the name in `x-amz-checksum-<name>`. */
const ALGORITHMS: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  crc32: (bytes) => uint32(crc32(bytes)),
  crc32c: (bytes) => uint32(crc32c(bytes)),
  sha1: (bytes) => createHash('sha1').update(bytes).digest('base64'),
  sha256: (bytes) => createHash('sha256').update(bytes).digest('base64'),
  sha512: (bytes) => createHash('sha512').update(bytes).digest('base64'),
  md5: (bytes) => createHash('md5').update(bytes).digest('base64'),
};

const CHECKSUM_HEADER = /^x-amz-checksum-(?!type$|algorithm$|mode$)(.+)$/;

/**
 * Checks every digest among the headers (trailers included) and returns the `x-amz-checksum-*` ones, to be kept with
 * the object. BadDigest where one does not match; NotImplemented, rather than trust, for an unknown algorithm.
 */
export function verifyDigests(headers: ReadonlyMap<string, string>, bytes: Uint8Array): Record<string, string> {
  const checksums: Record<string, string> = {};
  for (const [header, value] of headers) {
    const name = CHECKSUM_HEADER.exec(header)?.[1];
    if (name === undefined) continue;
    const compute = ALGORITHMS[name];
    if (!compute) throw new S3Error('NotImplemented', `Checksum algorithm ${name} is not implemented here`);
    if (compute(bytes) !== value) {
      throw new S3Error('BadDigest', `The ${name.toUpperCase()} you specified did not match the calculated checksum.`);
    }
    checksums[header] = value;
  }
  verifyMd5(headers.get('content-md5'), bytes);
  verifyPayloadHash(headers.get('x-amz-content-sha256'), bytes);
  return checksums;
}

/** Whether the request protects its body by a digest that S3 accepts where Object Lock demands one. */
export function hasDigest(headers: ReadonlyMap<string, string>): boolean {
  return headers.has('content-md5') || [...headers.keys()].some((header) => CHECKSUM_HEADER.test(header));
}

function verifyMd5(expected: string | undefined, bytes: Uint8Array): void {
  if (expected === undefined) return;
  if (Buffer.from(expected, 'base64').length !== 16) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  if (createHash('md5').update(bytes).digest('base64') !== expected) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

/** `x-amz-content-sha256` is the hash, or a word: unsigned, or the framing of the body. */
function verifyPayloadHash(expected: string | undefined, bytes: Uint8Array): void {
  if (expected === undefined || !/^[0-9a-f]{64}$/i.test(expected)) return;
  if (createHash('sha256').update(bytes).digest('hex') !== expected.toLowerCase()) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 header does not match what was computed.',
    );
  }
}

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (CASTAGNOLI[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function uint32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}
