/**
 * Peak memory of the built bundle in a process of its own, first export of domains of different sizes and shapes. Exit code 1
 * if a peak is above the aim.
 *
 *   npm run build && npx tsx bench/memory.ts [--only rows-10000,events-1000000,…] [--heap-mb 256]
 *
 * `--heap-mb` is V8's limit on the old generation; that on the young one follows it, as the stack sets both. 0 = V8's own.
 */
import { randomBytes } from 'node:crypto';
import { heapLimits } from '../lib/function/exporter';
import { runTick, type Tick } from '../local/exporter/tick';
import { type Filling, fillDomain, startInThePast } from './fill';
import { FAST, readOptions, tableHead, tableRow } from './harness';

const DOMAIN = 'bench';
const MAX_MB = 320;
/** Limit of a stringValue, in characters. */
const MAX_TEXT = 4_100;

type Shape = Omit<Filling, 'domainId'>;

const SHAPES: Readonly<Record<string, Shape>> = {
  ...byRows(10_000),
  ...byRows(100_000),
  ...byRows(1_000_000),
  ...byEvents(10_000),
  ...byEvents(100_000),
  ...byEvents(1_000_000),
  'one-case-of-100000-events': { cases: 1, eventsACase: 100_000, fieldsAnEvent: 1 },
  'texts-of-4100-ascii': longTexts(asciiText),
  'texts-of-4100-three-bytes-each': longTexts(wideText),
};

/** Cases of about a hundred rows each. */
function byRows(rows: number): Record<string, Shape> {
  return { [`rows-${rows}`]: { cases: Math.ceil(rows / 101), eventsACase: 25, fieldsAnEvent: 4 } };
}

/** One row an event, as most changes are, besides the first event of each case; four pages a case. */
function byEvents(events: number): Record<string, Shape> {
  return { [`events-${events}`]: { cases: events / 100, eventsACase: 100, fieldsAnEvent: 1 } };
}

/** 20,000 rows with a text of the longest kind before and after: several batches by bytes. */
function longTexts(text: () => string): Shape {
  return { cases: 200, eventsACase: 26, fieldsAnEvent: 4, text };
}

function asciiText(): string {
  return randomBytes(MAX_TEXT / 2).toString('hex');
}

/** Chinese characters: two bytes each in memory, three in UTF-8. */
function wideText(): string {
  const random = randomBytes(MAX_TEXT * 2);
  return String.fromCharCode(
    ...Array.from({ length: MAX_TEXT }, (_, at) => 0x4e00 + (random.readUInt16LE(at * 2) % 0x5000)),
  );
}

async function main(): Promise<void> {
  const { only, 'heap-mb': heapMb } = readOptions({ 'heap-mb': [256, 0, 1_000_000] }, 'only');
  const wanted = only?.split(',');
  const limit = heapMb === 0 ? 'not limited' : `limited to ${heapMb} MB`;
  console.log(`Node ${process.version}, old space ${limit}\n`);
  tableHead('domain', 'rows', 'events', 'cases', 'commits', 'peak RSS MB', 'CPU s');
  let highest = 0;
  for (const [name, shape] of Object.entries(SHAPES)) {
    if (wanted !== undefined && !wanted.includes(name)) continue;
    highest = Math.max(highest, await measure(name, shape, heapMb));
  }
  process.exitCode = highest <= MAX_MB ? 0 : 1;
}

async function measure(name: string, shape: Shape, heapMb: number): Promise<number> {
  const { answer, error, usage } = await exportDomainOf(shape, heapMb);
  if (answer?.status !== 'complete' || usage === null) {
    throw new Error(`The tick "${name}" ended ${answer?.status ?? error?.message ?? 'without an answer'}`);
  }
  const { rowsWritten, eventsExported, casesRead, commits } = answer;
  const peakMb = Math.round(usage.peakRssBytes / 1e6);
  tableRow(name, rowsWritten, eventsExported, casesRead, commits, peakMb, usage.cpuSeconds.toFixed(1));
  return peakMb;
}

async function exportDomainOf(shape: Shape, heapMb: number): Promise<Tick> {
  const { stack, arrive } = await startInThePast({ domains: [DOMAIN] });
  try {
    fillDomain(stack, { domainId: DOMAIN, ...shape });
    arrive();
    const heap: Record<string, string> = heapMb === 0 ? {} : { NODE_OPTIONS: heapLimits(2 * heapMb) };
    return await runTick({
      event: { domainId: DOMAIN },
      env: { ...stack.env, ...FAST, ...heap },
      timeoutMs: 3_600_000,
    });
  } finally {
    await stack.close();
  }
}

void main();
