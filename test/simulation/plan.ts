/** A seed's world: what it holds, what its exporter is set to, how its days go, and what goes wrong in it. */
import { readSettings, type Settings } from '../../lambda/export/settings';
import { Random } from '../support/random';
import { type FaultKind, type FaultRates, FIRST_KINDS, type FirstKind, ratesOf } from './faults';
import { type FurtherPlan, furtherPlanOf } from './plan-further';

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

export interface Plan extends Omit<FurtherPlan, 'exportFroms'> {
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
  readonly hugeCaseEvents: number;
  readonly hugeEventFields: number;
}

/** Slow: only in worlds of their own choice. */
const SLOW: readonly FirstKind[] = ['cases.huge-case', 'cases.huge-event'];
const KINDS = (Object.keys(FIRST_KINDS) as FirstKind[]).filter((kind) => !SLOW.includes(kind));

const DEFAULTS = readSettings({ EXPORT_BUCKET: 'archive', CHECKPOINT_TABLE: 'table' });

/** The same seed, the same plan. */
export function planOf(seed: number): Plan {
  const draw = new Random(seed);
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
    rates: { ...drawRates(draw), ...huge?.rates },
    hugeCaseEvents: huge?.events ?? 0,
    hugeEventFields: huge?.fields ?? 0,
  };
  const { exportFroms, rates, ...further } = furtherPlanOf(plan);
  const ticks = plan.ticks.map((tick, at) => ({ ...tick, exportFrom: exportFroms[at] ?? null }));
  return { ...plan, ...further, ticks, rates: { ...plan.rates, ...rates } };
}

function settingsOf(draw: Random, isLarge: boolean): Settings {
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

function casesOf(draw: Random, isHuge: boolean): number {
  if (isHuge) return draw.below(4);
  if (draw.chance(0.01)) return 150 + draw.below(200);
  return draw.pick([0, 1, 3, 8, 15, MAX_CASES].map((most) => draw.below(most + 1)));
}

function ticksOf(draw: Random): Omit<TickPlan, 'exportFrom'>[] {
  return Array.from({ length: 2 + draw.below(7) }, () => ({
    minutes: draw.pick([0.1, 0.5, 2, 15, 15]),
    pauseMinutes: draw.pick([0, 1, 5, 15, 20, 120, 25 * 60]),
    changes: draw.below(5),
  }));
}

/** Faults are to be met alone and together: sometimes none, sometimes one, mostly some, sometimes all. */
function drawRates(draw: Random): FaultRates {
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
    const possible = ratesOf(kind);
    const rate = draw.pick(possible);
    // All together at their highest would leave nothing that works.
    if (isOn(kind)) rates[kind] = mode > 0.95 || share === 0.5 ? Math.min(rate, possible[0] ?? rate) : rate;
  }
  return rates;
}

function hugeOf(seed: number, draw: Random): { rates: FaultRates; events: number; fields: number } | null {
  const drawn = draw.next();
  const events = 500 + draw.below(3_000);
  const fields = 500 + draw.below(3_000);
  if (seed % SEEDS_A_ROUND === 1_000) return { rates: { 'cases.huge-case': 1 }, events: 100_000, fields: 0 };
  if (seed % SEEDS_A_ROUND === 500) return { rates: { 'cases.huge-event': 1 }, events: 0, fields: 50_000 };
  if (drawn < 0.004) return { rates: { 'cases.huge-case': 1 }, events, fields };
  if (drawn < 0.008) return { rates: { 'cases.huge-event': 1 }, events, fields };
  return null;
}
