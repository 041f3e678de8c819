/** What a seed's world has of the further kinds of bad days: which, how long, on whom, and which of them never end. */
import { Draw } from './draw';
import {
  type FaultKind,
  type FaultRates,
  FURTHER_KINDS,
  type FurtherKind,
  SIGNING_KINDS,
  type SigningKind,
} from './faults';
import { SICKNESS_KINDS, type Sickness } from './sickness';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Share of the answers about a sick case that its sickness strikes. */
const SICK = [0.3, 1, 1];

/** What a fault has occasion to strike, and so how often it should. */
const RATES: Readonly<Record<FurtherKind, readonly number[]>> = {
  // By port call.
  'process.clock-set-back': [0.005, 0.02],
  'process.clock-set-forward': [0.005, 0.02],
  // By tick.
  'operator.export-from': [0.3, 0.7],
  'dynamodb.table-restored-anywhere': [0.5, 1],
  // By thing that happens.
  'cases.audit-lag-uncapped': [0.05, 0.3],
  'cases.touch-without-event': [0.1, 0.5, 0.9],
  'cases.search-lag-uncapped': [0.05, 0.3],
  'cases.newer-than-index': [0.1, 0.5],
  'cases.unknown-members': [0.1, 0.5],
  'cases.event-enriched': [0.05, 0.3],
  'cases.two-contents': [0.05, 0.3],
  // By answer of the service.
  'cases.filter-by-second': [0.2, 1],
  'cases.no-token-too-early': [0.05, 0.3, 1],
  'cases.no-total-count': [0.2, 1],
  'cases.total-count-too-high': [0.2, 1],
  'cases.total-count-too-low': [0.2, 1],
  'cases.empty-page-here': [0.3, 1, 1],
  'cases.disorder-here': [0.3, 1, 1],
  // By call of the service.
  'cases.404-incident': [0.005, 0.02],
  'cases.list-fields-fails': [0.3, 1, 1],
  // By answer about a sick case.
  'case.denied': SICK,
  'case.throttled': SICK,
  'case.throttled-retry-after': SICK,
  'case.500': SICK,
  'case.500-retry-after-3600': SICK,
  'case.never-answers': SICK,
  'case.refused': SICK,
  'case.nonsense': SICK,
  'case.404': SICK,
  'case.endless-tokens': SICK,
  'case.repeated-pages': SICK,
  'case.null-event': SICK,
  'case.null-field': SICK,
  'case.hidden-by-null': SICK,
  'case.unlisted': SICK,
  // By request to a store.
  'dynamodb.read-fails': [0.003, 0.02],
  'dynamodb.unprocessed-writes': [0.1, 0.5],
};

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

/** Beginning of the world, and moments around it that EXPORT_FROM may name. */
const START = Date.UTC(2026, 0, 10, 12);
const EXPORT_FROMS = [null, null, START - 80 * HOUR, START - 30 * HOUR, START - HOUR, START + HOUR];

interface FirstPlan {
  readonly seed: number;
  readonly cases: number;
  readonly ticks: readonly unknown[];
}

interface FurtherPlan {
  readonly rates: FaultRates;
  readonly sicknesses: readonly Sickness[];
  readonly sickNumber: number;
  readonly placeNumber: number;
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
  const draw = new Draw(seed ^ 0xf00d);
  const sickNumber = 1 + draw.below(Math.max(1, cases));
  const placeNumber = 1 + draw.below(Math.max(1, cases));
  const rates = ratesOf(draw);
  const { signingKeys, signingRates } = signingOf(new Draw(seed ^ 0x5196));
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
function signingOf(draw: Draw): { signingKeys: number; signingRates: Partial<Record<SigningKind, number>> } {
  const signingKeys = draw.pick([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
  const kinds = Object.keys(SIGNING_KINDS) as SigningKind[];
  const drawn = kinds.map((kind) => [kind, draw.chance(1 / 3), draw.pick([0.1, 0.5, 1])] as const);
  const on = drawn.filter(([, isOn]) => isOn && signingKeys > 0);
  return { signingKeys, signingRates: Object.fromEntries(on.map(([kind, , rate]) => [kind, rate])) };
}

/** None in every third world, one in every fourth; else some, and now and then all. */
function ratesOf(draw: Draw): FaultRates {
  const mode = draw.next();
  const share = draw.pick([0.04, 0.1, 0.25]);
  const single = draw.pick(KINDS);
  const rates: Partial<Record<FaultKind, number>> = {};
  for (const kind of KINDS) {
    const rate = draw.pick(RATES[kind]);
    const drawn = draw.chance(share);
    const isOn = mode < 0.35 ? false : mode < 0.6 ? kind === single : mode > 0.97 || drawn;
    if (isOn) rates[kind] = mode > 0.97 ? (RATES[kind][0] ?? rate) : rate;
  }
  return rates;
}

function sicknessesOf(draw: Draw, rates: FaultRates): Sickness[] {
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
function burstOf(draw: Draw, rates: FaultRates): number {
  const [drawn, most] = [draw.next(), draw.pick([10, 30])];
  const isWanted = rates['cases.newer-than-index'] !== undefined || rates['cases.filter-by-second'] !== undefined;
  return drawn < (isWanted ? 0.7 : 0.1) ? most : 0;
}

function exportFromsOf(draw: Draw, rate: number, ticks: number): (number | null)[] {
  let current: number | null = null;
  return Array.from({ length: ticks }, () => {
    const [isMoved, to] = [draw.chance(rate), draw.pick(EXPORT_FROMS)];
    if (isMoved) current = to;
    return current;
  });
}
