/** Processes that run seeds, one at a time each: a seed that hangs, or ends its process, takes no other with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SeedResult } from './run-seed';

/** Until the simulation is loaded, on a machine with much else to do. */
const LOAD_LIMIT_MS = 180_000;

/** As much of an error as tells what it is. */
const LAST_WORDS = 2_000;

const running = new Set<ChildProcess>();

/** Whatever still runs; for the end of this process. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A child that `killAll` ends. @returns the end of what it wrote as errors. */
export function keep(child: ChildProcess): () => string {
  running.add(child);
  child.once('close', () => running.delete(child));
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-LAST_WORDS);
  });
  return () => errors.trim();
}

/** What is told of a run that came to no end in its time. */
export function hangs(limitMs: number): string {
  return `hangs: no end in ${Math.round(limitMs / 1000)} s`;
}

export class SeedProcess {
  /** The process has ended, and the last seed is how. */
  isLost = false;
  /** Rejects with an Error if the simulation cannot even be loaded. */
  readonly loaded: Promise<void>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  readonly #errors: () => string;

  /** @param root of the tree whose simulation runs, and whose exporter. */
  constructor(root: string, nodeOptions: readonly string[] = []) {
    this.#child = fork(join(root, 'test', 'simulation', 'seed-worker.ts'), {
      cwd: root,
      execArgv: [...nodeOptions, '--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#errors = keep(this.#child);
    this.#closed = once(this.#child, 'close');
    this.loaded = this.#next(LOAD_LIMIT_MS).then((ready) => {
      if (ready === null) throw new Error(`The simulation cannot be loaded: ${this.#errors()}`);
    });
  }

  /** What came of the seed: the loss of its process is a violation like any other. */
  async run(seed: number, limitMs: number): Promise<SeedResult> {
    await this.loaded;
    const startedAt = performance.now();
    this.#child.send(seed);
    const result = await this.#next(limitMs);
    if (result !== null) return result as SeedResult;
    this.isLost = true;
    const [code, signal] = await this.#closed;
    const isTooLate = performance.now() - startedAt >= limitMs;
    const violation = isTooLate ? hangs(limitMs) : `dies: ${firstErrorLine(this.#errors(), String(code ?? signal))}`;
    return { seed, violation, invocations: 0, steps: 0, commits: 0, events: 0, faults: {}, hash: '' };
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** What the process says next; null if it ends before, or is ended after so long. */
  async #next(limitMs: number): Promise<unknown> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limitMs);
    const said = once(this.#child, 'message').then(([message]) => message as unknown);
    const next = await Promise.race([said, this.#closed.then(() => null)]);
    clearTimeout(timer);
    return next;
  }
}

function firstErrorLine(errors: string, code: string): string {
  const line = errors.split('\n').find((one) => /\w*(Error|FATAL)\b.*:/.test(one));
  return line?.trim() ?? `exit ${code}`;
}
