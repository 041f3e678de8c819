/**
 * Every kind of bad day that the simulation knows, and the one place that decides when it strikes and counts that it did.
 * A kind that is not switched on draws nothing, so a seed's world does not change when another kind is added.
 */
import { Random } from '../support/random';

export const FAULT_KINDS = {
  // The process: Lambda, its clock, its deploys.
  'process.die-before-call': 'dies before a port call takes effect',
  'process.die-after-call': 'a port call takes effect, then the process is dead',
  'process.throw-before-call': 'a port call fails without taking effect',
  'process.throw-after-call': 'a port call takes effect, then fails',
  'process.hold-call': 'frozen at a port call, thawed after another invocation has finished',
  'process.out-of-time': 'an invocation whose time runs out',
  'process.overlap': 'two invocations at once',
  'process.clock-10s-ahead': 'our clock runs 10 s ahead of the service',
  'process.clock-10s-behind': 'our clock runs 10 s behind the service',
  'process.clock-6h-ahead': 'our clock runs 6 h ahead of the service',
  'process.clock-6h-behind': 'our clock runs 6 h behind the service',
  'process.redo-another-day': 'a commit is published on a later day than it was made',
  'process.redo-newer-code': 'a commit is published by newer code than made it',
  'process.killed-while-publishing': 'dead between COMMIT and the end of publishing',
  'process.deadly-case': 'a case whose pages kill the process',
  // Amazon Connect Cases.
  'cases.throttling-storm': '429 for everything, for a while',
  'cases.500': '500 without Retry-After',
  'cases.500-retry-after': '500 with a Retry-After of seconds',
  'cases.500-retry-after-3600': '500 with a Retry-After of an hour',
  'cases.reset': 'connection reset',
  'cases.never-answers': 'a call that never answers',
  'cases.token-refused': 'a token refused at once',
  'cases.token-expired': 'a token that was good and is no more',
  'cases.token-repeats': 'tokens A, A, A …',
  'cases.token-cycle': 'tokens A, B, A …',
  'cases.token-on-empty-page': 'an empty page with a token, not the end',
  'cases.offset-token-moves': 'an offset token over a list that moved meanwhile',
  'cases.search-lag-10m': 'a change is in the search index ten minutes late',
  'cases.search-lag-70m': 'a change is in the search index seventy minutes late',
  'cases.audit-lag': 'the audit history lags behind the search index',
  'cases.same-millisecond': 'two updates of a case in one millisecond',
  'cases.250-in-a-millisecond': '250 cases updated in one millisecond',
  'cases.unsorted': 'the sort of a search is not honoured',
  'cases.results-capped': 'a search shows no more than so many results',
  'cases.newest-first': 'audit events, newest first',
  'cases.oldest-first': 'audit events, oldest first',
  'cases.equal-times': 'events of one case with equal times',
  'cases.late-old-event': 'an event with an old time that arrives late',
  'cases.related-silent': 'a related item that does not move last_updated',
  'cases.related-edited': 'a related item is edited, and nothing else tells of it',
  'cases.related-deleted': 'a related item is deleted, and nothing else tells of it',
  'cases.deleted-while-read': 'a case deleted between two of its pages',
  'cases.404-at-birth': '404 for the first seconds of a case',
  'cases.stale-replica': 'one answer from a replica that is behind',
  'cases.unknown-enum': 'an event type or item type that does not exist yet',
  'cases.unknown-union': 'a value or user of a kind that does not exist yet',
  'cases.null-element': 'a null in a list',
  'cases.missing-list': 'an answer without its required list, or an event without its fields',
  'cases.undecodable-page': 'an answer that cannot be decoded',
  'cases.poison-event': 'an event that no row can hold',
  'cases.huge-case': 'a case of 100,000 events',
  'cases.huge-event': 'an event of 50,000 fields',
  'cases.related-denied': 'SearchAllRelatedItems denied',
  'cases.labels-denied': 'ListFieldOptions and ListTemplates denied',
  'cases.all-denied': 'every operation denied',
  // S3.
  's3.503': '503 Slow Down',
  's3.500': '500',
  's3.409': '409 on a conditional write',
  's3.412-own-write': '412, as our own lost write is there',
  's3.lost-answer': 'the answer to a write lost after it took effect',
  's3.other-bytes': 'other bytes at a final key',
  's3.staged-gone': 'a staged object gone between COMMIT and publishing',
  's3.403-for-absent': '403 for a key that is not there',
  // DynamoDB.
  'dynamodb.condition-failed-own-write': 'a condition fails, as our own lost write is there',
  'dynamodb.lost-answer': 'the answer to a write lost after it took effect',
  'dynamodb.lost-request': 'a request that never arrives',
  'dynamodb.throttled': 'throttled',
  'dynamodb.unprocessed-keys': 'a batch read that leaves keys unprocessed',
  'dynamodb.short-page': 'a query cut off after a few items',
  'dynamodb.table-restored': 'the table restored to an earlier moment',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

/** Probability by kind, at each occasion that the kind has; what is not named never strikes. */
export type FaultRates = Partial<Readonly<Record<FaultKind, number>>>;

/** Decides by seed alone, and counts. */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  readonly #random: Random;
  #healed = false;

  constructor(
    seed: number,
    readonly rates: FaultRates,
  ) {
    this.#random = new Random(seed);
  }

  /** Whether the kind strikes on this occasion; counted if so. Never once healed. */
  strikes(kind: FaultKind): boolean {
    const rate = this.rates[kind] ?? 0;
    if (this.#healed || rate <= 0) return false;
    if (this.#random.next() >= rate) return false;
    this.note(kind);
    return true;
  }

  /** Whether the kind is switched on at all; draws nothing. */
  isOn(kind: FaultKind): boolean {
    return !this.#healed && (this.rates[kind] ?? 0) > 0;
  }

  /** Counts a fault that somebody else decided on. */
  note(kind: FaultKind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** From now on nothing strikes: the quiet after the bad days. */
  heal(): void {
    this.#healed = true;
  }

  get isHealed(): boolean {
    return this.#healed;
  }

  /** A whole number in [0, limit), of the same stream. */
  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }
}
