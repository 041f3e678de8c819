/** Seeds over child processes: each runs one seed at a time, so that a seed that hangs or dies takes no other with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { SeedResult } from './run-seed';

const WORKER = join(__dirname, 'seed-worker.ts');

/** Far more than the slowest seed takes on a slow machine: whoever takes longer goes round in a circle. */
const MAX_SEED_MS = 600_000;

interface SeedPoolOptions {
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly longestSeedMs?: number;
}

/** Runs every seed once, in any order. A seed whose process hangs or dies is a violation like any other. */
export async function runSeeds(
  { from, seeds, jobs, longestSeedMs = MAX_SEED_MS }: SeedPoolOptions,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  let next = from;
  const takeSeed = (): number | null => (next < from + seeds ? next++ : null);
  const work = async () => {
    for (let seed = takeSeed(); seed !== null; ) seed = await runInChild(seed, takeSeed, longestSeedMs, onResult);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}

/** Goes on in one child until no seed is left, or the child is lost; then with the next seed in another one. */
function runInChild(
  first: number,
  takeSeed: () => number | null,
  longestMs: number,
  onResult: (result: SeedResult) => void,
): Promise<number | null> {
  const child = fork(WORKER);
  let seed = first;
  return new Promise((resolve) => {
    let watch = startWatch(child, longestMs);
    const done = (next: number | null) => {
      clearTimeout(watch);
      resolve(next);
    };
    child.on('message', (message) => {
      clearTimeout(watch);
      onResult(message as SeedResult);
      const following = takeSeed();
      if (following === null) {
        child.removeAllListeners('exit');
        child.disconnect();
        return done(null);
      }
      seed = following;
      watch = startWatch(child, longestMs);
      child.send(seed);
    });
    child.on('exit', (code, signal) => {
      onResult(lostResult(seed, `its process ended by itself (code ${code}, signal ${signal})`));
      done(takeSeed());
    });
    child.send(seed);
  });
}

function startWatch(child: ChildProcess, longestMs: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), longestMs);
}

function lostResult(seed: number, violation: string): SeedResult {
  return { seed, violation, invocations: 0, steps: 0, commits: 0, events: 0, faults: {}, hash: '' };
}
