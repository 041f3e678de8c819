/** The child process of `seed-pool.ts`: a seed comes in, its result goes out. */
import { runSeed } from './run-seed';

process.on('message', (seed) => {
  runSeed(Number(seed)).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      throw error;
    },
  );
});
