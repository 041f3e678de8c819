/** What happens in the domain. Everything is drawn here: by `random` what happens, by `faults` what is odd about it. */
import type { Random } from '../../support/random';
import type { Faults } from '../faults';
import { MINUTE } from '../times';
import type { CaseRecord, Domain, EventOrder, RelatedItem } from './domain';
import { type EventMaker, type Happening, uncappedLagMs } from './event-maker';
import type { FieldBook } from './field-book';
import type { ServiceClock } from './service-clock';

const LAGS = [
  { kind: 'cases.search-lag-70m', lagMs: 70 * MINUTE },
  { kind: 'cases.search-lag-10m', lagMs: 10 * MINUTE },
] as const;

/** So many cases are updated at once when very many are. */
const MAX_AT_ONCE = 250;
const TEMPLATES = ['template-1', 'template-2', null];
const ITEM_TYPES = ['Comment', 'Contact', 'File', 'Sla', 'ConnectCase', 'Custom'];

interface Change {
  /** How often it is drawn, out of 100. */
  readonly share: number;
  readonly make: (life: Life, caseId: string) => void;
}

const CHANGES: readonly Change[] = [
  { share: 15, make: (life) => void life.createCase() },
  { share: 48, make: (life, caseId) => life.updateCase(caseId) },
  { share: 18, make: (life, caseId) => life.addRelatedItem(caseId) },
  { share: 6, make: (life) => life.editRelatedItem() },
  { share: 5, make: (life) => life.deleteRelatedItem() },
  { share: 4, make: (life, caseId) => life.deleteCase(caseId) },
  { share: 2, make: (life) => life.addField() },
  { share: 2, make: (life) => life.deleteSomeField() },
];

export class Life {
  #cases = 0;
  #hasHugeCase = false;
  /** For all the life of the domain, also once healed: each case has one of them. */
  readonly #orders: readonly EventOrder[];

  constructor(
    private readonly domain: Domain,
    private readonly fields: FieldBook,
    private readonly events: EventMaker,
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
    private readonly random: Random,
    private readonly hugeCaseEvents: number,
  ) {
    this.#orders = ordersOf(faults);
  }

  createCase(options: { templateId?: string | null | undefined; at?: number | undefined } = {}): string {
    const created = this.#when(options.at);
    this.#cases += 1;
    const record = this.domain.addCase({
      caseId: `case-${String(this.#cases).padStart(4, '0')}`,
      templateId: options.templateId === undefined ? this.random.pick(TEMPLATES) : options.templateId,
      created,
      order: this.random.pick(this.#orders),
    });
    this.#happen(record, { type: 'Case.Created', at: created });
    if (!this.#hasHugeCase && this.faults.strikes('cases.huge-case')) this.#makeHuge(record);
    return record.caseId;
  }

  updateCase(caseId: string, options: { at?: number | undefined; fields?: number | undefined } = {}): void {
    const record = this.domain.alive(caseId);
    const update: Happening = { type: 'Case.Updated', at: this.#when(options.at), fields: options.fields };
    this.#happen(record, update);
    if (this.faults.strikes('cases.same-millisecond')) this.#happen(record, update);
  }

  /** The case is last updated now, and nothing is recorded. */
  touchCase(caseId: string): void {
    this.#index(this.domain.alive(caseId), this.clock.now());
  }

  addRelatedItem(caseId: string): void {
    const record = this.domain.alive(caseId);
    const at = this.clock.now();
    const type = this.random.pick(ITEM_TYPES);
    this.domain.addItem({ caseId, type, associatedAt: at });
    this.#happen(
      record,
      { type: 'RelatedItem.Created', at, relatedItemType: type },
      this.faults.strikes('cases.related-silent'),
    );
  }

  editRelatedItem(): void {
    const item = this.#someItem();
    if (item !== undefined) this.#changeItem(item, 'RelatedItem.Updated', this.faults.strikes('cases.related-edited'));
  }

  deleteRelatedItem(): void {
    const item = this.#someItem();
    if (item === undefined) return;
    this.domain.endItem(item, this.clock.now());
    this.#changeItem(item, 'RelatedItem.Deleted', this.faults.strikes('cases.related-deleted'));
  }

  /** Gone for audit calls at once, for searches when the index hears of it. */
  deleteCase(caseId: string): void {
    const record = this.domain.alive(caseId);
    const at = this.clock.now();
    this.domain.deleteCase(record, at, at + this.#searchLagMs(at));
  }

  addField(): void {
    this.fields.create();
  }

  /** A custom one, if there is any. */
  deleteSomeField(): void {
    const ids = this.fields.customIds();
    const fieldId = ids[this.random.below(ids.length)];
    if (fieldId !== undefined) this.fields.delete(fieldId);
  }

  /** One change at now(): an update most of the time, of very many cases at once if that strikes. */
  change(): void {
    const ids = this.domain.aliveIds();
    const drawn = this.random.below(100);
    const caseId = ids[this.random.below(ids.length)];
    if (caseId === undefined) this.createCase();
    else if (this.faults.strikes('cases.touch-without-event')) this.touchCase(caseId);
    else if (ids.length > 1 && this.faults.strikes('cases.250-in-a-millisecond')) this.#updateMany(ids);
    else changeAt(drawn).make(this, caseId);
  }

  #updateMany(ids: readonly string[]): void {
    const at = this.clock.now();
    const first = this.random.below(Math.max(1, ids.length - MAX_AT_ONCE + 1));
    for (const caseId of ids.slice(first, first + MAX_AT_ONCE)) this.updateCase(caseId, { at });
  }

  #someItem(): RelatedItem | undefined {
    const there = this.domain.items.filter(({ endedAt }) => endedAt === null);
    return there[this.random.below(there.length)];
  }

  #changeItem({ caseId, type }: RelatedItem, change: Happening['type'], silent: boolean): void {
    this.#happen(this.domain.alive(caseId), { type: change, at: this.clock.now(), relatedItemType: type }, silent);
  }

  /** Records the event; unless it is silent, the case is last updated then, and the index hears of it, perhaps late. */
  #happen(record: CaseRecord, happening: Happening, silent = false): void {
    const event = this.events.make(record, happening);
    this.domain.record(record, [event]);
    const twin = this.events.makeTwin(event);
    if (twin !== undefined) this.domain.record(record, [twin]);
    if (!silent) this.#index(record, happening.at);
  }

  #index(record: CaseRecord, at: number): void {
    const isShownAtOnce = this.#isOnItsWay(at) && this.faults.strikes('cases.newer-than-index');
    const indexedAt = at + this.#searchLagMs(at);
    const placedAt = isShownAtOnce ? indexedAt + this.#placedLateMs() : indexedAt;
    this.domain.index(record, { lastUpdated: at, indexedAt: placedAt, isShownAtOnce });
  }

  /** Half of them within a minute, as far as a settle may allow, the others within hours. */
  #placedLateMs(): number {
    const kind = 'cases.newer-than-index';
    return 1 + this.faults.below(this.faults.below(2, kind) === 0 ? MINUTE : 3 * 60 * MINUTE, kind);
  }

  /** Once a world. Its updates fill the time from its creation on, a millisecond each where there is that much. */
  #makeHuge(record: CaseRecord): void {
    this.#hasHugeCase = true;
    const count = Math.max(0, this.hugeCaseEvents - record.events.length);
    const until = Math.min(this.clock.now(), record.created + count);
    this.domain.record(record, [...this.events.makeMany(record, count, record.created, until)]);
    this.#index(record, until);
  }

  /** Only what has just happened can still be on its way. */
  #searchLagMs(at: number): number {
    const now = this.clock.now();
    const late = LAGS.find(({ kind, lagMs }) => at + lagMs > now && this.faults.strikes(kind));
    if (late !== undefined) return late.lagMs;
    const uncapped = 'cases.search-lag-uncapped';
    return this.#isOnItsWay(at) && this.faults.strikes(uncapped) ? uncappedLagMs(this.faults, uncapped) : 0;
  }

  #isOnItsWay(at: number): boolean {
    return at + 60 * MINUTE > this.clock.now();
  }

  #when(at: number | undefined): number {
    const now = this.clock.now();
    if (at !== undefined && at > now) throw new RangeError(`A change at ${at} lies ${at - now} ms in the future.`);
    return at === undefined ? now : Math.floor(at);
  }
}

/** The change whose share covers this number out of 100. */
function changeAt(drawn: number): Change {
  let covered = 0;
  const found = CHANGES.find(({ share }) => {
    covered += share;
    return drawn < covered;
  });
  if (found === undefined) throw new RangeError(`The shares of the changes add up to ${covered}, not to 100.`);
  return found;
}

/** One order for the whole world if just one is switched on; any for both; none at all for neither. */
function ordersOf(faults: Faults): readonly EventOrder[] {
  const newest = faults.isOn('cases.newest-first');
  const oldest = faults.isOn('cases.oldest-first');
  if (newest && oldest) return ['newest-first', 'oldest-first', 'shuffled'];
  if (newest) return ['newest-first'];
  return [oldest ? 'oldest-first' : 'shuffled'];
}
