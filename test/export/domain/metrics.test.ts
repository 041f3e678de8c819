import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from '../../../lambda/export/domain/metrics';

describe('Metric names', () => {
  test("stay as they are: owners' alarms and dashboards go by them, and an alarm on a name that nobody emits is silent", () => {
    expect({ METRIC_NAMESPACE, METRIC_DIMENSION, ...METRICS }).toEqual({
      METRIC_NAMESPACE: 'ConnectCasesAuditExport',
      METRIC_DIMENSION: 'domainId',
      watermarkAge: 'WatermarkAgeSeconds',
      openDebts: 'OpenDebts',
      signedNoteAge: 'SignedNoteAgeSeconds',
      unpublishedCommits: 'UnpublishedCommits',
      throttledCalls: 'ThrottledCalls',
      eventsExported: 'EventsExported',
      anomalies: 'Anomalies',
    });
  });

  test('are at most six a domain, and one more with a signing key: each costs', () => {
    expect(Object.keys(METRICS).length).toBeLessThanOrEqual(7);
  });
});
