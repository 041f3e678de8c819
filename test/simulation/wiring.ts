/** The exporter over simulated services: each of its port calls goes by way of its process. */
import { hash } from 'node:crypto';
import { exportDomain } from '../../lambda/export/export';
import { replayDomain } from '../../lambda/export/operate/replay';
import { voidCommit } from '../../lambda/export/operate/void';
import type { CasesApi, CheckpointStore, Clock, NoteSigner, ObjectStore } from '../../lambda/export/ports';
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import type { Dependencies } from '../../lambda/export/run/run';
import type { Invocation } from './invocation';
import type { Port, SimulatedProcess } from './process';
import type { RowFormat } from './rows';
import { createSimulatedObjectStore, type SimulatedBuckets } from './stores/simulated-buckets';
import { createSimulatedCheckpointStore, type SimulatedTable } from './stores/simulated-table';
import type { Trace } from './trace';

/** The services that all processes of a world share. */
interface Services {
  readonly domainId: string;
  readonly cases: CasesApi;
  readonly buckets: SimulatedBuckets;
  readonly table: SimulatedTable;
  readonly rows: RowFormat;
  readonly signers: readonly NoteSigner[];
  readonly trace: Trace;
  readonly codeVersion: number;
}

/** Runs what the invocation is for: an export, or what an operator runs by hand. */
export function runTask(services: Services, invocation: Invocation, remainingMs: () => number): Promise<ExportAnswer> {
  const { domainId, rows } = services;
  const { task } = invocation.options;
  const deps = dependencies(services, invocation);
  if (task === undefined) return exportDomain(deps, domainId, remainingMs);
  if (task.kind === 'replay') return replayDomain(deps, domainId, remainingMs);
  return voidCommit({ ...deps, rowFiles: rows.files }, { domainId, seq: task.seq }, remainingMs);
}

function dependencies(services: Services, { process, settings }: Invocation): Dependencies {
  const { cases, buckets, table, rows, signers, trace, codeVersion } = services;
  const clock: Clock = { ...process.clock, sleep: (ms) => process.pause(ms) };
  const silent = () => undefined;
  const log = (level: string) => (message: string, values?: object) =>
    trace.tell(() => `${process.name} ${level}: ${message} ${JSON.stringify(values ?? {})}`);
  return {
    cases: gate<CasesApi>(process, 'cases', cases),
    objects: gate<ObjectStore>(process, 'objects', createSimulatedObjectStore({ buckets, clock })),
    checkpoints: gate<CheckpointStore>(process, 'checkpoints', createSimulatedCheckpointStore({ table, clock })),
    encodeRows: (...args) => process.call('encode', 'encodeRows', args, () => rows.encode(...args)),
    clock: process.clock,
    telemetry: { info: silent, warn: log('warn'), error: log('error'), metrics: silent },
    newRunId: () => process.name,
    // No two commits share a seed, as each is made by another call of some process.
    newSeed: () => hash('sha256', `${process.name} ${process.calls} seed`, 'buffer'),
    signers: signers.map((signer) => ({
      ...signer,
      sign: (digest) => process.call('kms', 'sign', [], () => signer.sign(digest)),
    })),
    settings,
    build: { bundleSha256: `bundle-${codeVersion}`, settingsSha256: 'settings' },
  };
}

/** The port, each call of which goes by way of the process. */
function gate<P extends object>(process: SimulatedProcess, port: Port, target: P): P {
  return new Proxy(target, {
    get: (_, method: string) => {
      const member = target[method as keyof P] as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => process.call(port, method, args, () => member(...args));
    },
  });
}
