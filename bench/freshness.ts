/**
 * Freshness while the first sweep runs: the real story over a simulated domain and a simulated clock, with changes, new cases,
 * related items and deletions going on all the time. Exit code 1 if an aim is missed.
 *
 *   npx tsx bench/freshness.ts [--cases 1000000] [--days D] [--rps 2] [--seed 1] [--sweep-days 30] [--sick-every 0]
 *
 * `--sick-every 100`: one case in a hundred is sick, in ten ways by turns, and for ever; freshness is then that of the healthy ones.
 * Without `--days` it runs until the first sweep is finished, and half a day more.
 */
import { exportDomain } from '../lambda/export/export';
import { isHistoryIn } from '../lambda/export/find/sweep';
import type { Telemetry } from '../lambda/export/ports';
import type { ExportAnswer } from '../lambda/export/run/invocation';
import type { Dependencies } from '../lambda/export/run/run';
import { readSettings } from '../lambda/export/settings';
import { createManualClock } from '../test/fakes/manual-clock';
import { createDomainApi } from './freshness/cases-api';
import { createLeanCheckpoints } from './freshness/checkpoints';
import { Domain } from './freshness/domain';
import { happeningsIn, Life } from './freshness/life';
import { createLeanObjects, encodeIdsOnly } from './freshness/objects';
import { report } from './freshness/report';
import { Samples } from './freshness/samples';
import { SickCases } from './freshness/sick-cases';
import { Watcher } from './freshness/watcher';
import { ratesOf, readOptions } from './harness';

const DOMAIN = 'domain-1';
const START = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;
const HISTORY_MS = 365 * DAY_MS;
const SCHEDULE_MS = 300_000;
const TIMEOUT_MS = 900_000;
/** After the sweep: ticks with nothing but life to follow. */
const STEADY_MS = DAY_MS / 2;
/** At the end: quiet ticks, until all that is to be found is found and what was parked is tried again. */
const QUIET_MS = DAY_MS / 4;
/** Events that a case of history has on average. */
const FIRST_EVENTS = 2;

interface Options {
  readonly cases: number;
  /** 0: until the first sweep is finished, and half a day more. */
  readonly days: number;
  readonly rps: number;
  readonly seed: number;
  readonly 'sweep-days': number;
  readonly 'sick-every': number;
}

async function main(): Promise<void> {
  const options = readOptions({
    cases: [1_000_000, 1, 10_000_000],
    days: [0, 1, 10_000],
    rps: [2, 1, 10_000],
    seed: [1, 0, 2 ** 31],
    'sweep-days': [30, 0, 36_500],
    'sick-every': [0, 0, 10_000_000],
  });
  const world = createWorld(options);
  const cpuBefore = process.cpuUsage();
  await liveOn(world, options);
  const { user, system } = process.cpuUsage(cpuBefore);
  const isMet = report({ ...world, rps: options.rps, cpuSeconds: (user + system) / 1e6 });
  process.exitCode = isMet ? 0 : 1;
}

type World = ReturnType<typeof createWorld>;

function createWorld({ cases, days, rps, seed, 'sweep-days': sweepDays, 'sick-every': sickEvery }: Options) {
  const mostMs = (days || (cases / rps / 86_400) * 2) * DAY_MS + STEADY_MS + QUIET_MS + DAY_MS;
  const room = happeningsIn(mostMs);
  const settings = readSettings({
    EXPORT_BUCKET: 'archive',
    STAGING_BUCKET: 'work-area',
    CHECKPOINT_TABLE: 'table',
    ...ratesOf(rps),
    SWEEP_DAYS: String(sweepDays),
  });
  const clock = createManualClock({ start: START, auto: true });
  const domain = new Domain(cases, START - HISTORY_MS, START, room);
  const life = new Life(domain, START, seed);
  const sick = new SickCases(sickEvery);
  const api = createDomainApi(domain, life, clock, sick);
  const checkpoints = createLeanCheckpoints(clock, cases + room, cases * FIRST_EVENTS + room);
  const watcher = new Watcher(domain, settings.settleMs, (index) => sick.isSick(index));
  const objects = createLeanObjects(clock, DOMAIN, (rows) => watcher.published(rows, clock.now()));
  const anomalies = new Map<string, number>();
  const note = (message: string) => void anomalies.set(message, (anomalies.get(message) ?? 0) + 1);
  const telemetry: Telemetry = { info: () => undefined, warn: note, error: note, metrics: () => undefined };
  let runs = 0;
  const deps: Dependencies = {
    cases: api,
    objects,
    checkpoints,
    encodeRows: encodeIdsOnly,
    clock,
    telemetry,
    newRunId: () => `run-${++runs}`,
    newSeed: () => Buffer.alloc(32, 7),
    signers: [],
    settings,
    build: { bundleSha256: 'bundle', settingsSha256: 'settings' },
  };
  const samples = new Samples(api, checkpoints);
  return { clock, domain, life, api, sick, checkpoints, watcher, objects, anomalies, deps, samples };
}

/** Ticks by the schedule until the end; one that comes while another still runs would be answered `busy` and is left out. */
async function liveOn(world: World, { days }: Options): Promise<void> {
  let endAt = days === 0 ? Number.POSITIVE_INFINITY : START + days * DAY_MS;
  let isQuiet = false;
  for (let at = START; ; at = nextSchedule(at, world.clock.now())) {
    if (at >= endAt && isQuiet) return;
    if (at >= endAt) {
      world.life.stop();
      isQuiet = true;
      endAt = at + QUIET_MS;
    }
    await tick(world, at, isQuiet);
    const isSwept = isHistoryIn(world.checkpoints.state?.lanes.sweep ?? null);
    if (isSwept && endAt === Number.POSITIVE_INFINITY) endAt = at + STEADY_MS;
  }
}

async function tick(world: World, at: number, isQuiet: boolean): Promise<ExportAnswer> {
  const { clock, life, api, watcher, samples, deps } = world;
  clock.advance(Math.max(0, at - START - clock.monotonic()));
  life.catchUp(at);
  api.tickBegins();
  watcher.tickBegins(at);
  samples.tickBegins();
  const endsAt = clock.monotonic() + TIMEOUT_MS;
  const answer = await exportDomain(deps, DOMAIN, () => endsAt - clock.monotonic());
  samples.tickEnded(at - START, answer, isQuiet);
  return answer;
}

function nextSchedule(began: number, now: number): number {
  return START + Math.ceil(Math.max(now - START, began - START + 1) / SCHEDULE_MS) * SCHEDULE_MS;
}

void main();
