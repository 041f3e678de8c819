/**
 * Rows per second, memory and bytes per row of flatten + encode + read back, against the bare writer with the same settings on
 * the same rows. Both take turns, each run in a process of its own, so that load from elsewhere and peaks stay apart.
 *
 *     npx tsx bench/encode.ts --rows 100000 --repeats 5
 */
import { execFileSync } from 'node:child_process';
import { type Measured, measureBare, measureExporter } from './encode-measures';
import { median, readOptions } from './harness';

const MOST = 1_000_000_000;

/**
 * `heap-mb`: limit of V8's old space for the exporter; 0 leaves it to V8, which then collects late. The bare writer has no limit.
 * `measure` is set in the child processes only.
 */
const {
  rows,
  batch,
  repeats,
  seed,
  'heap-mb': heapMb,
  measure,
} = readOptions(
  {
    rows: [100_000, 1, MOST],
    batch: [100_000, 1, MOST],
    repeats: [3, 1, MOST],
    seed: [1, 1, MOST],
    'heap-mb': [256, 0, 1_000_000],
  },
  'measure',
);
const plan = { rows, batch, seed };

void main();

async function main(): Promise<void> {
  if (measure === undefined) return compare();
  const measured = await (measure === 'bare' ? measureBare(plan) : measureExporter(plan));
  process.stdout.write(JSON.stringify(measured));
}

function compare(): void {
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

function child(kind: 'exporter' | 'bare'): Measured {
  const args = Object.entries({ ...plan, measure: kind }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const heap = kind === 'exporter' && heapMb !== 0 ? [`--max-old-space-size=${heapMb}`] : [];
  const output = execFileSync(process.execPath, [...heap, ...process.execArgv, __filename, ...args], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as Measured;
}
