/** `npm run simulate`: many worlds by their seeds, or one that is told step by step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bad, good } from '../../local/demo/print';
import { startProgress } from '../../local/demo/progress';
import { wholeNumber } from '../../tools/read-arguments';
import { runCommand } from '../support/command';
import { sideBySide } from '../support/side-by-side';
import { runSeed, type SeedResult } from './run-seed';
import { SeedProcess } from './seed-process';
import { isClean, rerunCommand, summarize, summaryLines } from './simulate-summary';

const USAGE = `Simulated worlds of the exporter: one seed decides the world, the faults and the interleaving.

Usage: npm run simulate -- [--seeds <number>] [--from <seed>] [--jobs <number>] [--json <file>]
       npm run simulate -- --seed <number>

  --seeds  how many worlds, 1 … 10000000 (default 1000)
  --from   seed of the first one (default 1)
  --seed   one world only, told step by step
  --jobs   processes side by side, 1 … 64 (default 2)
  --json   also writes the summary there
  --help   this text

Exit code: 0 every promise held, 1 a violation (each with the command that runs it again) or, in 2,000 worlds and more, a
kind of fault that never struck, 2 the command line is wrong.
`;

type SimulateOptions =
  | { readonly kind: 'one'; readonly seed: number }
  | {
      readonly kind: 'many';
      readonly from: number;
      readonly seeds: number;
      readonly jobs: number;
      readonly json: string | null;
    };

/** Null asks for the usage. @throws Error that says what is wrong with the command line. */
export function parseCommandLine(args: readonly string[]): SimulateOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const jobs = wholeNumber('--jobs', values.jobs, 1, 64);
  if (values.seed !== undefined) {
    if (values.seeds !== undefined || values.from !== undefined || values.json !== undefined) {
      throw new Error('--seed runs one world: leave out --seeds, --from and --json');
    }
    return { kind: 'one', seed: wholeNumber('--seed', values.seed, 0, LARGEST_SEED) };
  }
  const seeds = wholeNumber('--seeds', values.seeds ?? '1000', 1, 10_000_000);
  const from = wholeNumber('--from', values.from ?? '1', 0, LARGEST_SEED);
  return { kind: 'many', seeds, from, jobs, json: values.json ?? null };
}

const LARGEST_SEED = 2 ** 31;

const ROOT = join(__dirname, '..', '..');

/** Far more than the slowest seed takes on a slow machine: whoever takes longer goes round in a circle. */
const MAX_SEED_MS = 600_000;

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

async function runOne(seed: number): Promise<number> {
  const { violation, invocations, steps, commits, events, hash } = await runSeed(seed, { print });
  print(`seed ${seed}: ${invocations} invocations, ${steps} steps, ${commits} commits, ${events} events, hash ${hash}`);
  print(violation === null ? good('every promise held') : bad(violation));
  return violation === null ? 0 : 1;
}

async function runMany(options: Extract<SimulateOptions, { kind: 'many' }>): Promise<number> {
  const startedAt = performance.now();
  const results: SeedResult[] = [];
  const progress = startProgress('worlds', options.seeds, print);
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.from + index);
  await runSeeds(seeds, options.jobs, (result) => {
    results.push(result);
    progress.step();
    // At once, for a long run may be ended early.
    if (result.violation !== null && !process.stdout.isTTY)
      print(bad(`${rerunCommand(result.seed)}\n  ${result.violation}`));
  });
  progress.stop();
  const summary = summarize(options.from, results);
  for (const line of summaryLines(summary, performance.now() - startedAt)) print(line);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
  return isClean(summary) ? 0 : 1;
}

/** Every seed once, in any order. A seed whose process hangs or dies is a violation like any other. */
async function runSeeds(seeds: readonly number[], jobs: number, onResult: (result: SeedResult) => void): Promise<void> {
  const processes: SeedProcess[] = [];
  await sideBySide(jobs, seeds, async (seed, _, worker) => {
    const before = processes[worker];
    const child = before === undefined || before.isLost ? new SeedProcess(ROOT) : before;
    processes[worker] = child;
    onResult(await child.run(seed, MAX_SEED_MS));
  });
  for (const child of processes) child.end();
}

if (require.main === module) {
  void runCommand({
    usage: USAGE,
    parse: parseCommandLine,
    run: async (options) => (options.kind === 'one' ? runOne(options.seed) : runMany(options)),
  });
}
