/** Promise: the cost page follows from what the benchmark counted, and counts the alarms that there are. */
import { readText } from '../../lib/text-file';
import { ALARM_METRICS, ALARMS, COST_PAGE, costPage, monthOf, REFRESH, RESULTS, readCounts } from '../../scripts/cost';
import { refreshWorld } from './curated/refresh-world';
import { resources, templateOf } from './templates';

const results = readText(RESULTS);

test('the page is current (npm run cost writes it)', () => {
  expect(readText(COST_PAGE)).toBe(costPage(results));
});

test('a stack of one domain has as many alarms as are reckoned', () => {
  const alarms = [...resources(templateOf('minimal'), 'AWS::CloudWatch::Alarm').values()];
  expect(alarms).toHaveLength(ALARMS);
  const watched = alarms.map(({ Properties: { Metrics } }) => Metrics?.filter(hasStatistic).length ?? 1);
  expect(watched.reduce((sum, each) => sum + each, 0)).toBe(ALARM_METRICS);
});

test('a refresh takes as many statements and state transitions as are reckoned', async () => {
  const world = await refreshWorld(['d']);
  await world.refresh();
  await world.commit('d', { rows: 3 });
  const { statements, entered } = await world.refresh();
  expect({ statements: statements.length, transitions: entered.length }).toEqual(REFRESH);
});

function hasStatistic({ MetricStat }: { MetricStat?: object }): boolean {
  return MetricStat !== undefined;
}

test('the lines go through both runs that were measured', () => {
  const { WRU, PUT } = readCounts(results);
  const cells = (run: string) =>
    results
      .split('\n')
      .find((line) => line.startsWith(`| ${run} |`))
      ?.split('|')
      .map((cell) => Number(cell.replaceAll(',', ''))) ?? [];
  for (const [run, cases] of [
    ['one event per case, 100 per tick', 100],
    ['one event per case, 10 per tick', 10],
  ] as const) {
    const [, , , writes = 0, , puts = 0] = cells(run);
    expect(WRU.tick + cases * WRU.read).toBeCloseTo((writes / 1e6) * cases, 6);
    expect(PUT.tick + cases * PUT.read).toBeCloseTo((puts / 1e6) * cases, 6);
  }
});

test('no line becomes cheaper with more cases or longer histories', () => {
  const counts = readCounts(results);
  const bills = [0, 1_000, 10_000, 100_000].flatMap((cases) => [1, 2].map((pages) => monthOf(counts, cases, pages)));
  for (const [index, bill] of bills.slice(1).entries()) {
    const before = bills[index] ?? {};
    // Pages do not change what the table and S3 do.
    const isOfSameCases = index % 2 === 0;
    for (const [line, price] of Object.entries(bill)) {
      if (isOfSameCases || line !== 'Lambda') expect(price).toBeGreaterThanOrEqual(before[line] ?? 0);
    }
  }
});

test('results without the tables are refused by name', () => {
  expect(() => readCounts('# Results\n')).toThrow('no table with a column WRU');
  expect(() => readCounts(results.replace('one event per case, 10 per tick', 'other'))).toThrow(
    'no row "one event per case',
  );
});
