/** Promise: one page answers whether the export is current, whether it is complete, how far it is, and what it costs. */
import type { Template } from 'aws-cdk-lib/assertions';
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../../lambda/export/domain/metrics';
import { EVERYTHING } from '../configurations';
import { resource, resources, templateOf } from '../templates';

const template = templateOf('minimal');
const full = templateOf('everything');

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  // biome-ignore lint/suspicious/noExplicitAny: properties differ by the type of widget, and each test names what it pins.
  readonly properties: any;
}

test('is there by default, under the prefix, and can be left out', () => {
  expect(resource(template, 'AWS::CloudWatch::Dashboard').Properties.DashboardName).toBe('case-audit');
  const without = templateOf('without dashboard');
  without.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  expect(without.findOutputs('Dashboard')).toEqual({});
});

test('asks its four questions in this order, and no widget covers another', () => {
  const questions = widgets(full).filter(({ type }) => type === 'text');
  expect(questions.map(({ properties }) => properties.markdown.split('\n')[0])).toEqual([
    '## Is it current?',
    '## Is it complete?',
    '## How far is the first sweep?',
    '## What does it cost?',
  ]);
  const cells = widgets(full).flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...widgets(full).map(({ x, width }) => x + width))).toBe(24);
});

test('begins with the state of every alarm of the stack', () => {
  const [first] = widgets(full);
  expect(first?.type).toBe('alarm');
  expect(first?.properties.alarms).toHaveLength(resources(full, 'AWS::CloudWatch::Alarm').size);
});

test('no widget lists more alarms than CloudWatch takes, a hundred, and none lists none', () => {
  const largest = templateOf('largest possible');
  const lists = widgets(largest).flatMap(({ properties: { alarms } }) => (alarms === undefined ? [] : [alarms]));
  expect(lists.map(({ length }) => length)).toEqual([100, resources(largest, 'AWS::CloudWatch::Alarm').size - 100]);
  expect(new Set(lists.flat()).size).toBe(lists.flat().length);
});

test('shows all six metrics of every domain, and no other custom metric', () => {
  const shown = series(full).flatMap(([namespace, name, ...rest]) =>
    namespace === METRIC_NAMESPACE ? [`${name} ${rest[0]} ${rest[1]}`] : [],
  );
  const emitted = EVERYTHING.domains.flatMap((id) =>
    Object.values(METRICS)
      // It has an alarm, and nothing to see between two signatures.
      .filter((name) => name !== METRICS.signedNoteAge)
      .map((name) => `${name} ${METRIC_DIMENSION} ${id}`),
  );
  expect([...new Set(shown)].sort()).toEqual(emitted.sort());
  expect(new Set(shown).size).toBe(6 * EVERYTHING.domains.length);
});

test('marks the age at which the alarm fires', () => {
  const ages = widgets(full).filter(({ properties }) => properties.annotations);
  expect(ages.map(({ properties }) => properties.annotations.horizontal[0].value)).toEqual([7200]);
});

test('asks the functions’ own log how far the sweeps are', () => {
  const logs = widgets(template).filter(({ type }) => type === 'log');
  expect(logs).toHaveLength(2);
  for (const { properties } of logs) {
    expect(properties.query).toMatch(/^SOURCE '<ExportExporterLogs\w+>' \| fields @timestamp, domainId/);
  }
  expect(logs.map(({ properties }) => properties.query.match(/message = "([^"]+)"/)[1]).sort()).toEqual([
    'run ended',
    'sweep finished',
  ]);
});

describe('the cost', () => {
  const math = (of: Template): Record<string, string> =>
    Object.fromEntries(
      widgets(of)
        .flatMap(({ properties }) => properties.metrics ?? [])
        .flatMap(([first]: [{ expression?: string; label?: string }]) =>
          first.expression === undefined ? [] : [[first.label, first.expression]],
        ),
    );

  test('has a part for each service that charges by use', () => {
    expect(Object.keys(math(template))).toEqual(['Lambda', 'DynamoDB', 'Logs', 'S3 storage', 'Athena']);
  });

  test('is what a month of one function would come to, by hand', () => {
    // 512 MB for an hour: 0.5 GB × 3,600 s × 0.0000133334 $ = 0.024 $; a million starts: 0.20 $.
    const lambda = evaluate(math(template)['Lambda'] ?? '', { d0: 3_600_000, i0: 1_000_000 });
    expect(lambda).toBeCloseTo(0.024 + 0.2, 5);
    expect(evaluate(math(template)['DynamoDB'] ?? '', { w: 1_000_000, r: 1_000_000 })).toBeCloseTo(0.75, 5);
    // A gigabyte for thirty days.
    const stored = evaluate(math(template)['S3 storage'] ?? '', { a: 1024 ** 3, s: 0 });
    expect(stored * 30).toBeCloseTo(0.023, 5);
  });

  test('counts every function', () => {
    expect(math(full)['Lambda']).toMatch(/FILL\(d0, 0\).*FILL\(d1, 0\).*FILL\(i0, 0\).*FILL\(i1, 0\)/);
  });

  test('says what is not in it', () => {
    const note = widgets(full).find(({ properties }) => properties.markdown?.includes('What does it cost'));
    // 28 metrics of the alarms at 0.10; seven of each domain, as notes are signed, and that of the check at 0.30.
    expect(note?.properties.markdown).toContain('7.30 a month for alarms and metrics');
  });
});

/** Metric math of the kind that is used here, with numbers for metrics. */
function evaluate(expression: string, values: Readonly<Record<string, number>>): number {
  return expression.split(' + ').reduce((sum, term) => {
    const [, name, price] = term.match(/^FILL\((\w+), 0\) \* ([\d.]+)$/) ?? [];
    expect([term, values[name ?? '']]).toEqual([term, expect.any(Number)]);
    return sum + (values[name ?? ''] ?? 0) * Number(price);
  }, 0);
}

function series(of: Template): string[][] {
  return widgets(of).flatMap(({ properties }) => properties.metrics ?? []);
}

/** The widgets, references standing as `<LogicalId>`. */
function widgets(of: Template): Widget[] {
  const { DashboardBody } = resource(of, 'AWS::CloudWatch::Dashboard').Properties;
  const [separator, parts] = DashboardBody['Fn::Join'] as [string, unknown[]];
  const body = parts.map((part) => (typeof part === 'string' ? part : `<${idOf(part)}>`)).join(separator);
  return JSON.parse(body).widgets;
}

function idOf(part: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '?';
}
