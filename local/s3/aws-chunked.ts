/**
 * The `aws-chunked` content encoding: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0[;…]\r\n<trailers>\r\n`.
 * Source: S3 API reference, "Transferring payload in multiple chunks". Signatures are not checked here.
 */
import { S3Error } from './http';

interface Decoded {
  readonly bytes: Buffer;
  /** Lower-case names. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** The payload without its framing. IncompleteBody if the framing is broken or the length is not the one announced. */
export function decodeAwsChunked(body: Buffer, decodedLength: number): Decoded {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const header = lineAt(body, offset);
    const size = /^([0-9a-fA-F]+)(?:;.*)?$/.exec(header.text)?.[1];
    if (size === undefined) throw incomplete('a chunk does not begin with its size');
    offset = header.next;
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    if (offset + length + 2 > body.length) throw incomplete('a chunk is shorter than its size');
    chunks.push(body.subarray(offset, offset + length));
    offset += length;
    if (body.toString('latin1', offset, offset + 2) !== '\r\n') throw incomplete('a chunk is longer than its size');
    offset += 2;
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== decodedLength) {
    throw incomplete(`${bytes.length} bytes came where x-amz-decoded-content-length announced ${decodedLength}`);
  }
  return { bytes, trailers: trailersAt(body, offset) };
}

function trailersAt(body: Buffer, start: number): Map<string, string> {
  const trailers = new Map<string, string>();
  for (let offset = start; offset < body.length; ) {
    const { text, next } = lineAt(body, offset);
    offset = next;
    if (text === '') break;
    const colon = text.indexOf(':');
    if (colon < 1) throw incomplete('a trailer has no name');
    trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
  }
  return trailers;
}

function lineAt(body: Buffer, offset: number): { text: string; next: number } {
  const end = body.indexOf('\r\n', offset, 'latin1');
  if (end < 0) throw incomplete('a line has no end');
  return { text: body.toString('latin1', offset, end), next: end + 2 };
}

function incomplete(what: string): S3Error {
  return new S3Error('IncompleteBody', `The aws-chunked body is malformed: ${what}.`);
}
