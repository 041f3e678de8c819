/** A domain whose first commit is made and not published, for tests of publishing it. */

import { ledgerId, storedParts } from '../../../lambda/export/domain/case-items';
import {
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  noteKey,
  redoLogKey,
  stagedKey,
  stagingPrefix,
} from '../../../lambda/export/domain/keys';
import { REDO_VERSION, type RedoLog } from '../../../lambda/export/domain/manifest';
import type { CommitHead, DomainState } from '../../../lambda/export/domain/state';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { RunCounters } from '../../../lambda/export/run/counters';
import { createMemoryCheckpointStore } from '../../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../../fakes/memory-object-store';
import { type Fault, type PortCall, withFaults } from '../../fakes/with-faults';
import { aManifest, aRecord, aRetry, aState } from '../../support/stored-values';
import { createTelemetry, DOMAIN, START } from '../fixtures';

export const CHANGES = fieldChangesKey(DOMAIN, '2026-01-10', 1);
export const FIELDS = fieldsKey(DOMAIN, 1);
export const MANIFEST = manifestKey(DOMAIN, 1);
export const NOTE = noteKey(DOMAIN, 1);
export const PREFIX = stagingPrefix(DOMAIN, 1, 1, 1);

/** Twenty cases: more table writes than go side by side. */
export function redoLog(seq: number): RedoLog {
  const caseIds = Array.from({ length: 20 }, (_, index) => `case-${index}`);
  const [part] = storedParts(['event-1', 'event-2'].map(ledgerId));
  return {
    version: REDO_VERSION,
    seq,
    eventIds: caseIds.map((caseId) => ({
      caseId,
      part: 0,
      base64: Buffer.from(part as Uint8Array).toString('base64'),
    })),
    heads: caseIds.map((caseId) => aRecord({ caseId, touched: 5, readAt: 9, eventCount: 2, seq })),
    retries: [aRetry({ caseId: 'case-99', seq })],
  };
}

/** A domain whose first commit is made and not published. */
export async function createCommitted() {
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  const telemetry = createTelemetry();
  const calls: PortCall[] = [];
  const final = [
    { key: CHANGES, bytes: Buffer.from('rows') },
    { key: FIELDS, bytes: Buffer.from('fields') },
  ];
  const redo = toJsonBytes(redoLog(1));
  const lease = await checkpoints.acquireLease({ domainId: DOMAIN, owner: 'run', now: START, expiresAt: START + 1 });
  const { lanes } = (lease as { state: DomainState }).state;
  const manifest = aManifest({
    domainId: DOMAIN,
    lanes,
    objects: final.map(({ key, bytes }) => ({ key, sha256: sha256(bytes), bytes: bytes.length })),
    redo: { sha256: sha256(redo), bytes: redo.length },
  });
  for (const { key, bytes } of final) await objects.put('work', stagedKey(PREFIX, key), bytes);
  await objects.put('work', redoLogKey(PREFIX), redo);
  const head: CommitHead = { seq: 1, manifestKey: stagedKey(PREFIX, MANIFEST), sha256: sha256(toJsonBytes(manifest)) };
  await objects.put('work', head.manifestKey, toJsonBytes(manifest));
  const state = aState({ lanes, lastExportDate: '2026-01-10', openRetries: 1 });
  await checkpoints.commit({ domainId: DOMAIN, fence: 1, head, state });

  const publisher = (fault: (call: PortCall) => Fault | undefined = () => undefined) => {
    const recorded = (call: PortCall) => {
      calls.push(call);
      return fault(call);
    };
    return {
      domainId: DOMAIN,
      deps: {
        objects: withFaults(objects, 's3', recorded),
        checkpoints: withFaults(checkpoints, 'dynamodb', recorded),
      },
      counters: new RunCounters(telemetry),
    };
  };
  return { objects, checkpoints, telemetry, calls, head, publisher };
}

export type Committed = Awaited<ReturnType<typeof createCommitted>>;

export const appliedOf = async ({ checkpoints }: Committed) => (await checkpoints.readState(DOMAIN))?.applied;
export const textAt = ({ objects }: Committed, key: string) =>
  Buffer.from(objects.buckets.archive.get(key) ?? []).toString();
/** All that is stored, as it is now. */
export const everythingOf = ({ objects, checkpoints }: Pick<Committed, 'objects' | 'checkpoints'>) =>
  structuredClone({ archive: objects.buckets.archive, work: objects.buckets.work, items: checkpoints.items() });

export async function expectPublished(world: Committed): Promise<void> {
  expect(world.objects.keys('archive')).toEqual([CHANGES, FIELDS, MANIFEST, NOTE].sort());
  expect([textAt(world, CHANGES), textAt(world, FIELDS)]).toEqual(['rows', 'fields']);
  expect(sha256(world.objects.buckets.archive.get(MANIFEST) as Uint8Array)).toBe(world.head.sha256);
  expect(await appliedOf(world)).toBe(1);
  expect((await world.checkpoints.readCaseRecords(DOMAIN, ['case-0', 'case-19'])).size).toBe(2);
  expect(await world.checkpoints.readEventIds(DOMAIN, 'case-7')).toHaveLength(32);
  expect(await world.checkpoints.readOpenRetries(DOMAIN)).toMatchObject([{ caseId: 'case-99', seq: 1 }]);
}
