/**
 * The other end of a world: everything is healed but what is for ever. Invariant 10, no case is fatal to the feed: the changes of all
 * other cases are exported within so many ticks, and every sick case of which something is missing stands in a list that people see,
 * with its cause.
 */
import type { RetryCause } from '../../lambda/export/domain/case-items';
import { findableWithoutSweep, lost } from './compare';
import type { Invariants } from './invariants';
import { describeOutcome } from './invocation';
import { pagesOf, REST_MS } from './oracle';
import { isForEver, type SicknessKind } from './sickness';
import type { Simulation } from './simulation';
import { HOUR, MINUTE } from './times';
import type { KnownCase, KnownEvent } from './truth';

/** A domain of fewer healthy cases cannot be told from a service that is sick. */
const FEWEST_HEALTHY = 5;

/** The longest row of healthy cases that change at the beginning of this end. */
const MOST_CHANGED = 20;

const TICK_MS = 15 * MINUTE;

/**
 * Ticks in which the changes of healthy cases are exported, where one tick could read them all: one to take up what an earlier run
 * left, one in which the sick cases take what they may before they are parked, one until a change is older than settle, one more.
 */
const TICKS = 4;

/** Ticks a day apart until the lists are looked at: the watermarks stay below a hidden case for three passes before it is owed. */
const DAYS = 4;

/** Causes under which a case with this sickness may be owed. */
const CAUSES: Readonly<Record<SicknessKind, readonly (RetryCause | 'partly-read' | 'not-shown')[]>> = {
  'case.denied': ['denied'],
  'case.throttled': ['throttled'],
  'case.throttled-retry-after': ['throttled'],
  'case.500': ['unavailable'],
  'case.500-retry-after-3600': ['unavailable'],
  'case.never-answers': ['unavailable'],
  // One that answers now and then refuses a token like any other: who asks cannot tell which of the two was refused.
  'case.refused': ['refused', 'no-progress'],
  'case.nonsense': ['malformed'],
  'case.404': ['not-found'],
  'case.endless-tokens': ['no-progress', 'partly-read'],
  'case.repeated-pages': ['no-progress', 'partly-read'],
  'case.null-event': ['incomplete'],
  'case.null-field': ['null-field'],
  'case.hidden-by-null': ['not-shown'],
  'case.unlisted': ['not-shown'],
};

/**
 * Nothing where all is healed in the end.
 * @param fewestHealthy with fewer healthy cases nothing is promised but their changes: they cannot be told from a service that is sick.
 * @throws Violation of the first promise that does not hold.
 */
export async function judgeWithTheSick(simulation: Simulation, fewestHealthy = FEWEST_HEALTHY): Promise<void> {
  const { sicknesses, forEver } = simulation.plan;
  if (sicknesses.some(isForEver) || forEver.length > 0) await new SickEnding(simulation, fewestHealthy).judge();
}

class SickEnding {
  constructor(
    private readonly simulation: Simulation,
    private readonly fewestHealthy: number,
  ) {}

  async judge(): Promise<void> {
    const { simulation } = this;
    simulation.heal({ butForEver: true });
    await simulation.scheduler.pass(REST_MS);
    // A case that killed the last process is parked by the first one after it, for up to a day.
    await this.#tick();
    await simulation.scheduler.pass(REST_MS);
    const since = simulation.now;
    changeSome(simulation);
    await this.#ticksUntilExported(since);
    // What is to be tried again after a day is tried again, and what a search hides is owed after a few passes.
    for (let day = 0; day < DAYS; day += 1) {
      await simulation.scheduler.pass(25 * HOUR);
      await this.#tick();
    }
    if (this.#hasEnoughHealthy()) judgeLists(simulation);
    simulation.checks.violations.throwFirst();
  }

  async #ticksUntilExported(since: number): Promise<void> {
    const { simulation } = this;
    const isPromised = promised(simulation, since);
    const most = mostTicks(simulation);
    for (let ticks = 1; ; ticks += 1) {
      await this.#tick();
      const [left] = missing(simulation.checks, isPromised);
      if (left === undefined) return;
      if (ticks >= most) this.#fail(`after ${ticks} ticks with sick cases ${left}`);
      await simulation.scheduler.pass(TICK_MS);
    }
  }

  /** A store that fails now and then may end a run; the Cases service, with cases that are well, may not. */
  async #tick(): Promise<void> {
    const outcome = await this.simulation.run({ minutes: 15, faultOf: () => undefined });
    if (outcome.kind === 'answered' || !this.#hasEnoughHealthy()) return;
    const isStore = outcome.kind === 'failed' && outcome.error instanceof Error && outcome.error.name === 'StoreError';
    if (isStore && this.simulation.plan.forEver.includes('dynamodb.read-fails')) return;
    this.#fail(`a run ended with sick cases: ${describeOutcome(outcome)}`);
  }

  #hasEnoughHealthy(): boolean {
    const { cases } = this.simulation;
    return cases.caseIds().filter((caseId) => !isSick(cases, caseId)).length >= this.fewestHealthy;
  }

  #fail(what: string): void {
    this.simulation.checks.violations.add('10, no case is fatal', what);
    this.simulation.checks.violations.throwFirst();
  }
}

function changeSome({ cases }: Simulation): void {
  const ids = cases.caseIds();
  const sick = ids.filter((caseId) => isSick(cases, caseId));
  const healthy = ids.filter((caseId) => !isSick(cases, caseId)).slice(-MOST_CHANGED);
  for (const caseId of [...sick, ...healthy]) cases.updateCase(caseId, { fields: 1 });
}

function isSick({ sick }: Simulation['cases'], caseId: string): boolean {
  return sick.forEver(caseId).length > 0;
}

/** Of a healthy case, what happened now or could be found before. */
function promised(simulation: Simulation, since: number): (known: KnownCase, event: KnownEvent) => boolean {
  const isFindable = findableWithoutSweep(simulation);
  return ({ truth: { caseId, deletedAt } }, event) =>
    deletedAt === null &&
    !isSick(simulation.cases, caseId) &&
    (event.truth.occurredAt >= since || isFindable(event)) &&
    event.rows().length > 0;
}

/** Pages of all cases by the pace: a backfill with a tenth of a tick's time is the slowest way to get there. */
function mostTicks(simulation: Simulation): number {
  const pagesATick = simulation.plan.settings.auditEventsRps * (TICK_MS / 1000) * 0.1;
  return TICKS + Math.ceil((2 * pagesOf(simulation)) / pagesATick);
}

function* missing(
  { truth, archive }: Invariants,
  isPromised: (known: KnownCase, event: KnownEvent) => boolean,
): Generator<string> {
  for (const known of truth.cases().values()) {
    for (const event of known.events.values()) {
      const id = `${known.truth.caseId}|${event.key}`;
      if (isPromised(known, event) && !archive.isWhole(id, event)) yield lost(known, event);
    }
  }
}

function judgeLists(simulation: Simulation): void {
  const { cases, checks } = simulation;
  for (const caseId of cases.caseIds()) {
    const kinds = cases.sick.forEver(caseId);
    if (kinds.length === 0 || checks.proofs.isWhole(caseId)) continue;
    // Where searches do not even count it, nobody can know of it.
    if (kinds.includes('case.unlisted') && cases.passedOverAt(caseId) !== undefined) continue;
    const causes = kinds.flatMap((kind) => CAUSES[kind]);
    const owed = debtsOf(checks, caseId);
    if (owed.some((cause) => causes.includes(cause))) continue;
    checks.violations.add(
      '10, seen by people',
      `${caseId} (${kinds.join(', ')}) is not wholly exported and stands in no list for it: ${owed.join(', ') || 'in none at all'}`,
    );
  }
}

/** Causes of what the exporter says is missing of the case; a case that no search shows is not named, but counted. */
function debtsOf({ mirror, archive }: Invariants, caseId: string): (RetryCause | 'partly-read' | 'not-shown')[] {
  const retry = mirror.retries.get(caseId);
  const newest = archive.manifests.get(archive.manifests.size)?.manifest;
  const isPartlyRead = mirror.state?.halfRead.some((half) => half.caseId === caseId) === true;
  const isCounted = newest?.debts?.some(({ cause, cases }) => cause === 'not-shown' && cases > 0) === true;
  const isCountedByScan = (newest?.history?.casesNotFound ?? 0) > 0;
  return [
    ...(retry !== undefined && !retry.closed ? [retry.cause] : []),
    ...(isPartlyRead ? (['partly-read'] as const) : []),
    ...(isCounted || isCountedByScan ? (['not-shown'] as const) : []),
  ];
}
