import { StoreError } from '../../../lambda/export/domain/errors';
import { RunCounters } from '../../../lambda/export/run/counters';
import { acquireLease, releaseLease } from '../../../lambda/export/run/invocation';
import { createManualClock } from '../../fakes/manual-clock';
import { createMemoryCheckpointStore } from '../../fakes/memory-checkpoint-store';
import { withFaults } from '../../fakes/with-faults';
import { anomaliesOf, createTelemetry, DOMAIN, START } from '../fixtures';

const asking = { domainId: DOMAIN, runId: 'run-1', remainingMs: 60_000, marginMs: 5000 };

function createStores() {
  const clock = createManualClock({ start: START });
  const telemetry = createTelemetry();
  return { clock, checkpoints: createMemoryCheckpointStore(), telemetry, counters: new RunCounters(telemetry) };
}

describe('The lease', () => {
  test('ends the margin after Lambda would end the invocation, by our wall clock', async () => {
    const { clock, checkpoints } = createStores();
    const answer = await acquireLease(checkpoints, clock, asking);
    expect(answer).toMatchObject({
      kind: 'acquired',
      state: { leaseOwner: 'run-1', leaseExpiresAt: START + 65_000, fence: 1 },
    });
  });

  test('is in whole milliseconds, never shorter than asked for, and not in the past when no time is left', async () => {
    for (const [remainingMs, expiresAt] of [
      [1234.5, START + 6235],
      [-500, START + 5000],
    ] as const) {
      const { clock, checkpoints } = createStores();
      const answer = await acquireLease(checkpoints, clock, { ...asking, remainingMs });
      expect(answer).toMatchObject({ state: { leaseExpiresAt: expiresAt } });
    }
  });

  test('belongs to one at a time; whoever takes it after its end has a higher fence', async () => {
    const { clock, checkpoints } = createStores();
    await acquireLease(checkpoints, clock, asking);
    clock.advance(64_999);
    const early = await acquireLease(checkpoints, clock, { ...asking, runId: 'run-2' });
    expect(early).toEqual({ kind: 'busy', expiresAt: START + 65_000 });
    clock.advance(1);
    const late = await acquireLease(checkpoints, clock, { ...asking, runId: 'run-2' });
    expect(late).toMatchObject({ kind: 'acquired', state: { fence: 2, leaseOwner: 'run-2' } });
  });

  test('is given back: the next may take it at once', async () => {
    const { clock, checkpoints, counters, telemetry } = createStores();
    await acquireLease(checkpoints, clock, asking);
    await releaseLease(checkpoints, counters, { domainId: DOMAIN, fence: 1 });
    expect(await checkpoints.readState(DOMAIN)).toMatchObject({
      leaseExpiresAt: 0,
      leaseOwner: null,
      startsSinceCommit: 0,
    });
    expect(await acquireLease(checkpoints, clock, asking)).toMatchObject({ kind: 'acquired' });
    expect(anomaliesOf(telemetry)).toEqual([]);
  });

  test('of somebody else is left alone, and that is counted', async () => {
    const { clock, checkpoints, counters, telemetry } = createStores();
    await acquireLease(checkpoints, clock, asking);
    clock.advance(65_000);
    await acquireLease(checkpoints, clock, { ...asking, runId: 'run-2' });
    const before = checkpoints.items();
    await releaseLease(checkpoints, counters, { domainId: DOMAIN, fence: 1 });
    expect(checkpoints.items()).toEqual(before);
    expect(anomaliesOf(telemetry)).toEqual(['lease-not-released']);
  });

  test('that cannot be given back is counted and nothing more: it runs out by itself', async () => {
    const { clock, checkpoints, counters, telemetry } = createStores();
    await acquireLease(checkpoints, clock, asking);
    const broken = withFaults(checkpoints, 'dynamodb', () => 'lost-request');
    await expect(releaseLease(broken, counters, { domainId: DOMAIN, fence: 1 })).resolves.toBeUndefined();
    expect(anomaliesOf(telemetry)).toEqual(['lease-not-released']);
    expect(counters.counts.anomalies).toBe(1);
  });

  test('that the table does not grant for a failure of its own is an error, not "busy"', async () => {
    const { clock, checkpoints } = createStores();
    const broken = withFaults(checkpoints, 'dynamodb', () => 'lost-request');
    await expect(acquireLease(broken, clock, asking)).rejects.toThrow(StoreError);
  });
});
