/** Makes the events of cases, with what may be odd about them for good. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { FaultKind, Faults } from '../faults';
import { DAY, HOUR, MINUTE } from '../times';
import { placeInOrder } from './audit-pages';
import type { CaseRecord, Domain, HappenedEvent } from './domain';
import { poisoned, withOneMore, withUnknownEnum, withUnknownMembers, withUnknownUnion } from './event-kinds';
import { EventValues } from './event-values';
import type { FieldBook } from './field-book';
import type { ServiceClock } from './service-clock';

/** The longest that anything uncapped lags: longer than any period anybody closes the books on at once. */
const LONGEST_LAG_MS = 20 * DAY;
/** An event may read differently up to so long after it happened. */
const ENRICHED_WITHIN_MS = 3 * DAY;
/** An old event is up to so many hours old when it arrives. */
const OLDEST_HOURS = 72;
const MAX_FIELDS = 4;

export interface Happening {
  readonly type:
    | 'Case.Created'
    | 'Case.Updated'
    | 'RelatedItem.Created'
    | 'RelatedItem.Updated'
    | 'RelatedItem.Deleted';
  readonly at: number;
  readonly relatedItemType?: string;
  /** How many fields change; drawn if left out. */
  readonly fields?: number | undefined;
}

interface EventMakerOptions {
  readonly seed: number;
  readonly auditLagMs: number;
  readonly hugeEventFields: number;
}

export class EventMaker {
  #hasHugeEvent = false;

  constructor(
    private readonly domain: Domain,
    private readonly fields: FieldBook,
    private readonly faults: Faults,
    private readonly clock: ServiceClock,
    private readonly options: EventMakerOptions,
  ) {}

  /** One event of the case; not recorded yet. */
  make(subject: CaseRecord, happening: Happening): HappenedEvent {
    const serial = this.domain.nextSerial();
    const values = new EventValues(this.options.seed, serial);
    const time = this.#performedTime(subject, happening);
    const sound = this.#odd(this.#ordinary(happening, serial, time, values), values);
    const poison = this.faults.strikes('cases.poison-event');
    const content = poison ? poisoned(sound, values) : sound;
    return {
      occurredAt: happening.at,
      visibleAt: this.#visibleAt(subject, happening.at),
      poison,
      place: placeInOrder(subject.order, time, serial, values.next()),
      content: () => content,
      enriched: poison ? undefined : this.#enriched(content, happening.at, values),
    };
  }

  /** The same event once more, with another content under the same id; undefined mostly. */
  makeTwin(original: HappenedEvent): HappenedEvent | undefined {
    const { poison, place } = original;
    if (poison || !this.faults.strikes('cases.two-contents')) return undefined;
    const values = new EventValues(this.options.seed, this.domain.nextSerial());
    const content = withOneMore(original.content(), values);
    return { ...original, place: { ...place, minor: place.minor + 0.5 }, content: () => content, enriched: undefined };
  }

  #enriched(content: AuditEvent, at: number, values: EventValues): HappenedEvent['enriched'] {
    const kind = 'cases.event-enriched';
    if (!this.faults.strikes(kind)) return undefined;
    return { at: at + MINUTE + this.faults.below(ENRICHED_WITHIN_MS, kind), content: withOneMore(content, values) };
  }

  /** Very many updates of a case between two moments, each made when it is asked for. */
  *makeMany(subject: CaseRecord, count: number, from: number, to: number): Generator<HappenedEvent, void> {
    const values = new EventValues(this.options.seed, this.domain.nextSerial());
    for (let index = 0; index < count; index += 1) {
      const at = from + Math.floor(((to - from) * index) / count);
      const serial = this.domain.nextSerial();
      yield {
        occurredAt: at,
        visibleAt: at,
        poison: false,
        place: placeInOrder(subject.order, at, serial, values.next()),
        content: () => smallUpdate(serial, at),
      };
    }
  }

  #ordinary(happening: Happening, serial: number, time: number, values: EventValues): AuditEvent {
    const { type, relatedItemType } = happening;
    const performedBy = values.performer();
    return {
      eventId: `event-${serial}`,
      type,
      ...(relatedItemType === undefined ? {} : { relatedItemType }),
      performedTime: new Date(time),
      fields: this.#changes(happening, values),
      ...(performedBy === undefined ? {} : { performedBy }),
    };
  }

  #changes({ type, fields }: Happening, values: EventValues): AuditEvent['fields'] {
    if (type.startsWith('RelatedItem.')) return values.itemChanges();
    const count = fields ?? values.below(MAX_FIELDS + 1);
    const changes = values.changes(count, this.fields.aliveIds());
    if (type !== 'Case.Updated' || this.#hasHugeEvent || !this.faults.strikes('cases.huge-event')) return changes;
    this.#hasHugeEvent = true;
    return this.#manyChanges(values);
  }

  /** Cheap to hold: changes repeat. */
  #manyChanges(values: EventValues): AuditEvent['fields'] {
    const few = values.changes(97, this.fields.aliveIds());
    return Array.from({ length: this.options.hugeEventFields }, (_, index) => few[index % few.length] ?? null);
  }

  #odd(event: AuditEvent, values: EventValues): AuditEvent {
    const named = this.faults.strikes('cases.unknown-enum') ? withUnknownEnum(event, values) : event;
    const known = this.faults.strikes('cases.unknown-union') ? withUnknownUnion(named, values) : named;
    return this.faults.strikes('cases.unknown-members') ? withUnknownMembers(known, values) : known;
  }

  #performedTime(subject: CaseRecord, { type, at }: Happening): number {
    if (type === 'Case.Created') return at;
    if (this.faults.strikes('cases.late-old-event')) return at - HOUR * (1 + this.faults.below(OLDEST_HOURS));
    const before = subject.events.at(-1)?.content().performedTime?.getTime() ?? Number.NaN;
    if (Number.isNaN(before) || before === at) return at;
    return this.faults.strikes('cases.equal-times') ? before : at;
  }

  /** Only what has just happened can still be on its way. A history that lags without a cap shows no event before an earlier one. */
  #visibleAt(subject: CaseRecord, at: number): number {
    const kind = 'cases.audit-lag-uncapped';
    const soon = this.#soonVisibleAt(at);
    if (!this.faults.isOn(kind)) return soon;
    const lagging = this.faults.strikes(kind) ? at + uncappedLagMs(this.faults, kind) : soon;
    return Math.max(lagging, subject.events.length > 0 ? subject.lastVisibleAt : lagging);
  }

  #soonVisibleAt(at: number): number {
    const { auditLagMs } = this.options;
    if (auditLagMs <= 0 || at + auditLagMs <= this.clock.now()) return at;
    return this.faults.strikes('cases.audit-lag') ? at + 1 + this.faults.below(auditLagMs) : at;
  }
}

/** From a minute to twenty days, each order of magnitude as often as any other. */
export function uncappedLagMs(faults: Faults, kind: FaultKind): number {
  const drawn = faults.below(1_000, kind) / 1_000;
  return Math.floor(MINUTE * (LONGEST_LAG_MS / MINUTE) ** drawn);
}

function smallUpdate(serial: number, at: number): AuditEvent {
  return {
    eventId: `event-${serial}`,
    type: 'Case.Updated',
    performedTime: new Date(at),
    fields: [{ eventFieldId: 'title', newValue: { stringValue: `number ${serial}` } }],
  };
}
