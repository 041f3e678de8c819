/**
 * The two buckets as S3's client shows them, in memory and deterministic, with the `s3.*` faults. Every request takes
 * effect at one moment; others may come in between any two.
 *
 * A fault is what became of one whole `send`, the SDK's own attempts included (`sdk-errors.ts`):
 * - `503`, `500`: all three attempts, and nothing happened;
 * - `409`: the one attempt of a conditional put, which the SDK does not try again; nothing happened;
 * - `412-own-write`: the first attempt of a conditional put took effect, the second found what the first wrote;
 * - `lost-answer`: an attempt of a put or delete took effect, and no answer to any attempt came;
 * - `403-for-absent`: a get of a key that is not there, without the permission to list.
 */
import { createHash } from 'node:crypto';
import {
  AccessDenied,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { createObjectStore } from '../../../lambda/export/aws/object-store';
import type { BucketRole, Clock, ObjectStore } from '../../../lambda/export/ports';
import type { Faults } from '../faults';
import { ANSWERED, ATTEMPTS, lostConnection, refusedWith, retriesTake, s3Error } from './sdk-errors';

/** What the two buckets are called, also where they are one. */
const BUCKET_NAMES: Readonly<Record<BucketRole, string>> = { archive: 'archive', work: 'work' };

/** Time limit of one attempt of the exporter's client without a byte in either direction. */
const ATTEMPT_MS = 8_000;

interface SimulatedBucketsOptions {
  readonly faults: Faults;
  /** Both roles are one bucket, as with the default of STAGING_BUCKET. */
  readonly oneBucket?: boolean;
  /**
   * Called in the moment in which a put took effect, with the bytes that stand and that stood: shared, not to be changed.
   * Must not throw: the adapter would take it for a failure of the service.
   */
  readonly onWrite?: (role: BucketRole, key: string, bytes: Uint8Array, previous: Uint8Array | undefined) => void;
  /** The same for a delete of what was there. */
  readonly onDelete?: (role: BucketRole, key: string, previous: Uint8Array) => void;
}

export interface SimulatedBuckets {
  /** One for each process: while the SDK tries again, or waits for an answer, its time passes. */
  clientFor(clock: Clock): S3Client;
  /** Requests that the service would have refused as invalid, or that are not simulated. An exporter makes none. */
  readonly invalidRequests: readonly string[];
  /** Every object there is, by role and key; one map for both roles where they are one bucket. Live: may be changed. */
  readonly buckets: Readonly<Record<BucketRole, Map<string, Uint8Array>>>;
  /** Sorted keys. */
  keys(role: BucketRole, prefix?: string): string[];
}

/** Two empty buckets, or one. */
export function createSimulatedBuckets(options: SimulatedBucketsOptions): SimulatedBuckets {
  const archive = new Map<string, Uint8Array>();
  const buckets = { archive, work: options.oneBucket ? archive : new Map<string, Uint8Array>() };
  const invalidRequests: string[] = [];

  function clientFor(clock: Clock): S3Client {
    const service = new Service(buckets, options, clock);
    async function send(command: { readonly input: object }): Promise<object> {
      // Nobody is answered in the moment in which he asks.
      await Promise.resolve();
      try {
        return { ...(await service.answer(command)), $metadata: ANSWERED };
      } catch (error) {
        if (isAnswerOfTheService(error)) throw error;
        const what = `${command.constructor.name}: ${error instanceof Error ? error.message : String(error)}`;
        invalidRequests.push(what);
        if (error instanceof S3ServiceException) throw error;
        throw s3Error('InvalidRequest', 400, what);
      }
    }
    return { send, destroy: () => undefined } as unknown as S3Client;
  }

  return {
    clientFor,
    invalidRequests,
    buckets,
    keys: (role, prefix = '') => [...buckets[role].keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
}

/** The real adapter over simulated buckets. One for each process: everything in it waits by this clock. */
export function createSimulatedObjectStore(options: {
  readonly buckets: SimulatedBuckets;
  readonly clock: Clock;
}): ObjectStore {
  const { buckets, clock } = options;
  return createObjectStore({
    client: buckets.clientFor(clock),
    buckets: BUCKET_NAMES,
    pause: (ms) => clock.sleep(ms),
  });
}

interface Target {
  readonly role: BucketRole;
  readonly key: string;
  readonly objects: Map<string, Uint8Array>;
}

/** What one client is answered. */
class Service {
  constructor(
    private readonly buckets: SimulatedBuckets['buckets'],
    private readonly options: SimulatedBucketsOptions,
    private readonly clock: Clock,
  ) {}

  async answer(command: object): Promise<object> {
    const { faults } = this.options;
    if (faults.strikes('s3.503')) {
      await retriesTake(this.clock);
      throw s3Error('SlowDown', 503, 'Please reduce your request rate.', ATTEMPTS);
    }
    if (faults.strikes('s3.500')) {
      await retriesTake(this.clock);
      throw s3Error('InternalError', 500, 'We encountered an internal error. Please try again.', ATTEMPTS);
    }
    if (command instanceof GetObjectCommand) return this.#get(this.#target(command.input, []));
    if (command instanceof DeleteObjectCommand) return this.#delete(this.#target(command.input, []));
    if (command instanceof PutObjectCommand) {
      const known = ['Body', 'ContentLength', 'ChecksumSHA256', 'IfNoneMatch'];
      return this.#put(this.#target(command.input, known), command.input);
    }
    throw new TypeError('this operation is not simulated');
  }

  #get({ objects, key }: Target): object {
    const bytes = objects.get(key);
    if (bytes !== undefined) return { Body: bodyOf(bytes), ContentLength: bytes.length };
    if (this.options.faults.strikes('s3.403-for-absent')) {
      throw new AccessDenied({ message: 'Access Denied', $metadata: refusedWith(403) });
    }
    throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: refusedWith(404) });
  }

  async #put({ role, key, objects }: Target, input: PutObjectCommandInput): Promise<object> {
    const { faults, onWrite } = this.options;
    const bytes = checkPut(input);
    const isConditional = input.IfNoneMatch !== undefined;
    if (isConditional && faults.strikes('s3.409')) {
      throw s3Error('ConditionalRequestConflict', 409, 'A conflicting operation is under way. Please retry.');
    }
    const previous = objects.get(key);
    if (isConditional && previous !== undefined) throw preconditionFailed(1);
    objects.set(key, bytes);
    onWrite?.(role, key, bytes, previous);
    if (faults.strikes('s3.lost-answer')) throw await lostConnection(faults, this.clock, ATTEMPT_MS);
    if (isConditional && faults.strikes('s3.412-own-write')) {
      await retriesTake(this.clock);
      throw preconditionFailed(2);
    }
    return {};
  }

  async #delete({ role, key, objects }: Target): Promise<object> {
    const { faults, onDelete } = this.options;
    const previous = objects.get(key);
    if (objects.delete(key) && previous !== undefined) onDelete?.(role, key, previous);
    if (faults.strikes('s3.lost-answer')) throw await lostConnection(faults, this.clock, ATTEMPT_MS);
    return {};
  }

  #target(input: { Bucket?: string | undefined; Key?: string | undefined }, known: readonly string[]): Target {
    for (const [option, value] of Object.entries(input)) {
      if (value !== undefined && option !== 'Bucket' && option !== 'Key' && !known.includes(option)) {
        throw new TypeError(`the option ${option} is not simulated`);
      }
    }
    const { Bucket, Key: key = '' } = input;
    const role = Bucket === BUCKET_NAMES.archive ? 'archive' : Bucket === BUCKET_NAMES.work ? 'work' : undefined;
    if (role === undefined) {
      throw new NoSuchBucket({ message: 'The specified bucket does not exist', $metadata: refusedWith(404) });
    }
    const length = Buffer.byteLength(key);
    if (length < 1 || length > 1_024) throw new TypeError(`a key has 1 to 1,024 bytes, not ${length}`);
    return { role, key, objects: this.buckets[role] };
  }
}

/**
 * The bytes of a put, copied, after the service's checks: length and SHA-256 are those that were announced.
 * @throws S3ServiceException BadDigest if the checksum is another one; TypeError for what is not simulated.
 */
function checkPut({ Body, ContentLength, ChecksumSHA256, IfNoneMatch }: PutObjectCommandInput): Uint8Array {
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

/** Whoever reads it gets bytes of his own, and only then. */
function bodyOf(bytes: Uint8Array): GetObjectCommandOutput['Body'] {
  const body = { transformToByteArray: async () => new Uint8Array(bytes) };
  return body as unknown as NonNullable<GetObjectCommandOutput['Body']>;
}

function preconditionFailed(attempts: number): S3ServiceException {
  return s3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', attempts);
}

function isAnswerOfTheService(error: unknown): boolean {
  if (error instanceof S3ServiceException) return error.name !== 'BadDigest';
  return error instanceof Error && error.name === 'TimeoutError';
}
