/** `npm run mutants`: each guard of the exporter broken on purpose, in a copy of the tree, and what notices. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../support/command';
import { sideBySide } from '../../support/side-by-side';
import { killAll } from '../seed-process';
import { type Checked, checkRecorded, checkUnbroken, findSeed } from './check';
import type { Mutant } from './mutant';
import { MUTANTS } from './mutants';
import { type BreaksOptions, parseCommandLine, USAGE } from './options';
import { markdownOf, progressLine, tableOf } from './report';
import { copyTrees, type Tree, type Trees } from './tree';

const SIDE_BY_SIDE = 2;
const PAGE = join(__dirname, 'MUTANTS.md');
const SEEDS = join(__dirname, 'seeds.json');

async function runMutants(options: BreaksOptions): Promise<number> {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
  process.on('exit', killAll);
  const trees = copyTrees(SIDE_BY_SIDE);
  try {
    return await run(options, trees);
  } finally {
    // A child that still writes would keep its folder, and that error would hide the one that came before.
    killAll();
    trees.remove();
  }
}

async function run(options: BreaksOptions, { all }: Trees): Promise<number> {
  const mutants = selected(options);
  print(
    `${mutants.length} mutants, ${SIDE_BY_SIDE} side by side${options.find === null ? '; first with nothing broken' : ''}.`,
  );
  const check = options.find === null ? checkRecorded(await checkUnbroken(all, mutants)) : findSeed(options.find.seeds);
  const checked: Checked[] = [];
  let done = 0;
  await sideBySide(all.length, mutants, async (one, index, worker) => {
    const verdict = await check(all[worker] as Tree, one);
    checked[index] = { one, verdict };
    done += 1;
    print(progressLine({ one, verdict }, done, mutants.length));
  });
  print(tableOf(checked));
  const left = checked.filter(({ verdict }) => verdict.kind !== 'caught');
  if (options.write) writeDown(checked, options, left.length === 0);
  print(
    left.length === 0
      ? `All ${checked.length} mutants are caught.`
      : `${left.length} of ${checked.length} mutants are not caught.`,
  );
  return left.length === 0 ? 0 : 1;
}

function writeDown(checked: readonly Checked[], { find }: BreaksOptions, isComplete: boolean): void {
  if (find !== null) recordSeeds(checked);
  else if (isComplete) writeFileSync(PAGE, markdownOf(checked));
  else print('MUTANTS.md was left as it is.');
}

/** What was found replaces what was recorded; what was not looked for stays; what is no break any more goes. */
function recordSeeds(checked: readonly Checked[]): void {
  const recorded = JSON.parse(readFileSync(SEEDS, 'utf8')) as Record<string, number>;
  for (const { one, verdict } of checked) {
    if (verdict.kind === 'caught' && typeof verdict.by === 'number') recorded[one.name] = verdict.by;
  }
  const kept = MUTANTS.flatMap(({ name, caughtBy }) => {
    const seed = caughtBy ? undefined : recorded[name];
    return seed === undefined ? [] : [[name, seed] as const];
  });
  writeFileSync(SEEDS, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}

function selected({ only }: BreaksOptions): readonly Mutant[] {
  return only.length === 0 ? MUTANTS : MUTANTS.filter((one) => only.some((part) => isNamed(one, part)));
}

function isNamed({ name }: Mutant, part: string): boolean {
  return name.toLowerCase().includes(part.toLowerCase());
}

function parse(args: readonly string[]): BreaksOptions | null {
  const options = parseCommandLine(args);
  const unknown = options?.only.find((part) => !MUTANTS.some((one) => isNamed(one, part)));
  if (unknown !== undefined) throw new Error(`No break's name has "${unknown}" in it`);
  return options;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void runCommand({ usage: USAGE, parse, run: runMutants });
