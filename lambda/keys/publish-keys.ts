import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { describeError } from '../export/aws/store-failures';
import { InvalidInputError } from '../export/domain/errors';
import { noteKeyPem } from '../export/domain/keys';
import { type NoteKey, noteKeyOf, parseSigningKeys, toPem } from '../export/domain/note-keys';
import type { ObjectStore } from '../export/ports';

/** A key as the stack names it. */
export interface NamedKey {
  readonly arn: string;
  /** Base64 of its SubjectPublicKeyInfo; undefined = read it from KMS. */
  readonly publicKey?: string | undefined;
}

interface Services {
  readonly kms: KMSClient;
  /** Writes only to the archive. */
  readonly objects: Pick<ObjectStore, 'get' | 'putIfAbsent'>;
}

/**
 * Writes the public half of each key as PEM to `notes/keys/<key id>.pem` and returns the exporters' setting
 * SIGNING_KEYS. An existing PEM stays as it is.
 * @throws InvalidInputError if a key is not a P-256 signing key; Error where KMS refuses, or where another key has the
 * same key id.
 */
export async function publishKeys(keys: readonly NamedKey[], { kms, objects }: Services): Promise<string> {
  const pairs: string[] = [];
  for (const { arn, publicKey } of keys) pairs.push(`${arn}=${publicKey ?? (await askFor(arn, kms))}`);
  const setting = pairs.join(',');
  // Parses the setting as the exporters will, so that a wrong pair ends the deployment and not the first run.
  for (const { key } of parseSigningKeys(setting)) await publish(key, objects);
  return setting;
}

async function askFor(arn: string, kms: KMSClient): Promise<string> {
  let answer: { readonly PublicKey?: Uint8Array | undefined; readonly KeyUsage?: string | undefined };
  try {
    answer = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  } catch (error) {
    throw new Error(
      `KMS GetPublicKey of ${arn} failed: ${describeError(error)}. Allow it in the key's policy, or give publicKey in the configuration.`,
      { cause: error },
    );
  }
  if (answer.PublicKey === undefined || answer.KeyUsage !== 'SIGN_VERIFY') {
    throw new InvalidInputError(
      `${arn} is a key of usage ${answer.KeyUsage}, expected one of kind ECC_NIST_P256 and usage SIGN_VERIFY.`,
    );
  }
  noteKeyOf(answer.PublicKey);
  return Buffer.from(answer.PublicKey).toString('base64');
}

async function publish(key: NoteKey, objects: Services['objects']): Promise<void> {
  const place = noteKeyPem(key.id);
  const pem = Buffer.from(toPem(key));
  if ((await objects.putIfAbsent('archive', place, pem)) === 'created') return;
  const there = await objects.get('archive', place);
  if (there !== null && pem.equals(there)) return;
  throw new Error(
    `${place} in the archive holds something else than the key ${key.sha256}: somebody put it there, or another key has the same id. Look at it; make another key.`,
  );
}
