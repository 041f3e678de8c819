/**
 * Every kind of bad day that the simulation knows, and the one place that decides when it strikes and counts that it did.
 * A kind that is not switched on draws nothing, so a seed's world does not change when another kind is added.
 */
import { Random } from '../support/random';

/** What goes wrong, and the probabilities, one of which a world has for each occasion of the kind that a comment names. */
type Fault = readonly [what: string, ...rates: number[]];

/** Share of the answers about a sick case that its sickness strikes. */
const SICK = [0.3, 1, 1] as const;

export const FIRST_KINDS = {
  // The process: Lambda, its clock, its deploys; by port call.
  'process.die-before-call': ['dies before a port call takes effect', 0.002, 0.01, 0.05],
  'process.die-after-call': ['a port call takes effect, then the process is dead', 0.002, 0.01, 0.05],
  'process.throw-before-call': ['a port call fails without taking effect', 0.005, 0.02, 0.1],
  'process.throw-after-call': ['a port call takes effect, then fails', 0.005, 0.02, 0.1],
  'process.hold-call': ['frozen at a port call, thawed after another invocation has finished', 0.002, 0.01, 0.03],
  // By tick.
  'process.out-of-time': ['an invocation whose time runs out', 0.3, 1],
  'process.overlap': ['two invocations at once', 0.3, 1],
  'process.clock-10s-ahead': ['our clock runs 10 s ahead of the service', 0.3, 1],
  'process.clock-10s-behind': ['our clock runs 10 s behind the service', 0.3, 1],
  'process.clock-6h-ahead': ['our clock runs 6 h ahead of the service', 0.2, 0.5],
  'process.clock-6h-behind': ['our clock runs 6 h behind the service', 0.3, 1],
  'process.redo-another-day': ['a commit is published on a later day than it was made', 0.5, 1],
  'process.redo-newer-code': ['a commit is published by newer code than made it', 0.5, 1],
  // By port call.
  'process.killed-while-publishing': ['dead between COMMIT and the end of publishing', 0.01, 0.05, 0.2],
  // By case.
  'process.deadly-case': ['a case whose pages kill the process', 0.05, 0.2],
  // Amazon Connect Cases; by call of the service.
  'cases.throttling-storm': ['429 for everything, for a while', 0.005, 0.02],
  'cases.500': ['500 without Retry-After', 0.02, 0.1, 0.3],
  'cases.500-retry-after': ['500 with a Retry-After of seconds', 0.02, 0.1],
  'cases.500-retry-after-3600': ['500 with a Retry-After of an hour', 0.01, 0.05],
  'cases.reset': ['connection reset', 0.02, 0.1, 0.3],
  'cases.never-answers': ['a call that never answers', 0.01, 0.05],
  'cases.token-refused': ['a token refused at once', 0.05, 0.3],
  'cases.token-expired': ['a token that was good and is no more', 0.05, 0.3, 1],
  'cases.token-repeats': ['tokens A, A, A …', 0.02, 0.1],
  'cases.token-cycle': ['tokens A, B, A …', 0.02, 0.1],
  'cases.token-on-empty-page': ['an empty page with a token, not the end', 0.05, 0.3],
  'cases.offset-token-moves': ['an offset token over a list that moved meanwhile', 1],
  // By thing that happens.
  'cases.search-lag-10m': ['a change is in the search index ten minutes late', 0.1, 0.5],
  'cases.search-lag-70m': ['a change is in the search index seventy minutes late', 0.1, 0.5],
  'cases.audit-lag': ['the audit history lags behind the search index', 0.1, 0.5],
  'cases.same-millisecond': ['two updates of a case in one millisecond', 0.1, 0.5],
  'cases.250-in-a-millisecond': ['250 cases updated in one millisecond', 0.02, 0.1],
  // By call of the service.
  'cases.unsorted': ['the sort of a search is not honoured', 0.02, 0.2],
  'cases.results-capped': ['a search shows no more than so many results', 1],
  // By thing that happens.
  'cases.newest-first': ['audit events, newest first', 0.5, 1],
  'cases.oldest-first': ['audit events, oldest first', 0.5, 1],
  'cases.equal-times': ['events of one case with equal times', 0.1, 0.5],
  'cases.late-old-event': ['an event with an old time that arrives late', 0.05, 0.3],
  'cases.related-silent': ['a related item that does not move last_updated', 0.5, 1],
  'cases.related-edited': ['a related item is edited, and nothing else tells of it', 0.5, 1],
  'cases.related-deleted': ['a related item is deleted, and nothing else tells of it', 0.5, 1],
  // By call of the service.
  'cases.deleted-while-read': ['a case deleted between two of its pages', 0.01, 0.05],
  'cases.404-at-birth': ['404 for the first seconds of a case', 0.3, 1],
  'cases.stale-replica': ['one answer from a replica that is behind', 0.02, 0.1, 0.3],
  // By thing that happens.
  'cases.unknown-enum': ['an event type or item type that does not exist yet', 0.05, 0.3],
  'cases.unknown-union': ['a value or user of a kind that does not exist yet', 0.05, 0.3],
  // By call of the service.
  'cases.null-element': ['a null in a list', 0.01, 0.05, 0.2],
  'cases.missing-list': ['an answer without its required list, or an event without its fields', 0.01, 0.05],
  'cases.undecodable-page': ['an answer that cannot be decoded', 0.01, 0.05],
  // By thing that happens.
  'cases.poison-event': ['an event that no row can hold', 0.01, 0.1],
  'cases.huge-case': ['a case of 100,000 events', 1],
  'cases.huge-event': ['an event of 50,000 fields', 1],
  // By call of the service.
  'cases.related-denied': ['SearchAllRelatedItems denied', 0.05, 0.5],
  'cases.labels-denied': ['ListFieldOptions and ListTemplates denied', 0.05, 0.5],
  'cases.all-denied': ['every operation denied', 0.005, 0.02],
  // S3; by request to a store.
  's3.503': ['503 Slow Down', 0.01, 0.05],
  's3.500': ['500', 0.01, 0.05],
  's3.409': ['409 on a conditional write', 0.05, 0.3],
  's3.412-own-write': ['412, as our own lost write is there', 0.05, 0.3],
  's3.lost-answer': ['the answer to a write lost after it took effect', 0.02, 0.1],
  // By tick.
  's3.other-bytes': ['other bytes at a final key', 0.3, 1],
  's3.staged-gone': ['a staged object gone between COMMIT and publishing', 0.3, 1],
  // By request to a store.
  's3.403-for-absent': ['403 for a key that is not there', 0.02, 0.2],
  // DynamoDB.
  'dynamodb.condition-failed-own-write': ['a condition fails, as our own lost write is there', 0.05, 0.3],
  'dynamodb.lost-answer': ['the answer to a write lost after it took effect', 0.02, 0.1],
  'dynamodb.lost-request': ['a request that never arrives', 0.01, 0.05],
  'dynamodb.throttled': ['throttled', 0.01, 0.05],
  'dynamodb.unprocessed-keys': ['a batch read that leaves keys unprocessed', 0.1, 0.5],
  'dynamodb.short-page': ['a query cut off after a few items', 0.1, 0.5],
  // By tick.
  'dynamodb.table-restored': ['the table restored to an earlier moment', 0.5, 1],
} as const satisfies Readonly<Record<string, Fault>>;

/**
 * Kinds that the first ones assumed away: what lasts, what only some cases do, lags without a cap, counts that disagree. They draw
 * from a stream of their own, so that a world without them is what it was before there were any.
 */
export const FURTHER_KINDS = {
  // By port call.
  'process.clock-set-back': ['our clock is set back by an hour inside one call', 0.005, 0.02],
  'process.clock-set-forward': ['our clock is set forward by an hour inside one call', 0.005, 0.02],
  // By tick.
  'operator.export-from': ['EXPORT_FROM is set, moved earlier or later, or removed between two ticks', 0.3, 0.7],
  // Amazon Connect Cases; by thing that happens.
  'cases.audit-lag-uncapped': ['the audit history shows a change minutes, hours or 20 days after its touch', 0.05, 0.3],
  'cases.touch-without-event': ['a touch that no event ever explains', 0.1, 0.5, 0.9],
  'cases.search-lag-uncapped': ['a change is in the search index minutes, hours or 20 days late', 0.05, 0.3],
  'cases.newer-than-index': ['a search places a case by an older state than it shows', 0.1, 0.5],
  // By answer of the service.
  'cases.filter-by-second': ['the filter of a search compares whole seconds', 0.2, 1],
  'cases.no-token-too-early': ['a page without a token, though totalCount says that there is more', 0.05, 0.3, 1],
  'cases.no-total-count': ['a search gives no totalCount', 0.2, 1],
  'cases.total-count-too-high': ['a search counts more than there is', 0.2, 1],
  'cases.total-count-too-low': ['a search counts less than there is', 0.2, 1],
  'cases.empty-page-here': ['one empty page with a token, always at the same place', 0.3, 1, 1],
  'cases.disorder-here': ['one pair out of order, always at the same place', 0.3, 1, 1],
  // By call of the service.
  'cases.404-incident': ['nearly all reads are answered 404, for twelve minutes', 0.005, 0.02],
  'cases.list-fields-fails': ['ListFields fails', 0.3, 1, 1],
  // By thing that happens.
  'cases.unknown-members': ['members of an event, a field or a performer that do not exist yet', 0.1, 0.5],
  'cases.event-enriched': ['an event that reads differently later', 0.05, 0.3],
  'cases.two-contents': ['two contents under one event id', 0.05, 0.3],
  // Single cases: one, a tenth of them, or all; for one answer, for a while, or for ever (`sickness.ts`); by answer about a sick case.
  'case.denied': ['a case that answers 403', ...SICK],
  'case.throttled': ['a case that answers 429', ...SICK],
  'case.throttled-retry-after': ['a case that answers 429 with a Retry-After of an hour', ...SICK],
  'case.500': ['a case that answers 500', ...SICK],
  'case.500-retry-after-3600': ['a case that answers 500 with a Retry-After of an hour', ...SICK],
  'case.never-answers': ['a case that never answers', ...SICK],
  'case.refused': ['a case that answers 400', ...SICK],
  'case.nonsense': ['a case whose answers cannot be decoded', ...SICK],
  'case.404': ['a case that answers 404, though searches show it', ...SICK],
  'case.endless-tokens': ['a case with new tokens for ever, and empty pages', ...SICK],
  'case.repeated-pages': ['a case with new tokens for ever, and its first events again and again', ...SICK],
  'case.null-event': ['a case with a null among its events, always at the same place', ...SICK],
  'case.null-field': ['a case with a null among the fields of an event, always at the same place', ...SICK],
  'case.hidden-by-null': ['a case that is a null in every search', ...SICK],
  'case.unlisted': ['a case that searches count and do not show', ...SICK],
  // DynamoDB; by request to a store.
  'dynamodb.read-fails': ['a read fails', 0.003, 0.02],
  'dynamodb.unprocessed-writes': ['a batch write that leaves items unwritten', 0.1, 0.5],
  // By tick.
  'dynamodb.table-restored-anywhere': ['the table restored to any moment, also inside a publish', 0.5, 1],
} as const satisfies Readonly<Record<string, Fault>>;

/** Drawn apart from all others, so that worlds without a signing key stay as they are. */
export const SIGNING_KINDS = {
  // By signature.
  'kms.denied': ['a signature that is denied', 0.1, 0.5, 1],
  'kms.unavailable': ['a signature that fails after several tries', 0.1, 0.5, 1],
  'kms.another-key': ['a signature of another key', 0.1, 0.5, 1],
} as const satisfies Readonly<Record<string, Fault>>;

export const FAULT_KINDS = { ...FIRST_KINDS, ...FURTHER_KINDS, ...SIGNING_KINDS } as const;

export type FaultKind = keyof typeof FAULT_KINDS;
export type FirstKind = keyof typeof FIRST_KINDS;
export type FurtherKind = keyof typeof FURTHER_KINDS;
export type SigningKind = keyof typeof SIGNING_KINDS;

/** Probability by kind, at each occasion that the kind has; what is not named never strikes. */
export type FaultRates = Partial<Readonly<Record<FaultKind, number>>>;

/** What goes wrong on such a day. */
export function whatIs(kind: FaultKind): string {
  return FAULT_KINDS[kind][0];
}

/** How often the kind may strike: the rates of which a world has one. */
export function ratesOf(kind: FaultKind): readonly number[] {
  const [, ...rates] = FAULT_KINDS[kind];
  return rates;
}

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
