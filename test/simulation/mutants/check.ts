/** Whether each mutant is caught, and by what. */
import { sideBySide } from '../../support/side-by-side';
import { planOf } from '../plan';
import { runJest, runSeeds } from './children';
import type { Mutant } from './mutant';
import { seedOf } from './mutants';
import type { Tree } from './tree';
import type { Worlds } from './worlds';

/** How much longer than unbroken a run may take before it counts as hanging. */
const SLOWER_AT_MOST = 10;
const SHORTEST_LIMIT_MS = 30_000;

/** For a seed of which nothing is known yet. */
const LIMIT_MS = 180_000;

export type Verdict =
  | { readonly kind: 'caught'; readonly by: number | string; readonly how: string }
  | { readonly kind: 'not caught'; readonly why: string }
  /** The list is at fault, not the exporter: the guard cannot be broken so. */
  | { readonly kind: 'cannot be broken'; readonly why: string };

export interface Checked {
  readonly one: Mutant;
  readonly verdict: Verdict;
}

/** How long each recorded seed, and each test, takes with nothing broken: by what catches a break, in milliseconds. */
type Durations = ReadonlyMap<number | string, number>;

/** Throws an Error if a seed or a test that is to catch a break fails with nothing broken. */
export async function checkUnbroken(trees: readonly Tree[], mutants: readonly Mutant[]): Promise<Durations> {
  const seeds = [...new Set(mutants.flatMap((one) => (one.caughtBy ? [] : (seedOf(one) ?? []))))];
  const tests = [...new Set(mutants.flatMap(({ caughtBy }) => caughtBy?.test ?? []))];
  const durations = new Map<number | string, number>();
  const problems: string[] = [];
  await sideBySide(trees.length, sharesOf(seeds, trees.length), async (share, _, worker) => {
    for (const { seed, violation, ms } of await runSeeds(trees[worker] as Tree, share, {
      limitMs: () => LIMIT_MS,
      untilViolation: false,
    })) {
      durations.set(seed, ms);
      if (violation !== null) problems.push(`seed ${seed}: ${violation}`);
    }
  });
  await sideBySide(trees.length, tests, async (test, _, worker) => {
    const startedAt = performance.now();
    const failed = await runJest(trees[worker] as Tree, test, LIMIT_MS);
    durations.set(test, performance.now() - startedAt);
    if (failed !== null) problems.push(`${test}: ${failed}`);
  });
  if (problems.length > 0) throw new Error(`The exporter fails with nothing broken:\n${problems.join('\n')}`);
  return durations;
}

/** Runs what is recorded for the break. */
export function checkRecorded(durations: Durations): (tree: Tree, one: Mutant) => Promise<Verdict> {
  const limitOf = (by: number | string) => Math.max(SHORTEST_LIMIT_MS, SLOWER_AT_MOST * (durations.get(by) ?? 0));
  return (tree, one) =>
    whileBroken(tree, one, async () => {
      if (one.caughtBy) return checkTest(tree, one.caughtBy.test, limitOf(one.caughtBy.test));
      const seed = seedOf(one);
      if (seed === null) return { kind: 'not caught', why: 'no seed is recorded: look for one with --find --write' };
      const [run] = await runSeeds(tree, [seed], { limitMs: () => limitOf(seed), untilViolation: true });
      return verdictOf(run?.violation ?? null, seed);
    });
}

async function checkTest(tree: Tree, test: string, limitMs: number): Promise<Verdict> {
  return verdictOf(await runJest(tree, test, limitMs), test);
}

/** Looks for a seed that catches the break: the one that is recorded, or else the first of so many. */
export function findSeed(count: number): (tree: Tree, one: Mutant) => Promise<Verdict> {
  return (tree, one) =>
    whileBroken(tree, one, async () => {
      if (one.caughtBy) return checkTest(tree, one.caughtBy.test, LIMIT_MS);
      const recorded = seedOf(one);
      const seeds = [...(recorded === null ? [] : [recorded]), ...seedsFor(one.worlds, count)];
      const runs = await runSeeds(tree, seeds, { limitMs: () => LIMIT_MS, untilViolation: true });
      const last = runs.at(-1);
      if (last?.violation != null) return verdictOf(last.violation, last.seed);
      return { kind: 'not caught', why: `by none of ${seeds.length} seeds` };
    });
}

/** Those of the first `count` seeds whose worlds can show it. */
function seedsFor(worlds: Worlds | undefined, count: number): number[] {
  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  return worlds === undefined ? seeds : seeds.filter((seed) => worlds(planOf(seed)));
}

function verdictOf(noticed: string | null, by: number | string): Verdict {
  if (noticed === null)
    return { kind: 'not caught', why: typeof by === 'number' ? `not by seed ${by}` : `not by ${by}` };
  // Then the text that was put in is no code of this file, and no guard was broken.
  if (/^(dies: )?(ReferenceError|SyntaxError)/.test(noticed)) return { kind: 'cannot be broken', why: noticed };
  return { kind: 'caught', by, how: noticed };
}

async function whileBroken(tree: Tree, one: Mutant, check: () => Promise<Verdict>): Promise<Verdict> {
  try {
    tree.breakGuard(one);
    return await check();
  } catch (error) {
    return { kind: 'cannot be broken', why: error instanceof Error ? error.message : String(error) };
  } finally {
    tree.mend();
  }
}

function sharesOf(seeds: readonly number[], shares: number): number[][] {
  return Array.from({ length: shares }, (_, share) => seeds.filter((_seed, index) => index % shares === share));
}
