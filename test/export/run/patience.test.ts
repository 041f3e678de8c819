/** How long one case may keep a run waiting: attempts and pauses are bounded, and the others go on meanwhile. */
import { CasesCallError, FAILURES } from '../../../lambda/export/domain/errors';
import { failed, NO_EVENTS } from '../../fakes/with-answers';
import { casesApi, createPacedCalls, DOMAIN, MINUTE } from '../fixtures';

const HOUR = 60 * MINUTE;

/** A service in which one case fails so, for good. */
function createSick(failure: 'throttled' | 'unavailable', retryAfterMs?: number) {
  let asked = 0;
  const world = createPacedCalls(
    casesApi({
      getCaseAuditEvents: async ({ caseId }) => {
        if (caseId !== 'sick') return NO_EVENTS;
        asked += 1;
        throw failed(failure, 'GetCaseAuditEvents', retryAfterMs);
      },
    }),
  );
  const read = (caseId: string) => world.calls.getCaseAuditEvents({ domainId: DOMAIN, caseId, nextToken: undefined });
  return { ...world, read, asked: () => asked };
}

describe('A case that is throttled for good', () => {
  test('is given back after a bounded number of attempts', async () => {
    const { read, asked } = createSick('throttled');
    await expect(read('sick')).rejects.toThrow(CasesCallError);
    expect(asked()).toBe(FAILURES.throttled.attempts);
  });

  test('and asks for an hour is given back at once, and holds nobody else', async () => {
    const { read, asked, clock } = createSick('throttled', HOUR);
    const startedAt = clock.monotonic();
    await expect(read('sick')).rejects.toThrow(CasesCallError);
    expect(asked()).toBe(1);
    await expect(read('healthy')).resolves.toMatchObject({ events: [] });
    expect(clock.monotonic() - startedAt).toBeLessThan(MINUTE);
  });
});

test('A case that does not answer and asks for an hour is given back at once', async () => {
  const { read, asked, clock } = createSick('unavailable', HOUR);
  const startedAt = clock.monotonic();
  await expect(read('sick')).rejects.toThrow(CasesCallError);
  expect(asked()).toBe(1);
  expect(clock.monotonic() - startedAt).toBeLessThan(MINUTE);
});
