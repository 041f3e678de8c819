/** A whole exporter over in-memory ports and a clock of its own, and the oracle that compares what is visible with what was. */
import { hash } from 'node:crypto';
import { noteText, parseNote } from '../../lambda/export/domain/commit-note';
import { flattenEvent } from '../../lambda/export/domain/flatten';
import { noteKey } from '../../lambda/export/domain/keys';
import { type Manifest, parseManifest } from '../../lambda/export/domain/manifest';
import { sha256 } from '../../lambda/export/domain/stored-form';
import { exportDomain } from '../../lambda/export/export';
import { replayDomain } from '../../lambda/export/operate/replay';
import { voidCommit } from '../../lambda/export/operate/void';
import type { CasesApi, CheckpointStore, NoteSigner, ObjectStore } from '../../lambda/export/ports';
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import type { Dependencies } from '../../lambda/export/run/run';
import { readSettings, type Settings } from '../../lambda/export/settings';
import { anomaliesOf, createTelemetry, DOMAIN, FAST, MINUTE, rates, START } from '../export/fixtures';
import { createFakeCases, type FakeCases, type FakeCasesOptions } from '../fakes/cases-api';
import { createManualClock, type ManualClock } from '../fakes/manual-clock';
import { createMemoryCheckpointStore, type MemoryCheckpointStore } from '../fakes/memory-checkpoint-store';
import { createMemoryObjectStore, type MemoryObjectStore } from '../fakes/memory-object-store';
import { jsonLines } from '../simulation/rows';

export { anomaliesOf, DOMAIN, MINUTE, rates, START };
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface World {
  readonly clock: ManualClock;
  readonly cases: FakeCases;
  readonly objects: MemoryObjectStore;
  readonly checkpoints: MemoryCheckpointStore;
  /** Each line that was logged, and each set of metrics. */
  readonly logs: ReturnType<typeof createTelemetry>['logs'];
  /** One invocation, `minutes` long; ports may be replaced for this one. */
  tick(options?: TickOptions): Promise<ExportAnswer>;
  /** An operator's tasks. */
  voidCommit(seq: number, options?: TickOptions): Promise<ExportAnswer>;
  replayQuarantine(options?: TickOptions): Promise<ExportAnswer>;
}

export interface TickOptions {
  readonly minutes?: number;
  readonly settings?: Partial<Settings>;
  readonly cases?: CasesApi;
  readonly objects?: ObjectStore;
  readonly checkpoints?: CheckpointStore;
}

export interface WorldOptions {
  /** Other than the defaults, but for the rates: no call waits. */
  readonly settings?: Partial<Settings>;
  readonly cases?: FakeCasesOptions;
  readonly signers?: readonly NoteSigner[];
}

const SETTINGS = { ...readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' }), ...FAST };

/** Rows as JSON lines: exact, fast, and readable by the oracle. The Parquet encoder has tests of its own. */
const JSON_ROWS = jsonLines(() => 0);

export function createWorld(options: WorldOptions = {}): World {
  const clock = createManualClock({ start: START, auto: true });
  const cases = createFakeCases({ domainId: DOMAIN, now: () => clock.now(), ...options.cases });
  const objects = createMemoryObjectStore();
  const checkpoints = createMemoryCheckpointStore();
  const telemetry = createTelemetry();
  let runs = 0;
  let seeds = 0;

  return {
    clock,
    cases,
    objects,
    checkpoints,
    logs: telemetry.logs,
    tick: (options) => invoke(options, (deps, remainingMs) => exportDomain(deps, DOMAIN, remainingMs)),
    voidCommit: (seq, options) =>
      invoke(options, (deps, remainingMs) =>
        voidCommit({ ...deps, rowFiles: JSON_ROWS.files }, { domainId: DOMAIN, seq }, remainingMs),
      ),
    replayQuarantine: (options) => invoke(options, (deps, remainingMs) => replayDomain(deps, DOMAIN, remainingMs)),
  };

  function invoke(
    tick: TickOptions = {},
    task: (deps: Dependencies, remainingMs: () => number) => Promise<ExportAnswer>,
  ): Promise<ExportAnswer> {
    const deps: Dependencies = {
      cases: tick.cases ?? cases,
      objects: tick.objects ?? objects,
      checkpoints: tick.checkpoints ?? checkpoints,
      encodeRows: JSON_ROWS.encode,
      clock,
      telemetry,
      newRunId: () => `run-${++runs}`,
      newSeed: () => hash('sha256', String(++seeds), 'buffer'),
      signers: options.signers ?? [],
      settings: { ...SETTINGS, ...options.settings, ...tick.settings },
      build: { bundleSha256: 'bundle', settingsSha256: 'settings' },
    };
    const endsAt = clock.monotonic() + (tick.minutes ?? 15) * MINUTE;
    return task(deps, () => endsAt - clock.monotonic());
  }
}

/** A world with so many cases, `case-0`, `case-1`, …, each made `stepMs` after the one before. */
export function createFilled(count: number, at: number, stepMs = 0, options: WorldOptions = {}): World {
  const world = createWorld(options);
  world.cases.addCases(count, at, stepMs);
  return world;
}

/** So many invocations, with a pause after each. */
export async function ticks(world: World, count: number, pauseMs: number, options: TickOptions = {}): Promise<void> {
  for (let tick = 0; tick < count; tick += 1) {
    await world.tick(options);
    world.clock.advance(pauseMs);
  }
}

/** The world's service with some operations replaced. */
export function instead(world: World, replaced: Partial<CasesApi>): CasesApi {
  return { ...world.cases, ...replaced };
}

/**
 * Every row that Athena would see, as JSON values. Bytes in a bucket are replaced, never changed, so each file is parsed once for
 * all the ticks of a world that look at it.
 */
export function visibleRows(world: World): VisibleRow[] {
  return world.objects
    .keys('archive', 'field_changes/')
    .flatMap((key) => onceFor(parsedRows, world.objects.buckets.archive.get(key) as Uint8Array, JSON_ROWS.rowsOf));
}

type VisibleRow = Readonly<Record<string, unknown>>;

const parsedRows = new WeakMap<Uint8Array, readonly VisibleRow[]>();
const parsedManifests = new WeakMap<Uint8Array, Manifest>();

function onceFor<T>(known: WeakMap<Uint8Array, T>, bytes: Uint8Array, parse: (bytes: Uint8Array) => T): T {
  const parsed = known.get(bytes) ?? parse(bytes);
  known.set(bytes, parsed);
  return parsed;
}

/** The rows that the service's history makes, in the form of `visibleRows`, without what only a commit knows. */
function expectedRows(world: World): Record<string, unknown>[] {
  return [...world.cases.cases.values()].flatMap(({ caseId, templateId, events }) =>
    events.flatMap((event) => {
      if (event === null) return [];
      const flattened = flattenEvent(event, caseId, templateId, world.cases.fields);
      return flattened.kind === 'rows'
        ? flattened.rows.map((row) => JSON.parse(JSON.stringify(row)) as Record<string, unknown>)
        : [];
    }),
  );
}

/**
 * Each (case, event, field) of the history exactly once, every column right. `templates: 'where found'`: a case that a related
 * item led to before any search found it has no template yet.
 */
export function expectExactlyTheHistory(world: World, templates: 'always' | 'where found' = 'always'): void {
  const visible = visibleRows(world).map(({ exported_at, run_id, commit_seq, ...row }) => ({
    // Files of earlier versions lack the column, which reads as null.
    other: null,
    ...row,
    template_id:
      row['template_id'] ?? (templates === 'always' ? null : world.cases.cases.get(String(row['case_id']))?.templateId),
  }));
  expect(byKey(visible)).toEqual(byKey(expectedRows(world)));
}

function byKey(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const key = (row: Record<string, unknown>) => [row['case_id'], row['event_id'], row['field_index']].join('|');
  const keyed = rows.map((row) => ({ key: key(row), row }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}

export function manifests(world: World): Manifest[] {
  return world.objects
    .keys('archive', 'manifests/')
    .map((key) => onceFor(parsedManifests, world.objects.buckets.archive.get(key) as Uint8Array, manifestOf));
}

/** The last one that is published. @throws Error if there is none. */
export function lastManifest(world: World): Manifest {
  const last = manifests(world).at(-1);
  if (last === undefined) throw new Error('no manifest is published');
  return last;
}

function manifestOf(bytes: Uint8Array): Manifest {
  return JSON.parse(Buffer.from(bytes).toString()) as Manifest;
}

/** Manifests are numbered from 1 without a hole, each names the hash of the one before, and lists what is there. */
export function expectWholeChain(world: World): void {
  const keys = world.objects.keys('archive', 'manifests/');
  let previous: string | null = null;
  const listed = new Set<string>();
  for (const [index, key] of keys.entries()) {
    const bytes = world.objects.buckets.archive.get(key) as Uint8Array;
    const manifest = parseManifest(bytes, { domainId: DOMAIN, seq: index + 1 });
    expect(manifest.seq).toBe(index + 1);
    expect(manifest.previousSha256).toBe(previous);
    previous = sha256(bytes);
    const note = world.objects.buckets.archive.get(noteKey(DOMAIN, manifest.seq));
    listed.add(noteKey(DOMAIN, manifest.seq));
    // Earlier builds wrote none.
    expect(note === undefined && manifest.cases === undefined ? null : parseNote(note ?? Buffer.of()).text).toBe(
      note === undefined ? null : noteText(manifest, previous),
    );
    for (const object of manifest.objects) {
      listed.add(object.key);
      expect(sha256(world.objects.buckets.archive.get(object.key) as Uint8Array)).toBe(object.sha256);
    }
  }
  const published = world.objects
    .keys('archive')
    .filter((key) => !key.startsWith('manifests/') && !key.startsWith('staging/'));
  expect(published.filter((key) => !listed.has(key))).toEqual([]);
}
