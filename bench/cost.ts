/**
 * What the exporter costs: units counted from the requests of runs of the built bundle against the local services, in dollars
 * by the dated list of `bench/prices.ts`. Lambda's time is not measured but follows from the calls at the paced rate, as the
 * function waits for the API's quota nearly all the time.
 *
 *   npm run build && npx tsx bench/cost.ts [--cases 2000]
 */
import { METRICS } from '../lambda/export/domain/metrics';
import { type Measured, measure } from './cost/runs';
import { readOptions, tableHead, tableRow } from './harness';
import { PRICES } from './prices';

const MILLION = 1e6;
const TICKS_A_MONTH = (30 * 24 * 60) / 5;
/** Alarms of a stack with one domain: `lib/monitoring/alarm-definitions.ts`. */
const ALARMS = 10;

async function main(): Promise<void> {
  const { cases } = readOptions({ cases: [2_000, 1, 10_000_000] });
  console.log(`Node ${process.version}; ${cases} cases; prices of ${PRICES.region}, as of ${PRICES.asOf}\n`);
  const changing = { cases, eventsACase: 5 };
  const runs = [
    await measure({ name: 'history, 25 events per case', cases, eventsACase: 25 }),
    await measure({ name: 'history, 5 events per case', cases, eventsACase: 5 }),
    await measure({ name: 'one event per case, 100 per tick', ...changing, after: { ticks: 10, changes: 100 } }),
    await measure({ name: 'one event per case, 10 per tick', ...changing, after: { ticks: 10, changes: 10 } }),
  ];
  units(runs);
  dollars(runs);
  month(await measure({ name: 'quiet', ...changing, after: { ticks: 10, changes: 0 } }));
}

function units(runs: readonly Measured[]): void {
  console.log('Units per million events\n');
  const counts = ['WRU', 'RRU', 'PUT', 'GET', 'DELETE', 'archive MB', 'table MB', 'Lambda GB-s', 'invocations'];
  tableHead('run', 'events', ...counts);
  for (const run of runs) {
    const counted = [run.writeRequestUnits, run.readRequestUnits, run.puts, run.gets, run.deletes];
    const all = [...counted, run.archiveBytes / 1e6, run.tableBytes / 1e6, run.gbSeconds, run.invocations];
    const each = all.map((count) => grouped((count / run.events) * MILLION));
    tableRow(run.name, grouped(run.events), ...each);
  }
  const failed = runs.reduce((sum, run) => sum + run.failedConditions, 0);
  console.log(`\nConditions that failed, of all runs: ${failed}.\n`);
}

function dollars(runs: readonly Measured[]): void {
  console.log('Dollars per million events\n');
  const parts = ['DynamoDB writes', 'DynamoDB reads', 'S3 requests', 'Lambda', 'logs'];
  tableHead('run', ...parts, 'sum', 'storage per month after');
  for (const run of runs) {
    const parts = priced(run).map((price) => (price / run.events) * MILLION);
    const sum = parts.reduce((all, part) => all + part, 0);
    const storage = (storagePrice(run) / run.events) * MILLION;
    tableRow(run.name, ...[...parts, sum, storage].map(money));
  }
  console.log();
}

/** DynamoDB writes, reads, S3 requests, Lambda, logs. */
function priced(run: Measured): number[] {
  const { dynamodb, s3, lambda, cloudwatch } = PRICES;
  return [
    run.writeRequestUnits * dynamodb.writeRequestUnit,
    run.readRequestUnits * dynamodb.readRequestUnit,
    run.puts * s3.put + run.gets * s3.get,
    run.gbSeconds * lambda.gbSecond + run.invocations * lambda.request,
    (run.logBytes / 1e9) * cloudwatch.logGb,
  ];
}

function storagePrice({ archiveBytes, tableBytes }: Measured): number {
  const { dynamodb, s3 } = PRICES;
  return (archiveBytes / 1e9) * s3.gbMonth + (tableBytes / 1e9) * (dynamodb.gbMonth + dynamodb.recoveryGbMonth);
}

function month(quiet: Measured): void {
  const { cloudwatch, scheduler } = PRICES;
  const ticks = TICKS_A_MONTH / quiet.ticks;
  const [writes = 0, reads = 0, s3 = 0, lambda = 0, logs = 0] = priced(quiet).map((price) => price * ticks);
  const metrics = Object.keys(METRICS).length;
  const aTick = (count: number, digits: number) => (count / quiet.ticks).toFixed(digits);
  const year = ticks * 12;
  const parts: readonly (readonly [string, number])[] = [
    [`metrics (${metrics})`, metrics * cloudwatch.metricMonth],
    [`alarms (${ALARMS})`, ALARMS * cloudwatch.alarmMonth],
    [`S3 requests (${aTick(quiet.puts, 1)} PUT, ${aTick(quiet.gets, 1)} GET per tick)`, s3],
    [`Lambda (${aTick(quiet.gbSeconds, 2)} GB-s per tick)`, lambda],
    [`DynamoDB writes (${aTick(quiet.writeRequestUnits, 1)} WRU per tick)`, writes],
    [`DynamoDB reads (${aTick(quiet.readRequestUnits, 1)} RRU per tick)`, reads],
    [`logs (${aTick(quiet.logBytes, 0)} bytes per tick)`, logs],
    ['schedule', TICKS_A_MONTH * scheduler.invocation],
    [`archive after a year (${((quiet.archiveBytes * year) / 1e6).toFixed(0)} MB)`, storagePrice(quiet) * year],
  ];
  console.log(`A month of quiet ticks, one every 5 minutes (${TICKS_A_MONTH}), one domain\n`);
  tableHead('what', '$');
  for (const [name, price] of parts) tableRow(name, money(price));
  tableRow('**sum**', `**${money(parts.reduce((sum, [, price]) => sum + price, 0))}**`);
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function money(amount: number): string {
  return amount.toFixed(2);
}

void main();
