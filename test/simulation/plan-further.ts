/** What a seed's world has of the further kinds of bad days: which, how long, on whom, and which of them never end. */
import { Random } from '../support/random';
import {
  type FaultKind,
  type FaultRates,
  FURTHER_KINDS,
  type FurtherKind,
  ratesOf,
  SIGNING_KINDS,
  type SigningKind,
} from './faults';
import { SICKNESS_KINDS, type Sickness } from './sickness';
import { HOUR, MINUTE, START } from './times';

const KINDS = Object.keys(FURTHER_KINDS) as FurtherKind[];

/** What the feed can live with for ever. */
const MAY_LAST: readonly FurtherKind[] = [
  'cases.filter-by-second',
  'cases.no-total-count',
  'cases.total-count-too-high',
  'cases.total-count-too-low',
  'cases.empty-page-here',
  'cases.disorder-here',
  'cases.list-fields-fails',
  'dynamodb.read-fails',
  'dynamodb.unprocessed-writes',
];

/** Moments around the beginning of the world that EXPORT_FROM may name. */
const EXPORT_FROMS = [null, null, START - 80 * HOUR, START - 30 * HOUR, START - HOUR, START + HOUR];

interface FirstPlan {
  readonly seed: number;
  readonly cases: number;
  readonly ticks: readonly unknown[];
}

export interface FurtherPlan {
  readonly rates: FaultRates;
  readonly sicknesses: readonly Sickness[];
  readonly sickNumber: number;
  readonly placeNumber: number;
  /** Kinds that are still there when all others are healed: the feed has to live with them. */
  readonly forEver: readonly FaultKind[];
  /** Changes between two ticks that come one after the other, beside those that come at once. */
  readonly burst: number;
  /** Keys that sign commit notes. */
  readonly signingKeys: number;
  /** By tick. */
  readonly exportFroms: readonly (number | null)[];
}

/** By seed alone, and apart from what else is drawn for it. */
export function furtherPlanOf({ seed, cases, ticks }: FirstPlan): FurtherPlan {
  const draw = new Random(seed ^ 0xf00d);
  const sickNumber = 1 + draw.below(Math.max(1, cases));
  const placeNumber = 1 + draw.below(Math.max(1, cases));
  const rates = drawRates(draw);
  const { signingKeys, signingRates } = signingOf(new Random(seed ^ 0x5196));
  return {
    rates: { ...rates, ...signingRates },
    signingKeys,
    sickNumber,
    placeNumber,
    sicknesses: sicknessesOf(draw, rates),
    forEver: MAY_LAST.filter((kind) => draw.chance(0.5) && rates[kind] !== undefined),
    burst: burstOf(draw, rates),
    exportFroms: exportFromsOf(draw, rates['operator.export-from'] ?? 0, ticks.length),
  };
}

/** Two worlds in three have no key, and one in twelve two of them; with one, each kind of fault is on in every third. */
function signingOf(draw: Random): { signingKeys: number; signingRates: Partial<Record<SigningKind, number>> } {
  const signingKeys = draw.pick([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
  const kinds = Object.keys(SIGNING_KINDS) as SigningKind[];
  const drawn = kinds.map((kind) => [kind, draw.chance(1 / 3), draw.pick(ratesOf(kind))] as const);
  const on = drawn.filter(([, isOn]) => isOn && signingKeys > 0);
  return { signingKeys, signingRates: Object.fromEntries(on.map(([kind, , rate]) => [kind, rate])) };
}

/** None in every third world, one in every fourth; else some, and now and then all. */
function drawRates(draw: Random): FaultRates {
  const mode = draw.next();
  const share = draw.pick([0.04, 0.1, 0.25]);
  const single = draw.pick(KINDS);
  const rates: Partial<Record<FaultKind, number>> = {};
  for (const kind of KINDS) {
    const possible = ratesOf(kind);
    const rate = draw.pick(possible);
    const drawn = draw.chance(share);
    const isOn = mode < 0.35 ? false : mode < 0.6 ? kind === single : mode > 0.97 || drawn;
    if (isOn) rates[kind] = mode > 0.97 ? (possible[0] ?? rate) : rate;
  }
  return rates;
}

function sicknessesOf(draw: Random, rates: FaultRates): Sickness[] {
  const drawn = SICKNESS_KINDS.map((kind) => ({
    kind,
    who: draw.pick(['one', 'one', 'a-tenth', 'a-tenth', 'all'] as const),
    fromMs: draw.pick([0, 0, draw.below(12 * HOUR)]),
    lastsMs: draw.pick([0, MINUTE, 12 * MINUTE, 3 * HOUR, 30 * HOUR, null, null, null]),
    order: draw.next(),
  }));
  // The first that strikes hides the others, so none is always the first.
  const on = drawn.filter(({ kind }) => rates[kind] !== undefined).sort((a, b) => a.order - b.order);
  return on.map(({ order: _, ...sickness }) => sickness);
}

/** Whatever is wrong with the order of a search shows only where many cases change between two looks at it. */
function burstOf(draw: Random, rates: FaultRates): number {
  const [drawn, most] = [draw.next(), draw.pick([10, 30])];
  const isWanted = rates['cases.newer-than-index'] !== undefined || rates['cases.filter-by-second'] !== undefined;
  return drawn < (isWanted ? 0.7 : 0.1) ? most : 0;
}

function exportFromsOf(draw: Random, rate: number, ticks: number): (number | null)[] {
  let current: number | null = null;
  return Array.from({ length: ticks }, () => {
    const [isMoved, to] = [draw.chance(rate), draw.pick(EXPORT_FROMS)];
    if (isMoved) current = to;
    return current;
  });
}
