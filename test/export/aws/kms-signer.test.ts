/** Promises: the adapter asks for one signature of a digest, tries three times within its limits, and says what to mend. */
import type { KMSClient } from '@aws-sdk/client-kms';
import { createKmsClient, createKmsSigners } from '../../../lambda/export/aws/kms-signer';
import { digestOfText, isSignedBy, parseSigningKeys } from '../../../lambda/export/domain/note-keys';
import type { NoteSigner } from '../../../lambda/export/ports';
import { type LocalKms, startKms } from '../../../local/kms/server';
import { patient } from '../../support/patient';
import { rejection } from '../../support/rejections';
import { setAwsEnvironment } from './aws-environment';

/** What the handler of HTTP requests has in every client of the SDK. */
interface Handler {
  readonly configProvider: Promise<object>;
  updateHttpClientConfig(limit: 'requestTimeout', milliseconds: number): void;
}

const DIGEST = digestOfText('text');

let kms: LocalKms;
let client: KMSClient;
let signer: NoteSigner;

beforeAll(async () => {
  kms = await startKms({ keys: ['one'] });
  setAwsEnvironment({ AWS_ENDPOINT_URL_KMS: kms.url });
});
beforeEach(() => {
  client = patient(createKmsClient());
  signer = signerOver(client);
});
afterEach(() => {
  kms.setFault(undefined);
  client.destroy();
});
afterAll(() => kms.close());

function signerOver(over: KMSClient): NoteSigner {
  const [only] = createKmsSigners(parseSigningKeys(kms.key('one').setting), () => over);
  return only as NoteSigner;
}

test('a signature is one call of Sign and nothing else', async () => {
  const before = kms.calls.length;
  await signer.sign(DIGEST);
  expect(kms.calls.slice(before)).toMatchObject([{ operation: 'Sign', keyId: kms.key('one').arn, status: 200 }]);
});

test('the name leaves out account and Region', () => {
  expect(signer.name).toBe('connect-cases-audit-export/one');
});

test.each([
  ['a reset connection', { kind: 'reset' }],
  ['a 500', { kind: 'error', status: 500, type: 'KMSInternalException' }],
  ['throttling', { kind: 'error', status: 400, type: 'ThrottlingException' }],
] as const)('%s is tried again, three times in all', async (_, fault) => {
  let requests = 0;
  kms.setFault(() => (++requests < 3 ? fault : undefined));
  expect(isSignedBy(signer.key, 'text', await signer.sign(DIGEST))).toBe(true);
  kms.setFault(() => (++requests > 0 ? fault : undefined));
  requests = 0;
  await expect(signer.sign(DIGEST)).rejects.toMatchObject({ name: 'SigningError', failure: 'unavailable' });
  expect(requests).toBe(3);
});

test('a call that hangs ends by the client’s own limits, after three tries of 2 s', async () => {
  const limited = createKmsClient();
  const handler = limited.config.requestHandler as unknown as Handler;
  expect(await handler.configProvider).toMatchObject({ requestTimeout: 2_000, throwOnRequestTimeout: true });
  const hurried = signerOver(limited);
  handler.updateHttpClientConfig('requestTimeout', 50);
  let requests = 0;
  kms.setFault(() => {
    requests += 1;
    return { kind: 'hang' };
  });
  await expect(hurried.sign(DIGEST)).rejects.toMatchObject({ name: 'SigningError', failure: 'unavailable' });
  expect(requests).toBe(3);
  limited.destroy();
});

test.each([
  ['AccessDeniedException', 'Allow kms:Sign with ECDSA_SHA_256 and MessageType DIGEST'],
  ['KMSInvalidStateException', 'SIGNING_KEYS must name an enabled key'],
  ['NotFoundException', 'SIGNING_KEYS must name an enabled key'],
  ['DisabledException', 'SIGNING_KEYS must name an enabled key'],
])('%s is not tried again, and the message says what to do', async (type, advice) => {
  let requests = 0;
  kms.setFault(() => {
    requests += 1;
    return { kind: 'error', status: 400, type };
  });
  const error = await rejection(signer.sign(DIGEST));
  expect(error).toMatchObject({ name: 'SigningError', failure: 'denied' });
  expect(error.message).toContain(advice);
  expect(error.message).toContain(kms.key('one').arn);
  expect(requests).toBe(1);
});
