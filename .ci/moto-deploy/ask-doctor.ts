/**
 * `cases-audit doctor` in a stack that moto deployed, given the stack's name alone. What moto's CloudFormation cannot make, the catalog, the
 * workgroup and the schedule, is made here, and the answer of Athena is laid ready: moto runs no query.
 */
import assert from 'node:assert/strict';
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, CreateTableCommand, GlueClient } from '@aws-sdk/client-glue';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { clientSettings, outputsOf } from '../../tools/cases-audit/archive/aws';
import type { DoctorAnswer } from '../../tools/cases-audit/doctor/doctor';
import { run } from '../../tools/cases-audit/main';

const STACK = 'case-audit-export';

/** By check: what it must find. moto has neither quotas nor limits of an account, and signs nothing by itself. */
const EXPECTED: Readonly<Record<string, string>> = {
  credentials: 'passed',
  names: 'passed',
  domains: 'passed',
  'archive-list': 'passed',
  'archive-missing-key': 'passed',
  'archive-read': 'passed',
  table: 'passed',
  'cases-search': 'passed',
  'cases-audit-events': 'passed',
  'cases-fields': 'passed',
  function: 'passed',
  settings: 'passed',
  schedule: 'passed',
  'cases-quotas': 'unknown',
  concurrency: 'unknown',
  'signing-key': 'not-asked',
  note: 'not-asked',
  catalog: 'passed',
  workgroup: 'passed',
  athena: 'passed',
  clock: 'passed',
};

/** Rejects where a check finds something else. @returns a line that says what was found. */
export async function askDoctor(env: Readonly<Record<string, string>>, domainId: string): Promise<string> {
  Object.assign(process.env, env);
  const outputs = await outputsOf(STACK, clientSettings({}));
  const of = (name: string) => outputs.get(name) ?? '';
  await makeTheRest(of, domainId, env['AWS_ENDPOINT_URL'] ?? '');
  const answer = await doctor();
  const found = Object.fromEntries(answer.checks.map(({ check, outcome }) => [check, outcome]));
  assert.deepEqual(found, EXPECTED, JSON.stringify(answer.checks, null, 1));
  await tryDelete(of('ArchiveBucket'));
  return answer.answer;
}

async function doctor(...args: readonly string[]): Promise<DoctorAnswer> {
  let [out, err] = ['', ''];
  await run(['doctor', '--stack', STACK, '--json', ...args], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    width: 80,
    hasColors: false,
    isInteractive: false,
    signal: new AbortController().signal,
    now: () => Date.now(),
    env: process.env,
  });
  assert.notEqual(out, '', err);
  return JSON.parse(out) as DoctorAnswer;
}

async function makeTheRest(of: (output: string) => string, domainId: string, url: string): Promise<void> {
  const [Bucket, DatabaseName, Name] = [of('ArchiveBucket'), of('Database'), of('Workgroup')];
  const glue = new GlueClient({});
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: DatabaseName } }));
  const StorageDescriptor = { Location: `s3://${Bucket}/field_changes/` };
  await glue.send(new CreateTableCommand({ DatabaseName, TableInput: { Name: of('RawTable'), StorageDescriptor } }));
  await new AthenaClient({}).send(new CreateWorkGroupCommand({ Name }));
  const FunctionName = of(`ExporterFunction${domainId.replace(/[^A-Za-z0-9]/g, '')}`);
  const { FunctionArn } = await new LambdaClient({}).send(new GetFunctionConfigurationCommand({ FunctionName }));
  await new SchedulerClient({}).send(
    new CreateScheduleCommand({
      Name: 'tick',
      ScheduleExpression: 'rate(5 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: FunctionArn,
        RoleArn: 'arn:aws:iam::111122223333:role/schedule',
        Input: JSON.stringify({ domainId }),
      },
    }),
  );
  await layAnswer(Bucket, domainId, url);
}

/** What Athena would answer of the second tick's commit. */
async function layAnswer(Bucket: string, domainId: string, url: string): Promise<void> {
  const Key = `manifests/domain_id=${domainId}/000000000002.json`;
  const s3 = new S3Client({ forcePathStyle: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const { counts } = JSON.parse((await Body?.transformToString()) ?? '') as { counts: { rows: number } };
  const row = (...values: readonly unknown[]) => ({ Data: values.map((value) => ({ VarCharValue: String(value) })) });
  const results = [{ rows: [row('_col0', '_col1'), row(2, counts.rows)], column_info: [] }];
  const region = process.env['AWS_REGION'];
  const body = JSON.stringify({ account_id: process.env['AWS_ACCESS_KEY_ID'], region, results });
  const answer = await fetch(`${url}/moto-api/static/athena/query-results`, { method: 'POST', body });
  assert.equal(answer.status, 201, await answer.text());
}

/** moto enforces no policy of a bucket: the delete that must be denied is allowed, and must change nothing. */
async function tryDelete(Bucket: string): Promise<void> {
  const s3 = new S3Client({ forcePathStyle: true });
  const versions = async () => {
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    return JSON.stringify([Versions, DeleteMarkers]);
  };
  const before = await versions();
  const { checks } = await doctor('--after-deploy', '--wait', '0');
  assert.equal(checks.find(({ check }) => check === 'delete-denied')?.outcome, 'failed');
  assert.equal(await versions(), before);
}
