/** Promise: doctor and its self-test find their way through the local servers, whose answers are those of AWS, and change nothing in the archive. */
import { createCase } from '../../../local/cases/model/cases';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack, TABLE } from '../../../local/exporter/stack';
import { runTick } from '../../../local/exporter/tick';
import type { Account } from '../../../tools/cases-audit/doctor/account';
import type { DoctorAnswer } from '../../../tools/cases-audit/doctor/doctor';
import type { DoctorOptions } from '../../../tools/cases-audit/doctor/places';
import { doctor } from '../../../tools/cases-audit/doctor/program';
import { answerOf, cli, keepingConsole } from './command-line';
import { awsError } from './doctor-world';

const DOMAIN = 'domain-1';
const KEY = 'audit-key';
/** Nobody listens there: what has no stand-in cannot be asked. */
const NOBODY = 'http://127.0.0.1:9';
let stack: LocalStack;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  stack = await startLocalStack({ cases: { domains: [DOMAIN] }, signingKey: KEY });
  before = process.env;
  process.env = { ...before, ...stack.env, AWS_ENDPOINT_URL: NOBODY, AWS_MAX_ATTEMPTS: '1' };
  const { world, templateId } = stack.cases;
  const fields = [
    { id: 'title', value: { stringValue: 'A case' } },
    { id: 'customer_id', value: { stringValue: 'arn:aws:profile:us-east-1:1:domains/d/profiles/1' } },
  ];
  createCase(world, { domainId: DOMAIN, templateId: templateId(DOMAIN), fields });
});
afterAll(async () => {
  process.env = before;
  await stack.close();
});
afterEach(() => stack.s3.setFault(undefined));

const PLACES = () => ['--bucket', ARCHIVE_BUCKET, '--table', TABLE, '--signing-key', stack.kms.key(KEY).arn];

const ask = () => answerOf<DoctorAnswer>(['doctor', ...PLACES()], { now: Date.now() });

const outcomes = ({ checks }: DoctorAnswer) => Object.fromEntries(checks.map(({ check, outcome }) => [check, outcome]));

/** The function, the refresh and the policy of the bucket have no stand-in: these play them, the function by its built bundle. */
function played(account: Account): Account {
  const environment = { ...stack.env, SETTLE_SECONDS: '0' };
  return {
    ...account,
    region: () => account.region(),
    clockDifference: (bucket) => account.clockDifference(bucket),
    someCase: (domainId) => account.someCase(domainId),
    auditEvents: (domainId, caseId) => account.auditEvents(domainId, caseId),
    listFields: (domainId) => account.listFields(domainId),
    publicKey: (arn) => account.publicKey(arn),
    identity: async () => ({ account: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/operator/me' }),
    concurrentExecutions: async () => 1000,
    functionNamed: async () => ({
      arn: 'arn',
      state: 'Active',
      lastUpdate: 'Successful',
      changedAt: 0,
      environment: { ...environment, EXPORT_BUCKET: ARCHIVE_BUCKET, CHECKPOINT_TABLE: TABLE },
    }),
    schedulesOf: async () => [{ name: 's', isEnabled: true, expression: 'rate(5 minutes)', domainId: DOMAIN }],
    casesQuotas: async () => new Map(),
    invoke: async (_, event) => {
      const { answer, error } = await runTick({ event, env: environment });
      return { error: error?.message ?? null, word: answer?.status ?? null };
    },
    deleteNullVersion: async () => {
      throw awsError('AccessDenied', 403, 'not authorized, with an explicit deny in a resource-based policy');
    },
  };
}

async function selfTest(): Promise<DoctorAnswer> {
  const options: DoctorOptions = {
    bucket: ARCHIVE_BUCKET,
    table: TABLE,
    function: 'exporter',
    domain: DOMAIN,
    signingKey: stack.kms.key(KEY).arn,
    key: [],
    afterDeploy: true,
    wait: '3',
    json: true,
  };
  const { console, ended } = keepingConsole();
  await doctor(options, { ...console, now: () => Date.now() }, played);
  return JSON.parse(ended.out) as DoctorAnswer;
}

test('a new deployment: the self-test runs the function and sees its first commit, signed', async () => {
  const answer = await selfTest();
  expect(answer.checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')).toEqual([]);
  expect(outcomes(answer)).toMatchObject({ run: 'passed', commit: 'passed', note: 'passed', table: 'passed' });
  expect(answer.checks.find(({ check }) => check === 'commit')?.words).toMatch(/^Commit \d+ has appeared\.$/);
  expect(answer).toMatchObject({ exitCode: 0, afterDeploy: true });
});

test('what the servers offer passes, what has no stand-in cannot be asked, and the domain is found in the archive', async () => {
  const answer = await ask();
  expect(outcomes(answer)).toEqual({
    credentials: 'unknown',
    names: 'not-asked',
    domains: 'not-asked',
    'archive-list': 'passed',
    'archive-missing-key': 'passed',
    'archive-read': 'passed',
    table: 'passed',
    'cases-search': 'passed',
    'cases-audit-events': 'passed',
    'cases-fields': 'passed',
    function: 'not-asked',
    settings: 'not-asked',
    schedule: 'not-asked',
    'cases-quotas': 'not-asked',
    concurrency: 'unknown',
    'signing-key': 'passed',
    note: 'passed',
    catalog: 'not-asked',
    workgroup: 'not-asked',
    athena: 'not-asked',
    clock: 'passed',
  });
  expect(answer).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  expect(new Set(answer.checks.map(({ domain }) => domain))).toEqual(new Set([null, DOMAIN]));
});

test('it changes nothing: only reading calls', async () => {
  const start = stack.s3.calls.length;
  await ask();
  const used = new Set(stack.s3.calls.slice(start).map(({ operation }) => operation));
  expect([...used].filter((operation) => /^(Put|Delete|Create)/.test(operation ?? ''))).toEqual([]);
});

test('what S3 denies is a question mark that says what to allow', async () => {
  stack.s3.setFault(({ operation }) =>
    operation === 'HeadObject' ? { kind: 'error', code: 'AccessDenied' } : undefined,
  );
  const { checks } = await ask();
  expect(checks.find(({ check }) => check === 'archive-missing-key')).toMatchObject({
    outcome: 'unknown',
    words: expect.stringContaining('allow s3:GetObject and s3:ListBucket'),
  });
});

test('a bucket and a table that are not there, a domain that Cases does not have: crosses', async () => {
  const nowhere = ['--bucket', 'no-bucket', '--table', 'no-table', '--domain', 'no-domain'];
  const answer = await answerOf<DoctorAnswer>(['doctor', ...nowhere], { now: Date.now() });
  expect(answer.exitCode).toBe(1);
  const failed = answer.checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
  const asked = ['archive-list', 'archive-read', 'table', 'cases-search', 'cases-audit-events', 'cases-fields'];
  expect(failed).toEqual(expect.arrayContaining(asked));
});

test('a clock that is wrong is seen', async () => {
  const { checks } = await answerOf<DoctorAnswer>(['doctor', ...PLACES()], { now: Date.now() - 120_000 });
  expect(checks.find(({ check }) => check === 'clock')).toMatchObject({ outcome: 'failed' });
});

test.each<[string, string[], RegExp]>([
  ['nothing named', [], /Nothing to look at was named; expected --stack/],
  ['a function without its domain', ['--function', 'f'], /expected --domain <id> beside it/],
  ['a wait that is none', ['--bucket', 'b', '--wait', 'long'], /--wait is "long", expected a whole number of minutes/],
  ['a key that is none', ['--bucket', 'b', '--key', '/nowhere.pem'], /--key \/nowhere.pem is not usable/],
  ['a configuration that is none', ['--bucket', 'b', '--config', '/nowhere.json'], /nowhere\.json/],
])('a wrong call ends with 2: %s', async (_, args, words) => {
  expect(await cli(['doctor', ...args])).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
});
