import { createTelemetry } from '../../../lambda/export/aws/telemetry';
import { METRIC_NAMESPACE, METRICS } from '../../../lambda/export/domain/metrics';

interface Written {
  readonly stdout: string[];
  readonly stderr: string[];
}

/** What goes to the two streams while `act` runs, by line. */
function written(act: () => void): Written {
  const lines: Written = { stdout: [], stderr: [] };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      lines[name].push(...String(chunk).split('\n').filter(Boolean));
      return true;
    }),
  );
  try {
    act();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines;
}

const EVERY_METRIC = Object.fromEntries(Object.values(METRICS).map((name, index) => [name, index]));

describe('telemetry', () => {
  test('a value that is null is left out of its line', () => {
    const { stdout } = written(() => createTelemetry().info('read', { watermark: null, cases: 0 }));
    expect(JSON.parse(stdout[0] as string)).toMatchObject({ cases: 0 });
    expect(stdout[0]).not.toContain('watermark');
  });

  test('a log line is JSON: level, message, the values, and what always stands there', () => {
    const { stdout, stderr } = written(() => {
      const telemetry = createTelemetry({ domainId: 'd1', runId: 'r1' });
      telemetry.info('read', { cases: 3, done: true, ids: ['a', 'b'] });
      telemetry.warn('slow');
      telemetry.error('stopped', { seq: 7 });
    });
    expect([...stdout, ...stderr].map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'read',
        domainId: 'd1',
        runId: 'r1',
        cases: 3,
        done: true,
        ids: ['a', 'b'],
      }),
      expect.objectContaining({ level: 'WARN', message: 'slow', domainId: 'd1' }),
      expect.objectContaining({ level: 'ERROR', message: 'stopped', seq: 7, service: 'connect-cases-audit-export' }),
    ]);
  });

  test('values of one line do not stay for the next', () => {
    const { stdout } = written(() => {
      const telemetry = createTelemetry();
      telemetry.info('one', { caseId: 'c1' });
      telemetry.info('two');
    });
    expect(JSON.parse(stdout[1] as string)).not.toHaveProperty('caseId');
  });

  test('metrics are one line, by domain alone, with seconds where they are seconds', () => {
    const { stdout, stderr } = written(() => createTelemetry().metrics('d1', EVERY_METRIC));
    expect(stderr).toEqual([]);
    expect(stdout).toHaveLength(1);
    const line: unknown = JSON.parse(stdout[0] as string);
    expect(line).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: METRIC_NAMESPACE,
            // Exactly the dimension that the alarms name: one more and they watch nothing.
            Dimensions: [['domainId']],
            Metrics: Object.values(METRICS).map((Name) => ({
              Name,
              Unit: Name === 'WatermarkAgeSeconds' ? 'Seconds' : 'Count',
            })),
          },
        ],
      },
      domainId: 'd1',
      ...EVERY_METRIC,
    });
  });

  test('nothing of one domain’s metrics is left for the next', () => {
    const { stdout } = written(() => {
      const telemetry = createTelemetry();
      telemetry.metrics('d1', { [METRICS.openDebts]: 1 });
      telemetry.metrics('d2', { [METRICS.anomalies]: 2 });
    });
    const second = JSON.parse(stdout[1] as string);
    expect(second).toMatchObject({ domainId: 'd2', Anomalies: 2 });
    expect(second).not.toHaveProperty('OpenDebts');
  });

  test('figures that are no finite numbers are left out, and without any there is no line and no warning', () => {
    const { stdout, stderr } = written(() => {
      const telemetry = createTelemetry();
      telemetry.metrics('d1', {});
      telemetry.metrics('d1', { [METRICS.watermarkAge]: Number.NaN, [METRICS.openDebts]: Number.POSITIVE_INFINITY });
      telemetry.metrics('d1', { [METRICS.watermarkAge]: Number.NaN, [METRICS.openDebts]: 4 });
    });
    expect(stderr).toEqual([]);
    expect(stdout.map((line) => JSON.parse(line).OpenDebts)).toEqual([4]);
    expect(stdout[0]).not.toContain('WatermarkAgeSeconds');
  });

  test('outside Lambda, with no variable set, it says nothing of its own', () => {
    const kept = { ...process.env };
    for (const name of Object.keys(process.env)) {
      if (/^(AWS_|POWERTOOLS_|_X_AMZN|LAMBDA_)/.test(name)) delete process.env[name];
    }
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { stdout, stderr } = written(() => {
      const telemetry = createTelemetry();
      telemetry.info('only this');
      telemetry.metrics('d1', { [METRICS.eventsExported]: 1 });
    });
    process.env = kept;
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
    expect(stderr).toEqual([]);
    expect(stdout).toHaveLength(2);
  });

  test('POWERTOOLS_LOG_LEVEL and POWERTOOLS_METRICS_DISABLED silence it', () => {
    Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' });
    const { stdout, stderr } = written(() => {
      const telemetry = createTelemetry();
      telemetry.error('not heard');
      telemetry.metrics('d1', { [METRICS.eventsExported]: 1 });
    });
    delete process.env['POWERTOOLS_LOG_LEVEL'];
    delete process.env['POWERTOOLS_METRICS_DISABLED'];
    expect([...stdout, ...stderr]).toEqual([]);
  });
});
