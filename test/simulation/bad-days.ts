/** The days on which things go wrong: ticks, changes between them, and whatever the seed has switched on. */

import type { FaultKind } from './faults';
import { type Invocation, type InvocationOptions, isAtRest } from './invocation';
import { disturbStores } from './operator';
import type { TickPlan } from './plan';
import type { Simulation } from './simulation';
import { releaseHeld, Sleepers } from './sleepers';
import { HOUR, MINUTE } from './times';

const CLOCKS: readonly { readonly kind: FaultKind; readonly skewMs: number }[] = [
  { kind: 'process.clock-10s-ahead', skewMs: 10_000 },
  { kind: 'process.clock-10s-behind', skewMs: -10_000 },
  { kind: 'process.clock-6h-ahead', skewMs: 6 * HOUR },
  { kind: 'process.clock-6h-behind', skewMs: -6 * HOUR },
];

const BURST_STEP_MS = 5_000;

/** History before the first tick. */
export function populate(simulation: Simulation): void {
  const { cases, plan } = simulation;
  for (let index = 0; index < plan.cases; index += 1) {
    const created = simulation.now - Math.floor(HOUR * (0.01 + 100 * simulation.draw.next()));
    const caseId = cases.createCase({ at: created });
    const updates = simulation.draw.below(2 * plan.updatesACase + 1);
    let at = created;
    for (let update = 0; update < updates; update += 1) {
      at = Math.min(simulation.now, at + simulation.draw.below(2 * HOUR));
      cases.updateCase(caseId, { at });
    }
    if (simulation.draw.chance(0.1)) cases.addRelatedItem(caseId);
  }
}

export async function liveBadDays(simulation: Simulation): Promise<void> {
  const sleepers = new Sleepers(simulation);
  const tables = [simulation.table.snapshot()];
  for (const tick of simulation.plan.ticks) {
    setExportFrom(simulation, tick);
    await liveOneTick(simulation, sleepers, tick);
    await disturbStores(simulation, tables);
    tables.push(simulation.table.snapshot());
    for (let changes = tick.changes; changes > 0; changes -= 1) simulation.cases.change();
    await liveBurst(simulation);
    await simulation.scheduler.pass(tick.pauseMinutes * MINUTE);
    await passLease(simulation);
    await laterOrNewer(simulation);
  }
  await releaseHeld(simulation, sleepers);
}

/** Seconds apart, so that a search that comes in between has something to put in order. */
async function liveBurst(simulation: Simulation): Promise<void> {
  const { plan, cases, scheduler } = simulation;
  for (let changes = plan.burst; changes > 0; changes -= 1) {
    cases.change();
    await scheduler.pass(simulation.draw.below(BURST_STEP_MS));
  }
}

function setExportFrom(simulation: Simulation, { exportFrom }: TickPlan): void {
  if (exportFrom === simulation.exportFrom) return;
  simulation.exportFrom = exportFrom;
  simulation.faults.note('operator.export-from');
  simulation.trace.tell(() => `operator: EXPORT_FROM is ${exportFrom === null ? 'removed' : exportFrom}`);
}

async function liveOneTick(simulation: Simulation, sleepers: Sleepers, tick: TickPlan): Promise<void> {
  const { scheduler, faults } = simulation;
  const started: Invocation[] = [simulation.start(optionsOf(simulation, tick))];
  let isExpected = faults.strikes('process.overlap');
  if (isExpected) {
    scheduler.after(simulation.draw.below(tick.minutes * MINUTE), null, () => {
      isExpected = false;
      started.push(simulation.start(optionsOf(simulation, tick)));
    });
  }
  sleepers.wakeSome(tick.minutes * MINUTE);
  await scheduler.runUntil(() => !isExpected && started.every(isAtRest));
  for (const invocation of started) simulation.outcomeOf(invocation);
  sleepers.adopt(started);
}

function optionsOf({ faults, plan }: Simulation, { minutes }: TickPlan): InvocationOptions {
  const clock = CLOCKS.find(({ kind }) => faults.strikes(kind));
  const isShort = plan.rates['process.out-of-time'] !== undefined;
  return { minutes: isShort ? Math.min(minutes, 0.5) : minutes, skewMs: clock?.skewMs ?? 0 };
}

/** A dead process leaves its lease behind. Mostly the next tick comes after it; now and then it finds it and is told `busy`. */
async function passLease(simulation: Simulation): Promise<void> {
  const { scheduler, checks } = simulation;
  const leftMs = (checks.mirror.state?.leaseExpiresAt ?? 0) - scheduler.now();
  if (leftMs > 0 && leftMs < HOUR && simulation.draw.chance(0.8)) await scheduler.pass(leftMs + 1);
}

/** What was committed and not wholly published is published on another day, and by newer code. */
async function laterOrNewer(simulation: Simulation): Promise<void> {
  const { scheduler, checks, faults } = simulation;
  const { state } = checks.mirror;
  if (state?.head == null || state.applied === state.head.seq) return;
  if (faults.strikes('process.redo-newer-code')) {
    simulation.codeVersion += 1;
    simulation.trace.tell(() => `newer code: ${simulation.codeVersion}`);
  }
  if (faults.strikes('process.redo-another-day')) await scheduler.pass(25 * HOUR);
}
