/**
 * Every kind of bad day that the simulation knows, and the one place that decides when it strikes and counts that it did.
 * A kind that is not switched on draws nothing, so a seed's world does not change when another kind is added.
 */
import { Random } from '../support/random';

export const FIRST_KINDS = {
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

/**
 * Kinds that the first ones assumed away: what lasts, what only some cases do, lags without a cap, counts that disagree. They draw
 * from a stream of their own, so that a world without them is what it was before there were any.
 */
export const FURTHER_KINDS = {
  'process.clock-set-back': 'our clock is set back by an hour inside one call',
  'process.clock-set-forward': 'our clock is set forward by an hour inside one call',
  'operator.export-from': 'EXPORT_FROM is set, moved earlier or later, or removed between two ticks',
  // Amazon Connect Cases.
  'cases.audit-lag-uncapped': 'the audit history shows a change minutes, hours or 20 days after its touch',
  'cases.touch-without-event': 'a touch that no event ever explains',
  'cases.search-lag-uncapped': 'a change is in the search index minutes, hours or 20 days late',
  'cases.newer-than-index': 'a search places a case by an older state than it shows',
  'cases.filter-by-second': 'the filter of a search compares whole seconds',
  'cases.no-token-too-early': 'a page without a token, though totalCount says that there is more',
  'cases.no-total-count': 'a search gives no totalCount',
  'cases.total-count-too-high': 'a search counts more than there is',
  'cases.total-count-too-low': 'a search counts less than there is',
  'cases.empty-page-here': 'one empty page with a token, always at the same place',
  'cases.disorder-here': 'one pair out of order, always at the same place',
  'cases.404-incident': 'nearly all reads are answered 404, for twelve minutes',
  'cases.list-fields-fails': 'ListFields fails',
  'cases.unknown-members': 'members of an event, a field or a performer that do not exist yet',
  'cases.event-enriched': 'an event that reads differently later',
  'cases.two-contents': 'two contents under one event id',
  // Single cases: one, a tenth of them, or all; for one answer, for a while, or for ever (`sickness.ts`).
  'case.denied': 'a case that answers 403',
  'case.throttled': 'a case that answers 429',
  'case.throttled-retry-after': 'a case that answers 429 with a Retry-After of an hour',
  'case.500': 'a case that answers 500',
  'case.500-retry-after-3600': 'a case that answers 500 with a Retry-After of an hour',
  'case.never-answers': 'a case that never answers',
  'case.refused': 'a case that answers 400',
  'case.nonsense': 'a case whose answers cannot be decoded',
  'case.404': 'a case that answers 404, though searches show it',
  'case.endless-tokens': 'a case with new tokens for ever, and empty pages',
  'case.repeated-pages': 'a case with new tokens for ever, and its first events again and again',
  'case.null-event': 'a case with a null among its events, always at the same place',
  'case.null-field': 'a case with a null among the fields of an event, always at the same place',
  'case.hidden-by-null': 'a case that is a null in every search',
  'case.unlisted': 'a case that searches count and do not show',
  // DynamoDB.
  'dynamodb.read-fails': 'a read fails',
  'dynamodb.unprocessed-writes': 'a batch write that leaves items unwritten',
  'dynamodb.table-restored-anywhere': 'the table restored to any moment, also inside a publish',
} as const;

/** Drawn apart from all others, so that worlds without a signing key stay as they are. */
export const SIGNING_KINDS = {
  'kms.denied': 'a signature that is denied',
  'kms.unavailable': 'a signature that fails after several tries',
  'kms.another-key': 'a signature of another key',
} as const;

export const FAULT_KINDS = { ...FIRST_KINDS, ...FURTHER_KINDS, ...SIGNING_KINDS } as const;

export type FaultKind = keyof typeof FAULT_KINDS;
export type FirstKind = keyof typeof FIRST_KINDS;
export type FurtherKind = keyof typeof FURTHER_KINDS;
export type SigningKind = keyof typeof SIGNING_KINDS;

/** Probability by kind, at each occasion that the kind has; what is not named never strikes. */
export type FaultRates = Partial<Readonly<Record<FaultKind, number>>>;

/** Decides by seed alone, and counts. */
export class Faults {
  readonly counts: Partial<Record<FaultKind, number>> = {};
  readonly #first: Random;
  readonly #further: Random;
  readonly #signing: Random;
  #healed = false;
  #lasting: ReadonlySet<FaultKind> = new Set();

  constructor(
    seed: number,
    readonly rates: FaultRates,
  ) {
    this.#first = new Random(seed);
    this.#further = new Random(seed ^ 0xf0a7);
    this.#signing = new Random(seed ^ 0x5196);
  }

  /** Whether the kind strikes on this occasion; counted if so. Never once healed, unless it is one that lasts. */
  strikes(kind: FaultKind): boolean {
    if (!this.isOn(kind)) return false;
    if (this.#streamOf(kind).next() >= (this.rates[kind] ?? 0)) return false;
    this.note(kind);
    return true;
  }

  /** Whether the kind is switched on at all; draws nothing. */
  isOn(kind: FaultKind): boolean {
    return !this.isHealedOf(kind) && (this.rates[kind] ?? 0) > 0;
  }

  /** Whether the world is healed, and the kind is none that lasts. */
  isHealedOf(kind: FaultKind): boolean {
    return this.#healed && !this.#lasting.has(kind);
  }

  /** Counts a fault that somebody else decided on. */
  note(kind: FaultKind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** From now on nothing strikes but what lasts: the quiet after the bad days. */
  heal(lasting: Iterable<FaultKind> = []): void {
    this.#healed = true;
    this.#lasting = new Set(lasting);
  }

  get isHealed(): boolean {
    return this.#healed;
  }

  /** A whole number in [0, limit), of the stream of the kind. */
  below(limit: number, kind?: FaultKind): number {
    return Math.floor((kind === undefined ? this.#first : this.#streamOf(kind)).next() * limit);
  }

  #streamOf(kind: FaultKind): Random {
    if (kind in SIGNING_KINDS) return this.#signing;
    return kind in FURTHER_KINDS ? this.#further : this.#first;
  }
}
