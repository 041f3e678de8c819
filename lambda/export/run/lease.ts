import type { CheckpointStore, Clock, LeaseAnswer } from '../ports';
import type { RunCounters } from './counters';

/**
 * Takes the domain's lease until a little after Lambda would end this invocation, by our clock alone. The lease gives
 * liveness; safety comes from the fence, which rises with every acquisition and is part of every COMMIT's condition.
 */
export function acquireLease(
  checkpoints: CheckpointStore,
  clock: Clock,
  lease: { domainId: string; runId: string; remainingMs: number; marginMs: number },
): Promise<LeaseAnswer> {
  const now = clock.now();
  const expiresAt = Math.ceil(now + Math.max(0, lease.remainingMs) + lease.marginMs);
  return checkpoints.acquireLease({ domainId: lease.domainId, owner: lease.runId, now, expiresAt });
}

/** On every exit. A lease that cannot be given back runs out by itself, so a failure here is counted and nothing more. */
export async function releaseLease(
  checkpoints: CheckpointStore,
  counters: RunCounters,
  lease: { domainId: string; fence: number },
): Promise<void> {
  try {
    const released = await checkpoints.releaseLease(lease);
    if (!released) counters.anomaly('lease-not-released', { fence: lease.fence, reason: 'taken over' });
  } catch (error) {
    counters.anomaly('lease-not-released', {
      fence: lease.fence,
      reason: error instanceof Error ? error.name : 'unknown',
    });
  }
}
