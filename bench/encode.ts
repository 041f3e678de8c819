/**
 * Rows a second, memory and bytes a row of flatten + encode + read back, against the bare writer with the same settings on
 * the same rows. Both take turns, each run in a process of its own, so that load from elsewhere and peaks stay apart.
 *
 *     npx tsx bench/encode.ts --rows 100000 --repeats 5
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../tools/read-arguments';
import { type Measured, measureBare, measureExporter } from './encode-measures';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '100000' },
    repeats: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    /** Limit of V8's old space for the exporter; 0 leaves it to V8, which then collects late. The bare writer has no limit. */
    'heap-mb': { type: 'string', default: '256' },
    /** Set in the child processes only. */
    measure: { type: 'string' },
  },
});

const plan = { rows: positive('rows'), batch: positive('batch'), seed: positive('seed') };

void main();

async function main(): Promise<void> {
  if (values.measure === undefined) return compare(positive('repeats'));
  const measured = await (values.measure === 'bare' ? measureBare(plan) : measureExporter(plan));
  process.stdout.write(JSON.stringify(measured));
}

function compare(repeats: number): void {
  const runs: { exporter: Measured; bare: Measured }[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) runs.push({ exporter: child('exporter'), bare: child('bare') });
  for (const kind of ['exporter', 'bare'] as const) {
    const of = (pick: (measured: Measured) => number) => median(runs.map((run) => pick(run[kind])));
    console.log(
      [
        kind.padEnd(8),
        `${of((m) => m.rows)} rows`,
        `${of((m) => m.rows / m.wallSeconds).toFixed(0)} rows/s`,
        `${of((m) => m.cpuSeconds).toFixed(1)} CPU s`,
        `peak ${of((m) => m.peakRssMb).toFixed(0)} MB`,
        `${of((m) => m.bytes / m.rows).toFixed(1)} bytes/row`,
      ].join(' · '),
    );
  }
  const ratio = (pick: (measured: Measured) => number) =>
    median(runs.map(({ exporter, bare }) => pick(bare) / pick(exporter))).toFixed(2);
  console.log(
    `exporter / bare: ${ratio((m) => m.wallSeconds)} by wall clock, ${ratio((m) => m.cpuSeconds)} by CPU time`,
  );
}

function child(measure: 'exporter' | 'bare'): Measured {
  const args = Object.entries({ ...plan, measure }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const limited = measure === 'exporter' && values['heap-mb'] !== '0';
  const heap = limited ? [`--max-old-space-size=${values['heap-mb']}`] : [];
  const output = execFileSync(process.execPath, [...heap, ...process.execArgv, __filename, ...args], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as Measured;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function positive(name: 'rows' | 'batch' | 'repeats' | 'seed'): number {
  return wholeNumber(`--${name}`, values[name], 1, 1_000_000_000);
}
