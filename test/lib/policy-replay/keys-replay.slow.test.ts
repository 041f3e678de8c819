/**
 * Promise: the role of the function that publishes public keys allows every call that it makes, and nothing that it never makes; it writes
 * below `notes/keys/` alone, where no exporter may, and gets no signature. The handler runs against the local S3 and KMS, and each request on
 * the wire is held against the template's policies.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler } from '../../../lambda/keys/handler';
import { startLocalStack } from '../../../local/exporter/stack';
import { startProxy } from '../../../local/proxy/proxy';
import { scratchOfFile } from '../../support/scratch';
import { MINIMAL } from '../configurations';
import { type Call, needs, startRecorder } from './calls';
import { denied, type IamRequest, isAllowed, unusedGrants } from './iam';
import { type Deployed, deployFunction, PLACE, synthesized } from './template';

const scratch = scratchOfFile();

/** No failed run is reported: CloudFormation waits for its answer. */
const WRITES_LOGS = new Set(['logs:CreateLogStream', 'logs:PutLogEvents']);

interface Publisher {
  readonly on: Deployed;
  readonly exporter: Deployed;
  readonly archive: string;
  /** ARN of the key that the stack makes. */
  readonly key: string;
}

function publisher(config: object): Publisher {
  const signing = { ...MINIMAL, signingKeys: [{ create: '2026' }], ...config };
  const template = synthesized(scratch, signing);
  const on = deployFunction(template, 'ExportPublicKeysFunction');
  const exporter = deployFunction(template, 'ExportExporterFunction');
  const asked = on.policies.identity.filter(({ actions }) => actions.includes('kms:GetPublicKey'));
  return { on, exporter, archive: exporter.environment['EXPORT_BUCKET'] ?? '', key: asked[0]?.resources[0] ?? '' };
}

interface Published {
  readonly calls: readonly Call[];
  /** Operation and key of each request to KMS. */
  readonly asked: readonly (readonly [operation: string, keyId: string])[];
  readonly answers: readonly { readonly Status: string }[];
  readonly localKey: string;
}

/** A first deployment, a second one that finds the key there, and the end of the stack. */
async function published({ archive }: Publisher): Promise<Published> {
  const before = { ...process.env };
  const stack = await startLocalStack();
  const [recorder, kms] = await Promise.all([startRecorder(stack), startProxy(stack.kms.url)]);
  const answers: { Status: string }[] = [];
  const cloudFormation = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answers.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
  const asked: [string, string][] = [];
  kms.setObserver(({ headers, body }) => {
    const { KeyId } = JSON.parse(String(body)) as { KeyId: string };
    asked.push([String(headers['x-amz-target']).replace(/^.*\./, ''), KeyId]);
  });
  Object.assign(process.env, stack.env, recorder.env, { AWS_ENDPOINT_URL_KMS: kms.url });
  const localKey = stack.kms.key('2026').arn;
  try {
    stack.s3.createBucket(archive);
    for (const RequestType of ['Create', 'Update', 'Delete'] as const) {
      await handler({
        RequestType,
        ResponseURL: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/`,
        StackId: 'stack',
        RequestId: RequestType,
        LogicalResourceId: 'Published',
        ResourceProperties: { Bucket: archive, Keys: [{ Arn: localKey }] },
      });
    }
    return { calls: [...recorder.calls], asked, answers, localKey };
  } finally {
    process.env = before;
    await Promise.all([kms.close(), recorder.close(), new Promise((resolve) => cloudFormation.close(resolve))]);
    await stack.close();
  }
}

describe.each([
  ['the least configuration', {}],
  ['a key of the stack’s own for the buckets', { createKmsKey: true }],
])('%s', (_name, config) => {
  let of: Publisher;
  let made: Published;
  let requests: IamRequest[];

  beforeAll(async () => {
    of = publisher(config);
    made = await published(of);
    const ofKms = made.asked.map(([operation, keyId]) => {
      return { action: `kms:${operation}`, resource: keyId === made.localKey ? of.key : keyId, context: {} };
    });
    requests = [...made.calls.flatMap((call) => needs(call, of.on)), ...ofKms];
  });

  test('the function has been through everything that it does', () => {
    expect(made.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(new Set(requests.map(({ action }) => action))).toEqual(
      new Set([
        's3:PutObject',
        's3:GetObject',
        'kms:GetPublicKey',
        ...('createKmsKey' in config ? ['kms:Decrypt', 'kms:GenerateDataKey'] : []),
      ]),
    );
  });

  test('allows every call', () => {
    expect(denied(of.on.policies, requests)).toEqual([]);
  });

  test('allows nothing that is never called', () => {
    expect(unusedGrants(of.on.policies, requests, WRITES_LOGS).map(({ name }) => name)).toEqual([]);
  });

  test('writes public keys once, and nothing else', () => {
    const { on, archive } = of;
    const put = (key: string, context: IamRequest['context']) => ({
      action: 's3:PutObject',
      resource: `arn:aws:s3:::${archive}/${key}`,
      context: {
        'aws:principalarn': [on.roleArn],
        'aws:resourceaccount': [PLACE.account],
        'aws:securetransport': ['true'],
        's3:tlsversion': ['1.3'],
        's3:objectcreationoperation': ['true'],
        ...context,
      },
    });
    const once = { 's3:if-none-match': ['*'] };
    expect(isAllowed(on.policies, put('notes/keys/00000000.pem', once))).toBe(true);
    expect(isAllowed(on.policies, put('notes/keys/00000000.pem', {}))).toBe(false);
    for (const key of ['notes/domain_id=d/000000000001.note', 'manifests/domain_id=d/000000000001.json']) {
      expect(isAllowed(on.policies, put(key, once))).toBe(false);
    }
    expect(isAllowed(on.policies, { action: 'kms:Sign', resource: of.key, context: {} })).toBe(false);
    expect(isAllowed(of.exporter.policies, put('notes/keys/00000000.pem', once))).toBe(false);
  });
});
