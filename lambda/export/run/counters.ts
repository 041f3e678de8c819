import { CasesCallError } from '../domain/errors';
import type { LogValue, Telemetry } from '../ports';

type CountName =
  | 'casesRead'
  | 'pages'
  | 'events'
  | 'rows'
  | 'quarantined'
  | 'nullElements'
  | 'anomalies'
  | 'throttledCalls';

/** Kinds of survived events that should not happen. Each is logged once per run, counted every time, and alarmed. */
type Anomaly =
  | 'null-elements'
  | 'unsorted-search'
  | 'search-token'
  | 'search-leap'
  | 'search-falls-short'
  | 'audit-token'
  | 'clock-differs'
  | 'case-without-time'
  | 'case-parked'
  | 'event-quarantined'
  | 'text-altered'
  | 'unknown-members'
  | 'changed-upstream'
  | 'touches-unexplained'
  | 'related-items-unavailable'
  | 'related-items-not-to-bottom'
  | 'fields-unavailable'
  | 'labels-unavailable'
  | 'note-unsigned'
  | 'note-differs'
  | 'staged-object-left'
  | 'lease-not-released';

interface CountersSnapshot {
  readonly calls: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<CountName, number>>;
  readonly casesFound: number;
}

/** Counts of a run's work. */
export class RunCounters {
  readonly calls: Record<string, number> = {};
  readonly counts: Record<CountName, number> = {
    casesRead: 0,
    pages: 0,
    events: 0,
    rows: 0,
    quarantined: 0,
    nullElements: 0,
    anomalies: 0,
    throttledCalls: 0,
  };
  readonly found = new Set<string>();
  totalCount: number | null = null;
  commits = 0;
  readonly #logged = new Set<Anomaly>();
  #committed: CountersSnapshot = this.snapshot();

  /** `context` goes with every anomaly and identifies the run in the log. */
  constructor(
    readonly telemetry: Telemetry,
    private readonly context: Record<string, LogValue> = {},
  ) {}

  call(operation: string): void {
    this.calls[operation] = (this.calls[operation] ?? 0) + 1;
  }

  add(name: CountName, count = 1): void {
    this.counts[name] += count;
  }

  /** The counts at this moment. */
  snapshot(): CountersSnapshot {
    return { calls: { ...this.calls }, counts: { ...this.counts }, casesFound: this.found.size };
  }

  /** Returns the counts between the last commit and a snapshot, for the manifest. */
  sinceCommit(now: CountersSnapshot): CountersSnapshot {
    return difference(now, this.#committed);
  }

  /** Notes that a commit has told all counts up to the snapshot. */
  committed(snapshot: CountersSnapshot): void {
    this.#committed = snapshot;
  }

  anomaly(kind: Anomaly, values: Record<string, LogValue> = {}): void {
    this.add('anomalies');
    if (this.#logged.has(kind)) return;
    this.#logged.add(kind);
    this.telemetry.warn(`anomaly: ${kind}`, { ...this.context, ...values });
  }
}

function difference(now: CountersSnapshot, before: CountersSnapshot): CountersSnapshot {
  return {
    calls: subtract(now.calls, before.calls),
    counts: subtract(now.counts, before.counts),
    casesFound: now.casesFound - before.casesFound,
  };
}

function subtract<K extends string>(
  now: Readonly<Record<K, number>>,
  before: Readonly<Partial<Record<K, number>>>,
): Record<K, number> {
  const entries = Object.entries(now) as [K, number][];
  return Object.fromEntries(entries.map(([name, count]) => [name, count - (before[name] ?? 0)])) as Record<K, number>;
}

/** Whether a call failed because of its token: without the token it can be made again. */
export function isTokenRefused(error: unknown, token: string | undefined): boolean {
  return error instanceof CasesCallError && error.failure === 'refused' && token !== undefined;
}

export function countNulls(list: readonly unknown[]): number {
  return list.filter((element) => element === null).length;
}

/** Counts and reports the nulls in a list; returns their number. */
export function noteNulls(
  counters: RunCounters,
  operation: string,
  list: readonly unknown[],
  values: Record<string, LogValue> = {},
): number {
  const nulls = countNulls(list);
  if (nulls === 0) return 0;
  counters.add('nullElements', nulls);
  counters.anomaly('null-elements', { operation, ...values, nulls });
  return nulls;
}
