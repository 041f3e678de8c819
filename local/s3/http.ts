/** The details of S3's answers that node:http needs, errors among them. */
import type { ServerResponse } from 'node:http';

/** Names of errors. Source: S3 API reference, "Error responses". */
const STATUS = {
  AccessDenied: 403,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  ConditionalRequestConflict: 409,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidArgument: 400,
  InvalidDigest: 400,
  InvalidRequest: 400,
  KeyTooLongError: 400,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchObjectLockConfiguration: 404,
  NotImplemented: 501,
  ObjectLockConfigurationNotFoundError: 404,
  PreconditionFailed: 412,
  ServiceUnavailable: 503,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const;

export type S3ErrorCode = keyof typeof STATUS;

/** Ends a request with this error document. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  constructor(
    readonly code: S3ErrorCode,
    message: string,
  ) {
    super(message);
    this.status = STATUS[code];
  }
}

export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** S3's error document; any other error becomes InternalError. */
export function errorResponse(error: unknown, resource: string): S3Response {
  const known = error instanceof S3Error ? error : new S3Error('InternalError', String(error));
  const [path = ''] = resource.split('?');
  const elements = Object.entries({ Code: known.code, Message: known.message, Resource: path });
  const inner = elements.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join('');
  return { status: known.status, headers: { 'content-type': 'application/xml' }, body: xmlDocument('Error', inner) };
}

export function xmlDocument(root: string, inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner}</${root}>`;
}

export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** `cut`: half of the body goes out, then the connection ends. */
export function send(outgoing: ServerResponse, response: S3Response, how: { headOnly: boolean; cut: boolean }): void {
  const body = Buffer.from(response.body ?? '');
  const bodiless = response.status === 204;
  const length = response.headers['content-length'] ?? String(body.length);
  outgoing.writeHead(response.status, {
    'x-amz-request-id': '0000000000000000',
    ...response.headers,
    ...(bodiless ? {} : { 'content-length': length }),
  });
  if (how.headOnly || bodiless) outgoing.end();
  else if (how.cut) outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
  else outgoing.end(body);
}
