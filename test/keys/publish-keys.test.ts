/** Promises: the deployment learns every key's public half, leaves it in the archive once, and fails loudly for a key that cannot sign notes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parsePublicKeyPem, parseSigningKeys } from '../../lambda/export/domain/note-keys';
import { handler } from '../../lambda/keys/handler';
import { type LocalKms, startKms } from '../../local/kms/server';
import { type LocalS3, startS3 } from '../../local/s3/server';

let kms: LocalKms;
let s3: LocalS3;
let cloudFormation: Server;
let url: string;
let answers: { readonly contentType: string | undefined; readonly body: Record<string, unknown> }[];
let status = 200;
const before = { ...process.env };

beforeAll(async () => {
  kms = await startKms({ keys: ['one', 'two'] });
  cloudFormation = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const contentType = request.headers['content-type'];
    answers.push({ contentType, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer?signature=x`;
});

beforeEach(async () => {
  s3 = await startS3({ buckets: { archive: {} } });
  answers = [];
  status = 200;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  });
});

afterEach(async () => {
  kms.setFault(undefined);
  await s3.close();
});

afterAll(async () => {
  process.env = before;
  await Promise.all([kms.close(), new Promise((resolve) => cloudFormation.close(resolve))]);
});

function ask(
  keys: readonly { Arn: string; PublicKey?: string }[],
  RequestType: 'Create' | 'Update' | 'Delete' = 'Create',
) {
  return handler({
    RequestType,
    ResponseURL: url,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Published',
    ResourceProperties: { Bucket: 'archive', Keys: keys },
  });
}

function pairOf(name: string): string {
  const { arn, spki } = kms.key(name);
  return `${arn}=${Buffer.from(spki).toString('base64')}`;
}

test('each key lies in the archive as PEM under its id, and the setting is what exporters read', async () => {
  await ask([{ Arn: kms.key('one').arn }, { Arn: kms.key('two').arn }]);
  const setting = `${pairOf('one')},${pairOf('two')}`;
  expect(answers).toEqual([
    {
      contentType: '',
      body: {
        Status: 'SUCCESS',
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'Published',
        PhysicalResourceId: 'signing-keys',
        Data: { SigningKeys: setting },
      },
    },
  ]);
  const keys = parseSigningKeys(setting).map(({ key }) => key);
  expect(s3.keys('archive', '').sort()).toEqual(keys.map(({ id }) => `notes/keys/${id}.pem`).sort());
  for (const { id, sha256 } of keys) {
    const pem = Buffer.from(s3.bytes('archive', `notes/keys/${id}.pem`) ?? '').toString();
    expect(parsePublicKeyPem(pem).sha256).toBe(sha256);
  }
});

test('a second deployment writes nothing again', async () => {
  await ask([{ Arn: kms.key('one').arn }]);
  await ask([{ Arn: kms.key('one').arn }], 'Update');
  expect(answers.map(({ body }) => body['Status'])).toEqual(['SUCCESS', 'SUCCESS']);
  expect(s3.keys('archive', '')).toHaveLength(1);
});

test('a key whose public half is given is not asked for: its account need not let anybody in', async () => {
  kms.setFault(() => ({ kind: 'denied' }));
  const { arn, spki } = kms.key('two');
  await ask([{ Arn: arn, PublicKey: Buffer.from(spki).toString('base64') }]);
  expect(answers[0]?.body).toMatchObject({ Status: 'SUCCESS', Data: { SigningKeys: pairOf('two') } });
});

test('a key that KMS does not show ends the deployment, with what to do', async () => {
  kms.setFault(() => ({ kind: 'denied' }));
  await ask([{ Arn: kms.key('one').arn }]);
  const { arn } = kms.key('one');
  expect(answers[0]?.body).toMatchObject({ Status: 'FAILED' });
  expect(answers[0]?.body['Reason']).toMatch(`KMS GetPublicKey of ${arn} failed: `);
  expect(answers[0]?.body['Reason']).toMatch(/Allow it in the key's policy, or give publicKey in the configuration\.$/);
  expect(s3.keys('archive', '')).toEqual([]);
});

test('a public half that is none ends the deployment', async () => {
  await ask([{ Arn: kms.key('one').arn, PublicKey: 'AAAA' }]);
  expect(answers[0]?.body['Reason']).toMatch(/^A public key cannot be read, expected the SubjectPublicKeyInfo/);
});

test('something else in the place of a PEM ends the deployment: it is never overwritten', async () => {
  const [{ key }] = parseSigningKeys(pairOf('one')) as [ReturnType<typeof parseSigningKeys>[number]];
  s3.put('archive', `notes/keys/${key.id}.pem`, Buffer.from('other'));
  await ask([{ Arn: kms.key('one').arn }]);
  expect(answers[0]?.body['Reason']).toMatch(`notes/keys/${key.id}.pem in the archive holds something else`);
  expect(Buffer.from(s3.bytes('archive', `notes/keys/${key.id}.pem`) ?? '').toString()).toBe('other');
});

test('a deletion takes nothing back: old notes are checked with old keys', async () => {
  await ask([{ Arn: kms.key('one').arn }]);
  await ask([{ Arn: kms.key('one').arn }], 'Delete');
  expect(answers[1]?.body).toMatchObject({ Status: 'SUCCESS', Data: {} });
  expect(s3.keys('archive', '')).toHaveLength(1);
});

test('an answer that CloudFormation does not take fails the run', async () => {
  status = 403;
  await expect(ask([{ Arn: kms.key('one').arn }])).rejects.toThrow(
    'CloudFormation did not take the answer: status 403',
  );
  expect(answers).toHaveLength(1);
});
