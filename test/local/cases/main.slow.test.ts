import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

function start(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/cases/main.ts', ...args], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, output: () => output, exit: once(child, 'exit') as Promise<[number | null, string | null]> };
}

describe('npm run cases', () => {
  test('says where it listens, answers there, and ends at Ctrl-C', async () => {
    const { child, output, exit } = start('--port', '0', '--domain', 'my-domain');
    while (!output().includes('Ctrl-C stops it.')) await once(child.stdout, 'data');
    const url = /AWS_ENDPOINT_URL_CONNECTCASES=(\S+)/.exec(output())?.[1];
    const answer = await fetch(`${url}/domains/my-domain`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ name: 'my-domain' });
    // The example is meant to be pasted: its body must make a case.
    const body = / -d '(.*)'$/m.exec(output())?.[1] ?? '';
    const created = await fetch(`${url}/domains/my-domain/cases`, { method: 'POST', body });
    expect(await created.json()).toHaveProperty('caseId');
    child.kill('SIGINT');
    expect(await exit).toEqual([0, null]);
    expect(output()).toContain('Stopped.');
  });

  test('ends with an error and its usage where a flag is wrong', async () => {
    const { output, exit } = start('--prot', '1');
    expect(await exit).toEqual([1, null]);
    expect(output()).toContain('--prot');
    expect(output()).toContain('Usage: npm run cases');
  });
});
