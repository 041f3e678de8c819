/**
 * Writes `docs/cost.md`: what a month costs at different numbers of changed cases, from the units that `bench/cost.ts` counted
 * (`bench/RESULTS.md`, Cost) and the prices of `bench/prices.ts`.
 *
 *   npm run cost
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRICES } from '../bench/prices';
import { CHECK_METRICS, METRICS } from '../lambda/export/domain/metrics';
import { readText } from '../lib/text-file';
import { wrapped } from './prose';

const ROOT = join(__dirname, '..');

export const COST_PAGE = join(ROOT, 'docs', 'cost.md');
export const RESULTS = join(ROOT, 'bench', 'RESULTS.md');

const MILLION = 1e6;
const DAYS = 30;
const TICKS_A_DAY = (24 * 60) / 5;
const TICKS = DAYS * TICKS_A_DAY;
/** Of a domain, with those that all domains share: `lib/monitoring/alarm-definitions.ts`. An alarm costs as much as the metrics that it watches. */
export const ALARMS = 13;
export const ALARM_METRICS = 16;
/** Those of a domain whose notes nobody signs, and that of the check of the archive. */
const METRIC_COUNT = Object.keys(METRICS).length - 1 + Object.keys(CHECK_METRICS).length;
/** The daily check: for each commit a manifest, a note and two objects; a GB for half a minute. */
const CHECK = { requestsPerCommit: 4, gbSecondsPerDay: 30 } as const;
/** A refresh of the curated table that finds new rows, one domain: `lib/curated/refresh-definition.ts`. */
export const REFRESH = { statements: 9, transitions: 48 } as const;
/** Athena: the least that a statement is billed, 10 MB at 5 $ a TB. Step Functions: a state transition of a standard workflow. */
const STATEMENT = 5e-5;
const TRANSITION = 2.5e-5;
/** KMS: an asymmetric signature on P-256, 0.15 $ for ten thousand. */
const SIGNATURE = 1.5e-5;
const REFRESH_PRICE = REFRESH.statements * STATEMENT + REFRESH.transitions * TRANSITION;
/** As the stack sets them, and as `bench/cost.ts` reckons Lambda's time. */
const PACE = 1.5;
const BURST_CALLS = 3;
const READING_SHARE = 870 / 900;
const SECONDS_A_TICK = 1;
const MEMORY_GB = 0.5;
const LOG_BYTES_A_TICK = 900;

/** Columns of the table. */
const CHANGED_CASES_A_DAY = [1_000, 10_000, 100_000] as const;

/** Of one thing that is counted: so many a tick with news, and so many for each case that is read. */
interface Count {
  readonly tick: number;
  readonly read: number;
}

type CountedName = 'WRU' | 'RRU' | 'PUT' | 'GET' | 'archive MB' | 'table MB';

/** What the benchmark counted, as lines through its two runs of changed cases. @throws Error if the table is not there. */
export function readCounts(results: string): Readonly<Record<CountedName, Count>> {
  const [header, ...rows] = tableWith(results, 'WRU');
  const many = rowOf(rows, 'one event per case, 100 per tick');
  const few = rowOf(rows, 'one event per case, 10 per tick');
  const count = (name: CountedName): Count => {
    const column = header?.indexOf(name) ?? -1;
    // Ten ticks each; the figures are for a million events, of which there is one a case.
    const [of100, of10] = [(number(many[column]) / MILLION) * 100, (number(few[column]) / MILLION) * 10];
    const read = (of100 - of10) / 90;
    return { read, tick: Math.max(0, of10 - 10 * read) };
  };
  return {
    WRU: count('WRU'),
    RRU: count('RRU'),
    PUT: count('PUT'),
    GET: count('GET'),
    'archive MB': count('archive MB'),
    'table MB': count('table MB'),
  };
}

/** Cells of the table whose header has this column. */
function tableWith(markdown: string, column: string): string[][] {
  const rows = markdown.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const start = rows.findIndex((row) => row.includes(column));
  if (start < 0) throw new Error(`bench/RESULTS.md has no table with a column ${column}`);
  const end = rows.findIndex((row, index) => index > start && row.length === 0);
  return rows.slice(start, end);
}

function rowOf(rows: readonly (readonly string[])[], name: string): readonly string[] {
  const row = rows.find(([first]) => first === name);
  if (row === undefined) throw new Error(`bench/RESULTS.md has no row "${name}"`);
  return row;
}

function number(cell: string | undefined): number {
  const value = Number(cell?.replaceAll(',', '') || Number.NaN);
  if (Number.isNaN(value)) throw new Error(`bench/RESULTS.md: got ${JSON.stringify(cell)}, expected a number`);
  return value;
}

/** Lines of a month's bill, in dollars. */
interface Bill {
  readonly [line: string]: number;
}

/** A month of so many changed cases a day, spread evenly, each with one new event and this many pages of history. */
export function monthOf(counts: Readonly<Record<CountedName, Count>>, casesADay: number, pagesACase: number): Bill {
  const { dynamodb, s3, lambda, cloudwatch, scheduler } = PRICES;
  const read = casesADay * DAYS;
  const units = (name: CountedName) => TICKS * counts[name].tick + read * counts[name].read;
  return {
    Lambda: gbSeconds(casesADay, pagesACase) * lambda.gbSecond + TICKS * lambda.request,
    'DynamoDB writes': units('WRU') * dynamodb.writeRequestUnit,
    'DynamoDB reads': units('RRU') * dynamodb.readRequestUnit,
    'S3 requests': units('PUT') * s3.put + units('GET') * s3.get,
    [`metrics (${METRIC_COUNT})`]: METRIC_COUNT * cloudwatch.metricMonth,
    [`alarms (${ALARMS})`]: ALARM_METRICS * cloudwatch.alarmMonth,
    'curated table, daily': DAYS * REFRESH_PRICE,
    'check of the archive, daily':
      TICKS * CHECK.requestsPerCommit * s3.get + DAYS * CHECK.gbSecondsPerDay * lambda.gbSecond,
    'logs, schedule': (TICKS * LOG_BYTES_A_TICK * cloudwatch.logGb) / 1e9 + TICKS * scheduler.invocation,
    'storage after a year': storage(12 * units('archive MB'), 12 * units('table MB')),
  };
}

/** Seconds that an invocation of a tick lasts: it waits for the quota, and little else. */
function tickSeconds(casesADay: number, pagesACase: number): number {
  const calls = (casesADay / TICKS_A_DAY) * pagesACase;
  return Math.max(0, calls - BURST_CALLS) / PACE / READING_SHARE + SECONDS_A_TICK;
}

function gbSeconds(casesADay: number, pagesACase: number): number {
  return TICKS * tickSeconds(casesADay, pagesACase) * MEMORY_GB;
}

function storage(archiveMb: number, tableMb: number): number {
  const { dynamodb, s3 } = PRICES;
  return (archiveMb / 1e3) * s3.gbMonth + (tableMb / 1e3) * (dynamodb.gbMonth + dynamodb.recoveryGbMonth);
}

/** The page, from the results of the benchmarks. */
export function costPage(results: string): string {
  const counts = readCounts(results);
  const bills = CHANGED_CASES_A_DAY.map((cases) => monthOf(counts, cases, 1));
  const lines = Object.keys(bills[0] ?? {});
  return wrapped(`# What it costs

A month of one domain in US dollars: list prices of ${PRICES.region} as known in ${PRICES.asOf}, without free tiers and discounts (\`bench/prices.ts\`;
check against the current price pages). The local services count the units while the built bundle runs
(\`bench/RESULTS.md\`, Cost). This page is written by \`npm run cost\`; \`npm run build && npx tsx bench/cost.ts\` counts anew.

## A month

Ticks every 5 minutes, cases that change evenly over the day, one new event per case, histories of up to 25 events (one page), ${PACE} calls
per second, which is 75 % of the default quota.

| changed cases per day | ${CHANGED_CASES_A_DAY.map((cases) => cases.toLocaleString('en')).join(' | ')} |
|---|${CHANGED_CASES_A_DAY.map(() => '---').join('|')}|
${lines.map((line) => `| ${line} | ${bills.map((bill) => dollars(bill[line] ?? 0)).join(' | ')} |`).join('\n')}
| **sum** | ${bills.map((bill) => `**${dollars(sum(bill))}**`).join(' | ')} |
| what dominates | ${bills.map(dominant).join(' | ')} |
| of the calls that the pace allows | ${CHANGED_CASES_A_DAY.map((cases) => percent(cases / (PACE * 86_400))).join(' | ')} |
| Lambda runs, of the time | ${CHANGED_CASES_A_DAY.map((cases) => percent(tickSeconds(cases, 1) / 300)).join(' | ')} |

## The formula

For *c* changed cases per day, *p* pages of 25 events in the history of a case, and ${TICKS.toLocaleString('en')} ticks per month:

| line | units per month | price |
|---|---|---|
| Lambda | ${TICKS} × ((c × p / ${TICKS_A_DAY} − ${BURST_CALLS}) / ${PACE} / ${READING_SHARE.toFixed(3)} + ${SECONDS_A_TICK}) s × ${MEMORY_GB} GB | ${PRICES.lambda.gbSecond} per GB-s |
| DynamoDB writes | ${formula(counts.WRU)} | ${PRICES.dynamodb.writeRequestUnit * MILLION} per million |
| DynamoDB reads | ${formula(counts.RRU)} | ${PRICES.dynamodb.readRequestUnit * MILLION} per million |
| S3 PUT | ${formula(counts.PUT)} | ${rounded(PRICES.s3.put * 1000)} per thousand |
| S3 GET | ${formula(counts.GET)} | ${rounded(PRICES.s3.get * 1000)} per thousand |
| archive, kB | ${formula(times(counts['archive MB'], 1000))} | ${PRICES.s3.gbMonth} per GB and month |
| table, kB | ${formula(times(counts['table MB'], 1000))} | ${dollars(PRICES.dynamodb.gbMonth + PRICES.dynamodb.recoveryGbMonth)} per GB and month, with recovery |
| metrics, alarms | ${METRIC_COUNT} and ${ALARM_METRICS}, as an alarm counts by its metrics | ${dollars(PRICES.cloudwatch.metricMonth)} and ${dollars(PRICES.cloudwatch.alarmMonth)} each |
| curated table | ${DAYS} × (${REFRESH.statements} statements, ${REFRESH.transitions} state transitions) | ${STATEMENT} and ${TRANSITION} each |
| check of the archive | ${TICKS} × ${CHECK.requestsPerCommit} GETs, ${DAYS} × ${CHECK.gbSecondsPerDay} GB-s; an estimate, it reads only what is new | as above |

*c* is cases, not changes: a case that changes five times within a tick is read once. Each further domain costs the same again,
without five alarms, one metric, and the start of the refresh.

## What dominates, and what to do about it

- **Few changes: metrics and alarms.** They reveal silence, and cost the same at one case per day.
- **Many changes: waiting for the quota.** A page takes two thirds of a second at ${PACE} calls per second, and Lambda is paid while it waits. A
  higher quota lowers this line in proportion: with one of 10 calls per second, 100,000 cases per day take about
  ${dollars((bills[2]?.['Lambda'] ?? 0) * (PACE / 7.5))} of Lambda instead of ${dollars(bills[2]?.['Lambda'] ?? 0)}.
- **Long histories.** The API has no filter by time: a case of 250 events that changes once is ten pages. With *p* = 2 a domain of 100,000
  changed cases per day needs ${percent((2 * 100_000) / (PACE * 86_400))} of the calls that the pace allows: it does not fit, and the export falls further
  behind every day. Ask for a higher quota before that.
- **Memory.** The bill is in GB-seconds, and the function mostly waits: ${MEMORY_GB * 1024} MB is the least that holds a full batch.

## Once: the first sweep

Per million events: ${historyRows(results)}. A domain of a million cases of 25 events takes
${(MILLION / (PACE * 86_400)).toFixed(1)} days and ${dollars(25 * historySum(results, 'history, 25 events per case'))} $.

Later scans over all cases (\`sweepDays\`, 30 by default) read every case once more, each a page or more: ${dollars(sweepDollars(counts))} $ for 100,000 cases.

## Not in the sums

- Athena: 5 $ for each TB that a query reads. A month at 10,000 cases per day is ${(300_000 * counts['archive MB'].read).toFixed(0)} MB of rows, so queries cost next to nothing; the
  workgroup stops one that reads more than \`queryScanLimitGb\`.
- The curated table beyond the minimum price of each statement: a refresh reads the new rows and the keys of recent ones, once a week OPTIMIZE
  rewrites the week's files; its storage is that of the archive once more. Hourly in place of daily costs ${dollars(24 * DAYS * REFRESH_PRICE)} per month and domain.
- A very large curated table: a refresh asks twice per domain how far the table is, and that reads three columns of all of it, about a byte
  per row (an estimate, not measured in Athena). At a billion rows that is 1 GB or 0.005 $ each time: 4.50 $ per month for 15 domains refreshed
  daily, 108 $ hourly. Refresh daily from some hundred million rows on.
- Views over commits list the manifests of every domain, 1,000 per request: 526 requests or 0.003 $ per domain after
  five years of five-minute ticks. They read those since the last refresh; without the curated table they read all of
  them. The refresh reads each once: one GET more per commit.
- curatedTable "off": every question lists each day of each domain, 0.005 $ per 1,000 lists. After ten years of 15 domains that is
  54,787 lists, 0.27 $ and minutes before a row is read.
- Signed notes: 1 $ per month for the stack’s own key, ${dollars(PRICES.cloudwatch.metricMonth + PRICES.cloudwatch.alarmMonth)} for a metric and an alarm of each domain, and
  ${dollars(TICKS * SIGNATURE)} for one signature per tick. The mirror: one PUT per note in the other account, and next to nothing
  to store.
- Copies (\`notesMirror\`, \`archiveCopy\`): ${dollars(4 * PRICES.cloudwatch.metricMonth)} per month for S3's four metrics of each rule; a copy of the archive costs its storage and one PUT
  per object once more, and 0.02 $ per GB that goes to another Region.
- Options: a customer's key 1 $ per month and a little for each use; a dashboard beyond the third of the account 3 $; ticks
  every minute make five times the S3 requests.
- Access logs of S3: a few hundred bytes for each request.
`);
}

function formula({ tick, read }: Count): string {
  const parts = [
    ...(tick > 0.05 ? [`${TICKS} × ${rounded(tick)}`] : []),
    ...(read > 0.005 ? [`${DAYS} × c × ${rounded(read)}`] : []),
  ];
  return parts.join(' + ');
}

function times({ tick, read }: Count, factor: number): Count {
  return { tick: tick * factor, read: read * factor };
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function sum(bill: Bill): number {
  return Object.values(bill).reduce((all, line) => all + line, 0);
}

function dominant(bill: Bill): string {
  const [[line, most] = ['', 0]] = Object.entries(bill).sort(([, a], [, b]) => b - a);
  return `${line.replace(/ \(.*/, '')}, ${percent(most / sum(bill))}`;
}

function historySum(results: string, run: string): number {
  const [header, ...rows] = tableWith(results, '**sum**');
  return number(rowOf(rows, run)[header?.indexOf('**sum**') ?? -1]?.replaceAll('*', ''));
}

function historyRows(results: string): string {
  const [few, many] = ['history, 5 events per case', 'history, 25 events per case'].map((run) =>
    historySum(results, run),
  );
  return `${dollars(few ?? 0)} $ where cases have 5 events, ${dollars(many ?? 0)} $ where they have 25`;
}

/** Reads of 100,000 cases of one page, whatever there was to find. */
function sweepDollars(counts: Readonly<Record<CountedName, Count>>): number {
  const { dynamodb, lambda } = PRICES;
  const seconds = 100_000 / PACE / READING_SHARE;
  const table = counts.WRU.read * dynamodb.writeRequestUnit + counts.RRU.read * dynamodb.readRequestUnit;
  return seconds * MEMORY_GB * lambda.gbSecond + 100_000 * table;
}

function dollars(amount: number): string {
  return amount.toFixed(2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

if (require.main === module) writeFileSync(COST_PAGE, costPage(readText(RESULTS)));
