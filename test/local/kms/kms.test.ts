/** Promises: the stand-in signs digests as KMS does, and refuses what KMS refuses. */
import { createPublicKey, verify } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand, type SignCommandInput } from '@aws-sdk/client-kms';
import { digestOfText } from '../../../lambda/export/domain/note-keys';
import { localClientSettings } from '../../../local/aws-settings';
import { ecKey, ecKeyFromText, signDigest } from '../../../local/kms/ecdsa';
import { type KmsFault, type LocalKms, startKms } from '../../../local/kms/server';

let kms: LocalKms;
let client: KMSClient;

beforeAll(async () => {
  kms = await startKms({ keys: ['one'] });
  client = new KMSClient({ ...localClientSettings(kms.url), maxAttempts: 1 });
});
afterEach(() => kms.setFault(undefined));
afterAll(async () => {
  client.destroy();
  await kms.close();
});

function sign(change: Partial<SignCommandInput> = {}) {
  const { arn } = kms.key('one');
  return client.send(
    new SignCommand({
      KeyId: arn,
      Message: digestOfText('text'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
      ...change,
    }),
  );
}

describe('Signatures of a digest', () => {
  const SAMPLE = {
    secret: 0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
    r: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
    s: 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  };

  test('are those of RFC 6979, A.2.5, with SHA-256 and the message "sample"', () => {
    const signature = signDigest(ecKey(SAMPLE.secret), digestOfText('sample'));
    expect(Buffer.from(signature).toString('hex')).toBe(`3046022100${SAMPLE.r}022100${SAMPLE.s}`);
  });

  test('hold for OpenSSL, whatever lengths their numbers have', () => {
    const key = ecKeyFromText('lengths');
    const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    const texts = Array.from({ length: 300 }, (_, index) => `text ${index}`);
    const signatures = texts.map((text) => signDigest(key, digestOfText(text)));
    expect(new Set(signatures.map(({ length }) => length)).size).toBeGreaterThan(2);
    expect(
      texts.filter((text, index) => !verify('sha256', Buffer.from(text), publicKey, signatures[index] ?? Buffer.of())),
    ).toEqual([]);
  });
});

describe('The stand-in', () => {
  test('gives the public half that proves its signatures', async () => {
    const { KeyId, PublicKey, KeySpec, KeyUsage } = await client.send(new GetPublicKeyCommand({ KeyId: 'one' }));
    const { Signature } = await sign();
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    expect(verify('sha256', Buffer.from('text'), publicKey, Signature ?? Buffer.of())).toBe(true);
    expect([KeyId, KeySpec, KeyUsage]).toEqual([kms.key('one').arn, 'ECC_NIST_P256', 'SIGN_VERIFY']);
  });

  test('has the same key for the same name, at every start', async () => {
    const other = await startKms();
    expect(other.key('one')).toEqual(kms.key('one'));
    expect(other.key('two')).not.toEqual(kms.key('one'));
    await other.close();
  });

  test.each<[string, Partial<SignCommandInput>, string]>([
    ['a key that it does not have', { KeyId: 'three' }, 'NotFoundException'],
    ['a whole message', { MessageType: 'RAW' }, 'ValidationException'],
    ['31 bytes', { Message: new Uint8Array(31) }, 'ValidationException'],
    ['another algorithm', { SigningAlgorithm: 'ECDSA_SHA_384' }, 'InvalidKeyUsageException'],
  ])('refuses %s', async (_, change, name) => {
    await expect(sign(change)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  test('refuses a disabled key until it is enabled again', async () => {
    kms.setEnabled('one', false);
    await expect(sign()).rejects.toMatchObject({ name: 'DisabledException' });
    kms.setEnabled('one', true);
    await expect(sign()).resolves.toMatchObject({ KeyId: kms.key('one').arn });
  });

  test.each<[KmsFault, object]>([
    [{ kind: 'denied' }, { name: 'AccessDeniedException' }],
    [{ kind: 'error', status: 503, type: 'KMSInternalException' }, { $metadata: { httpStatusCode: 503 } }],
    [{ kind: 'reset' }, { message: expect.stringContaining('socket hang up') }],
  ])('fails as it is told to: %j', async (fault, error) => {
    kms.setFault(() => fault);
    await expect(sign()).rejects.toMatchObject(error);
  });

  test('a request that hangs ends with the server', async () => {
    const other = await startKms({ keys: ['one'] });
    const arrived = new Promise<void>((resolve) => {
      other.setFault(() => {
        resolve();
        return { kind: 'hang' };
      });
    });
    const answer = fetch(other.url, { method: 'POST', body: '{}' }).then(
      () => 'answered',
      () => 'cut off',
    );
    await arrived;
    await other.close();
    expect(await answer).toBe('cut off');
  });

  test('logs what was asked for and how it ended', async () => {
    const before = kms.calls.length;
    await sign();
    await sign({ KeyId: 'three' }).catch(() => undefined);
    expect(kms.calls.slice(before)).toMatchObject([
      { operation: 'Sign', keyId: kms.key('one').arn, status: 200 },
      { operation: 'Sign', keyId: 'three', status: 400 },
    ]);
  });
});
