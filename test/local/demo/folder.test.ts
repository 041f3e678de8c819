/** Promise: a demo deletes what a demo has made, and nothing else; paths are seen from where the caller is. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearFolder } from '../../../local/demo/folder';
import { callersFolder } from '../../../tools/read-arguments';
import { scratchOfFile } from '../../support/scratch';
import { ROOT } from './run-demo';

const scratch = scratchOfFile();

test('what a demo has made is gone; pages of cases, answers and notes of before stay', () => {
  const folder = join(scratch.emptyFolder(), 'made');
  clearFolder(folder);
  for (const name of ['archive', 'altered-copy', 'work-area']) {
    mkdirSync(join(folder, name, 'below'), { recursive: true });
    writeFileSync(join(folder, name, 'below', 'old.txt'), 'from the last run');
  }
  writeFileSync(join(folder, 'audit-key.pem'), 'from the last run');
  const mine = ['00000008.timeline.html', 'answer.csv', 'notes.txt', 'page.html'];
  for (const name of mine) writeFileSync(join(folder, name), 'mine');
  clearFolder(folder);
  expect(readdirSync(folder).sort()).toEqual([...mine, 'made-by-the-demo.txt'].sort());
  const mark = readFileSync(join(folder, 'made-by-the-demo.txt'), 'utf8');
  for (const name of ['archive', 'work-area', 'altered-copy', 'audit-key.pem']) expect(mark).toContain(name);
});

test('lists of people below the work area are nobody’s to delete', () => {
  const folder = join(scratch.emptyFolder(), 'made');
  clearFolder(folder);
  const list = join(folder, 'work-area/users/people.csv');
  mkdirSync(join(list, '..'), { recursive: true });
  writeFileSync(list, 'mine');
  expect(() => clearFolder(folder)).toThrow('holds lists of people, which no demo makes. Move it elsewhere');
  expect(existsSync(list)).toBe(true);
});

test('a path given to npm run is seen from where npm was called', () => {
  const folder = scratch.emptyFolder();
  writeFileSync(join(folder, 'mine.sql'), 'select 1');
  const args = ['--prefix', ROOT, 'run', '--silent', 'query', '--', '--file', 'mine.sql', '--folder', 'not-there'];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(join(folder, 'not-there')) });
});

test.each([
  ['npm called in a folder below', { INIT_CWD: '/p/docs', npm_package_json: '/p/package.json' }, '/p', '/p/docs'],
  ['no npm', {}, '/p', '/p'],
  ['a program of npm that went elsewhere', { INIT_CWD: '/p/docs', npm_package_json: '/p/package.json' }, '/q', '/q'],
])('%s', (_, env, folder, expected) => {
  expect(callersFolder(env, folder)).toBe(expected);
});
