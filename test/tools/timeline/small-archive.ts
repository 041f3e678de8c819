/** A small domain, exported to Parquet files on disk by the exporter's own code over in-memory ports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportDomain } from '../../../lambda/export/export';
import { encodeRows } from '../../../lambda/export/parquet/encode';
import { readSettings } from '../../../lambda/export/settings';
import { createFakeCases, type FakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { createMemoryCheckpointStore } from '../../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../../fakes/memory-object-store';

export const START = Date.UTC(2026, 0, 10, 12);
const MINUTE = 60_000;
const nothing = () => undefined;

interface SmallDomain {
  readonly cases: FakeCases;
  /** An hour later, one invocation, to the end. */
  tick(): Promise<void>;
  /** Writes what the archive holds below the folder. */
  save(folder: string): void;
}

export function createSmallDomain(domainId: string): SmallDomain {
  const clock = createManualClock({ start: START, auto: true });
  const cases = createFakeCases({ domainId, now: () => clock.now() });
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  let runs = 0;
  return {
    cases,
    async tick() {
      clock.advance(60 * MINUTE);
      const endsAt = clock.monotonic() + 15 * MINUTE;
      const deps = {
        cases,
        objects,
        checkpoints,
        encodeRows,
        clock,
        telemetry: { info: nothing, warn: nothing, error: nothing, metrics: nothing },
        newRunId: () => `run-${++runs}`,
        newSeed: () => Buffer.alloc(32, 7),
        signers: [],
        settings: readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' }),
        build: { bundleSha256: 'bundle', settingsSha256: 'settings' },
      };
      const { status } = await exportDomain(deps, domainId, () => endsAt - clock.monotonic());
      if (status !== 'complete') throw new Error(`The tick was ${status}`);
    },
    save(folder) {
      for (const [key, bytes] of objects.buckets.archive) {
        mkdirSync(dirname(join(folder, key)), { recursive: true });
        writeFileSync(join(folder, key), bytes);
      }
    },
  };
}
