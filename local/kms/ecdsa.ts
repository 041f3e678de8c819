/**
 * Signs a digest with ECDSA over P-256 as KMS does; node:crypto signs only messages. Nonces follow RFC 6979, so the
 * same key and digest give the same signature. For stand-ins and tests: it ignores timing, and keys come from a text.
 */
import { createECDH, createHash, createHmac } from 'node:crypto';

const CURVE = 'prime256v1';
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const BYTES = 32;

/** DER of a SubjectPublicKeyInfo on P-256, up to the point. */
const SPKI_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

export interface EcKey {
  readonly secret: bigint;
  /** DER of the SubjectPublicKeyInfo, as KMS GetPublicKey gives it. */
  readonly spki: Uint8Array;
}

/** The key with this secret number. */
export function ecKey(secret: bigint): EcKey {
  return { secret, spki: Buffer.concat([SPKI_PREFIX, multiplyBase(secret)]) };
}

/** A key from any text: the same text, the same key. */
export function ecKeyFromText(text: string): EcKey {
  return ecKey((toNumber(createHash('sha256').update(text).digest()) % (ORDER - 1n)) + 1n);
}

/** The signature in DER of 32 bytes. */
export function signDigest({ secret }: EcKey, digest: Uint8Array): Uint8Array {
  const message = toNumber(digest);
  for (const nonce of nonces(secret, message)) {
    const r = toNumber(multiplyBase(nonce).subarray(1, 1 + BYTES)) % ORDER;
    const s = (inverse(nonce) * (message + r * secret)) % ORDER;
    if (r !== 0n && s !== 0n) return sequenceOf(integer(r), integer(s));
  }
  throw new Error('unreachable: nonces never end');
}

/** The point `number` × base, uncompressed: 4, x, y. */
function multiplyBase(number: bigint): Buffer {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(toBytes(number));
  return ecdh.getPublicKey();
}

/** Candidates of RFC 6979, section 3.2, with SHA-256. */
function* nonces(secret: bigint, message: bigint): Generator<bigint, never> {
  const seed = Buffer.concat([toBytes(secret), toBytes(message % ORDER)]);
  let v: Buffer = Buffer.alloc(BYTES, 1);
  let k: Buffer = Buffer.alloc(BYTES, 0);
  const mix = (...more: Uint8Array[]) => {
    k = hmac(k, v, ...more);
    v = hmac(k, v);
  };
  mix(Uint8Array.of(0), seed);
  mix(Uint8Array.of(1), seed);
  for (;;) {
    v = hmac(k, v);
    const nonce = toNumber(v);
    if (nonce > 0n && nonce < ORDER) yield nonce;
    mix(Uint8Array.of(0));
  }
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest();
}

/** Modulo the order, which is prime: by Euclid. */
function inverse(number: bigint): bigint {
  let [a, b, x, y] = [number % ORDER, ORDER, 1n, 0n];
  while (a > 1n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % ORDER) + ORDER) % ORDER;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(2 * BYTES, '0'), 'hex');
}

/** Encodes an integer in DER: shortest form, a zero byte in front where the first bit would make it negative. */
function integer(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const value = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes;
  return Buffer.concat([Uint8Array.of(2, value.length), value]);
}

function sequenceOf(...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(0x30, content.length), content]);
}
