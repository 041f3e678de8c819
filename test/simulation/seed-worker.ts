/** The child process of `seed-process.ts`: says that it is ready; then a seed comes in, and its result goes out. */
import { runSeed } from './run-seed';

process.on('message', (seed) => void runSeed(Number(seed)).then((result) => process.send?.(result)));
process.send?.('ready');
