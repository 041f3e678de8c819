/**
 * Calls of the Cases API that the built bundle makes, against the fewest that any correct exporter could make: one search page
 * per 100 cases found, and every page of every case that changed, once (no order is promised, so no page can be left out).
 *
 *   npm run build && npx tsx bench/calls.ts [--cases 1000]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ConnectCasesClient, CreateCaseCommand, UpdateCaseCommand } from '@aws-sdk/client-connectcases';
import { type LocalStack, startLocalStack } from '../local/exporter/stack';
import { runTick } from '../local/exporter/tick';

const DOMAIN = 'bench';
const HISTORY_AGE_MS = 2 * 86_400_000;
const EVENTS_A_PAGE = 25;
const CASES_A_PAGE = 100;

/** Short, so that changes made now are exported by a tick a few seconds later. */
const SETTINGS = {
  SETTLE_SECONDS: '1',
  OVERLAP_SECONDS: '1',
  SEARCH_CASES_RPS: '10000',
  AUDIT_EVENTS_RPS: '10000',
  RELATED_ITEMS_RPS: '10000',
};
const SETTLED_MS = 3_000;

type EventOrder = 'newest-first' | 'oldest-first';
type Row = [EventOrder, string, number, number, number, number, number, string];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cases: { type: 'string', default: '1000' } } });
  const count = Number(values.cases);
  console.log(`${count} cases, Node ${process.version}\n`);
  console.log('| event order | tick | SearchCases | GetCaseAuditEvents | others | all | fewest | all ÷ fewest |');
  console.log('|---|---|---|---|---|---|---|---|');
  for (const order of ['newest-first', 'oldest-first'] as const) {
    for (const row of await measure(count, order)) console.log(`| ${row.join(' | ')} |`);
  }
}

async function measure(count: number, eventOrder: EventOrder): Promise<Row[]> {
  let offsetMs = -HISTORY_AGE_MS;
  const now = () => Date.now() + offsetMs;
  const stack = await startLocalStack({ cases: { domains: [DOMAIN], now, switches: { eventOrder } } });
  try {
    const caseIds = await createCases(stack, count);
    offsetMs = 0;
    const first = await tick(stack, eventOrder, 'first export', caseIds);
    const changed = caseIds.filter((_, index) => index % 100 === 0);
    for (const caseId of changed) await updateCase(stack, caseId);
    await sleep(SETTLED_MS);
    const steady = await tick(stack, eventOrder, '1 % changed', changed);
    await sleep(SETTLED_MS);
    return [first, steady, await tick(stack, eventOrder, 'quiet', [])];
  } finally {
    await stack.close();
  }
}

/** Every tenth case has more events than two pages take; the others one to four. */
async function createCases(stack: LocalStack, count: number): Promise<string[]> {
  const caseIds: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const fields = [
      { id: 'title', value: { stringValue: `Case ${index}` } },
      {
        id: 'customer_id',
        value: { stringValue: `arn:aws:profile:us-east-1:111122223333:domains/d/profiles/${index}` },
      },
    ];
    const input = { domainId: DOMAIN, templateId: stack.cases.templateId(DOMAIN), fields };
    const { caseId } = await client(stack).send(new CreateCaseCommand(input));
    if (caseId === undefined) throw new Error('CreateCase answered without a caseId');
    for (let update = 0; update < (index % 10 === 0 ? 59 : index % 4); update += 1) await updateCase(stack, caseId);
    caseIds.push(caseId);
  }
  return caseIds;
}

let updates = 0;

async function updateCase(stack: LocalStack, caseId: string): Promise<void> {
  updates += 1;
  const fields = [{ id: 'title', value: { stringValue: `Update ${updates}` } }];
  await client(stack).send(new UpdateCaseCommand({ domainId: DOMAIN, caseId, fields }));
}

const clients = new Map<LocalStack, ConnectCasesClient>();

function client(stack: LocalStack): ConnectCasesClient {
  const known = clients.get(stack);
  if (known) return known;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const made = new ConnectCasesClient({ region: 'us-east-1', endpoint: stack.cases.url, credentials });
  clients.set(stack, made);
  return made;
}

async function tick(stack: LocalStack, order: EventOrder, name: string, changed: readonly string[]): Promise<Row> {
  stack.cases.calls.clear();
  const { answer, error } = await runTick({
    event: { domainId: DOMAIN },
    env: { ...stack.env, ...SETTINGS },
    timeoutMs: 600_000,
  });
  if (answer?.status !== 'complete') throw new Error(`The tick "${name}" ended ${answer?.status ?? error?.message}`);
  const search = stack.cases.calls.count('SearchCases');
  const audit = stack.cases.calls.count('GetCaseAuditEvents');
  const all = stack.cases.calls.total();
  const fewest = Math.max(1, Math.ceil(changed.length / CASES_A_PAGE)) + pagesOf(stack, changed);
  return [order, name, search, audit, all - search - audit, all, fewest, (all / fewest).toFixed(3)];
}

function pagesOf(stack: LocalStack, caseIds: readonly string[]): number {
  const events = new Map(stack.cases.history(DOMAIN).map((one) => [one.caseId, one.events.length]));
  return caseIds.reduce((pages, caseId) => pages + Math.ceil((events.get(caseId) ?? 0) / EVENTS_A_PAGE), 0);
}

void main();
