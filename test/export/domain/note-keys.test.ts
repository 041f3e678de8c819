/** Promises: only a trusted key's signature proves a note, and only a note that it signed introduces another key. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Note, noteText, parseNote, signatureLine, signedNote } from '../../../lambda/export/domain/commit-note';
import { InvalidInputError } from '../../../lambda/export/domain/errors';
import {
  digestOfText,
  introducedKeys,
  isSignedBy,
  keyNameOf,
  type NoteKey,
  noteKeyOf,
  parsePublicKeyPem,
  parseSigningKeys,
  toPem,
  verifyNote,
} from '../../../lambda/export/domain/note-keys';
import { aManifest } from '../../support/stored-values';

interface Pair {
  readonly key: NoteKey;
  readonly secret: KeyObject;
}

function newPair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: noteKeyOf(spkiOf(publicKey)), secret: privateKey };
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

function lineOf({ key, secret }: Pair, text: string, id = key.id): string {
  return signatureLine('any-name', id, sign('sha256', Buffer.from(text), secret));
}

function noteOf(text: string, ...lines: string[]): Note {
  return parseNote(signedNote(text, lines));
}

const [OLD, NEW, STRANGER] = [newPair(), newPair(), newPair()];
const TEXT = noteText(aManifest(), 'ab'.repeat(32));
const OTHER_TEXT = noteText(aManifest({ seq: 2 }), 'ab'.repeat(32));

describe('A key', () => {
  test('goes by the first 4 bytes of the SHA-256 of its SubjectPublicKeyInfo', () => {
    const spki = spkiOf(OLD.key.publicKey);
    const hash = createHash('sha256').update(spki).digest('hex');
    expect([OLD.key.id, OLD.key.sha256]).toEqual([hash.slice(0, 8), hash]);
  });

  test('is the same from its PEM', () => {
    expect(toPem(OLD.key)).toMatch(/^-----BEGIN PUBLIC KEY-----\n[^-]+\n-----END PUBLIC KEY-----\n$/);
    expect(parsePublicKeyPem(toPem(OLD.key)).sha256).toBe(OLD.key.sha256);
    expect(parsePublicKeyPem(toPem(OLD.key).replaceAll('\n', '\r\n')).sha256).toBe(OLD.key.sha256);
  });

  const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  const ED25519 = generateKeyPairSync('ed25519').publicKey;
  test.each<[string, () => unknown, string]>([
    ['no bytes', () => noteKeyOf(new Uint8Array()), 'cannot be read'],
    ['other bytes', () => noteKeyOf(Buffer.from('text')), 'cannot be read'],
    ['no PEM', () => parsePublicKeyPem('text'), 'cannot be read'],
    ['half a PEM', () => parsePublicKeyPem(toPem(OLD.key).slice(0, 80)), 'cannot be read'],
    [
      'a private key',
      () => parsePublicKeyPem(OLD.secret.export({ type: 'pkcs8', format: 'pem' }) as string),
      'cannot be read',
    ],
    ['P-384', () => noteKeyOf(spkiOf(P384)), 'of kind secp384r1'],
    ['Ed25519', () => noteKeyOf(spkiOf(ED25519)), 'of kind ed25519'],
  ])('of %s is an error that says what was expected', (_, read, words) => {
    expect(read).toThrow(InvalidInputError);
    expect(read).toThrow(words);
    expect(read).toThrow('expected the SubjectPublicKeyInfo of an elliptic curve key on P-256');
  });

  test('is named after its id in KMS, without Region and account', () => {
    expect(keyNameOf('arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab')).toBe(
      'connect-cases-audit-export/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
    expect(() => keyNameOf('arn:aws:kms:eu-central-1:111122223333:alias/mine')).toThrow(InvalidInputError);
  });
});

describe('The setting SIGNING_KEYS', () => {
  const base64 = (pair: Pair) => spkiOf(pair.key.publicKey).toString('base64');
  const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
  const one = `${arn('1')}=${base64(OLD)}`;

  test('pairs ARNs with public keys', () => {
    const keys = parseSigningKeys(`${one}, ${arn('mrk-2')}=${base64(NEW)}`);
    expect(keys.map(({ arn: name, key }) => [name, key.sha256])).toEqual([
      [arn('1'), OLD.key.sha256],
      [arn('mrk-2'), NEW.key.sha256],
    ]);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'Signing key 1 is not'],
    ['an ARN alone', arn('1'), 'Signing key 1 is not'],
    ['a public key alone', base64(OLD), 'Signing key 1 is not'],
    ['an alias', `arn:aws:kms:eu-central-1:111122223333:alias/a=${base64(OLD)}`, 'Signing key 1 is not'],
    ['a comma too many', `${one},`, 'Signing key 2 is not'],
    ['a public key that was cut off', one.slice(0, -4), 'A public key cannot be read'],
    ['base64 that is none', `${one.slice(0, -3)}!==`, 'Signing key 1 is not'],
    ['one key twice', `${one},${arn('2')}=${base64(OLD)}`, 'two different ones'],
    [
      'three keys',
      `${one},${arn('2')}=${base64(NEW)},${arn('3')}=${base64(STRANGER)}`,
      '3 signing keys, expected one, or two',
    ],
  ])('of %s is an error that says so', (_, text, words) => {
    expect(() => parseSigningKeys(text)).toThrow(InvalidInputError);
    expect(() => parseSigningKeys(text)).toThrow(words);
  });
});

describe('A note', () => {
  test('is signed by each trusted key whose signature holds, once', () => {
    const note = noteOf(TEXT, lineOf(OLD, TEXT), lineOf(NEW, TEXT), lineOf(OLD, TEXT));
    expect(verifyNote(note, [OLD.key, NEW.key])).toEqual({ signedBy: [OLD.key, NEW.key], invalid: [], unknown: [] });
  });

  test('without a signature is signed by nobody', () => {
    expect(verifyNote(noteOf(TEXT), [OLD.key])).toEqual({ signedBy: [], invalid: [], unknown: [] });
  });

  test('whose text was altered has an invalid signature', () => {
    const { signedBy, invalid } = verifyNote(noteOf(OTHER_TEXT, lineOf(OLD, TEXT)), [OLD.key]);
    expect([signedBy, invalid.length]).toEqual([[], 1]);
  });

  test('that a stranger signed under the id of a trusted key has an invalid signature', () => {
    const forged = lineOf(STRANGER, TEXT, OLD.key.id);
    const { signedBy, invalid, unknown } = verifyNote(noteOf(TEXT, forged), [OLD.key]);
    expect([signedBy, invalid.length, unknown.length]).toEqual([[], 1, 0]);
  });

  test('that a stranger signed proves nothing, and nothing against it either', () => {
    const note = noteOf(TEXT, lineOf(STRANGER, TEXT), lineOf(OLD, TEXT));
    const { signedBy, invalid, unknown } = verifyNote(note, [OLD.key]);
    expect([signedBy, invalid.length, unknown.length]).toEqual([[OLD.key], 0, 1]);
    expect(verifyNote(note, [])).toMatchObject({ signedBy: [], invalid: [], unknown: { length: 2 } });
  });

  test('is proven by either of two keys that share an id', () => {
    const twin: NoteKey = { ...STRANGER.key, id: OLD.key.id };
    expect(verifyNote(noteOf(TEXT, lineOf(OLD, TEXT)), [twin, OLD.key]).signedBy).toEqual([OLD.key]);
  });

  test('with a signature that is no DER has an invalid signature, and nothing is thrown', () => {
    expect(isSignedBy(OLD.key, TEXT, Buffer.from('text'))).toBe(false);
    expect(verifyNote(noteOf(TEXT, signatureLine('n', OLD.key.id, Buffer.from([1]))), [OLD.key]).invalid).toHaveLength(
      1,
    );
  });

  test('is signed over the SHA-256 of its text', () => {
    expect(Buffer.from(digestOfText(TEXT))).toEqual(createHash('sha256').update(TEXT).digest());
  });
});

describe('A key is introduced', () => {
  const named = { signingKeys: [OLD.key.sha256, NEW.key.sha256] };
  const both = noteOf(TEXT, lineOf(OLD, TEXT), lineOf(NEW, TEXT));
  const candidates = [STRANGER.key, NEW.key, OLD.key];

  test('by a note that a trusted key and it have signed, of a manifest that names it', () => {
    expect(introducedKeys(both, named, [OLD.key], candidates)).toEqual([NEW.key]);
  });

  test('to whoever pinned the new one: the old one', () => {
    expect(introducedKeys(both, named, [NEW.key], candidates)).toEqual([OLD.key]);
  });

  test.each<[string, Note, { signingKeys?: string[] }, NoteKey[]]>([
    ['by a line that somebody put below a signed note', both, { signingKeys: [OLD.key.sha256] }, [OLD.key]],
    ['by a manifest that names no keys', both, {}, [OLD.key]],
    ['by a manifest alone', noteOf(TEXT, lineOf(OLD, TEXT)), named, [OLD.key]],
    ['by a signature of another note', noteOf(TEXT, lineOf(OLD, TEXT), lineOf(NEW, OTHER_TEXT)), named, [OLD.key]],
    ['by a note that no trusted key has signed', noteOf(TEXT, lineOf(NEW, TEXT)), named, [OLD.key]],
    [
      'by a note whose trusted signature is invalid',
      noteOf(TEXT, lineOf(OLD, OTHER_TEXT), lineOf(NEW, TEXT)),
      named,
      [OLD.key],
    ],
    ['to somebody who trusts nothing', both, named, []],
  ])('not %s', (_, note, manifest, trusted) => {
    expect(introducedKeys(note, manifest, trusted, candidates)).toEqual([]);
  });
});
