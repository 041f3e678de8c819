/**
 * What runs inside a copy of the tree: the seeds given, one after the other, up to the first violation. Prints a line of JSON
 * once all is loaded and after each seed; a process that hangs or dies is noticed by whoever reads along.
 */
import { writeSync } from 'node:fs';
import { runSeed } from '../run-seed';

async function main(): Promise<void> {
  const [from, untilViolation] = process.argv.slice(2);
  const seeds = JSON.parse(from ?? '[]') as number[];
  tell({ loaded: true });
  for (const seed of seeds) {
    const startedAt = performance.now();
    const { violation } = await runSeed(seed);
    tell({ seed, violation, ms: Math.ceil(performance.now() - startedAt) });
    if (violation !== null && untilViolation === 'until-violation') return;
  }
}

/** At once, also if the next seed never lets anything else run. */
function tell(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

void main();
