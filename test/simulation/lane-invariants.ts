/**
 * Invariant 2: no watermark and no anchor passes a case that was found and not completely read, unless it is on the retry list,
 * half-read in STATE, or so fresh that the live lane's next pass must find it again.
 *
 * "Found" means that an answer showed it to the process that made the commit, before it began to stage. Whether it is settled is
 * looked up in the table in the moment in which the commit is wholly published, whoever published it.
 */
import type { DomainState, Lanes } from '../../lambda/export/domain/state';
import type { Settings } from '../../lambda/export/settings';
import type { Faults } from './faults';
import { clocksDifferByMs, heldMs } from './process-faults';
import type { Shown, Sightings } from './sightings';
import type { TableMirror } from './table-mirror';
import type { Violations } from './violations';

/** Times are corrected by `Date` headers of whole seconds, so two of them may differ by a second and a call's duration. */
const TIMES_DIFFER_BY_MS = 2_000;

interface Attempt {
  readonly sightings: Sightings;
  /** So many had been shown when staging began. */
  readonly count: number;
  /** Lanes before the commit. */
  readonly before: Lanes | null;
}

export class LaneInvariants {
  /** By staging prefix. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #overlapMs: number;
  readonly #settleMs: number;
  /** The clock of one process may be behind that of another by so much. */
  readonly #clocksDifferByMs: number;
  /** An answer that freezes and thaws with its process carries a `Date` that is older by so much, and corrects the clock by it. */
  readonly #heldMs: number;

  constructor(
    private readonly violations: Violations,
    private readonly mirror: TableMirror,
    { overlapMs, settleMs }: Pick<Settings, 'overlapMs' | 'settleMs'>,
    faults: Faults,
  ) {
    this.#overlapMs = overlapMs;
    this.#settleMs = settleMs;
    this.#clocksDifferByMs = clocksDifferByMs(faults);
    this.#heldMs = heldMs(faults);
  }

  /** The table was restored: a prefix may come again. */
  forget(): void {
    this.#attempts.clear();
  }

  staging(prefix: string, sightings: Sightings, count: number): void {
    if (this.#attempts.has(prefix)) return;
    this.#attempts.set(prefix, { sightings, count, before: this.mirror.state?.lanes ?? null });
  }

  /** Called when `applied` has reached the head. */
  published(state: DomainState): void {
    const attempt = this.#attempts.get(prefixOf(state.head?.manifestKey ?? ''));
    if (attempt === undefined) return;
    this.#attempts.clear();
    const shown = attempt.sightings.shown.slice(0, attempt.count);
    const { live, sweep, related } = state.lanes;
    const nextLive = live.anchor ?? live.watermark ?? Number.NEGATIVE_INFINITY;
    const by = latestByKind(shown);
    const passed = [...by.last_updated_datetime].filter((one) => one.place < nextLive && !this.#isSettled(state, one));
    for (const one of passed.slice(owedUnseen(state))) this.#reportLive(state, one, nextLive);
    for (const one of by.last_updated_datetime) {
      if (live.anchor === null && one.place < nextLive) this.#readLateEnough(state, one, 'live lane');
    }
    const sweptTo = sweep?.anchor ?? Number.NEGATIVE_INFINITY;
    const unsettled = [...by.created_datetime].filter((one) => one.place < sweptTo && !this.#isSwept(state, one));
    for (const one of unsettled.slice(owedUnseen(state))) this.#reportSwept(state, one);
    // What is older than the first watermark belongs to the sweep.
    const before = attempt.before?.related.watermark ?? null;
    if (before === null || related.watermark === null) return;
    const bottom = before - this.#overlapMs;
    const passedTo = related.watermark > before ? related.watermark : Number.NEGATIVE_INFINITY;
    // A walk that stands where it stood has passed nothing.
    const walked = related.walk?.token === attempt.before?.related.walk?.token ? null : related.walk;
    for (const one of by.association) {
      if (one.place >= bottom && one.place < passedTo) {
        this.#related(state, one, passedTo);
        this.#readLateEnough(state, one, 'lane of related items');
      }
      if (one.place >= bottom && walked !== null) this.#walked(state, one, walked.startedAt);
    }
  }

  #reportLive(state: DomainState, one: Shown, passedTo: number): void {
    const { watermark, passStartedAt, anchor } = state.lanes.live;
    this.#report(
      state,
      one,
      `the live lane is at ${passedTo} (${JSON.stringify({ watermark, passStartedAt, anchor })})`,
    );
  }

  #isSwept(state: DomainState, one: Shown): boolean {
    const { sweep, live } = state.lanes;
    if (sweep === null) return true;
    const readSince = sweep.startedAt - TIMES_DIFFER_BY_MS - this.#clocksDifferByMs - this.#heldMs;
    if (this.#isSettled(state, one, readSince)) return true;
    const nextPass = live.anchor ?? (live.watermark ?? Number.NEGATIVE_INFINITY) - this.#overlapMs;
    return one.touched >= nextPass;
  }

  #reportSwept(state: DomainState, one: Shown): void {
    const { sweep } = state.lanes;
    this.#report(state, one, `sweep ${sweep?.number} of ${sweep?.startedAt} is at ${sweep?.anchor}`);
  }

  #related(state: DomainState, one: Shown, watermark: number): void {
    if (this.#isSettled(state, one)) return;
    this.#report(state, one, `the watermark of related items is ${watermark}`);
  }

  /** A change is passed for good only by a read that began settle after it: before, the audit history may have lagged behind. */
  #readLateEnough(state: DomainState, one: Shown, lane: string): void {
    const head = this.mirror.heads.get(one.caseId);
    if (head?.readAt == null || head.touched === null || head.touched < one.touched || head.goneAt !== null) return;
    const retry = this.mirror.retries.get(one.caseId);
    if (retry !== undefined && !retry.closed) return;
    if (state.halfRead.some(({ caseId }) => caseId === one.caseId)) return;
    const tolerated = TIMES_DIFFER_BY_MS + this.#clocksDifferByMs;
    if (head.readAt + tolerated >= one.touched + this.#settleMs) return;
    this.#report(state, one, `the ${lane} passed it, though it was read too early`);
  }

  /** A walk that goes on from its token does not see again what it has passed. */
  #walked(state: DomainState, one: Shown, startedAt: number): void {
    if (this.#isSettled(state, one) || one.place >= startedAt - this.#settleMs) return;
    this.#report(state, one, `the walk of ${startedAt} goes on below it`);
  }

  #isSettled(state: DomainState, { caseId, touched }: Shown, readSince = Number.NEGATIVE_INFINITY): boolean {
    const head = this.mirror.heads.get(caseId);
    if (head?.touched != null && head.readAt !== null && head.touched >= touched && head.readAt >= readSince)
      return true;
    // A read that began after settle had passed has seen the change, whatever led to it.
    const tolerated = TIMES_DIFFER_BY_MS + this.#clocksDifferByMs;
    if (head?.readAt != null && head.readAt + tolerated >= Math.max(readSince, touched + this.#settleMs)) return true;
    const retry = this.mirror.retries.get(caseId);
    if (retry !== undefined && !retry.closed && retry.touched >= touched) return true;
    return state.halfRead.some((half) => half.caseId === caseId && half.touched >= touched);
  }

  #report(state: DomainState, { by, caseId, place, touched }: Shown, what: string): void {
    const { touched: read, readAt } = this.mirror.heads.get(caseId) ?? {};
    const retry = this.mirror.retries.get(caseId);
    this.violations.add(
      '2, nothing passed',
      `commit ${state.head?.seq}: ${what}, but ${caseId}, found by ${by} at ${place} (touched ${touched}), is not settled: head ${JSON.stringify({ read, readAt })}, retry ${JSON.stringify(retry && { closed: retry.closed, touched: retry.touched })}`,
    );
  }
}

/**
 * Cases that the exporter owes without knowing which: a search counted them and did not show them to any lane. A look at the place of
 * one case, or a count at the end of a sweep, may show them by the way.
 */
function owedUnseen({ history, notShown, lanes }: DomainState): number {
  return (history?.casesNotFound ?? 0) + (notShown?.cases ?? 0) + (lanes.sweep?.casesHidden ?? 0);
}

/**
 * What was shown of a case last is what counts, by kind of search: whoever waits for the later change waits for the earlier one
 * too. An answer of a replica that is behind may show an earlier state after a later one.
 */
function latestByKind(shown: readonly Shown[]): Record<Shown['by'], Iterable<Shown>> {
  const latest = { last_updated_datetime: new Map(), created_datetime: new Map(), association: new Map() };
  for (const one of shown) {
    const known: Map<string, Shown> = latest[one.by];
    if (one.touched >= (known.get(one.caseId)?.touched ?? one.touched)) known.set(one.caseId, one);
  }
  const { last_updated_datetime, created_datetime, association } = latest;
  return {
    last_updated_datetime: last_updated_datetime.values(),
    created_datetime: created_datetime.values(),
    association: association.values(),
  };
}

/** `staging/<domain>/<seq>-<fence>-<n>/`. */
export function prefixOf(stagedKey: string): string {
  return stagedKey.split('/').slice(0, 3).join('/');
}
