import { type Domain, indexOf, number, placeOf } from './domain';

/** Which changes: a case that is touched again before it has settled waits on, by design until MAX_LAG. */
export type Kind = 'settled' | 'touched again';

interface Lags {
  readonly changes: number;
  /** Invocations that began after the change had settled, up to the one that exported it: 0 if it came in one that ran already. */
  readonly maxTicks: number;
  readonly p99Ticks: number;
  /** Minutes from settling to being visible. */
  readonly p50Minutes: number;
  readonly p99Minutes: number;
  readonly maxMinutes: number;
}

const NOT_YET = -1;

/** Sees what becomes visible to Athena, and when: each event once, and how long after its change had settled. Of sick cases nothing is expected. */
export class Watcher {
  duplicates = 0;
  unknown = 0;
  /** When each invocation began. */
  readonly #began: number[] = [];
  readonly #visibleIn: Int32Array;
  readonly #visibleAt: Float64Array;
  readonly #first: Uint8Array;
  readonly #nextOfCase: Int32Array;
  readonly #lastOfCase = new Map<number, number>();
  #linked = 0;

  constructor(
    private readonly domain: Domain,
    private readonly settleMs: number,
    private readonly isSick: (index: number) => boolean,
  ) {
    this.#visibleIn = new Int32Array(domain.happenedAt.length).fill(NOT_YET);
    this.#visibleAt = new Float64Array(domain.happenedAt.length);
    this.#first = new Uint8Array(domain.created.length);
    this.#nextOfCase = new Int32Array(domain.happenedAt.length).fill(NOT_YET);
  }

  tickBegins(at: number): void {
    this.#began.push(at);
  }

  published(rows: readonly { caseId: string; eventId: string }[], at: number): void {
    for (const { caseId, eventId } of rows) {
      const [kind, a, b] = eventId.split('-');
      if (kind === 'later') this.#later(Number(a), at);
      else if (kind === 'first' && Number(a) === indexOf(caseId)) this.#ofHistory(Number(a), Number(b));
      else this.unknown += 1;
    }
  }

  #later(event: number, at: number): void {
    if (this.#visibleIn[event] !== NOT_YET) this.duplicates += 1;
    this.#visibleIn[event] = this.#began.length;
    this.#visibleAt[event] = at;
  }

  #ofHistory(index: number, k: number): void {
    const seen = number(this.#first, index);
    if ((seen & (1 << k)) !== 0) this.duplicates += 1;
    this.#first[index] = seen | (1 << k);
  }

  /** Events of healthy cases that live which are not visible. */
  missing(): number {
    let missing = 0;
    for (let index = 0; index < this.domain.cases; index += 1) {
      if (this.domain.isDeleted(index) || this.isSick(index)) continue;
      const whole = (1 << this.domain.firstEventsOf(index)) - 1;
      if (number(this.#first, index) !== whole) missing += 1;
    }
    for (let event = 0; event < this.domain.happened; event += 1) {
      const index = number(this.domain.happenedTo, event);
      const isExpected = !this.domain.isDeleted(index) && !this.isSick(index);
      if (isExpected && this.#visibleIn[event] === NOT_YET) missing += 1;
    }
    return missing;
  }

  /** Of everything that happened to healthy cases and became visible. */
  lags(wanted: Kind): Lags {
    this.#link();
    const ticks: number[] = [];
    const minutes: number[] = [];
    for (let event = 0; event < this.domain.happened; event += 1) {
      const visibleIn = number(this.#visibleIn, event);
      if (visibleIn === NOT_YET || this.#kindOf(event) !== wanted) continue;
      if (this.isSick(number(this.domain.happenedTo, event))) continue;
      const settledAt = number(this.domain.happenedAt, event) + this.settleMs;
      ticks.push(Math.max(0, visibleIn - placeOf(this.#began, this.#began.length, settledAt)));
      minutes.push((number(this.#visibleAt, event) - settledAt) / 60_000);
    }
    ticks.sort((a, b) => a - b);
    minutes.sort((a, b) => a - b);
    return {
      changes: ticks.length,
      maxTicks: ticks.at(-1) ?? 0,
      p99Ticks: quantile(ticks, 0.99),
      p50Minutes: quantile(minutes, 0.5),
      p99Minutes: quantile(minutes, 0.99),
      maxMinutes: minutes.at(-1) ?? 0,
    };
  }

  #kindOf(event: number): Kind {
    const next = number(this.#nextOfCase, event);
    if (next === NOT_YET) return 'settled';
    const apart = number(this.domain.happenedAt, next) - number(this.domain.happenedAt, event);
    return apart <= this.settleMs ? 'touched again' : 'settled';
  }

  #link(): void {
    for (; this.#linked < this.domain.happened; this.#linked += 1) {
      const index = number(this.domain.happenedTo, this.#linked);
      const before = this.#lastOfCase.get(index);
      if (before !== undefined) this.#nextOfCase[before] = this.#linked;
      this.#lastOfCase.set(index, this.#linked);
    }
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
