/** A seed's world: what it holds, what its exporter is set to, how its days go, and what goes wrong in it. */
import { readSettings, type Settings } from '../../lambda/export/settings';
import { Draw } from './draw';
import { type FaultKind, type FaultRates, FIRST_KINDS, type FirstKind } from './faults';
import { furtherPlanOf } from './plan-further';
import type { Sickness } from './sickness';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** In all but a few worlds: small worlds go wrong in the same ways, and can be read. */
const MAX_CASES = 40;

/** The longest seeds can be without one of the two slowest faults at its full size. */
const SEEDS_A_ROUND = 2_000;

export interface TickPlan {
  readonly minutes: number;
  /** Minutes until the next tick. */
  readonly pauseMinutes: number;
  /** Changes in the domain between this tick and the next. */
  readonly changes: number;
  /** EXPORT_FROM, epoch ms; null: all history. */
  readonly exportFrom: number | null;
}

export interface Plan {
  readonly seed: number;
  readonly settings: Settings;
  readonly oneBucket: boolean;
  /** The deployed Parquet encoder instead of JSON lines. */
  readonly parquet: boolean;
  readonly pageSize: {
    readonly searchCases: number;
    readonly getCaseAuditEvents: number;
    readonly searchAllRelatedItems: number;
  };
  readonly auditLagMs: number;
  readonly resultCap: number;
  readonly cases: number;
  /** How many cases were updated on average before the start. */
  readonly updatesACase: number;
  readonly ticks: readonly TickPlan[];
  /** Probability of a change in the domain at each call of the Cases service. */
  readonly changeRate: number;
  readonly rates: FaultRates;
  readonly sicknesses: readonly Sickness[];
  readonly sickNumber: number;
  readonly placeNumber: number;
  /** Changes between two ticks that come one after the other, beside those that come at once. */
  readonly burst: number;
  /** Keys that sign commit notes. */
  readonly signingKeys: number;
  /** Kinds that are still there when all others are healed: the feed has to live with them. */
  readonly forEver: readonly FaultKind[];
  readonly hugeCaseEvents: number;
  readonly hugeEventFields: number;
}

/** What a fault has occasion to strike, and so how often it should. */
const RATES: Readonly<Record<FirstKind, readonly number[]>> = {
  // By port call.
  'process.die-before-call': [0.002, 0.01, 0.05],
  'process.die-after-call': [0.002, 0.01, 0.05],
  'process.throw-before-call': [0.005, 0.02, 0.1],
  'process.throw-after-call': [0.005, 0.02, 0.1],
  'process.hold-call': [0.002, 0.01, 0.03],
  'process.killed-while-publishing': [0.01, 0.05, 0.2],
  // By tick.
  'process.out-of-time': [0.3, 1],
  'process.overlap': [0.3, 1],
  'process.clock-10s-ahead': [0.3, 1],
  'process.clock-10s-behind': [0.3, 1],
  'process.clock-6h-ahead': [0.2, 0.5],
  'process.clock-6h-behind': [0.3, 1],
  'process.redo-another-day': [0.5, 1],
  'process.redo-newer-code': [0.5, 1],
  's3.other-bytes': [0.3, 1],
  's3.staged-gone': [0.3, 1],
  'dynamodb.table-restored': [0.5, 1],
  // By case.
  'process.deadly-case': [0.05, 0.2],
  // By call of the service.
  'cases.throttling-storm': [0.005, 0.02],
  'cases.500': [0.02, 0.1, 0.3],
  'cases.500-retry-after': [0.02, 0.1],
  'cases.500-retry-after-3600': [0.01, 0.05],
  'cases.reset': [0.02, 0.1, 0.3],
  'cases.never-answers': [0.01, 0.05],
  'cases.token-refused': [0.05, 0.3],
  'cases.token-expired': [0.05, 0.3, 1],
  'cases.token-repeats': [0.02, 0.1],
  'cases.token-cycle': [0.02, 0.1],
  'cases.token-on-empty-page': [0.05, 0.3],
  'cases.offset-token-moves': [1],
  'cases.unsorted': [0.02, 0.2],
  'cases.results-capped': [1],
  'cases.stale-replica': [0.02, 0.1, 0.3],
  'cases.null-element': [0.01, 0.05, 0.2],
  'cases.missing-list': [0.01, 0.05],
  'cases.undecodable-page': [0.01, 0.05],
  'cases.related-denied': [0.05, 0.5],
  'cases.labels-denied': [0.05, 0.5],
  'cases.all-denied': [0.005, 0.02],
  'cases.deleted-while-read': [0.01, 0.05],
  'cases.404-at-birth': [0.3, 1],
  // By thing that happens.
  'cases.search-lag-10m': [0.1, 0.5],
  'cases.search-lag-70m': [0.1, 0.5],
  'cases.audit-lag': [0.1, 0.5],
  'cases.same-millisecond': [0.1, 0.5],
  'cases.250-in-a-millisecond': [0.02, 0.1],
  'cases.newest-first': [0.5, 1],
  'cases.oldest-first': [0.5, 1],
  'cases.equal-times': [0.1, 0.5],
  'cases.late-old-event': [0.05, 0.3],
  'cases.related-silent': [0.5, 1],
  'cases.related-edited': [0.5, 1],
  'cases.related-deleted': [0.5, 1],
  'cases.unknown-enum': [0.05, 0.3],
  'cases.unknown-union': [0.05, 0.3],
  'cases.poison-event': [0.01, 0.1],
  'cases.huge-case': [1],
  'cases.huge-event': [1],
  // By request to a store.
  's3.503': [0.01, 0.05],
  's3.500': [0.01, 0.05],
  's3.409': [0.05, 0.3],
  's3.412-own-write': [0.05, 0.3],
  's3.lost-answer': [0.02, 0.1],
  's3.403-for-absent': [0.02, 0.2],
  'dynamodb.condition-failed-own-write': [0.05, 0.3],
  'dynamodb.lost-answer': [0.02, 0.1],
  'dynamodb.lost-request': [0.01, 0.05],
  'dynamodb.throttled': [0.01, 0.05],
  'dynamodb.unprocessed-keys': [0.1, 0.5],
  'dynamodb.short-page': [0.1, 0.5],
};

/** Slow: only in worlds of their own choice. */
const SLOW: readonly FirstKind[] = ['cases.huge-case', 'cases.huge-event'];
const KINDS = (Object.keys(FIRST_KINDS) as FirstKind[]).filter((kind) => !SLOW.includes(kind));

const DEFAULTS = readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' });

/** The same seed, the same plan. */
export function planOf(seed: number): Plan {
  const draw = new Draw(seed);
  const huge = hugeOf(seed, draw);
  const cases = casesOf(draw, huge !== null);
  const isLarge = cases > MAX_CASES;
  const settings = settingsOf(draw, huge !== null || isLarge);
  const plan = {
    seed,
    settings,
    oneBucket: draw.chance(0.5),
    parquet: draw.chance(0.01),
    pageSize: {
      searchCases: isLarge ? draw.pick([25, 100]) : draw.pick([1, 2, 5, 100, 100]),
      getCaseAuditEvents: huge === null && !isLarge ? draw.pick([1, 2, 5, 25, 25]) : 25,
      searchAllRelatedItems: isLarge ? 25 : draw.pick([1, 3, 25, 25]),
    },
    auditLagMs: draw.pick([0, Math.min(60_000, settings.settleMs), settings.settleMs, 60_000]),
    resultCap: draw.pick([3, 12, 40]),
    cases,
    updatesACase: isLarge ? 1 : draw.pick([0, 1, 4]),
    ticks: ticksOf(draw),
    changeRate: draw.pick([0, 0.01, 0.05, 0.2]),
    rates: { ...ratesOf(draw), ...huge?.rates },
    hugeCaseEvents: huge?.events ?? 0,
    hugeEventFields: huge?.fields ?? 0,
  };
  const { exportFroms, rates, ...further } = furtherPlanOf(plan);
  const ticks = plan.ticks.map((tick, at) => ({ ...tick, exportFrom: exportFroms[at] ?? null }));
  return { ...plan, ...further, ticks, rates: { ...plan.rates, ...rates } };
}

function settingsOf(draw: Draw, isLarge: boolean): Settings {
  return {
    ...DEFAULTS,
    searchCasesRps: isLarge ? 1000 : draw.pick([1.5, 5, 1000]),
    auditEventsRps: isLarge ? 1000 : draw.pick([1.5, 5, 1000]),
    relatedItemsRps: draw.pick([1.5, 5, 1000]),
    settleMs: draw.pick([0, 1000, 180_000, 180_000]),
    overlapMs: draw.pick([0, 60_000, 900_000, 900_000]),
    maxLagMs: draw.pick([0, 60_000, 900_000]),
    sweepDays: draw.pick([0, 1, 7, 30]),
    maxRowsPerCommit: isLarge ? draw.pick([200, 100_000]) : draw.pick([1, 3, 10, 50, 1_000, 100_000]),
    maxBytesPerCommit: draw.pick([50_331_648, 50_331_648, 4_000]) * (isLarge ? 1_000 : 1),
    commitReserveMs: draw.pick([0, 5_000, 30_000, 30_000]),
    leaseMarginMs: draw.pick([0, 5_000, 5_000]),
  };
}

function casesOf(draw: Draw, isHuge: boolean): number {
  if (isHuge) return draw.below(4);
  if (draw.chance(0.01)) return 150 + draw.below(200);
  return draw.pick([0, 1, 3, 8, 15, MAX_CASES].map((most) => draw.below(most + 1)));
}

function ticksOf(draw: Draw): Omit<TickPlan, 'exportFrom'>[] {
  return Array.from({ length: 2 + draw.below(7) }, () => ({
    minutes: draw.pick([0.1, 0.5, 2, 15, 15]),
    pauseMinutes: draw.pick([0, 1, 5, 15, 20, 120, 25 * 60]),
    changes: draw.below(5),
  }));
}

/** Faults are to be met alone and together: sometimes none, sometimes one, mostly some, sometimes all. */
function ratesOf(draw: Draw): FaultRates {
  const mode = draw.next();
  const share = draw.pick([0.04, 0.1, 0.25, 0.5]);
  const single = draw.pick(KINDS);
  const isOn = (kind: FirstKind): boolean => {
    const drawn = draw.chance(share);
    if (mode < 0.05) return false;
    if (mode < 0.2) return kind === single;
    return mode > 0.95 || drawn;
  };
  const rates: Partial<Record<FaultKind, number>> = {};
  for (const kind of KINDS) {
    const rate = draw.pick(RATES[kind]);
    // All together at their highest would leave nothing that works.
    if (isOn(kind)) rates[kind] = mode > 0.95 || share === 0.5 ? Math.min(rate, RATES[kind][0] ?? rate) : rate;
  }
  return rates;
}

function hugeOf(seed: number, draw: Draw): { rates: FaultRates; events: number; fields: number } | null {
  const drawn = draw.next();
  const events = 500 + draw.below(3_000);
  const fields = 500 + draw.below(3_000);
  if (seed % SEEDS_A_ROUND === 1_000) return { rates: { 'cases.huge-case': 1 }, events: 100_000, fields: 0 };
  if (seed % SEEDS_A_ROUND === 500) return { rates: { 'cases.huge-event': 1 }, events: 0, fields: 50_000 };
  if (drawn < 0.004) return { rates: { 'cases.huge-case': 1 }, events, fields };
  if (drawn < 0.008) return { rates: { 'cases.huge-event': 1 }, events, fields };
  return null;
}
