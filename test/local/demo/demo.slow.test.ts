/** `npm run demo` on a small domain: all chapters, the verdicts, the exit code, and nothing on stderr; whatever the shell has set for AWS. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearFolder } from '../../../local/demo/folder';
import { parseCommandLine } from '../../../local/demo/main';
import { answer } from '../../../tools/query/main';
import { scratchOfFile } from '../../support/scratch';
import { ROOT, runDemo } from './run-demo';

const scratch = scratchOfFile();

test('tells the whole story, exactly, without noise; its files answer queries', async () => {
  const folder = join(scratch.emptyFolder(), 'output');
  const { code, stdout, stderr } = await runDemo(['--cases', '10', '--folder', folder]);
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
  expect(stdout).toMatch(/KMS [1-9]/);
  expect(stdout).toMatch(/✓ sound, exit code 0\n[\s\S]*a signature vouches for all of it/);
  expect(stdout).toMatch(/✗ contradicted, exit code 1\n +commit 2: object-altered\n/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length - folder.length))).toBeLessThanOrEqual(100);
  expect(code).toBe(0);

  const count = { parameters: [], folder, format: 'json' as const, sql: 'select count(*) as n from field_changes' };
  const [{ n }] = JSON.parse(await answer(count, 100));
  expect(stdout).toContain(`✓ ${n.toLocaleString('en-US')} exported rows`);
});

test('the command that it prints gives the same verdicts, by the built file alone', async () => {
  const folder = join(scratch.emptyFolder(), 'to check');
  const { stdout } = await runDemo(['--cases', '2', '--folder', folder]);
  const command = /^ {2}(node [\s\S]*?--key .*)$/m.exec(stdout)?.[1] ?? '';
  const check = (line: string) => spawnSync('sh', ['-c', line], { cwd: ROOT, encoding: 'utf8' });
  expect(check(command)).toMatchObject({ status: 0, stdout: expect.stringContaining('Sound.') });
  const altered = command.replace('/archive', '/altered-copy');
  expect(check(altered)).toMatchObject({ status: 1, stdout: expect.stringContaining('object-altered') });
});

test('no AWS setting of the shell or of a profile reaches a part of it', async () => {
  const home = scratch.emptyFolder();
  const profile =
    'use_fips_endpoint = true\nuse_dualstack_endpoint = true\nregion = eu-west-3\nretry_mode = adaptive\n';
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(join(home, '.aws/config'), `[default]\n${profile}[profile audit]\n${profile}`);
  const shell = {
    HOME: home,
    AWS_PROFILE: 'audit',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'true',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_RETRY_MODE: 'nonsense',
    AWS_MAX_ATTEMPTS: 'nonsense',
    AWS_REGION: '',
  };
  const { code, stderr } = await runDemo(['--cases', '2', '--folder', scratch.emptyFolder()], shell);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('never deletes files that no demo has made', () => {
  const folder = scratch.emptyFolder();
  writeFileSync(join(folder, 'thesis.txt'), 'all of it');
  expect(() => clearFolder(folder)).toThrow(`${folder} holds files that no demo has made. Name another folder`);
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

test.each([
  [['--cases', '0'], '--cases is a whole number from 1 to 5000, not "0"'],
  [['--cases', 'many'], '--cases is a whole number from 1 to 5000, not "many"'],
  [['--seed', '1.5'], '--seed is a whole number from 0 to 2147483648, not "1.5"'],
  [['--casse', '3'], "Unknown option '--casse'"],
])('a command line %j is refused with what was expected', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
