import { setTimeout as sleep } from 'node:timers/promises';
import { ARCHIVE_BUCKET, type LocalStack, TABLE } from '../../local/exporter/stack';
import { runTick } from '../../local/exporter/tick';
import { changeCase, fillDomain, startInThePast } from '../fill';
import { FAST } from '../harness';
import { type Meters, startMeters, type Units } from './meters';

const DOMAIN = 'bench';
const PACED_RPS = 1.5;
/** What the pacer lets go at once. */
const BURST_CALLS = 3;
/** Of 900 seconds of an invocation, those in which it reads. */
const READING_SHARE = 870 / 900;
/** Assumed for a tick besides its paced calls: start, answers, commit. */
const TICK_SECONDS = 1;
const MEMORY_GB = 0.5;
/** Short, so that what is changed now is exported by a tick a few seconds later. */
const SOON = { SETTLE_SECONDS: '1', OVERLAP_SECONDS: '1' };
const SETTLED_MS = 3_000;

/** What a run took, and what it brought. */
export interface Measured extends Units {
  readonly name: string;
  readonly events: number;
  readonly ticks: number;
  readonly gbSeconds: number;
  readonly invocations: number;
  readonly logBytes: number;
  /** Added to the archive, and to the table. */
  readonly archiveBytes: number;
  readonly tableBytes: number;
}

interface Scenario {
  readonly name: string;
  readonly cases: number;
  readonly eventsACase: number;
  /** After the first export: so many ticks with so many cases changed before each. */
  readonly after?: { readonly ticks: number; readonly changes: number };
}

/** The first export, or (with `after`) only what comes after it. */
export async function measure({ name, cases, eventsACase, after }: Scenario): Promise<Measured> {
  const { stack, arrive } = await startInThePast({ domains: [DOMAIN] });
  const meters = await startMeters(stack);
  try {
    const caseIds = fillDomain(stack, { domainId: DOMAIN, cases, eventsACase, fieldsAnEvent: 2 });
    arrive();
    const first = await tick(stack, meters);
    if (after === undefined) return { name, ticks: 1, ...first, ...meters.take(), ...(await stored(stack)) };
    meters.take();
    const before = await stored(stack);
    const sum = { events: 0, gbSeconds: 0, invocations: 0, logBytes: 0 };
    for (let count = 0; count < after.ticks; count += 1) {
      const from = (count * after.changes) % caseIds.length;
      for (const caseId of caseIds.slice(from, from + after.changes)) changeCase(stack, DOMAIN, caseId);
      await sleep(SETTLED_MS);
      const next = await tick(stack, meters);
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += next[key];
    }
    const ended = await stored(stack);
    const archiveBytes = ended.archiveBytes - before.archiveBytes;
    const tableBytes = ended.tableBytes - before.tableBytes;
    return { name, ticks: after.ticks, ...sum, ...meters.take(), archiveBytes, tableBytes };
  } finally {
    await meters.close();
    await stack.close();
  }
}

/** Runs at full speed; the duration is what its calls take at the paced rate. */
async function tick(stack: LocalStack, meters: Meters) {
  stack.cases.calls.clear();
  const { answer, error, logs } = await runTick({
    event: { domainId: DOMAIN },
    env: { ...stack.env, ...meters.env, ...FAST, ...SOON },
    timeoutMs: 1_800_000,
  });
  if (answer?.status !== 'complete') throw new Error(`A tick ended ${answer?.status ?? error?.message}`);
  const { calls } = stack.cases;
  const most = Math.max(
    ...(['SearchCases', 'GetCaseAuditEvents', 'SearchAllRelatedItems'] as const).map((name) => calls.count(name)),
  );
  const readingSeconds = Math.max(0, most - BURST_CALLS) / PACED_RPS;
  const seconds = readingSeconds / READING_SHARE + TICK_SECONDS;
  return {
    events: answer.eventsExported,
    gbSeconds: seconds * MEMORY_GB,
    invocations: Math.max(1, Math.ceil(seconds / 900)),
    logBytes: Buffer.byteLength(logs.join('\n')),
  };
}

async function stored({ s3, dynamodb }: LocalStack): Promise<{ archiveBytes: number; tableBytes: number }> {
  const archiveBytes = s3
    .keys(ARCHIVE_BUCKET)
    .reduce((sum, key) => sum + (s3.bytes(ARCHIVE_BUCKET, key)?.length ?? 0), 0);
  const items = await dynamodb.items(TABLE);
  const tableBytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  return { archiveBytes, tableBytes };
}

/** Of an item with names, about as DynamoDB counts it, and the 100 bytes that it adds to each for storage. */
function sizeOf(item: Readonly<Record<string, unknown>>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueSize(value), 100);
}

function valueSize(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 9;
  return value === null || typeof value === 'boolean' ? 1 : JSON.stringify(value).length;
}
