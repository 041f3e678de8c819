/** A world before it begins: everything about it that its seed decides. Pure: the same seed gives the same plan. */
import { Draws } from '../../local/cases/model/random';
import type { Switches } from '../../local/cases/model/switches';
import { UNPACED } from '../support/desk';
import type { DropRates } from './dropping';
import { REQUEST_KINDS, type RequestKind, SERVICES, type Service } from './requests';

/** How a tick ends. `nth` counts requests of that kind from the tick's start, from 1. */
export type Ending =
  | { readonly kind: 'left' }
  | { readonly kind: 'kill-at-time'; readonly ms: number }
  /** `before`: the request never took effect. `after`: it did, and its sender was dead before the answer. */
  | {
      readonly kind: 'kill-at-request';
      readonly at: RequestKind;
      readonly nth: number;
      readonly when: 'before' | 'after';
    }
  /** The request is held until the next tick has ended, while the process lives on: a frozen environment that thaws. */
  | { readonly kind: 'freeze-at-request'; readonly at: RequestKind; readonly nth: number };

export interface TickPlan {
  /** What Lambda's timeout would be; the lease of a dead tick ends with it. */
  readonly timeoutMs: number;
  readonly ending: Ending;
}

export interface WorldPlan {
  readonly seed: number;
  /** Cases with a history before the first tick. */
  readonly cases: number;
  readonly settleSeconds: number;
  /** Environment of the bundle. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of the Cases service while the bad days last. */
  readonly switches: Partial<Switches>;
  /** … and in the quiet after them: what is no fault stays. */
  readonly calmSwitches: Partial<Switches>;
  readonly drops: Readonly<Record<Service, DropRates>>;
  readonly ticks: readonly TickPlan[];
  /** Between two changes to cases. */
  readonly changeEveryMs: number;
}

/** `small` is for every run of the tests, `full` for the long runs. */
export type WorldSize = 'small' | 'full';

export function planWorld(seed: number, size: WorldSize = 'full'): WorldPlan {
  const draws = new Draws(seed, `chaos, ${size}`);
  const settleSeconds = draws.pick([1, 1, 2]);
  const { switches, calmSwitches } = planSwitches(seed, draws);
  return {
    seed,
    cases: size === 'full' ? draws.whole(40, 150) : draws.whole(25, 40),
    settleSeconds,
    settings: {
      ...UNPACED,
      SETTLE_SECONDS: String(settleSeconds),
      OVERLAP_SECONDS: draws.pick(['5', '60']),
      MAX_ROWS_PER_COMMIT: draws.pick(['40', '120', '400']),
      COMMIT_RESERVE_SECONDS: draws.pick(['0', '1']),
      LEASE_MARGIN_SECONDS: '0',
    },
    switches,
    calmSwitches,
    drops: planDrops(draws),
    ticks: Array.from({ length: size === 'full' ? draws.whole(5, 9) : draws.whole(4, 5) }, () => planTick(draws)),
    changeEveryMs: draws.whole(20, 150),
  };
}

function planTick(draws: Draws): TickPlan {
  return { timeoutMs: draws.whole(3_000, 12_000), ending: planEnding(draws) };
}

function planEnding(draws: Draws): Ending {
  const sort = draws.unit();
  if (sort < 0.12) return { kind: 'left' };
  if (sort < 0.3) return { kind: 'kill-at-time', ms: draws.whole(80, 4_000) };
  const at = draws.pick(KINDS);
  // Small numbers more often: the later a moment, the fewer ticks live to see it.
  const nth = 1 + Math.floor(REQUEST_KINDS[at] * draws.unit() ** 2);
  if (sort < 0.42) return { kind: 'freeze-at-request', at, nth };
  return { kind: 'kill-at-request', at, nth, when: draws.pick(['before', 'after']) };
}

/** The commit and what publishes it are drawn more often than their share of the requests. */
const KINDS = [
  'dynamodb.commit',
  'dynamodb.commit',
  's3.publish',
  's3.publish',
  'dynamodb.ledger',
  'dynamodb.ledger',
  ...(Object.keys(REQUEST_KINDS) as RequestKind[]),
] as const satisfies readonly [RequestKind, ...RequestKind[]];

function planDrops(draws: Draws): Record<Service, DropRates> {
  const rates = () => {
    const roughness = draws.pick([0.3, 1, 2]);
    const share = (most: number) => most * roughness * draws.unit();
    return {
      before: share(0.05),
      after: share(0.05),
      error: share(0.05),
      delay: share(0.05),
      hang: share(0.004),
      late: share(0.008),
    };
  };
  return Object.fromEntries(SERVICES.map((service) => [service, rates()])) as Record<Service, DropRates>;
}

/** Lags stay below what `settle` and `overlap` make up for; a world beyond them would promise nothing. */
function planSwitches(seed: number, draws: Draws): Pick<WorldPlan, 'switches' | 'calmSwitches'> {
  const lists = {
    tokenKind: 'keyset',
    pageSize: draws.pick([null, null, 25, 7, 3]),
    emptyPageRate: draws.pick([0, 0, 0.2]),
    tokenAtEnd: draws.pick(['never', 'once'] as const),
  } as const;
  const calmSwitches: Partial<Switches> = {
    seed,
    eventOrder: draws.pick(['newest-first', 'oldest-first', 'shuffled'] as const),
    relatedItemsTouchCase: draws.chance(0.3),
    indexLagMs: draws.pick([0, 0, 500]),
    relatedLagMs: draws.pick([0, 0, 300]),
    auditLagMs: draws.pick([0, 0, 400]),
    totalCount: draws.pick(['exact', 'absent'] as const),
    nullFieldRate: draws.pick([0, 0.05]),
    unknownTypeRate: draws.pick([0, 0.05]),
    unknownValueRate: draws.pick([0, 0.05]),
    unknownUserRate: draws.pick([0, 0.05]),
    lists,
  };
  const bad = { extraNullRate: draws.pick([0, 0, 0.02]), hideRate: draws.pick([0, 0.05]) };
  return { calmSwitches, switches: { ...calmSwitches, lists: { ...lists, ...bad } } };
}
