/**
 * Pacing of the built bundle against the local Cases service, which enforces rate and burst of each quota: the documented ones
 * (2 per second, burst 10), and the same times `--scale`, where minutes show what would take hours at true rates. How fast the
 * rate comes back after a storm does not scale: it is a time. Exit code 1 if an aim is missed.
 *
 *   npm run build && npx tsx bench/pacing.ts [--scale 5] [--true-seconds 330] [--only backlog|burst|storm|starvation|domains]
 */
import { readOptions, tableHead, tableRow } from './harness';
import { backlog, burst, type Outcome, starvation, storm, twoDomains } from './pacing/scenarios';

interface Part {
  readonly name: string;
  readonly columns: readonly string[];
  readonly outcomes: (scale: number, trueSeconds: number) => Promise<readonly Outcome[]>;
}

/** What is asked at true rates needs next to no computing, so it runs beside what is asked at scaled ones. */
const PARTS: readonly Part[] = [
  {
    name: 'backlog',
    columns: ['set rate', 'measured over', 'calls per second', 'achieved ÷ set', 'commits', 'throttled'],
    outcomes: (scale, seconds) =>
      Promise.all([
        backlog(1, { seconds, reserveSeconds: 30, commitEverySeconds: 60 }),
        // A commit takes its time by the cases in it, so at a rate times `scale` it has to come sooner to take as long.
        backlog(scale, { seconds: 130, reserveSeconds: 10, commitEverySeconds: 10 }),
      ]),
  },
  {
    name: 'burst',
    columns: ['set rate', 'first 10 s', '10 to 20 s', '20 to 30 s', 'from 10 s on, achieved ÷ set', 'throttled'],
    outcomes: async () => [await burst(40)],
  },
  {
    name: 'storm',
    columns: ['set rate', 'storm', 'throttled in it', 'first call after', 'full rate after'],
    outcomes: async (scale) => [
      ...(await Promise.all([storm(1, 30, null), storm(scale, 20, null)])),
      await storm(scale, 20, 3),
    ],
  },
  {
    name: 'starvation',
    columns: ['changes', 'operation', 'calls', 'longest wait between two', 'ticks', 'audit calls for the sweep'],
    outcomes: async (scale) => [
      await starvation(scale, { ticks: 4, tickSeconds: 45, changesPerRead: 1 / 3 }),
      await starvation(scale, { ticks: 4, tickSeconds: 45, changesPerRead: 2 }),
    ],
  },
  {
    name: 'domains',
    columns: ['set rates', 'one ÷ set', 'two ÷ set', 'sum per second', 'quota', 'busiest second', 'throttled'],
    outcomes: (scale, seconds) => Promise.all([twoDomains(1, seconds, 30), twoDomains(scale, 130, 10)]),
  },
];

async function main(): Promise<void> {
  const {
    scale,
    'true-seconds': trueSeconds,
    only,
  } = readOptions({ scale: [5, 1, 1_000], 'true-seconds': [330, 1, 100_000] }, 'only');
  console.log(`Node ${process.version}; quotas times 1 and times ${scale}\n`);
  let isMet = true;
  for (const { name, columns, outcomes } of PARTS) {
    if (only !== undefined && only !== name) continue;
    const measured = await outcomes(scale, trueSeconds);
    table(name, columns, measured);
    isMet = isMet && measured.every((outcome) => outcome.isMet);
  }
  console.log(isMet ? 'Every aim is met.' : 'An aim is missed.');
  process.exitCode = isMet ? 0 : 1;
}

function table(name: string, columns: readonly string[], outcomes: readonly Outcome[]): void {
  console.log(`${name}\n`);
  tableHead(...columns, 'met');
  for (const { rows, isMet } of outcomes) for (const row of rows) tableRow(...row, isMet ? 'yes' : '**no**');
  console.log();
}

void main();
