/** Promise: a commit message that does not keep to the form of CONTRIBUTING.md is named with what was expected. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchOfFile } from '../support/scratch';

const SCRIPT = join(__dirname, '../../scripts/check-commits.mjs');

const folder = scratchOfFile().emptyFolder();

function run(program: string, ...args: string[]) {
  const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_CONFIG_GLOBAL: '/dev/null' };
  const committer = { GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' };
  const env = { ...process.env, ...identity, ...committer };
  return spawnSync(program, args, { cwd: folder, encoding: 'utf8', env });
}

/** What the script says of one message, as the hook `commit-msg` would ask. */
function check(message: string) {
  const file = join(folder, 'COMMIT_EDITMSG');
  writeFileSync(file, message);
  const { status, stdout, stderr } = run(process.execPath, SCRIPT, '--message', file);
  return { status, output: stdout + stderr };
}

test.each([
  'fix(labels): count null list elements',
  'feat(config)!: domains are required',
  'refactor(lib/athena): one file per view\n\nWhy it is so.\n',
  `docs(readme): ${'x'.repeat(72 - 14)}`,
  'build(deps): update the AWS SDK\n# Please enter the commit message for your changes.\n',
])('taken: %j', (message) => {
  expect(check(message)).toEqual({ status: 0, output: 'Every message keeps to the form: 1 checked\n' });
});

test.each([
  ['Count null list elements', 'expected "type(scope): what changes"'],
  [
    'chore(labels): count null list elements',
    'expected "type(scope): what changes" with a scope in lower case and a type of feat, fix, perf',
  ],
  ['fix: count null list elements', 'expected "type(scope): what changes"'],
  ['fix(Labels): count null list elements', 'expected "type(scope): what changes" with a scope in lower case'],
  ['fix(labels):', 'expected "type(scope): what changes"'],
  [`docs(readme): ${'x'.repeat(73 - 14)}`, 'the subject has 73 characters, expected at most 72'],
  ['fix(labels): count null list elements.', 'the subject ends with a full stop'],
  ['fix(labels): count null\nlist elements', 'the second line is not empty'],
])('refused: %j', (message, problem) => {
  const { status, output } = check(message);
  expect(status).toBe(1);
  expect(output).toContain(`message "${message.split('\n')[0]}"\n`);
  expect(output).toContain(`  - ${problem}`);
});

test('of a range every commit is checked but merges, and each wrong one is named', () => {
  const commit = (subject: string) => run('git', 'commit', '--quiet', '--allow-empty', '-m', subject);
  run('git', 'init', '--quiet', '--initial-branch=main');
  commit('Before the form was agreed on');
  run('git', 'checkout', '--quiet', '-b', 'topic');
  commit('test(labels): a null in a list');
  run('git', 'checkout', '--quiet', 'main');
  commit('docs(labels): what a null is');
  run('git', 'merge', '--quiet', '--no-ff', '-m', 'Merge the topic', 'topic');
  expect(run(process.execPath, SCRIPT, 'HEAD~2..HEAD')).toMatchObject({
    status: 0,
    stdout: 'Every message keeps to the form: 2 checked\n',
  });
  commit('Oops');
  const { status, stderr } = run(process.execPath, SCRIPT, 'HEAD~3..HEAD');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^[0-9a-f]{7,} "Oops"\n {2}- expected [^\n]*\n$/);
});

test.each([[[]], [['--all']], [['a', 'b']], [['no-such-branch..HEAD']]])('a command line that is wrong: %j', (args) => {
  const { status, stderr } = run(process.execPath, SCRIPT, ...args);
  expect(status).toBe(2);
  expect(stderr).toContain('Usage: node scripts/check-commits.mjs <range');
});
