import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { SigningError } from '../domain/errors';
import { keyNameOf, type SigningKey } from '../domain/note-keys';
import type { NoteSigner } from '../ports';
import { describeError, errorName, isDenied } from './store-failures';

const DIGEST_BYTES = 32;

/**
 * Creates a client that the standard SDK variables alone configure (AWS_REGION, AWS_ENDPOINT_URL_KMS, credentials).
 * Each of at most three tries gets 2 s, so a call ends within 8 s, pauses included.
 */
export function createKmsClient(): KMSClient {
  return new KMSClient({
    retryMode: 'standard',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      throwOnRequestTimeout: true,
      socketTimeout: 2_000,
    },
  });
}

/**
 * Implements the port over AWS KMS: one signer per key, all over one client; without keys it creates no client. It
 * calls Sign only, always on a digest and with ECDSA_SHA_256, so that the key's policy can allow just that.
 */
export function createKmsSigners(keys: readonly SigningKey[], createClient = createKmsClient): NoteSigner[] {
  if (keys.length === 0) return [];
  const client = createClient();
  return keys.map((key) => createKmsSigner(client, key));
}

function createKmsSigner(client: KMSClient, { arn, key }: SigningKey): NoteSigner {
  return {
    name: keyNameOf(arn),
    key,
    async sign(digest) {
      if (digest.length !== DIGEST_BYTES) {
        throw new RangeError(`A digest is ${DIGEST_BYTES} bytes, not ${digest.length}`);
      }
      try {
        const { Signature } = await client.send(
          new SignCommand({ KeyId: arn, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' }),
        );
        if (Signature === undefined) throw new Error('the answer has no signature');
        return Signature;
      } catch (error) {
        throw translate(error, arn);
      }
    },
  };
}

/** Answers that repeat until somebody corrects the key, its policy or the setting. */
const UNUSABLE: ReadonlySet<string> = new Set([
  'DisabledException',
  'InvalidArnException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
  'ValidationException',
]);

function translate(error: unknown, arn: string): SigningError {
  const what = `KMS Sign with ${arn}`;
  if (isDenied(error)) {
    return new SigningError(
      `${what} was denied: ${describeError(error)}. Allow kms:Sign with ECDSA_SHA_256 and MessageType DIGEST in the function's role and in the key's policy.`,
      'denied',
      { cause: error },
    );
  }
  if (UNUSABLE.has(errorName(error))) {
    return new SigningError(
      `${what} was refused: ${describeError(error)}. SIGNING_KEYS must name an enabled key of the function's Region, of kind ECC_NIST_P256 and usage SIGN_VERIFY.`,
      'denied',
      { cause: error },
    );
  }
  return new SigningError(`${what} failed: ${describeError(error)}`, 'unavailable', { cause: error });
}
