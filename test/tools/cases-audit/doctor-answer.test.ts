/** Promise: the answer of doctor follows from its checks, is fit for a ticket, and its exit code is one of the four. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployConfig } from '../../../lib/config/config';
import type { Account } from '../../../tools/cases-audit/doctor/account';
import { CHECKS, CREDENTIALS } from '../../../tools/cases-audit/doctor/checks';
import { doctorReport, examine } from '../../../tools/cases-audit/doctor/doctor';
import type { Names } from '../../../tools/cases-audit/doctor/examination';
import { judgeSettings } from '../../../tools/cases-audit/doctor/judge';
import { domainsOf } from '../../../tools/cases-audit/doctor/places';
import { judgeRun, SELF_TEST_ALONE } from '../../../tools/cases-audit/doctor/self-test';
import { InterruptedError } from '../../../tools/cases-audit/outcome';
import { scratchOfFile } from '../../support/scratch';
import { asks, awsError, DENIED, type MakeWorld, RUNS, reject, type WorldOptions, worlds } from './doctor-world';

const scratch = scratchOfFile();
let make: MakeWorld;

beforeAll(async () => {
  make = await worlds(() => scratch.emptyFolder());
});

const examined = async (options: WorldOptions = {}, afterDeploy = false) =>
  examine({ examination: await make(options), afterDeploy, onCheck: () => undefined });

test('all is well: 0', async () => {
  const answer = await examined();
  expect(answer).toMatchObject({ verdict: 'healthy', exitCode: 0, answer: 'All is well: 21 passed.' });
  expect(answer.checks.filter(({ toDo }) => toDo !== null)).toEqual([]);
});

test('the self-test awaits a commit before it looks at one', async () => {
  const answer = await examined(RUNS, true);
  expect(answer).toMatchObject({ verdict: 'healthy', exitCode: 0, answer: 'All is well: 26 passed.' });
  const order = answer.checks.map(({ check }) => check);
  for (const name of ['archive-read', 'table', 'note', 'athena'])
    expect(order.indexOf(name)).toBeGreaterThan(order.indexOf('commit'));
});

test('one cross decides: 1, and says what to do', async () => {
  const answer = await examined({ deployed: { state: 'Inactive' }, ...asks({ publicKey: reject(DENIED) }) });
  expect(answer).toMatchObject({ verdict: 'failing', exitCode: 1 });
  const { toDo } = answer.checks.find(({ check }) => check === 'function') ?? {};
  expect(toDo).toContain('cdk deploy --revert-drift');
});

test('no permission for one thing: 3', async () => {
  const answer = await examined(asks({ listFields: reject(DENIED) }));
  expect(answer).toMatchObject({ verdict: 'unknown', exitCode: 3 });
});

test('without credentials nothing else is tried', async () => {
  const expired = asks({ identity: reject(awsError('ExpiredToken', 403)), listFields: reject(new Error('tried')) });
  const { verdict, checks } = await examined(expired, true);
  expect(verdict).toBe('failing');
  expect(checks.slice(1).every(({ words }) => words === 'Not tried: there are no credentials.')).toBe(true);
});

test('a call that names nothing has checked nothing: 3', async () => {
  const nothing = { stack: null, bucket: null, table: null, database: null, workgroup: null };
  const answer = await examined({
    names: { ...nothing, signingKeys: [], exporters: [] },
    parts: { domains: [], archive: null, checkpoints: null },
    ...asks({ identity: reject(DENIED), concurrentExecutions: reject(DENIED), clockDifference: async () => null }),
  });
  expect(answer).toMatchObject({ exitCode: 3, answer: expect.stringContaining('Nothing could be checked') });
});

test('Ctrl-C ends it', async () => {
  const controller = new AbortController();
  const listFields = async () => {
    controller.abort();
    throw new Error('aborted');
  };
  await expect(examined({ ...asks({ listFields }), parts: { signal: controller.signal } })).rejects.toThrow(
    InterruptedError,
  );
});

describe('on paper', () => {
  const answerOf = () =>
    examined(
      { deployed: { state: 'Inactive' }, ...asks({ publicKey: reject(DENIED) }), names: { refresh: null } },
      true,
    );

  test.each([80, 60, 120])('no line has more than %d characters', async (width) => {
    const lines = doctorReport(await answerOf(), { width, hasColors: false }).split('\n');
    expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  });

  test('without colours there is no control character, and with them only the signs and the title have any', async () => {
    const answer = await answerOf();
    const plain = doctorReport(answer, { width: 80, hasColors: false });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    expect(doctorReport(answer, { width: 80, hasColors: true }).replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  test('a cross says what to do, a question mark what to allow, and what was not asked for is one line', async () => {
    const plain = doctorReport(await answerOf(), { width: 100, hasColors: false });
    expect(plain).toMatch(/^✗ function domain-1 +The function is Inactive, not Active\.\n +→ `cdk drift`/m);
    expect(plain).toMatch(/^\? signing-key +No permission: allow kms:GetPublicKey/m);
    expect(plain).toMatch(/^– not asked for: refresh$/m);
    expect(plain).toMatch(/\n\n✗ Something is not as it must be: /);
  });
});

describe('docs/cases-audit.md', () => {
  const page = readFileSync(join(__dirname, '../../../docs/cases-audit.md'), 'utf8');

  test('says of every check what it finds out and which permission it needs', () => {
    for (const { name, finds, permission } of [CREDENTIALS, ...CHECKS, ...SELF_TEST_ALONE]) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
      const cells = row.split('|').map((cell) => cell.trim());
      expect({ name, finds: cells[2], permission: cells[3]?.replaceAll(/`([a-z0-9]+:\w+)`/g, '$1') }).toEqual({
        name,
        finds,
        permission,
      });
    }
  });

  test('names every member of --json', async () => {
    const answer = await examined();
    const members = [...Object.keys(answer), ...Object.keys(answer.checks[0] ?? {})];
    const section = page.split('### `doctor --json`')[1]?.split('\n## ')[0] ?? '';
    expect(members.filter((member) => !new RegExp(`\`${member}(\\[\\])?\``).test(section))).toEqual([]);
  });
});

test('the settings of the configuration are those of a function that has no others', () => {
  const expected = { SEARCH_CASES_RPS: '1.5', AUDIT_EVENTS_RPS: '1.5', RELATED_ITEMS_RPS: '1.5', EXPORT_BUCKET: '' };
  const deployed = { ...expected, EXPORT_BUCKET: 'b', SIGNING_KEYS: 'k', NODE_OPTIONS: 'n' };
  expect(judgeSettings(deployed, expected).outcome).toBe('passed');
  expect(judgeSettings({ ...deployed, SWEEP_DAYS: '1' }, expected)).toEqual({
    outcome: 'failed',
    words: 'SWEEP_DAYS is "1", the configuration says unset.',
  });
});

test('a run that has committed is well, whatever became of its answer', () => {
  expect(judgeRun({ invocation: { failure: DENIED }, before: 0, after: 1 }).outcome).toBe('passed');
  expect(judgeRun({ invocation: null, before: 0, after: 1 }).outcome).toBe('passed');
});

test('a commit that comes between two questions is no contradiction', async () => {
  const checkpoints = { name: 't', state: async () => ({ head: null, applied: 7 }) } as never;
  const { checks } = await examined({ parts: { checkpoints } });
  expect(checks.find(({ check }) => check === 'table')).toMatchObject({
    outcome: 'passed',
    words: 'The table is at commit 7, and 8 has just come to the archive.',
  });
});

describe('which domain a function exports', () => {
  const names = (exporters: Names['exporters']) => ({ stack: 's', exporters }) as unknown as Names;
  const one = { output: 'ExporterFunctiond1', name: 'function-1' };
  const two = { output: 'ExporterFunctiond2', name: 'function-2' };
  const account = (domainId: string | null) =>
    ({ functionNamed: async () => ({ arn: 'a' }), schedulesOf: async () => [{ domainId }] }) as unknown as Account;

  test('is found by its output, else in the input of its schedule, and else said to be unknown', async () => {
    const config = { domains: ['d-1'] } as unknown as DeployConfig;
    const of = { names: names([one, two]), archive: null };
    expect(await domainsOf({ ...of, account: account('d-2') }, undefined, config)).toMatchObject({
      domains: ['d-1', 'd-2'],
      exporterOf: new Map([
        ['d-1', 'function-1'],
        ['d-2', 'function-2'],
      ]),
      unresolved: [],
    });
    expect(await domainsOf({ ...of, account: account(null) }, undefined, config)).toMatchObject({
      domains: ['d-1'],
      unresolved: ['function-2'],
    });
  });

  test('a domain that the stack does not export is a wrong call', async () => {
    const of = { names: names([one]), account: account('d-1'), archive: null };
    await expect(domainsOf(of, 'd-9', null)).rejects.toThrow('exports no domain d-9: expected one of d-1.');
  });
});
