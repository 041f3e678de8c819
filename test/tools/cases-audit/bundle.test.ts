/** Promise: the built file runs with Node alone, anywhere, and an interrupted check ends with 130 and changes nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readText } from '../../../lib/text-file';
import { saveFiles, scratchOfFile } from '../../support/scratch';
import { saveLongChain, soundArchiveOfFile } from './sound-archive';

const BUNDLE = join(__dirname, '../../../dist/cases-audit.js');
const scratch = scratchOfFile();
const archive = soundArchiveOfFile();
let folder: string;
let file: string;

beforeAll(() => {
  folder = scratch.emptyFolder();
  file = join(folder, 'cases-audit.js');
  copyFileSync(BUNDLE, file);
  writeFileSync(join(folder, 'key.pem'), archive.signer.pem);
  saveFiles(join(folder, 'archive'), archive.sound);
});

/** Far from any `node_modules`. */
function runAlone(...args: string[]) {
  return spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8', env: { CI: '1' } });
}

test('one file is all it takes', () => {
  const text = readFileSync(BUNDLE, 'utf8');
  // A message may name it; nothing loads it.
  expect(text).not.toMatch(/(require|import)\(["']@duckdb/);
  const [key] = text.match(/^#!.*/) ?? [];
  expect(key).toBe('#!/usr/bin/env node');
  const { status, stdout, stderr } = runAlone('verify', '--offline', 'archive', '--key', 'key.pem');
  // The signature is of another year than the clock: only what follows the newest one would count, and nothing does.
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^✓ Sound\. 8 commits of 1 domain/);
});

test('one file alone also answers coverage and status', () => {
  expect(runAlone('coverage', '--offline', 'archive', '--until', '2026-01-10T13:00Z')).toMatchObject({
    status: 1,
    stderr: '',
    stdout: expect.stringMatching(/^✗ Not complete\..* wait in quarantine|^✗ Not complete\..* waits in quarantine/),
  });
  expect(runAlone('status', '--offline', 'archive')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^✓ 1 domain/),
  });
});

test('one file alone makes pages, extracts and packs, with VERIFY.md as it is', () => {
  const key = ['--offline', 'archive', '--key', 'key.pem'];
  expect(runAlone('case', 'case-1', ...key)).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(folder, 'case-1.timeline.html'), 'utf8')).toContain('Complete as of');
  expect(runAlone('case', 'case-1', ...key, '--extract', 'bag')).toMatchObject({ status: 0, stderr: '' });
  expect(runAlone('pack', 'pack', ...key)).toMatchObject({ status: 0, stderr: '' });
  for (const bag of ['bag', 'pack']) {
    const page = readFileSync(join(folder, bag, 'data/VERIFY.md'), 'utf8');
    expect(page).toBe(readText(join(__dirname, '../../../VERIFY.md')));
  }
});

test('what one file alone cannot do it says, with what is needed', () => {
  expect(runAlone('query', '--offline', 'archive', 'select 1')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('needs the whole package'),
  });
  expect(runAlone('replay', '--domain', 'd')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('The bundle of the function is not here'),
  });
});

test('doctor needs its clients beside it, and in the package ends as every command does', () => {
  expect(runAlone('doctor', '--bucket', 'b')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('cases-audit doctor needs the whole package'),
  });
  const inPackage = (...args: string[]) =>
    spawnSync(process.execPath, ['--no-warnings', BUNDLE, 'doctor', ...args], {
      cwd: folder,
      encoding: 'utf8',
      // Nobody listens there.
      env: {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_REGION: 'r',
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
      },
    });
  expect(inPackage('--bucket', 'b', '--key', 'nowhere.pem')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^--key nowhere\.pem is not usable/),
  });
  const { status, stdout, stderr } = inPackage('--bucket', 'b');
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  expect(stdout).toMatch(/^\? archive-list +the versions below/m);
  expect(stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
});

test('query says what to install where DuckDB is missing', () => {
  copyFileSync(join(dirname(BUNDLE), 'cases-audit-query.js'), join(folder, 'cases-audit-query.js'));
  const { status, stdout, stderr } = runAlone('query', '--offline', 'archive', 'select 1');
  rmSync(join(folder, 'cases-audit-query.js'));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('@duckdb/node-api cannot be loaded: npm install @duckdb/node-api');
});

test('in the package query answers from the built files', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [BUNDLE, 'query', '--offline', 'archive', 'select count(*) as commits from export_commits', '--json'],
    { cwd: folder, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual([{ commits: 8 }]);
});

test('what is redirected holds no colours and no control characters, also in a CI job', () => {
  const { stdout } = runAlone('verify', '--offline', 'archive');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const lines = stdout.split('\n').slice(2);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('Ctrl-C ends with 130 and leaves no state', async () => {
  const many = join(folder, 'many');
  await saveLongChain(many);
  const state = join(folder, 'state.json');
  // As soon as somebody listens for it.
  const hook = join(folder, 'hook.cjs');
  writeFileSync(
    hook,
    "process.on('newListener', (name) => name === 'SIGINT' && setImmediate(() => process.kill(process.pid, 'SIGINT')));",
  );
  const child = spawn(process.execPath, ['-r', hook, file, 'verify', '--offline', many, '--state', state]);
  let err = '';
  child.stderr.on('data', (data) => {
    err += String(data);
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect({ code, err }).toEqual({ code: 130, err: 'Interrupted: nothing was changed.\n' });
  expect(existsSync(state)).toBe(false);
});
