/** The exporter's own code, from the Cases port to Parquet bytes, over fakes and a clock that is told what time it is. */

import { sha256 } from '../../lambda/export/domain/stored-form';
import { exportDomain } from '../../lambda/export/export';
import { encodeRows } from '../../lambda/export/parquet/encode';
import type { NoteSigner } from '../../lambda/export/ports';
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import { readSettings } from '../../lambda/export/settings';
import { createFakeCases, type FakeCases, type FakeCasesOptions } from '../fakes/cases-api';
import { createManualClock, type ManualClock } from '../fakes/manual-clock';
import { createMemoryCheckpointStore, type MemoryCheckpointStore } from '../fakes/memory-checkpoint-store';
import { createMemoryObjectStore, type MemoryObjectStore } from '../fakes/memory-object-store';
import { saveFiles } from '../support/scratch';

export const START = Date.UTC(2026, 0, 10, 12);
export const MINUTE = 60_000;
const nothing = () => undefined;

export interface Exporter {
  readonly cases: FakeCases;
  readonly clock: ManualClock;
  readonly objects: MemoryObjectStore;
  readonly checkpoints: MemoryCheckpointStore;
  /** One invocation of 15 minutes. */
  tick(): Promise<ExportAnswer>;
  /** Writes what the archive holds below the folder. */
  save(folder: string): void;
}

/** A clock that runs on by itself while the exporter works. */
export function createClock(start = START): ManualClock {
  return createManualClock({ start, auto: true });
}

/** An exporter of one domain. By the same history it always makes the same bytes. */
export function createExporter(cases: FakeCases, clock: ManualClock, signers: readonly NoteSigner[] = []): Exporter {
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  let runs = 0;
  const deps = {
    cases,
    objects,
    checkpoints,
    encodeRows,
    clock,
    telemetry: { info: nothing, warn: nothing, error: nothing, metrics: nothing },
    newRunId: () => `run-${cases.domainId}-${++runs}`,
    newSeed: () => Buffer.alloc(32, 7),
    signers,
    settings: readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table', SWEEP_DAYS: '3' }),
    build: { bundleSha256: sha256(Buffer.from('bundle')), settingsSha256: sha256(Buffer.from('settings')) },
  };
  return {
    cases,
    clock,
    objects,
    checkpoints,
    tick() {
      const endsAt = clock.monotonic() + 15 * MINUTE;
      return exportDomain(deps, cases.domainId, () => endsAt - clock.monotonic());
    },
    save: (folder) => saveFiles(folder, objects.buckets.archive),
  };
}

/** An exporter of a domain that is empty at `START`. Each tick comes an hour after the one before, and has to be complete. */
export function createSmallDomain(domainId: string, before?: FakeCasesOptions['before']): Exporter {
  const clock = createClock();
  const cases = createFakeCases({ domainId, now: () => clock.now(), ...(before && { before }) });
  const exporter = createExporter(cases, clock);
  return {
    ...exporter,
    async tick() {
      clock.advance(60 * MINUTE);
      const answer = await exporter.tick();
      if (answer.status !== 'complete') throw new Error(`The tick was ${answer.status}`);
      return answer;
    },
  };
}
