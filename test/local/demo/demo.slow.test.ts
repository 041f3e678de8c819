/** `npm run demo` on a small domain: all chapters, the verdict, the exit code, and nothing on stderr. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyFolder } from '../../../local/demo/folder';
import { parseCommandLine } from '../../../local/demo/main';
import { answer } from '../../../tools/query/main';

const ROOT = join(__dirname, '../../..');

let parent: string;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'demo-run-'));
});

afterAll(() => rmSync(parent, { recursive: true, force: true }));

test('tells the whole story, exactly, without noise; its files answer queries', async () => {
  const folder = join(parent, 'output');
  const { code, stdout, stderr } = await runDemo('--cases', '10', '--folder', folder);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /Tick 3: killed[\s\S]*answer +none: killed[\s\S]*commit 4 is made; wholly published are only the first 3/,
  );
  expect(stdout).toMatch(/Tick 4:[\s\S]*answer +busy/);
  expect(stdout).toMatch(/Tick 5:[\s\S]*4 {2}\d+ events?, \d+ rows? {2}← made by an earlier tick/);
  expect(stdout).toMatch(/Tick 6:[\s\S]*0 events → 0 rows[\s\S]*proof that nothing was new/);
  expect(stdout).toMatch(
    /✓ [\d,]+ exported rows compared with it, each in 29 columns:\n +0 missing · 0 doubled · 0 different · 0 unknown/,
  );
  expect(stdout).toMatch(/✓ 6 manifests in one unbroken chain/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length - folder.length))).toBeLessThanOrEqual(100);
  expect(code).toBe(0);

  const count = { parameters: [], folder, format: 'json' as const, sql: 'select count(*) as n from field_changes' };
  const [{ n }] = JSON.parse(await answer(count, 100));
  expect(stdout).toContain(`✓ ${n.toLocaleString('en-US')} exported rows`);
});

test('never deletes files that no demo has made', () => {
  const folder = join(parent, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'thesis.txt'), 'all of it');
  expect(() => emptyFolder(folder)).toThrow(`${folder} holds files that no demo has made. Name another folder`);
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test('empties what a demo has made before', () => {
  const folder = join(parent, 'made');
  emptyFolder(folder);
  writeFileSync(join(folder, 'old.txt'), 'from the last run');
  emptyFolder(folder);
  expect(readdirSync(folder)).toEqual(['made-by-the-demo.txt']);
});

test.each([
  [['--cases', '0'], '--cases is a whole number from 1 to 5000, not "0"'],
  [['--cases', 'many'], '--cases is a whole number from 1 to 5000, not "many"'],
  [['--seed', '1.5'], '--seed is a whole number from 0 to 2147483648, not "1.5"'],
  [['--casse', '3'], "Unknown option '--casse'"],
])('a command line %j is refused with what was expected', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});

function runDemo(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const child = spawn(process.execPath, [tsx, join(ROOT, 'local/demo/main.ts'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
