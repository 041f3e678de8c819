/** The exporter's own code, from the Cases port to Parquet bytes, over fakes and a clock that is told what time it is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../../lambda/export/domain/stored-form';
import { exportDomain } from '../../../../lambda/export/export';
import { encodeRows } from '../../../../lambda/export/parquet/encode';
import type { NoteSigner } from '../../../../lambda/export/ports';
import type { ExportAnswer } from '../../../../lambda/export/run/invocation';
import type { Dependencies } from '../../../../lambda/export/run/run';
import { readSettings } from '../../../../lambda/export/settings';
import type { FakeCases } from '../../../fakes/cases-api';
import { createManualClock, type ManualClock } from '../../../fakes/manual-clock';
import { createMemoryCheckpointStore } from '../../../fakes/memory-checkpoint-store';
import { createMemoryObjectStore } from '../../../fakes/memory-object-store';
import { type CaseOfHistory, type Facts, readDomainFacts, type User } from '../oracle/facts';

const MINUTE = 60_000;

/** Folder of the archive, inside a world's folder: as `npm run query` expects it. */
const ARCHIVE = 'archive';
const USERS = 'work-area/users/users.csv';

export interface ExportedWorld {
  /** Holds `archive/` and `work-area/users/users.csv`: a folder for `npm run query -- --folder`. */
  readonly folder: string;
  readonly archive: string;
  readonly usersFile: string;
  readonly facts: Facts;
}

interface Exporter {
  readonly clock: ManualClock;
  /** One invocation of 15 minutes. Its objects are in the archive on disk when it resolves. */
  tick(): Promise<ExportAnswer>;
}

/** An exporter of one domain that publishes into `<folder>/archive`. The clock runs on by itself while it works. */
export function createExporter(
  folder: string,
  { cases, clock = createClock(), signers = [] }: { cases: FakeCases; clock?: ManualClock; signers?: NoteSigner[] },
): Exporter {
  const objects = createMemoryObjectStore();
  let runs = 0;
  const ignore = () => undefined;
  const deps: Dependencies = {
    cases,
    objects,
    checkpoints: createMemoryCheckpointStore(),
    encodeRows,
    clock,
    telemetry: { info: ignore, warn: ignore, error: ignore, metrics: ignore },
    newRunId: () => `run-${cases.domainId}-${++runs}`,
    newSeed: () => Buffer.alloc(32, 7),
    signers,
    settings: readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table', SWEEP_DAYS: '3' }),
    build: { bundleSha256: sha256(Buffer.from('bundle')), settingsSha256: sha256(Buffer.from('settings')) },
  };
  return {
    clock,
    async tick() {
      const endsAt = clock.monotonic() + 15 * MINUTE;
      const answer = await exportDomain(deps, cases.domainId, () => endsAt - clock.monotonic());
      for (const [key, bytes] of objects.buckets.archive) write(join(folder, ARCHIVE, key), bytes);
      return answer;
    },
  };
}

export function createClock(start = Date.UTC(2026, 0, 10, 12)): ManualClock {
  return createManualClock({ start, auto: true });
}

/** Writes the list of users and gathers what the oracle has to know. */
export async function exportedWorld(
  folder: string,
  domains: readonly { readonly domainId: string; readonly history: readonly CaseOfHistory[] }[],
  users: readonly User[],
  now: number,
): Promise<ExportedWorld> {
  const archive = join(folder, ARCHIVE);
  const usersFile = join(folder, USERS);
  const lines = users.map(({ arn, name, team }) => [arn, name, team].map(csvField).join(','));
  write(usersFile, Buffer.from(`${['user_arn,name,team', ...lines].join('\n')}\n`));
  const facts = await Promise.all(domains.map(({ domainId, history }) => readDomainFacts(archive, domainId, history)));
  return { folder, archive, usersFile, facts: { domains: facts, users, now } };
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
