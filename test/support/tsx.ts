/** Programs of this project that a test runs by tsx, each as a process of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** What the program said there itself. */
  readonly stderr: string;
}

/** Runs Node at the root of the project until it ends; `env` besides this process's variables. */
export function runByTsx(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr: ownWords(stderr) };
}

/**
 * What a program that ran by tsx said on stderr itself. The service that compiles for tsx shares its stderr, and on a busy
 * machine says `context canceled` as it is stopped with the program.
 */
export function ownWords(stderr: string): string {
  return stderr.replaceAll(/^context canceled\n/gm, '');
}
