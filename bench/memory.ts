/**
 * Peak memory of the whole bundle as a process, first export of domains of different sizes.
 *
 *   npm run build && npx tsx bench/memory.ts [--rows 10000,100000,1000000] [--heap-mb 256]
 *
 * `--heap-mb` is V8's limit on the old generation, as the stack sets it for the function; 0 = V8's own.
 */
import { parseArgs } from 'node:util';
import { createCase, updateCase } from '../local/cases/model/cases';
import { type LocalStack, startLocalStack } from '../local/exporter/stack';
import { runTick } from '../local/exporter/tick';

const DOMAIN = 'bench';
const HISTORY_AGE_MS = 2 * 86_400_000;
const UPDATES_A_CASE = 24;
const FAST = { SEARCH_CASES_RPS: '10000', AUDIT_EVENTS_RPS: '10000', RELATED_ITEMS_RPS: '10000' };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '10000,100000,1000000' },
      'heap-mb': { type: 'string', default: '256' },
    },
  });
  console.log(
    `Node ${process.version}, old space ${values['heap-mb'] === '0' ? 'not limited' : `limited to ${values['heap-mb']} MB`}\n`,
  );
  console.log('| rows | events | cases | commits | peak RSS MB | CPU s |');
  console.log('|---|---|---|---|---|---|');
  for (const rows of values.rows.split(',')) await measure(Number(rows), Number(values['heap-mb']));
}

async function measure(rows: number, heapMb: number): Promise<void> {
  let offsetMs = -HISTORY_AGE_MS;
  const stack = await startLocalStack({ cases: { domains: [DOMAIN], now: () => Date.now() + offsetMs } });
  try {
    fill(stack, rows);
    offsetMs = 0;
    const heap: Record<string, string> = heapMb === 0 ? {} : { NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
    const { answer, error, usage } = await runTick({
      event: { domainId: DOMAIN },
      env: { ...stack.env, ...FAST, ...heap },
      timeoutMs: 3_600_000,
    });
    if (answer?.status !== 'complete' || usage === null)
      throw new Error(`The tick ended ${answer?.status ?? error?.message ?? 'without an answer'}`);
    const { rowsWritten, eventsExported, casesRead, commits } = answer;
    console.log(
      `| ${rowsWritten} | ${eventsExported} | ${casesRead} | ${commits} | ${Math.round(usage.peakRssBytes / 1e6)} | ${usage.cpuSeconds.toFixed(1)} |`,
    );
  } finally {
    await stack.close();
  }
}

/** Cases of about a hundred rows each, made in the service's model without HTTP. */
function fill(stack: LocalStack, rows: number): void {
  const { world } = stack.cases;
  const fieldIds = ['title', 'summary', 'assigned_queue', 'case_reason'];
  const templateId = stack.cases.templateId(DOMAIN);
  let made = 0;
  for (let index = 0; made < rows; index += 1) {
    const customer = {
      id: 'customer_id',
      value: { stringValue: `arn:aws:profile:us-east-1:111122223333:domains/d/profiles/${index}` },
    };
    const title = { id: 'title', value: { stringValue: `Case ${index}` } };
    const { caseId } = createCase(world, { domainId: DOMAIN, templateId, fields: [title, customer] });
    for (let update = 0; update < UPDATES_A_CASE; update += 1) {
      const value = { stringValue: `Value ${update} of case ${index}, as long as such texts are` };
      updateCase(world, { domainId: DOMAIN, caseId, fields: fieldIds.map((id) => ({ id, value })) });
      made += fieldIds.length;
    }
  }
}

void main();
