/**
 * A domain of a million cases in a few typed arrays, outside of V8's heap, so that what the heap shows is the exporter. Cases are
 * numbers in the order of creation; an event is the k-th of a case's history or the n-th of what happened since the start.
 */

/** What happened after the start. */
type Happening = 'created' | 'updated' | 'related';
const HAPPENINGS: readonly Happening[] = ['created', 'updated', 'related'];

/** Events of history a case begins with: 1 to 3, one page. */
const MAX_FIRST_EVENTS = 3;
const HOUR_MS = 3_600_000;
/** The index shows a deleted case for so long, as one that lags does: a read of the case is then answered 404. */
const SHOWN_AFTER_DELETION_MS = 600_000;
const NONE = -1;

export interface EventOfCase {
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
}

export class Domain {
  cases: number;
  alive: number;
  /** Things that happened since the start. */
  happened = 0;
  /** Entries of the index by last_updated, stale ones included, and of related items. */
  entries: number;
  items = 0;
  readonly created: Float64Array;
  readonly updated: Float64Array;
  /** 0: it lives. */
  readonly #deletedAt: Float64Array;
  readonly entryAt: Float64Array;
  readonly entryCase: Int32Array;
  readonly itemAt: Float64Array;
  readonly itemCase: Int32Array;
  readonly happenedAt: Float64Array;
  readonly happenedTo: Int32Array;
  readonly happening: Uint8Array;
  readonly #next: Int32Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #firstEvents: Uint8Array;

  /** `cases` created evenly over the time from `from` to `until`; room for so many further happenings. */
  constructor(cases: number, from: number, until: number, room: number) {
    const most = cases + room;
    this.cases = cases;
    this.alive = cases;
    this.entries = cases;
    this.created = new Float64Array(most);
    this.updated = new Float64Array(most);
    this.#deletedAt = new Float64Array(most);
    this.entryAt = new Float64Array(most);
    this.entryCase = new Int32Array(most);
    this.itemAt = new Float64Array(room);
    this.itemCase = new Int32Array(room);
    this.happenedAt = new Float64Array(room);
    this.happenedTo = new Int32Array(room);
    this.happening = new Uint8Array(room);
    this.#next = new Int32Array(room).fill(NONE);
    this.#first = new Int32Array(most).fill(NONE);
    this.#last = new Int32Array(most).fill(NONE);
    this.#firstEvents = new Uint8Array(most);
    this.#fillHistory(from, until);
  }

  #fillHistory(from: number, until: number): void {
    const apart = (until - MAX_FIRST_EVENTS * HOUR_MS - from) / this.cases;
    for (let index = 0; index < this.cases; index += 1) {
      const events = 1 + (index % MAX_FIRST_EVENTS);
      this.created[index] = Math.floor(from + index * apart);
      this.updated[index] = number(this.created, index) + (events - 1) * HOUR_MS;
      this.#firstEvents[index] = events;
    }
    const byUpdate = Uint32Array.from({ length: this.cases }, (_, index) => index);
    byUpdate.sort((a, b) => number(this.updated, a) - number(this.updated, b));
    for (const [place, index] of byUpdate.entries()) {
      this.entryAt[place] = number(this.updated, index);
      this.entryCase[place] = index;
    }
  }

  /** Times never go back. `related` needs a case that lives; `created` makes a new one, whatever `index` says. */
  happen(what: Happening, at: number, index = this.cases): number {
    if (what === 'created') this.#add(at);
    const subject = what === 'created' ? this.cases - 1 : index;
    const event = this.happened++;
    this.happenedAt[event] = at;
    this.happenedTo[event] = subject;
    this.happening[event] = HAPPENINGS.indexOf(what);
    const last = number(this.#last, subject);
    if (last === NONE) this.#first[subject] = event;
    else this.#next[last] = event;
    this.#last[subject] = event;
    if (what === 'related') {
      this.itemAt[this.items] = at;
      this.itemCase[this.items++] = subject;
      return subject;
    }
    this.updated[subject] = at;
    this.entryAt[this.entries] = at;
    this.entryCase[this.entries++] = subject;
    return subject;
  }

  #add(at: number): void {
    this.created[this.cases++] = at;
    this.alive += 1;
  }

  delete(index: number, at: number): void {
    if (this.isDeleted(index)) return;
    this.#deletedAt[index] = at;
    this.alive -= 1;
  }

  isDeleted(index: number): boolean {
    return number(this.#deletedAt, index) !== 0;
  }

  /** Whether a search shows the case. */
  isShown(index: number, now: number): boolean {
    return !this.isDeleted(index) || now < number(this.#deletedAt, index) + SHOWN_AFTER_DELETION_MS;
  }

  /** A case's whole history, oldest first. */
  eventsOf(index: number): EventOfCase[] {
    const events: EventOfCase[] = [];
    for (let k = 0; k < number(this.#firstEvents, index); k += 1) {
      const at = number(this.created, index) + k * HOUR_MS;
      events.push({ eventId: `first-${index}-${k}`, type: k === 0 ? 'Case.Created' : 'Case.Updated', at });
    }
    for (let event = number(this.#first, index); event !== NONE; event = number(this.#next, event)) {
      const type = { created: 'Case.Created', updated: 'Case.Updated', related: 'RelatedItem.Created' };
      events.push({
        eventId: `later-${event}`,
        type: type[this.whatHappened(event)],
        at: number(this.happenedAt, event),
      });
    }
    return events;
  }

  whatHappened(event: number): Happening {
    return HAPPENINGS[number(this.happening, event)] ?? 'updated';
  }

  firstEventsOf(index: number): number {
    return number(this.#firstEvents, index);
  }
}

export function caseIdOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

export function indexOf(caseId: string): number {
  return Number(caseId.slice(-12));
}

/** First place from 0 to `length` whose value is at least this; the values rise. */
export function placeOf(values: ArrayLike<number>, length: number, wanted: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (number(values, middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The element; lists here are never read beyond their length. */
export function number(values: ArrayLike<number>, at: number): number {
  return values[at] as number;
}
