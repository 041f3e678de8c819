/** Promise: each program of package.json that has a usage starts as a process of its own, and prints it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripts } from '../../package.json';
import { runByTsx } from '../support/tsx';

const ROOT = join(__dirname, '../..');
const programs = Object.entries(scripts).flatMap(([name, command]) => {
  const [, file] = /^tsx (\S+)$/.exec(command) ?? [];
  return file !== undefined && /Usage: npm run/.test(readFileSync(join(ROOT, file), 'utf8'))
    ? [[name, file] as const]
    : [];
});

test('there are programs with a usage', () => {
  expect(programs.map(([name]) => name)).toEqual(expect.arrayContaining(['demo', 'query', 'timeline']));
});

test.each(programs)('npm run %s -- --help', (name, file) => {
  const { status, stdout, stderr } = runByTsx([file, '--help']);
  expect(status === 0 ? 'started' : stderr).toBe('started');
  expect(stdout).toContain(`Usage: npm run ${name} -- `);
});
