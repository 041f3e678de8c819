import { parseNote, signatureLine, signedNote } from '../../lambda/export/domain/commit-note';
import type { SigningError } from '../../lambda/export/domain/errors';
import { digestOfText, isSignedBy, noteKeyOf, verifyNote } from '../../lambda/export/domain/note-keys';
import type { NoteSigner } from '../../lambda/export/ports';

export interface NoteSignerSetup {
  readonly signer: NoteSigner;
  /** Lets every signature fail so, until the setup is closed. */
  fail(failure: SigningError['failure']): void;
  close(): Promise<void>;
}

const TEXT = 'connect-cases-audit-export/commit/v1\ndomain d\n';

/** What the port promises, whoever implements it: signatures of a digest that the key's public half proves, and two kinds of failure. */
export function describeNoteSigner(name: string, setUp: () => Promise<NoteSignerSetup>): void {
  describe(`note signer: ${name}`, () => {
    let setup: NoteSignerSetup;
    let signer: NoteSigner;

    beforeEach(async () => {
      setup = await setUp();
      signer = setup.signer;
    });
    afterEach(() => setup.close());

    test('the signature of a text’s digest is proven by the public half, and is of no other text', async () => {
      const signature = await signer.sign(digestOfText(TEXT));
      expect(isSignedBy(signer.key, TEXT, signature)).toBe(true);
      expect(isSignedBy(signer.key, `${TEXT} `, signature)).toBe(false);
    });

    test('a note with its signature line is signed by the key', async () => {
      const line = signatureLine(signer.name, signer.key.id, await signer.sign(digestOfText(TEXT)));
      const { signedBy, invalid, unknown } = verifyNote(parseNote(signedNote(TEXT, [line])), [signer.key]);
      expect([signedBy, invalid, unknown]).toEqual([[signer.key], [], []]);
    });

    test('the key goes by the first 4 bytes of the SHA-256 of its SubjectPublicKeyInfo', () => {
      expect(signer.key.id).toBe(noteKeyOf(signer.key.publicKey.export({ type: 'spki', format: 'der' })).id);
    });

    test('many digests are signed at once', async () => {
      const texts = Array.from({ length: 20 }, (_, index) => `text ${index}\n`);
      const signatures = await Promise.all(texts.map((text) => signer.sign(digestOfText(text))));
      expect(
        texts.filter((text, index) => !isSignedBy(signer.key, text, signatures[index] ?? new Uint8Array())),
      ).toEqual([]);
    });

    test.each([0, 31, 33, 64])('%i bytes are no digest', async (length) => {
      await expect(signer.sign(new Uint8Array(length))).rejects.toThrow(
        new RangeError(`A digest is 32 bytes, not ${length}`),
      );
    });

    test.each(['denied', 'unavailable'] as const)('a signer that is %s says so', async (failure) => {
      setup.fail(failure);
      await expect(signer.sign(digestOfText(TEXT))).rejects.toMatchObject({ name: 'SigningError', failure });
    });
  });
}
