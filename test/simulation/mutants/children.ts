/** Processes that run seeds, or a Jest file, inside a copy of the tree. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Tree } from './tree';

/** A broken exporter may well collect for ever. */
const MAX_MEMORY = '--max-old-space-size=1500';

/** Until the simulation is loaded, on a machine with much else to do. */
const LOAD_LIMIT_MS = 180_000;

/** As much of an error as tells what it is. */
const LAST_WORDS = 2_000;

interface SeedRun {
  readonly seed: number;
  /** Null: nothing was noticed. A run that hung or died is told as such. */
  readonly violation: string | null;
  readonly ms: number;
}

const running = new Set<ChildProcess>();

/** Whatever still runs; for the end of this process. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
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
  const program = join(tree.folder, 'test', 'simulation', 'mutants', 'try-seeds.ts');
  const args = [MAX_MEMORY, '--import', 'tsx', program, JSON.stringify(seeds)];
  const child = start(tree, untilViolation ? [...args, 'until-violation'] : args);
  const done: SeedRun[] = [];
  let isLoaded = false;
  let hung = false;
  const startedAt = () => setTimeout(stop, isLoaded ? limitMs(seeds[done.length] ?? 0) : LOAD_LIMIT_MS);
  const stop = () => {
    hung = true;
    child.process.kill('SIGKILL');
  };
  let timer = startedAt();
  child.onLine((line) => {
    clearTimeout(timer);
    if (isLoaded) done.push(JSON.parse(line) as SeedRun);
    isLoaded = true;
    timer = startedAt();
  });
  const code = await child.ended;
  clearTimeout(timer);
  if (!isLoaded) throw new Error(`The simulation cannot be loaded: ${child.errors()}`);
  const next = seeds[done.length];
  if (code === 0 || next === undefined) return done;
  const ended = hung ? hangs(limitMs(next)) : `dies: ${firstErrorLine(child.errors(), code)}`;
  return [...done, { seed: next, violation: ended, ms: 0 }];
}

/** The first test of a Jest file that fails, or that the file hangs; null if all pass. Throws an Error if it cannot be run. */
export async function runJest(tree: Tree, test: string, limitMs: number): Promise<string | null> {
  const report = join(tree.folder, 'jest-report.json');
  rmSync(report, { force: true });
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--ci', '--runInBand', '--forceExit', '--watchman=false', '--json', `--outputFile=${report}`];
  const cache = `--cacheDirectory=${join(tree.folder, '.jest')}`;
  const child = start(tree, [jest, ...flags, cache, '--runTestsByPath', test]);
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.process.kill('SIGKILL');
  }, limitMs);
  await child.ended;
  clearTimeout(timer);
  if (hung) return hangs(limitMs);
  const { testResults, numPassedTests } = readReport(report, test, child.errors);
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.find(({ status }) => status === 'failed');
  if (failed === undefined && numPassedTests === 0) throw new Error(`${test} cannot be run: ${child.errors()}`);
  return failed?.fullName ?? null;
}

function hangs(limitMs: number): string {
  return `hangs: no end in ${Math.round(limitMs / 1000)} s`;
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

interface Child {
  readonly process: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  onLine(take: (line: string) => void): void;
  /** The end of what it wrote as errors. */
  errors(): string;
}

function start(tree: Tree, args: readonly string[]): Child {
  const child = spawn(process.execPath, args, { cwd: tree.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-LAST_WORDS);
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return { process: child, ended, onLine: (take) => void lines.on('line', take), errors: () => errors.trim() };
}

function firstErrorLine(errors: string, code: number | string): string {
  const line = errors.split('\n').find((one) => /\w*(Error|FATAL)\b.*:/.test(one));
  return line?.trim() ?? `exit ${code}`;
}
