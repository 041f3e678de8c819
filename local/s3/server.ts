/**
 * A stand-in for Amazon S3 on a loopback port: the part of the service that the exporter, its tests and its demo need,
 * with the same answers. Signatures are not checked. Everything lives in memory, and optionally also in files.
 */

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join, resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOnLoopback, readBody } from '../loopback';
import { type Bucket, type BucketOptions, deleteObject, putObject } from './bucket';
import { errorResponse, S3Error, type S3ErrorCode, type S3Response, send } from './http';
import { type OperationName, operationOf, perform } from './operations';
import type { Account } from './operations-shared';
import { parseHead, withBody } from './request';

/** One request, as the fault hook and the log see it. */
interface S3Call {
  readonly operation: OperationName;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Of a listing, what keys begin with; undefined for every other request. */
  readonly prefix?: string | undefined;
  /** From 1, over all requests. */
  readonly number: number;
}

interface LoggedCall extends S3Call {
  /** Status of the answer, even if it was lost on its way. */
  readonly status: number;
}

/** Faults of a request. `cut-answer`: half of the body arrives. */
export type S3Fault =
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'apply-then-reset' }
  | { readonly kind: 'cut-answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly code: S3ErrorCode };

/** Called once per request, before it takes effect; may wait, so that others act in between. */
type S3FaultHook = (call: S3Call) => S3Fault | undefined | Promise<S3Fault | undefined>;

export interface S3Options {
  readonly buckets?: Readonly<Record<string, BucketOptions>>;
  /** Folder in which every object is also kept as a file. */
  readonly root?: string;
}

export interface LocalS3 {
  /** `http://127.0.0.1:<port>`; path style. */
  readonly url: string;
  /** Every request so far, in the order of their answers. */
  readonly calls: readonly LoggedCall[];
  setFault(hook: S3FaultHook | undefined): void;
  /** Answer 403 for a missing key, as S3 does to a role that lacks s3:ListBucket. */
  setMissingKeyIsDenied(denied: boolean): void;
  createBucket(name: string, options?: BucketOptions): void;
  /** From now on the bucket locks each new object for this many days. */
  setLockDays(bucket: string, days: number): void;
  /** Sorted keys of the existing objects. */
  keys(bucket: string, prefix?: string): string[];
  bytes(bucket: string, key: string): Buffer | undefined;
  /** Writes past every check, as another person might. */
  put(bucket: string, key: string, bytes: Uint8Array): void;
  /** Works as DeleteObject. */
  remove(bucket: string, key: string): void;
  close(): Promise<void>;
}

export async function startS3(options: S3Options = {}): Promise<LocalS3> {
  const files = options.root === undefined ? undefined : createFiles(options.root);
  const state: { fault: S3FaultHook | undefined; denied: boolean; requests: number } = {
    fault: undefined,
    denied: false,
    requests: 0,
  };
  const calls: LoggedCall[] = [];
  const account: Account = {
    buckets: new Map(),
    get missingKeyIsDenied() {
      return state.denied;
    },
    changed: (bucket, key) => files?.update(bucket, key),
  };

  function addBucket(name: string, bucketOptions: BucketOptions = {}): void {
    files?.addBucket(name);
    account.buckets.set(name, { name, objects: new Map(), versions: new Map(), ...bucketOptions });
  }

  function bucketNamed(name: string): Bucket {
    const bucket = account.buckets.get(name);
    if (!bucket) throw new Error(`No bucket ${name}; there are ${[...account.buckets.keys()].join(', ') || 'none'}`);
    return bucket;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const raw = await readBody(incoming);
    const answer = await answerTo(incoming, raw);
    if (answer === 'reset') {
      incoming.socket.destroy();
      return;
    }
    send(outgoing, answer.response, { headOnly: incoming.method === 'HEAD', cut: answer.cut });
  }

  async function answerTo(
    incoming: IncomingMessage,
    raw: Buffer,
  ): Promise<'reset' | { response: S3Response; cut: boolean }> {
    const number = ++state.requests;
    let call: S3Call | undefined;
    let fault: S3Fault | undefined;
    let response: S3Response;
    try {
      const head = parseHead(incoming.method ?? '', incoming.url ?? '', incoming.headers);
      const prefix = head.query.get('prefix');
      call = { operation: operationOf(head), bucket: head.bucket, key: head.key, number, ...(prefix && { prefix }) };
      fault = await state.fault?.(call);
      if (fault?.kind === 'reset-before') return 'reset';
      if (fault?.kind === 'delay') await delay(fault.ms);
      if (fault?.kind === 'error') throw new S3Error(fault.code, 'Injected');
      if (head.key !== undefined) files?.check(head.bucket ?? '', head.key);
      response = perform(account, call.operation, withBody(head, raw));
    } catch (error) {
      response = errorResponse(error, incoming.url ?? '');
    }
    if (call) calls.push({ ...call, status: response.status });
    return fault?.kind === 'apply-then-reset' ? 'reset' : { response, cut: fault?.kind === 'cut-answer' };
  }

  for (const [name, bucketOptions] of Object.entries(options.buckets ?? {})) addBucket(name, bucketOptions);
  const { url, close } = await listenOnLoopback(serve);
  return {
    url,
    calls,
    setMissingKeyIsDenied: (denied) => {
      state.denied = denied;
    },
    setFault: (hook) => {
      state.fault = hook;
    },
    createBucket: addBucket,
    setLockDays: (name, days) => {
      bucketNamed(name).lockDays = days;
    },
    keys: (name, prefix = '') => [...bucketNamed(name).objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    bytes: (name, key) => bucketNamed(name).objects.get(key)?.bytes,
    put: (name, key, bytes) => {
      const bucket = bucketNamed(name);
      putObject(bucket, { key, bytes }, Date.now());
      account.changed(bucket, key);
    },
    remove: (name, key) => {
      const bucket = bucketNamed(name);
      deleteObject(bucket, key, Date.now());
      account.changed(bucket, key);
    },
    close,
  };
}

/** Every object as a file below a folder, `<root>/<bucket>/<key>`, for tools that read files. */

interface Files {
  /** Creates the bucket's empty folder; an Error if it already holds files. */
  addBucket(name: string): void;
  /** InvalidArgument for a key that is not a path: `a//b`, `a/../b`, `a/`. */
  check(bucket: string, key: string): void;
  /** Makes the file equal to the object: written whole or not at all, deleted if there is none. */
  update(bucket: Bucket, key: string): void;
}

function createFiles(root: string): Files {
  // Beside the buckets, so that no pattern over a bucket's files ever sees half a file.
  const incoming = join(root, '.incoming');
  mkdirSync(incoming, { recursive: true });
  let writes = 0;
  return {
    addBucket(name) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      if (readdirSync(folder).length > 0) {
        throw new Error(`${folder} holds files already: give an empty folder, or remove it`);
      }
    },
    check: (bucket, key) => void pathOf(root, bucket, key),
    update(bucket, key) {
      const path = pathOf(root, bucket.name, key);
      const stored = bucket.objects.get(key);
      if (!stored) {
        rmSync(path, { force: true });
        return;
      }
      mkdirSync(dirname(path), { recursive: true });
      const temporary = join(incoming, String(writes++));
      writeFileSync(temporary, stored.bytes);
      renameSync(temporary, path);
    },
  };
}

function pathOf(root: string, bucket: string, key: string): string {
  const folder = resolve(root, bucket);
  const path = resolve(folder, key);
  if (path !== folder + sep + key.split('/').join(sep)) {
    throw new S3Error('InvalidArgument', 'This key cannot be kept as a file');
  }
  return path;
}
