/** The public halves of the keys that sign notes: ECDSA over P-256 with SHA-256, type 0x02 of C2SP signed-note. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Note } from './commit-note';
import { InvalidInputError } from './errors';
import type { Manifest } from './manifest';
import { sha256 } from './stored-form';

type NoteSignature = Note['signatures'][number];

/** The public half of a signing key. */
export interface NoteKey {
  /**
   * First 4 bytes of `sha256`, 8 hex digits: a note names the key by it. Short enough to be forged, so never a proof.
   */
  readonly id: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex, as in a manifest's `signingKeys`. */
  readonly sha256: string;
  readonly publicKey: KeyObject;
}

/** The proof in a note's signatures. The note is signed iff `signedBy` is not empty. */
interface NoteVerdict {
  /** Trusted keys with a valid signature, each once. */
  readonly signedBy: readonly NoteKey[];
  /** Invalid signatures under the id of a trusted key: the note or the signature was altered. */
  readonly invalid: readonly NoteSignature[];
  /** Signatures of keys that are not trusted: they prove nothing, neither for nor against the note. */
  readonly unknown: readonly NoteSignature[];
}

/**
 * Reads the key in a SubjectPublicKeyInfo, as KMS GetPublicKey returns it.
 * @throws InvalidInputError if the bytes are none, or of another kind than P-256.
 */
export function noteKeyOf(spkiDer: Uint8Array): NoteKey {
  return checked(() => createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' }));
}

/**
 * Reads the key in a PEM file (`BEGIN PUBLIC KEY`), as `openssl` and the stack write it.
 * @throws InvalidInputError if the text is none, or of another kind than P-256; a private key is refused, too.
 */
export function parsePublicKeyPem(pem: string): NoteKey {
  return checked(() => {
    if (!pem.includes('-----BEGIN PUBLIC KEY-----')) throw new Error('no public key');
    return createPublicKey(pem);
  });
}

/** Writes the PEM of a key, ended by a newline: the bytes of `notes/keys/<key id>.pem`. */
export function toPem({ publicKey }: NoteKey): string {
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

function checked(read: () => KeyObject): NoteKey {
  let publicKey: KeyObject;
  try {
    publicKey = read();
  } catch (error) {
    throw new InvalidInputError(`A public key cannot be read, expected ${EXPECTED}.`, { cause: error });
  }
  const { namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType !== 'ec' || namedCurve !== 'prime256v1') {
    throw new InvalidInputError(
      `A public key is of kind ${namedCurve ?? publicKey.asymmetricKeyType}, expected ${EXPECTED}.`,
    );
  }
  const fingerprint = sha256(publicKey.export({ type: 'spki', format: 'der' }));
  return { id: fingerprint.slice(0, 8), sha256: fingerprint, publicKey };
}

const EXPECTED =
  'the SubjectPublicKeyInfo of an elliptic curve key on P-256, as PEM ("BEGIN PUBLIC KEY") or DER; KMS GetPublicKey of an ECC_NIST_P256 key gives it';

/** Whether the signature (DER) of this text is this key's. Never throws. */
export function isSignedBy({ publicKey }: NoteKey, text: string, derSignature: Uint8Array): boolean {
  try {
    return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'der' }, derSignature);
  } catch {
    return false;
  }
}

/** Judges the signatures of a note for a verifier who trusts these keys. Names of keys play no part. */
export function verifyNote({ text, signatures }: Note, trusted: readonly NoteKey[]): NoteVerdict {
  const signedBy = new Set<NoteKey>();
  const invalid: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const one of signatures) {
    const claimed = trusted.filter(({ id }) => id === one.keyId);
    const signer = claimed.find((key) => isSignedBy(key, text, one.signature));
    if (signer !== undefined) signedBy.add(signer);
    else (claimed.length > 0 ? invalid : unknown).push(one);
  }
  return { signedBy: [...signedBy], invalid, unknown };
}

/**
 * Returns the candidates that this note introduces to a verifier who trusts these keys: during a rotation two keys
 * sign, and a verifier who pinned one learns the other. A candidate is introduced iff
 * 1. a trusted key's signature of the note holds,
 * 2. the candidate's signature of the note holds, and
 * 3. the manifest, whose hash the signed text holds, names the candidate's whole SHA-256 in `signingKeys`.
 *
 * Without the third condition anybody with write access to the archive could add a line below a signed note, because no
 * signature covers the others. The caller has made sure that the note's text is that of this manifest.
 * @param candidates keys from anywhere, `notes/keys/` for one.
 */
export function introducedKeys(
  note: Note,
  manifest: Pick<Manifest, 'signingKeys'>,
  trusted: readonly NoteKey[],
  candidates: readonly NoteKey[],
): NoteKey[] {
  if (verifyNote(note, trusted).signedBy.length === 0) return [];
  const known = new Set(trusted.map((key) => key.sha256));
  const named = candidates.filter((key) => !known.has(key.sha256) && manifest.signingKeys?.includes(key.sha256));
  return [...verifyNote(note, named).signedBy];
}

/** A KMS key that signs notes, and its public half. */
export interface SigningKey {
  readonly arn: string;
  readonly key: NoteKey;
}

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9_-]+$/;
/** One key, and a second during a rotation. */
const MAX_SIGNING_KEYS = 2;

/**
 * Parses the setting SIGNING_KEYS: `<key ARN>=<public key>`, at most two, separated by a comma. The public key is the
 * base64 that `aws kms get-public-key --query PublicKey --output text` prints, so the exporter needs no permission but
 * kms:Sign. An alias is refused, because it may later point to another key than the public one beside it.
 * @throws InvalidInputError that names the wrong entry and the expected form.
 */
export function parseSigningKeys(text: string): SigningKey[] {
  const keys = text.split(',').map(parseSigningKey);
  if (keys.length > MAX_SIGNING_KEYS || new Set(keys.map(({ key }) => key.sha256)).size < keys.length) {
    throw new InvalidInputError(`${keys.length} signing keys, expected one, or two different ones during a rotation.`);
  }
  return keys;
}

function parseSigningKey(text: string, index: number): SigningKey {
  const split = text.indexOf('=');
  const arn = text.slice(0, Math.max(0, split)).trim();
  const base64 = split < 0 ? '' : text.slice(split + 1).trim();
  const der = Buffer.from(base64, 'base64');
  if (!KEY_ARN.test(arn) || der.toString('base64') !== base64) {
    throw new InvalidInputError(
      `Signing key ${index + 1} is not "<ARN of a KMS key>=<its public key in base64>", as "aws kms get-public-key --query PublicKey --output text" prints it.`,
    );
  }
  return { arn, key: noteKeyOf(der) };
}

/**
 * Returns the name of a KMS key in a note: `connect-cases-audit-export/<id of the key in KMS>`, which lets an operator
 * find the key. It leaves out Region and account, because notes go to outsiders.
 * @throws InvalidInputError if that is not the ARN of a key.
 */
export function keyNameOf(kmsKeyArn: string): string {
  const [, id = ''] = /:key\/([A-Za-z0-9_-]+)$/.exec(kmsKeyArn) ?? [];
  if (id === '')
    throw new InvalidInputError(`A signing key is named ${JSON.stringify(kmsKeyArn)}, expected the ARN of a KMS key.`);
  return `connect-cases-audit-export/${id}`;
}

/** SHA-256 of a note's text: the 32 bytes to be signed. */
export function digestOfText(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
