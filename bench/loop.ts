/**
 * A first export beside a plain SDK loop over the same service, each in a process of its own, in turn: CPU, requests to DynamoDB, and
 * with `--rps` how much of the set rate is used while the service allows 20 requests per second with a burst of 10.
 *
 *   npm run build && npx tsx bench/loop.ts [--cases 2000] [--events 25] [--runs 3] [--rps 15]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { LocalStack } from '../local/exporter/stack';
import { runTick, type Tick } from '../local/exporter/tick';
import { startProxy } from '../local/proxy/proxy';
import { fillDomain, startInThePast } from './fill';
import { median, ratesOf, readOptions, tableHead, tableRow } from './harness';

const DOMAIN = 'bench';

interface Plan {
  readonly cases: number;
  readonly eventsACase: number;
  readonly rps: number;
}

interface Run {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly dynamodb: Readonly<Record<string, number>>;
}

async function main(): Promise<void> {
  const {
    cases,
    events: eventsACase,
    runs,
    rps,
  } = readOptions({
    cases: [2_000, 1, 10_000_000],
    events: [25, 1, 1_000_000],
    runs: [3, 1, 1_000],
    rps: [10_000, 1, 1_000_000],
  });
  const plan = { cases, eventsACase, rps };
  const folder = mkdtempSync(join(tmpdir(), 'loop-'));
  const loop = join(folder, 'index.js');
  const options = { bundle: true, minify: true, platform: 'node', target: 'node20', format: 'cjs' } as const;
  await build({ ...options, entryPoints: [join(__dirname, 'loop/plain-loop.ts')], outfile: loop });
  console.log(`Node ${process.version} on ${process.arch}; ${cases} cases of ${eventsACase} events; ${runs} runs\n`);
  const figures = ['loop CPU s', 'exporter CPU s', 'ratio', 'exporter s', 'DynamoDB requests per case'];
  tableHead('run', ...figures, 'by operation');
  const ratios: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const plain = await measure(plan, loop);
    const ours = await measure(plan);
    ratios.push(ours.cpuSeconds / plain.cpuSeconds);
    tableRow(run, ...row(plain, ours, cases));
  }
  rmSync(folder, { recursive: true });
  console.log(`\nmedian ratio of CPU: ${median(ratios).toFixed(2)}`);
}

function row(plain: Run, ours: Run, cases: number): string[] {
  const requests = Object.values(ours.dynamodb).reduce((sum, count) => sum + count, 0);
  const operations = Object.entries(ours.dynamodb).map(([name, count]) => `${name} ${count}`);
  const figures = [
    plain.cpuSeconds,
    ours.cpuSeconds,
    ours.cpuSeconds / plain.cpuSeconds,
    ours.seconds,
    requests / cases,
  ];
  return [...figures.map((figure) => figure.toFixed(2)), operations.join(', ')];
}

/** @param bundle in place of the exporter's. */
async function measure({ cases, eventsACase, rps }: Plan, bundle?: string): Promise<Run> {
  const { stack, arrive } = await startInThePast({ domains: [DOMAIN] });
  const meter = await countRequests(stack);
  try {
    fillDomain(stack, { domainId: DOMAIN, cases, eventsACase, fieldsAnEvent: 2 });
    arrive();
    const startedAt = performance.now();
    const tick = await runTick({
      event: { domainId: DOMAIN },
      env: { ...stack.env, ...ratesOf(rps), SETTLE_SECONDS: '1', AWS_ENDPOINT_URL_DYNAMODB: meter.url },
      timeoutMs: 900_000,
      ...(bundle === undefined ? {} : { bundle }),
    });
    return { cpuSeconds: cpuOf(tick), seconds: (performance.now() - startedAt) / 1000, dynamodb: meter.counts };
  } finally {
    await meter.close();
    await stack.close();
  }
}

function cpuOf({ answer, error, usage }: Tick): number {
  if (answer?.status !== 'complete' || usage === null)
    throw new Error(`A run ended ${answer?.status ?? error?.message}`);
  return usage.cpuSeconds;
}

async function countRequests(stack: LocalStack) {
  const counts: Record<string, number> = {};
  const proxy = await startProxy(stack.dynamodb.url);
  proxy.setObserver(({ headers }) => {
    const operation = String(headers['x-amz-target'] ?? '').replace(/^.*\./, '');
    counts[operation] = (counts[operation] ?? 0) + 1;
  });
  return { url: proxy.url, counts, close: () => proxy.close() };
}

void main();
