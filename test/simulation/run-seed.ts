/** One seed from beginning to end. */
import { liveBadDays, populate } from './bad-days';
import type { FaultKind } from './faults';
import { judge } from './oracle';
import { planOf } from './plan';
import { judgeWithTheSick } from './sick-ending';
import { Simulation } from './simulation';
import type { TraceOptions } from './trace';

export interface SeedResult {
  readonly seed: number;
  /** Null: every promise held. */
  readonly violation: string | null;
  readonly invocations: number;
  /** Port calls. */
  readonly steps: number;
  readonly commits: number;
  readonly events: number;
  readonly faults: Partial<Record<FaultKind, number>>;
  /** Two runs of one seed have the same. */
  readonly hash: string;
}

/** The same seed, the same run, step by step. Never rejects: what went wrong is the result. */
export async function runSeed(seed: number, options: TraceOptions = {}): Promise<SeedResult> {
  const simulation = new Simulation(planOf(seed), options);
  let violation: string | null = null;
  try {
    populate(simulation);
    await liveBadDays(simulation);
    await judgeWithTheSick(simulation);
    await judge(simulation);
  } catch (error) {
    violation = describe(error);
  }
  const { invocations, checks, faults, trace } = simulation;
  return {
    seed,
    violation,
    invocations: invocations.length,
    steps: invocations.reduce((total, { process }) => total + process.calls, 0),
    commits: checks.archive.manifests.size,
    events: checks.archive.visibleEvents.size,
    faults: faults.counts,
    hash: trace.hash,
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'Violation' ? error.message : (error.stack ?? error.message);
}
