import { createHash } from 'node:crypto';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { s3Error } from './sdk-errors';

/**
 * The bytes of a put, copied, after the service's checks: length and SHA-256 are those that were announced.
 * @throws S3ServiceException BadDigest if the checksum is another one; TypeError for what is not simulated.
 */
export function checkPut({ Body, ContentLength, ChecksumSHA256, IfNoneMatch }: PutObjectCommandInput): Uint8Array {
  if (!(Body instanceof Uint8Array)) throw new TypeError('a body that is no Uint8Array is not simulated');
  if (ChecksumSHA256 === undefined) throw new TypeError('every put carries a SHA-256');
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw new TypeError('If-None-Match knows * alone');
  const bytes = new Uint8Array(Body);
  if (ContentLength !== undefined && ContentLength !== bytes.length) {
    throw new TypeError(`${ContentLength} bytes were announced, ${bytes.length} came`);
  }
  if (createHash('sha256').update(bytes).digest('base64') !== ChecksumSHA256) {
    throw s3Error('BadDigest', 400, 'The SHA256 you specified did not match the calculated checksum.');
  }
  return bytes;
}
