/**
 * A stand-in for AWS KMS on a loopback port: Sign and GetPublicKey of keys on P-256, which live in memory. Signatures
 * of requests are not checked. It is for the demo and the tests: its keys come from texts, and protect nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { jsonObject, listenOnLoopback, readBody } from '../loopback';
import { type EcKey, ecKeyFromText, signDigest } from './ecdsa';

/** One request, as the fault hook and the log see it. */
interface KmsCall {
  /** `Sign`, `GetPublicKey`, or any other requested operation. */
  readonly operation: string;
  readonly keyId: string | undefined;
  /** From 1, over all requests. */
  readonly number: number;
}

interface LoggedKmsCall extends KmsCall {
  readonly status: number;
}

/** Faults of a request. `hang`: no answer until the server closes. `other-key`: a signature of another key. */
export type KmsFault =
  | { readonly kind: 'denied' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'error'; readonly status: number; readonly type: string }
  | { readonly kind: 'other-key' };

/** Called once per request, before it is answered; may wait, so that others act in between. */
type KmsFaultHook = (call: KmsCall) => KmsFault | undefined | Promise<KmsFault | undefined>;

interface KmsOptions {
  /** 0 = any free port. */
  readonly port?: number;
  /** Names of the initial keys; the same name is the same key at every start. */
  readonly keys?: readonly string[];
  readonly fault?: KmsFaultHook;
}

/** A key as its users see it. */
interface KmsKey {
  readonly arn: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** An entry of the exporter's setting SIGNING_KEYS. */
  readonly setting: string;
}

export interface LocalKms {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every request that was answered so far, in the order of the answers. */
  readonly calls: readonly LoggedKmsCall[];
  setFault(hook: KmsFaultHook | undefined): void;
  /** Returns the key of this name, creating it if necessary. */
  key(name: string): KmsKey;
  setEnabled(name: string, isEnabled: boolean): void;
  /** Ends every connection, including hanging ones. */
  close(): Promise<void>;
}

/** Starts the stand-in on loopback. Resolves when it listens; rejects when the port is taken. */
export async function startKms(options: KmsOptions = {}): Promise<LocalKms> {
  const keys = new Map<string, LocalKey>();
  const calls: LoggedKmsCall[] = [];
  const state = { fault: options.fault, requests: 0 };
  const keyNamed = (name: string): LocalKey => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = { ...ecKeyFromText(name), arn: arnOf(name), isEnabled: true };
    keys.set(name, key);
    return key;
  };
  for (const name of options.keys ?? []) keyNamed(name);

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const input = jsonObject(await readBody(incoming));
    const operation = String(incoming.headers['x-amz-target'] ?? '').replace(/^TrentService\./, '');
    const keyId = typeof input['KeyId'] === 'string' ? input['KeyId'] : undefined;
    const call = { operation, keyId, number: ++state.requests };
    const fault = await state.fault?.(call);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return void incoming.socket.destroy();
    if (fault?.kind === 'delay') await delay(fault.ms);
    const { status, body } = faultyAnswer(fault, input) ?? answerTo([...keys.values()], operation, input);
    calls.push({ ...call, status });
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }

  const { url, close } = await listenOnLoopback(serve, options.port);
  return {
    url,
    calls,
    setFault: (hook) => {
      state.fault = hook;
    },
    key: (name) => publicPart(keyNamed(name)),
    setEnabled: (name, isEnabled) => {
      keyNamed(name).isEnabled = isEnabled;
    },
    close,
  };
}

function publicPart({ arn, spki }: LocalKey): KmsKey {
  return { arn, spki, setting: `${arn}=${Buffer.from(spki).toString('base64')}` };
}

function arnOf(name: string): string {
  return `arn:aws:kms:us-east-1:111122223333:key/${name}`;
}

function faultyAnswer(
  fault: KmsFault | undefined,
  { Message }: Readonly<Record<string, unknown>>,
): KmsAnswer | undefined {
  switch (fault?.kind) {
    case 'denied':
      return kmsError('AccessDeniedException', 'User: local is not authorized to perform: kms:Sign on this resource');
    case 'error':
      return kmsError(fault.type, 'Injected', fault.status);
    case 'other-key': {
      const digest = Buffer.from(String(Message ?? ''), 'base64');
      return {
        status: 200,
        body: { Signature: Buffer.from(signDigest(ecKeyFromText('other'), digest)).toString('base64') },
      };
    }
    default:
      return undefined;
  }
}

/** AWS KMS's answers to Sign and GetPublicKey: names, rules and errors as the service has them. */
/** A signing key of the stand-in. */
interface LocalKey extends EcKey {
  readonly arn: string;
  isEnabled: boolean;
}

interface KmsAnswer {
  readonly status: number;
  readonly body: object;
}

/** An error of the service: 400, and a type that clients read. */
function kmsError(type: string, message: string, status = 400): KmsAnswer {
  return { status, body: { __type: type, message } };
}

const ALGORITHM = 'ECDSA_SHA_256';
const DIGEST_BYTES = 32;

/** Answers a request; keys go by their ARN, their id, or the `alias/…` at the end of the ARN. */
function answerTo(keys: readonly LocalKey[], operation: string, input: Readonly<Record<string, unknown>>): KmsAnswer {
  if (operation !== 'Sign' && operation !== 'GetPublicKey') {
    return kmsError('UnknownOperationException', `The stand-in knows Sign and GetPublicKey, not ${operation}`);
  }
  const id = input['KeyId'];
  const key = keys.find(({ arn }) => arn === id || arn.endsWith(`:key/${id}`) || arn.endsWith(`:${id}`));
  if (key === undefined) return kmsError('NotFoundException', `Key '${id}' does not exist`);
  if (!key.isEnabled) return kmsError('DisabledException', `${key.arn} is disabled.`);
  return operation === 'Sign' ? sign(key, input) : publicKeyOf(key);
}

function sign(
  key: LocalKey,
  { Message, MessageType = 'RAW', SigningAlgorithm }: Readonly<Record<string, unknown>>,
): KmsAnswer {
  if (SigningAlgorithm !== ALGORITHM) {
    return kmsError(
      'InvalidKeyUsageException',
      `Algorithm ${SigningAlgorithm} is incompatible with key spec ECC_NIST_P256.`,
    );
  }
  const digest = Buffer.from(String(Message ?? ''), 'base64');
  if (MessageType !== 'DIGEST') return kmsError('ValidationException', 'The stand-in signs digests alone');
  if (digest.length !== DIGEST_BYTES) {
    return kmsError('ValidationException', 'Digest is invalid length for algorithm ECDSA_SHA_256.');
  }
  const signature = Buffer.from(signDigest(key, digest)).toString('base64');
  return { status: 200, body: { KeyId: key.arn, Signature: signature, SigningAlgorithm } };
}

function publicKeyOf({ arn, spki }: LocalKey): KmsAnswer {
  return {
    status: 200,
    body: {
      KeyId: arn,
      PublicKey: Buffer.from(spki).toString('base64'),
      KeySpec: 'ECC_NIST_P256',
      CustomerMasterKeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: [ALGORITHM],
    },
  };
}
