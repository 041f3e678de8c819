/**
 * Promise: the role of the scheduled check allows every call that the check makes, and nothing that it never makes; it changes neither the
 * archive nor the table. The handler runs with the environment of the synthesised template, and each request on the wire is held against
 * the template's policies.
 */
import { Console } from 'node:console';
import { createHash } from 'node:crypto';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { manifestKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import { NEW_DOMAIN, stateItem } from '../../../lambda/export/domain/stored-items';
import { handler } from '../../../lambda/verify/handler';
import { type LocalStack, startLocalStack } from '../../../local/exporter/stack';
import { scratchOfFile } from '../../support/scratch';
import { DOMAIN, exportModel, render } from '../../tools/cases-audit/signed-archive';
import { EVERYTHING, MINIMAL } from '../configurations';
import { type Call, needs, startRecorder } from './calls';
import { applies, denied, distinct, grantsOf, type IamRequest, isAllowed, unusedGrants } from './iam';
import { type Deployed, deployFunction, PLACE, synthesized } from './template';

const scratch = scratchOfFile();

const least = verifier(MINIMAL);
const ownKey = verifier({ ...MINIMAL, createKmsKey: true });
const before = { ...process.env };
let calls: readonly Call[];

beforeAll(async () => {
  calls = await checkedThrice(least);
});
afterAll(() => {
  process.env = before;
});

function verifier(config: object): Deployed {
  return deployFunction(synthesized(scratch, config), 'ExportVerifyFunction');
}

/** A check from the first commit on, one that goes on after it, and one of an archive whose newest manifest is gone. */
async function checkedThrice({ environment }: Deployed): Promise<readonly Call[]> {
  const stack = await startLocalStack();
  const recorder = await startRecorder(stack);
  Object.assign(process.env, stack.env, environment, { DOMAINS: `${DOMAIN},other` });
  const silent = (['log', 'error'] as const).map((method) =>
    jest.spyOn(Console.prototype, method).mockImplementation(() => undefined),
  );
  try {
    await fill(stack, environment);
    Object.assign(process.env, recorder.env);
    for (const _day of [1, 2]) {
      expect(await handler({}, { getRemainingTimeInMillis: () => 900_000 })).toMatchObject({ contradictions: 0 });
    }
    const [newest = ''] = stack.s3.keys(environment['EXPORT_BUCKET'] ?? '', 'manifests/').reverse();
    stack.s3.remove(environment['EXPORT_BUCKET'] ?? '', newest);
    expect(await handler({}, { getRemainingTimeInMillis: () => 900_000 })).toMatchObject({ verdict: 'contradicted' });
    return [...recorder.calls];
  } finally {
    for (const spy of silent) spy.mockRestore();
    await recorder.close();
    await stack.close();
  }
}

async function fill({ s3, dynamodb }: LocalStack, environment: Deployed['environment']): Promise<void> {
  const { EXPORT_BUCKET: Bucket = '', STATE_BUCKET: work = '', CHECKPOINT_TABLE: TableName = '' } = environment;
  s3.createBucket(Bucket, { lockDays: 30 });
  s3.createBucket(work);
  await dynamodb.createTable(TableName);
  const commits = await exportModel();
  const files = await render(commits);
  const client = new S3Client({ forcePathStyle: true });
  for (const [Key, Body] of files) {
    const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
    await client.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumSHA256 }));
  }
  const seq = commits.length;
  const head = { seq, sha256: sha256(files.get(manifestKey(DOMAIN, seq)) ?? new Uint8Array()), manifestKey: 'staged' };
  const Item = marshall(stateItem.encode(DOMAIN, { ...NEW_DOMAIN, head, applied: seq }), {
    removeUndefinedValues: true,
  });
  const table = new DynamoDBClient({});
  await table.send(new PutItemCommand({ TableName, Item }));
  client.destroy();
  table.destroy();
}

function requestsOf(on: Deployed): IamRequest[] {
  const archive = `arn:aws:s3:::${on.environment['EXPORT_BUCKET']}/`;
  const all = calls.flatMap((call) =>
    needs(call, on).flatMap((request) =>
      // S3 leaves the lock out of its answer to whoever may not ask for it.
      request.action === 's3:GetObject' && request.resource.startsWith(archive)
        ? [request, { ...request, action: 's3:GetObjectRetention' }]
        : [request],
    ),
  );
  return distinct(all);
}

test('the check has been through everything that it does', () => {
  const actions = new Set(requestsOf(ownKey).map(({ action }) => action));
  expect([...actions].sort()).toEqual([
    'dynamodb:GetItem',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    's3:GetBucketObjectLockConfiguration',
    's3:GetBucketVersioning',
    's3:GetObject',
    's3:GetObjectRetention',
    's3:ListBucket',
    's3:ListBucketVersions',
    's3:PutObject',
  ]);
});

describe.each([
  ['the least configuration', least],
  ['a key of the stack’s own', ownKey],
])('%s', (_name, on) => {
  test('allows every call', () => {
    expect(denied(on.policies, requestsOf(on))).toEqual([]);
  });

  test('allows nothing that is never called, but for a query of the ledger, which auditors make', () => {
    expect(unusedGrants(on.policies, requestsOf(on)).map(({ action }) => action)).toEqual(['dynamodb:Query']);
  });

  test('changes neither archive nor table, and writes below its own prefix only', () => {
    const { EXPORT_BUCKET, STATE_BUCKET } = on.environment;
    const writes = grantsOf(on.policies).filter(({ action }) =>
      /^(?!logs:).*(Put|Delete|Update|Write|Bypass)/.test(action),
    );
    expect(writes.map(({ action, statement }) => [action, ...statement.resources])).toEqual([
      ['s3:PutObject', `arn:aws:s3:::${STATE_BUCKET}/verify/*`],
    ]);
    expect(EXPORT_BUCKET).not.toBe(STATE_BUCKET);
  });
});

test('no exporter may write where the check keeps its state', () => {
  const [domain] = EVERYTHING.domains;
  const exporter = deployFunction(synthesized(scratch, { ...MINIMAL, domains: [domain] }), 'ExportExporterFunction');
  const state = `arn:aws:s3:::${exporter.environment['STAGING_BUCKET']}/verify/state.json`;
  const context = { 'aws:principalarn': [exporter.roleArn], 'aws:resourceaccount': [PLACE.account] };
  for (const action of ['s3:PutObject', 's3:DeleteObject']) {
    const request = { action, resource: state, context };
    expect(isAllowed(exporter.policies, request)).toBe(false);
    // Whatever another policy allowed: the bucket itself says no.
    expect(exporter.policies.guards.some((guard) => guard.effect === 'Deny' && applies(guard, request))).toBe(true);
  }
});
