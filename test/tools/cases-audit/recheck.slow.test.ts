/**
 * Promise: `recheck` finds what an archive made by the bundle and the service do not agree on, and only that; it sends the two reading
 * operations and nothing else, and prints no value of a case.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as casesApi from '../../../lambda/export/aws/cases-api';
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { fieldChangesKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { readRows } from '../../../lambda/export/parquet/read-back';
import { createCase, deleteCase, updateCase } from '../../../local/cases/model/cases';
import { createRelatedItem } from '../../../local/cases/model/related-items';
import { readManifests } from '../../../local/demo/archive';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack } from '../../../local/exporter/stack';
import { runTick } from '../../../local/exporter/tick';
import type { RecheckAnswer } from '../../../tools/cases-audit/recheck/answer';
import type * as support from '../../support/patient';
import { scratchOfFile } from '../../support/scratch';
import { cli } from './command-line';
import { rowFile } from './signed-archive';

jest.mock('../../../lambda/export/aws/cases-api', () => {
  const actual = jest.requireActual<typeof casesApi>('../../../lambda/export/aws/cases-api');
  const { patient } = jest.requireActual<typeof support>('../../support/patient');
  const createCasesClient: typeof actual.createCasesClient = (settings) => patient(actual.createCasesClient(settings));
  return { ...actual, createCasesClient };
});

const DOMAIN = 'desk';
const SECRET = 'Anna Secret-Name';
const scratch = scratchOfFile();
const FAST = ['--pace', '1000'];

let root: string;
let stack: LocalStack;
let caseIds: string[];
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  root = scratch.emptyFolder();
  stack = await startLocalStack({ cases: { domains: [DOMAIN] }, root });
  environment = { ...process.env };
  // Whoever asks the table gets no answer.
  Object.assign(process.env, stack.env, { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' });
  caseIds = Array.from({ length: 12 }, (_, index) => newCase(`Case ${index}`));
  for (const caseId of caseIds.slice(0, 6)) update(caseId, SECRET);
  await tick();
  stack.cases.calls.clear();
});
afterEach(async () => {
  process.env = environment;
  await stack.close();
});

function newCase(title: string): string {
  const fields = [
    { id: 'title', value: { stringValue: title } },
    { id: 'customer_id', value: { stringValue: 'arn:aws:profile:us-east-1:111122223333:domains/d/profiles/p' } },
  ];
  const templateId = stack.cases.templateId(DOMAIN);
  return createCase(stack.cases.world, { domainId: DOMAIN, templateId, fields }).caseId;
}

function update(caseId: string, title: string): void {
  const fields = [{ id: 'title', value: { stringValue: title } }];
  updateCase(stack.cases.world, { domainId: DOMAIN, caseId, fields });
}

async function tick(): Promise<void> {
  const env = {
    ...stack.env,
    SETTLE_SECONDS: '0',
    OVERLAP_SECONDS: '0',
    SEARCH_CASES_RPS: '500',
    AUDIT_EVENTS_RPS: '500',
  };
  const { answer, logs } = await runTick({ event: { domainId: DOMAIN }, env });
  if (answer?.status !== 'complete') throw new Error(`The tick was not complete: ${logs.join('\n')}`);
}

function folder(): string {
  return join(root, ARCHIVE_BUCKET);
}

async function recheck(...args: string[]): Promise<RecheckAnswer> {
  const { code, out, err } = await cli(['recheck', '--bucket', ARCHIVE_BUCKET, '--json', ...FAST, ...args], {
    now: Date.now(),
  });
  if (out === '') throw new Error(`recheck said nothing: ${err}`);
  const answer = JSON.parse(out) as RecheckAnswer;
  expect(answer.exitCode).toBe(code);
  expect(`${out}${err}`).not.toContain(SECRET);
  return answer;
}

/** Changes the rows of the commit that holds them, in the folder: hashes stay. */
async function alterRows(change: (rows: FieldChange[]) => FieldChange[]): Promise<void> {
  const manifest = readManifests(folder(), DOMAIN).find(({ counts }) => counts.rows > 0) as Manifest;
  const path = join(folder(), fieldChangesKey(DOMAIN, manifest.exportDate, manifest.seq));
  const bytes = new Uint8Array(readFileSync(path));
  const rows = await readRows(bytes);
  const changed = change(rows.map(({ exported_at, run_id, commit_seq, ...row }) => row as unknown as FieldChange));
  writeFileSync(path, await rowFile(changed, manifest, null));
}

const offline = () => ['recheck', '--offline', folder(), '--json', ...FAST, '--sample', '100'];

async function recheckFolder(): Promise<RecheckAnswer> {
  const { out, err } = await cli(offline(), { now: Date.now() });
  if (out === '') throw new Error(`recheck said nothing: ${err}`);
  expect(`${out}${err}`).not.toContain(SECRET);
  return JSON.parse(out) as RecheckAnswer;
}

test('what the exporter wrote agrees, and nothing but two reading operations and reads of the archive is sent', async () => {
  const before = stack.s3.calls.length;
  const answer = await recheck('--sample', '5', '--seed', 'a-seed');
  expect(answer).toMatchObject({ verdict: 'agrees', exitCode: 0, seed: 'a-seed', contradictions: [], unread: [] });
  expect(answer.frames).toMatchObject([
    { frame: 'archive', population: 12, drawn: 5, clean: 5 },
    { frame: 'service-only', population: 0, drawn: 0 },
  ]);
  expect(answer.compared.events).toBeGreaterThanOrEqual(5);
  const operations = new Set(stack.cases.calls.log.map(({ operation }) => operation));
  expect([...operations].sort()).toEqual(['GetCaseAuditEvents', 'SearchCases']);
  expect(answer.calls).toMatchObject({ GetCaseAuditEvents: 5, SearchCases: 1, throttled: 0 });
  const stored = new Set(stack.s3.calls.slice(before).map(({ operation }) => operation));
  expect([...stored].filter((operation) => !/^(GetObject|ListObject)/.test(operation))).toEqual([]);
});

test('a seed draws the same cases again, and a sample of all proves all', async () => {
  const asked = () => stack.cases.calls.log.map(({ caseId }) => caseId);
  await recheck('--sample', '4', '--seed', 's', '--no-search');
  const first = asked();
  stack.cases.calls.clear();
  await recheck('--sample', '4', '--seed', 's', '--no-search');
  expect(asked()).toEqual(first);
  const all = await recheck('--sample', '100', '--no-search');
  expect(all.frames).toMatchObject([{ drawn: 12, clean: 12, odds: { casesAtMost: 0, shareAtMost: 0 } }]);
  expect(all.search).toBeNull();
});

test('a row that was taken out, and a file that is gone', async () => {
  let eventId = '';
  await alterRows((rows) => {
    eventId = rows.find(({ new_value }) => new_value === SECRET)?.event_id ?? '';
    return rows.filter(({ event_id }) => event_id !== eventId);
  });
  const answer = await recheckFolder();
  expect(answer).toMatchObject({ verdict: 'differs', exitCode: 1 });
  expect(answer.contradictions).toMatchObject([{ kind: 'event-missing', eventId, commits: [] }]);
  expect(answer.frames[0]).toMatchObject({ differing: 1, clean: 11, odds: null });
  rmSync(join(folder(), 'field_changes'), { recursive: true });
  const without = await recheckFolder();
  expect(without.frames).toMatchObject([
    { frame: 'archive', population: 0 },
    { frame: 'service-only', population: 12, differing: 12 },
  ]);
});

test('a value that was altered is named by its column, and one of the fields of an event that is gone by its id', async () => {
  await alterRows((rows) =>
    rows
      .map((row) => (row.case_id === caseIds[0] && row.new_value === SECRET ? { ...row, new_value: 'Otto' } : row))
      .filter((row) => !(row.case_id === caseIds[7] && row.field_id === 'title')),
  );
  const { contradictions } = await recheckFolder();
  expect(contradictions.toSorted((a, b) => (a.kind < b.kind ? 1 : -1))).toMatchObject([
    { kind: 'value-differs', caseId: caseIds[0], fieldId: 'title', columns: ['new_value'], commits: [1] },
    { kind: 'field-missing', caseId: caseIds[7], fieldId: 'title', columns: [], commits: [1] },
  ]);
});

test('an event that the service never told is made up', async () => {
  await alterRows((rows) => {
    const [row] = rows;
    if (row === undefined) throw new Error('no row');
    return [...rows, { ...row, event_id: 'made-up' }];
  });
  const answer = await recheckFolder();
  expect(answer.contradictions).toMatchObject([{ kind: 'event-unknown', eventId: 'made-up' }]);
});

test('what came after the watermark is no contradiction; what came before it and was left out is one', async () => {
  update(caseIds[0] as string, 'later');
  createRelatedItem(stack.cases.world, {
    domainId: DOMAIN,
    caseId: caseIds[1] as string,
    type: 'Comment',
    content: { comment: { body: SECRET, contentType: 'Text/Plain' } },
  });
  newCase('later, too');
  const later = await recheck('--sample', '100');
  expect(later).toMatchObject({ exitCode: 0, contradictions: [], excused: [{ kind: 'newer', events: 2 }] });
  expect(later.search).toMatchObject({ cases: 13, setApart: [{ kind: 'newer', cases: 1 }] });
  stack.cases.injectEvent(DOMAIN, caseIds[2] as string, {
    eventId: 'left-out',
    type: 'Case.Updated',
    performedTime: new Date(Date.now() - 3_600_000).toISOString(),
    fields: [],
  });
  const answer = await recheck(caseIds[2] as string);
  expect(answer).toMatchObject({ exitCode: 1, contradictions: [{ kind: 'event-missing', eventId: 'left-out' }] });
  await tick();
  expect((await recheck(caseIds[0] as string, caseIds[1] as string)).excused).toEqual([]);
});

test('a case that was deleted cannot be read again, and contradicts nothing; without any other nothing agrees', async () => {
  deleteCase(stack.cases.world, { domainId: DOMAIN, caseId: caseIds[3] as string });
  const answer = await recheck('--sample', '100');
  expect(answer).toMatchObject({ exitCode: 0, gone: [{ caseId: caseIds[3], isNoted: false }] });
  expect(answer.frames[0]).toMatchObject({ drawn: 12, clean: 11, gone: 1 });
  expect(await recheck(caseIds[3] as string)).toMatchObject({ exitCode: 3, contradictions: [] });
  expect(await recheck('no-such-case')).toMatchObject({ exitCode: 3, unread: [{ cause: 'not-found' }] });
  const wrong = await recheck('--sample', '100', '--cases-domain', 'another');
  expect(wrong.exitCode).toBe(3);
});

test('a service that throttles is waited for; one that denies is not asked a hundred times', async () => {
  stack.cases.setFault(({ operation, count }) =>
    operation === 'GetCaseAuditEvents' && count % 2 === 1
      ? { status: 429, errorType: 'ThrottlingException', message: SECRET }
      : undefined,
  );
  const waited = await recheck('--sample', '3', '--no-search');
  expect(waited).toMatchObject({ exitCode: 0, frames: [{ clean: 3 }], calls: { throttled: 3, GetCaseAuditEvents: 6 } });
  stack.cases.calls.clear();
  stack.cases.setFault(() => ({ status: 403, errorType: 'AccessDeniedException', message: SECRET }));
  const denied = await recheck('--sample', '100');
  expect(denied).toMatchObject({
    exitCode: 3,
    verdict: 'agrees-as-far-as-checked',
    frames: [{ unread: 12 }, { drawn: 0 }],
  });
  expect(denied.unread.map(({ cause }) => cause)).toEqual(['denied', 'denied', 'denied', 'stopped', 'denied']);
  expect(stack.cases.calls.count('GetCaseAuditEvents')).toBe(3);
});

test('a service that shows nulls, kinds that do not exist yet and events that no row can hold contradicts nothing', async () => {
  stack.cases.set({
    seed: 7,
    eventOrder: 'shuffled',
    nullFieldRate: 0.1,
    undecodableRate: 0.1,
    unknownTypeRate: 0.2,
    unknownValueRate: 0.2,
    unknownUserRate: 0.2,
    lists: { pageSize: 3, emptyPageRate: 0.2, tokenAtEnd: 'once' },
  });
  for (let round = 0; round < 5; round += 1) for (const caseId of caseIds) update(caseId, `${SECRET} ${round}`);
  await tick();
  const answer = await recheck('--sample', '100');
  expect(answer).toMatchObject({ contradictions: [], unread: [], exitCode: 0 });
  expect(answer.compared.events).toBeGreaterThan(60);
  expect(answer.excused.map(({ kind }) => kind)).toContain('quarantined');
});

test('the table for people fits 80 columns and shows the odds', async () => {
  const args = ['recheck', '--bucket', ARCHIVE_BUCKET, '--sample', '4', '--seed', 'x', ...FAST];
  const { code, out, err } = await cli(args, { now: Date.now() });
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ Agrees\. 4 cases read again/);
  expect(out.replaceAll('\n', ' ')).toContain('At 95 % confidence at most 5 (42 %) of them differ.');
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(err).toBe('4 cases to read, drawn with --seed x: at least 1 minute at 1000 calls per second.\n');
});

test('the built file alone does it, from any folder, by the environment of the SDK', async () => {
  const file = join(scratch.emptyFolder(), 'cases-audit.js');
  copyFileSync(join(__dirname, '../../../dist/cases-audit.js'), file);
  const args = [file, 'recheck', '--bucket', ARCHIVE_BUCKET, '--sample', '3', ...FAST];
  const child = spawn(process.execPath, args, { cwd: dirname(file), env: { ...process.env, CI: '1' } });
  let out = '';
  child.stdout.on('data', (data) => {
    out += String(data);
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(out).toMatch(/^✓ Agrees\. 3 cases read again/);
  expect(code).toBe(0);
});

test('Ctrl-C ends it', async () => {
  const controller = new AbortController();
  stack.cases.setFault(() => {
    controller.abort();
    return 'hang';
  });
  const args = ['recheck', '--bucket', ARCHIVE_BUCKET, '--sample', '4', ...FAST];
  expect(await cli(args, { now: Date.now(), signal: controller.signal })).toMatchObject({ code: 130, out: '' });
});
