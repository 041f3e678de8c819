/** The log line of a run that fails says what a person needs, and never what is in a case. */
import {
  CasesCallError,
  FencedOutError,
  IntegrityError,
  InvalidInputError,
  ParquetError,
  StoreError,
} from '../../../lambda/export/domain/errors';
import { SystemicError } from '../../../lambda/export/run/calls';
import { reportFailure } from '../../../lambda/export/run/invocation';
import { createTelemetry } from '../fixtures';

const IDS = { domainId: 'd1', runId: 'r1' };
const CASE_DATA = 'Ada Lovelace, +44 20 7946 0000';

function reported(error: unknown) {
  const telemetry = createTelemetry();
  reportFailure(telemetry, error, IDS);
  expect(telemetry.logs).toHaveLength(1);
  return telemetry.logs[0];
}

describe('The line of a run that fails', () => {
  test.each([
    [new InvalidInputError('the event is wrong'), {}],
    [new IntegrityError('the manifest is missing'), {}],
    [new FencedOutError('another run has the lease'), {}],
    [new ParquetError('row 3 is too early'), {}],
    [new StoreError('no such bucket', 's3', 'missing-resource'), { failure: 'missing-resource', store: 's3' }],
    [new CasesCallError('not allowed', 'denied', 'SearchCases'), { failure: 'denied', operation: 'SearchCases' }],
  ])('has the ids, the name and the message: %s', (error, how) => {
    expect(reported(error)).toEqual({
      level: 'error',
      message: `run failed: ${error.message}`,
      values: { ...IDS, errorName: error.name, ...how },
    });
  });

  test('says how the call failed that closed the service for this run', () => {
    const cause = new CasesCallError('not allowed', 'denied', 'GetCaseAuditEvents');
    expect(reported(new SystemicError('not allowed (5 failures in a row)', { cause }))).toEqual({
      level: 'error',
      message: 'run failed: not allowed (5 failures in a row)',
      values: { ...IDS, errorName: 'SystemicError', failure: 'denied', operation: 'GetCaseAuditEvents' },
    });
  });

  test('has of an error that is not ours the name alone: its message may quote a case', () => {
    const thrown = [new TypeError(CASE_DATA), new Error('outer', { cause: new IntegrityError(CASE_DATA) }), CASE_DATA];
    const lines = thrown.map(reported);
    expect(lines.map((line) => line?.values)).toEqual(
      ['TypeError', 'Error', 'string'].map((errorName) => ({ ...IDS, errorName, failure: 'unexpected' })),
    );
    expect(lines.map((line) => line?.level)).toEqual(['error', 'error', 'error']);
    expect(JSON.stringify(lines)).not.toContain(CASE_DATA);
  });
});
