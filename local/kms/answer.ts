/** What AWS KMS answers to Sign and GetPublicKey: names, rules and errors as the service has them. */
import { type EcKey, signDigest } from './ecdsa';

/** A signing key of the stand-in. */
export interface LocalKey extends EcKey {
  readonly arn: string;
  isEnabled: boolean;
}

export type KmsOperation = 'Sign' | 'GetPublicKey';

export interface KmsAnswer {
  readonly status: number;
  readonly body: object;
}

/** An error of the service: 400, and a type that clients read. */
export function kmsError(type: string, message: string, status = 400): KmsAnswer {
  return { status, body: { __type: type, message } };
}

const ALGORITHM = 'ECDSA_SHA_256';
const DIGEST_BYTES = 32;

/** The answer to a request; keys go by their ARN, their id, or `alias/…` where that is what the ARN ends with. */
export function answerTo(
  keys: readonly LocalKey[],
  operation: string,
  input: Readonly<Record<string, unknown>>,
): KmsAnswer {
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
