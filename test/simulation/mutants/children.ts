/** Seeds, or a Jest file, inside a copy of the tree. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hangs, keep, SeedProcess } from '../seed-process';
import type { Tree } from './tree';

/** A broken exporter may well collect for ever. */
const MAX_MEMORY = '--max-old-space-size=1500';

interface SeedRun {
  readonly seed: number;
  /** Null: nothing was noticed. A run that hung or died is told as such. */
  readonly violation: string | null;
  readonly ms: number;
}

/**
 * Runs seeds, up to the first violation if asked to. A seed that takes longer than `limitMs`, or ends the process, is told as a
 * violation, and no further one is run.
 * @throws Error if the simulation cannot even be loaded.
 */
export async function runSeeds(
  tree: Tree,
  seeds: readonly number[],
  { limitMs, untilViolation }: { limitMs: (seed: number) => number; untilViolation: boolean },
): Promise<SeedRun[]> {
  const child = new SeedProcess(tree.folder, [MAX_MEMORY]);
  await child.loaded;
  const done: SeedRun[] = [];
  for (const seed of seeds) {
    const startedAt = performance.now();
    const { violation } = await child.run(seed, limitMs(seed));
    done.push({ seed, violation, ms: Math.ceil(performance.now() - startedAt) });
    if (child.isLost || (untilViolation && violation !== null)) break;
  }
  child.end();
  return done;
}

/** The first test of a Jest file that fails, or that the file hangs; null if all pass. Throws an Error if it cannot be run. */
export async function runJest(tree: Tree, test: string, limitMs: number): Promise<string | null> {
  const report = join(tree.folder, 'jest-report.json');
  rmSync(report, { force: true });
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--ci', '--runInBand', '--forceExit', '--watchman=false', '--json', `--outputFile=${report}`];
  const cache = `--cacheDirectory=${join(tree.folder, '.jest')}`;
  const child = spawn(process.execPath, [jest, ...flags, cache, '--runTestsByPath', test], {
    cwd: tree.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = keep(child);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, limitMs);
  await once(child, 'close');
  clearTimeout(timer);
  if (hung) return hangs(limitMs);
  const { testResults, numPassedTests } = readReport(report, test, errors);
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.find(({ status }) => status === 'failed');
  if (failed === undefined && numPassedTests === 0) throw new Error(`${test} cannot be run: ${errors()}`);
  return failed?.fullName ?? null;
}

interface JestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { status: string; fullName: string }[] }[];
}

function readReport(path: string, test: string, errors: () => string): JestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JestReport;
  } catch (error) {
    throw new Error(`${test} cannot be run: ${errors()}`, { cause: error });
  }
}
