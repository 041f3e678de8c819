/** One invocation: what it was started with, what becomes of it, and what it has seen and done so far. */
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import type { Settings } from '../../lambda/export/settings';
import type { CallFault, PortCall, SimulatedProcess } from './process';
import type { Sightings } from './sightings';

export type Outcome =
  | { readonly kind: 'answered'; readonly answer: ExportAnswer }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'died'; readonly reason: string };

export interface InvocationOptions {
  readonly minutes: number;
  readonly skewMs?: number;
  readonly settings?: Partial<Settings>;
  /** Decides instead of the faults that are switched on. */
  readonly faultOf?: (call: PortCall) => CallFault | undefined;
  /** Dies at the first call after COMMIT. */
  readonly dieAfterCommit?: boolean;
  /** What an operator runs by hand; an export if left out. */
  readonly task?: { readonly kind: 'void'; readonly seq: number } | { readonly kind: 'replay' };
}

export interface Invocation {
  readonly process: SimulatedProcess;
  readonly options: InvocationOptions;
  readonly settings: Settings;
  readonly sightings: Sightings;
  /** Milliseconds since the beginning of the world. */
  readonly startedAt: number;
  outcome: Outcome | null;
  /** Between COMMIT and the end of publishing. */
  isPublishing: boolean;
  /** A store did not answer as it should, so the invocation may take longer than it can know. */
  storeFailed: boolean;
  shownWhenEncoding: number | null;
  /** Calls of the Cases service, by operation. */
  readonly callCounts: Record<string, number>;
}

/** Ended, dead or frozen: nothing of it happens any more, for now. */
export function isAtRest({ process, outcome }: Invocation): boolean {
  return outcome !== null || process.isDead || process.isFrozen;
}

/** In one line, ids and counts only. */
export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'died') return `died ${outcome.reason}`;
  if (outcome.kind === 'failed') {
    const { error } = outcome;
    return `failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
  const { status, casesFound, casesRead, eventsExported, commits, retrying, watermark } = outcome.answer;
  return `${status}: ${JSON.stringify({ casesFound, casesRead, eventsExported, commits, retrying, watermark })}`;
}
