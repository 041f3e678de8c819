import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** V8's heap in MB after a collection, without typed arrays and buffers. */
export function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
