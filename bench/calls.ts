/**
 * Calls of the Cases API that the built bundle makes, against the fewest that keep what the export promises: one search page per
 * 100 cases found; every page of every case that changed, once (no order is promised, so no page can be left out); in every tick
 * after the first one page of related items, which no search of cases shows; and one page of fields where there are rows to name,
 * since names are those known at export and nothing else tells of a new one. Not among the fewest: pages that the overlap finds
 * again, and the look-ups of labels. The last column leaves out related items and fields, too, as earlier versions of this bench did.
 * Steady state: 1 % of the cases change before each tick; settle, overlap and the time between ticks stand to one another as in
 * the defaults (180 s, 900 s, 300 s), all of it fifty times as fast. Exit code 1 if an aim is missed.
 *
 *   npm run build && npx tsx bench/calls.ts [--cases 5000] [--steady-ticks 6]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalStack } from '../local/exporter/stack';
import { runTick } from '../local/exporter/tick';
import { changeCase, fillDomain, startInThePast } from './fill';
import { FAST, readOptions, tableHead, tableRow } from './harness';

const DOMAIN = 'bench';
const EVENTS_A_PAGE = 25;
const CASES_A_PAGE = 100;
const BETWEEN_TICKS_MS = 6_000;
const OVERLAP_MS = 18_000;
const SETTINGS = {
  SETTLE_SECONDS: '3.6',
  OVERLAP_SECONDS: '18',
  ...FAST,
};
/** Every tenth case has three pages, the others one. */
const LONG_CASE = { every: 10, events: 60 };
/** One case in so many changes before a tick: about 1 %, and of long cases as of others. */
const CHANGED_CASE_EVERY = 101;
const AIMS = { audit: 1.02, all: 1.02, quiet: 2 };

type EventOrder = 'newest-first' | 'oldest-first';

interface Counted {
  readonly name: string;
  readonly search: number;
  readonly audit: number;
  readonly others: number;
  readonly fewestSearch: number;
  readonly fewestAudit: number;
  /** Related items and fields. */
  readonly fewestOthers: number;
}

async function main(): Promise<void> {
  const options = readOptions({ cases: [5_000, 1, 10_000_000], 'steady-ticks': [6, 0, 1_000] });
  const { cases, 'steady-ticks': steadyTicks } = options;
  console.log(`${cases} cases, Node ${process.version}\n`);
  const counts = ['SearchCases', 'GetCaseAuditEvents', 'others', 'all', 'fewest: search', 'audit', 'others'];
  tableHead('event order', 'ticks', ...counts, 'audit ÷ fewest', 'all ÷ fewest', 'all ÷ search and audit');
  let isMet = true;
  for (const order of ['newest-first', 'oldest-first'] as const) {
    for (const counted of await measure(cases, steadyTicks, order)) {
      isMet = print(order, counted) && isMet;
    }
  }
  process.exitCode = isMet ? 0 : 1;
}

/** True if the aims are met. */
function print(order: EventOrder, counted: Counted): boolean {
  const { name, search, audit, others, fewestSearch, fewestAudit, fewestOthers } = counted;
  const all = search + audit + others;
  const reads = fewestSearch + fewestAudit;
  const [auditRatio, allRatio] = [audit / fewestAudit, all / (reads + fewestOthers)];
  const isQuiet = fewestAudit === 0;
  const ratios = isQuiet ? ['–', '–', '–'] : [auditRatio, allRatio, all / reads].map((ratio) => ratio.toFixed(3));
  tableRow(order, name, search, audit, others, all, fewestSearch, fewestAudit, fewestOthers, ...ratios);
  if (isQuiet) return all <= AIMS.quiet;
  return auditRatio <= AIMS.audit && allRatio <= AIMS.all;
}

async function measure(count: number, steadyTicks: number, eventOrder: EventOrder): Promise<Counted[]> {
  const { stack, arrive } = await startInThePast({ domains: [DOMAIN], switches: { eventOrder } });
  try {
    const filling = { domainId: DOMAIN, cases: count, eventsACase: 2, fieldsAnEvent: 1 };
    const caseIds = fillDomain(stack, filling);
    for (const [index, caseId] of caseIds.entries()) {
      const more = index % LONG_CASE.every === 0 ? LONG_CASE.events - filling.eventsACase : 0;
      for (let change = 0; change < more; change += 1) changeCase(stack, DOMAIN, caseId);
    }
    arrive();
    // The first sweep reads every case, with or without related items.
    const first = await tick(stack, 'first export', caseIds, { fewestRelated: 0 });
    const steady: Counted[] = [];
    for (let number = 0; number < steadyTicks; number += 1) {
      const changed = caseIds.filter((_, index) => index % CHANGED_CASE_EVERY === number);
      for (const caseId of changed) changeCase(stack, DOMAIN, caseId);
      await sleep(BETWEEN_TICKS_MS);
      steady.push(await tick(stack, '', changed));
    }
    await sleep(OVERLAP_MS + BETWEEN_TICKS_MS);
    await tick(stack, 'the last overlap', []);
    await sleep(BETWEEN_TICKS_MS);
    const quiet = await tick(stack, 'quiet', []);
    return [first, sum(`${steadyTicks} × 1 % changed`, steady), quiet];
  } finally {
    await stack.close();
  }
}

async function tick(
  stack: LocalStack,
  name: string,
  changed: readonly string[],
  { fewestRelated } = { fewestRelated: 1 },
): Promise<Counted> {
  const { calls } = stack.cases;
  calls.clear();
  const { answer, error } = await runTick({
    event: { domainId: DOMAIN },
    env: { ...stack.env, ...SETTINGS },
    timeoutMs: 1_800_000,
  });
  if (answer?.status !== 'complete') throw new Error(`The tick "${name}" ended ${answer?.status ?? error?.message}`);
  const search = calls.count('SearchCases');
  const audit = calls.count('GetCaseAuditEvents');
  const fewestSearch = Math.max(1, Math.ceil(changed.length / CASES_A_PAGE));
  const others = calls.total() - search - audit;
  const fewestOthers = fewestRelated + (changed.length > 0 ? 1 : 0);
  return { name, search, audit, others, fewestSearch, fewestAudit: pagesOf(stack, changed), fewestOthers };
}

function pagesOf(stack: LocalStack, caseIds: readonly string[]): number {
  const wanted = new Set(caseIds);
  return stack.cases
    .history(DOMAIN)
    .filter(({ caseId }) => wanted.has(caseId))
    .reduce((pages, { events }) => pages + Math.ceil(events.length / EVENTS_A_PAGE), 0);
}

function sum(name: string, ticks: readonly Counted[]): Counted {
  const of = (key: Exclude<keyof Counted, 'name'>) => ticks.reduce((all, one) => all + one[key], 0);
  return {
    name,
    search: of('search'),
    audit: of('audit'),
    others: of('others'),
    fewestSearch: of('fewestSearch'),
    fewestAudit: of('fewestAudit'),
    fewestOthers: of('fewestOthers'),
  };
}

void main();
