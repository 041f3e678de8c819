/** `npm run chaos`: many worlds under fire, one after the other by their seeds, and what they came to. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startProgress } from '../../local/demo/progress';
import { BUNDLE } from '../../local/exporter/tick';
import { wholeNumber } from '../../tools/read-arguments';
import { runCommand } from '../support/command';
import { sideBySide } from '../support/side-by-side';
import { allIsWell, failureLines, type Outcome, summaryLines } from './summary';
import { runWorld, type WorldResult } from './world';

const USAGE = `The built bundle under fire: requests and answers lost, processes killed and frozen, cases changing all the while;
then the comparison of every row.

Usage: npm run chaos -- [--worlds <number>] [--from <seed>] [--jobs <number>]
       npm run chaos -- --world <seed>

  --worlds  how many worlds, 1 … 100000 (default 100)
  --from    seed of the first one (default 1)
  --world   one world only, by its seed
  --jobs    worlds side by side, 1 … 16 (default 2)
  --help    this text

A seed decides a world's plan and the fate of each request. It cannot decide the timing of real processes, so the same
world run again is alike, not identical.

Exit code: 0 all is well, 1 a violation, 2 the command line is wrong or the bundle is not built.
`;

interface ChaosOptions {
  readonly seeds: readonly number[];
  readonly jobs: number;
}

/** The command line as options; null asks for the usage. Throws an Error that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): ChaosOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      worlds: { type: 'string' },
      from: { type: 'string' },
      world: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const jobs = wholeNumber('--jobs', values.jobs, 1, 16);
  if (values.world !== undefined) {
    if (values.worlds !== undefined || values.from !== undefined) {
      throw new Error('--world names one world: leave out --worlds and --from');
    }
    return { seeds: [wholeNumber('--world', values.world, 0, LARGEST_SEED)], jobs };
  }
  const from = wholeNumber('--from', values.from ?? '1', 0, LARGEST_SEED);
  const worlds = wholeNumber('--worlds', values.worlds ?? '100', 1, 100_000);
  return { seeds: Array.from({ length: worlds }, (_, index) => from + index), jobs };
}

const LARGEST_SEED = 2 ** 31;

/** Runs the worlds, so many side by side; the outcomes come in the order of the seeds. */
export async function runWorlds(
  { seeds, jobs }: ChaosOptions,
  run: (seed: number) => Promise<WorldResult>,
  onEnd: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await sideBySide(jobs, seeds, async (seed, index) => {
    const outcome: Outcome = await run(seed).then(
      (result) => ({ seed, result }),
      (error: unknown) => ({ seed, failure: error instanceof Error ? error.message : String(error) }),
    );
    outcomes[index] = outcome;
    onEnd(outcome);
  });
  return outcomes;
}

async function runAll(options: ChaosOptions): Promise<number> {
  // The SDK's remark on old versions of Node is for those who deploy it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const print = (line = '') => void process.stdout.write(`${line}\n`);
  const startedAt = performance.now();
  const progress = startProgress('worlds', options.seeds.length, print);
  const outcomes = await runWorlds(
    options,
    (seed) => runWorld(seed),
    (outcome) => {
      progress.step();
      // At once, for a long run may be ended early.
      if (!process.stdout.isTTY) for (const line of failureLines([outcome])) print(line);
    },
  );
  progress.stop();
  for (const line of summaryLines(outcomes, performance.now() - startedAt)) print(line);
  for (const line of failureLines(outcomes)) print(line);
  return allIsWell(outcomes) ? 0 : 1;
}

function parse(args: readonly string[]): ChaosOptions | null {
  const options = parseCommandLine(args);
  if (options !== null && !existsSync(BUNDLE)) throw new Error('The bundle is not built yet: npm run build');
  return options;
}

if (require.main === module) void runCommand({ usage: USAGE, parse, run: runAll });
