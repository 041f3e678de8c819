/** A request as the operations see it: path style, names decoded, body complete and its digests verified. */
import type { IncomingHttpHeaders } from 'node:http';
import { verifyDigests } from './checksums';
import { S3Error } from './http';

/** The request before its body is read. */
export interface RequestHead {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Trailers of a chunked body are among the headers. */
export interface S3Request extends RequestHead {
  readonly body: Buffer;
  /** `x-amz-checksum-…` as sent. */
  readonly checksums: Readonly<Record<string, string>>;
}

export function parseHead(method: string, target: string, headers: IncomingHttpHeaders): RequestHead {
  return { method, ...parseTarget(target), headers: parseHeaders(headers) };
}

/** The request with its payload; every digest that came with it was checked. */
export function withBody(head: RequestHead, raw: Buffer): S3Request {
  const { body, headers } = decodeBody(head.headers, raw);
  return { ...head, headers, body, checksums: verifyDigests(headers, body) };
}

/** `/bucket/key?query`, percent-decoded but never normalised: `a//b` and `a/../b` are keys like any other. */
function parseTarget(target: string): Pick<RequestHead, 'bucket' | 'key' | 'query'> {
  const [path = '', search = ''] = splitOnce(target, '?');
  const [bucket = '', key = ''] = splitOnce(path.replace(/^\//, ''), '/');
  return { bucket: decode(bucket) || undefined, key: decode(key) || undefined, query: parseQuery(search) };
}

function parseHeaders(headers: IncomingHttpHeaders): Map<string, string> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** The payload without aws-chunked framing where the headers announce it; its trailers are added to the headers. */
function decodeBody(
  headers: ReadonlyMap<string, string>,
  raw: Buffer,
): { body: Buffer; headers: ReadonlyMap<string, string> } {
  const framed =
    headers.get('x-amz-content-sha256')?.startsWith('STREAMING-') ||
    headers
      .get('content-encoding')
      ?.split(',')
      .some((coding) => coding.trim() === 'aws-chunked');
  if (!framed) return { body: raw, headers };
  const announced = headers.get('x-amz-decoded-content-length');
  if (announced === undefined || !/^\d+$/.test(announced)) {
    throw new S3Error('MissingContentLength', 'You must provide the x-amz-decoded-content-length header.');
  }
  const { bytes, trailers } = decodeAwsChunked(raw, Number(announced));
  for (const name of headers.get('x-amz-trailer')?.split(',') ?? []) {
    if (!trailers.has(name.trim().toLowerCase())) {
      throw new S3Error('InvalidRequest', `The trailer ${name.trim()} was announced and did not come.`);
    }
  }
  return { body: bytes, headers: new Map([...headers, ...trailers]) };
}

function parseQuery(search: string): Map<string, string> {
  const pairs = search.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', value = ''] = splitOnce(pair, '=');
      return [decode(name.replace(/\+/g, ' ')), decode(value.replace(/\+/g, ' '))];
    }),
  );
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidArgument', `Couldn't decode ${JSON.stringify(text)} in the request's address.`);
  }
}

/**
 * The `aws-chunked` content encoding: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0[;…]\r\n<trailers>\r\n`.
 * Source: S3 API reference, "Transferring payload in multiple chunks". Signatures are not checked here.
 */

interface Decoded {
  readonly bytes: Buffer;
  /** Lower-case names. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** The payload without its framing. IncompleteBody if the framing is broken or the length is not the one announced. */
function decodeAwsChunked(body: Buffer, decodedLength: number): Decoded {
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
