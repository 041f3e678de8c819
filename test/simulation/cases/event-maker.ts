/** Makes the events of cases, with what may be odd about them for good. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { Faults } from '../faults';
import { placeInOrder } from './audit-pages';
import type { CaseRecord, Domain, HappenedEvent } from './domain';
import { poisoned, withUnknownEnum, withUnknownUnion } from './event-kinds';
import { EventValues } from './event-values';
import type { FieldBook } from './field-book';
import type { ServiceClock } from './service-clock';

const HOUR = 3_600_000;
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
      visibleAt: this.#visibleAt(happening.at),
      poison,
      place: placeInOrder(subject.order, time, serial, values.chance()),
      content: () => content,
    };
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
        place: placeInOrder(subject.order, at, serial, values.chance()),
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
    return this.faults.strikes('cases.unknown-union') ? withUnknownUnion(named, values) : named;
  }

  #performedTime(subject: CaseRecord, { type, at }: Happening): number {
    if (type === 'Case.Created') return at;
    if (this.faults.strikes('cases.late-old-event')) return at - HOUR * (1 + this.faults.below(OLDEST_HOURS));
    const before = subject.events.at(-1)?.content().performedTime?.getTime() ?? Number.NaN;
    if (Number.isNaN(before) || before === at) return at;
    return this.faults.strikes('cases.equal-times') ? before : at;
  }

  /** Only what has just happened can still be on its way. */
  #visibleAt(at: number): number {
    const { auditLagMs } = this.options;
    if (auditLagMs <= 0 || at + auditLagMs <= this.clock.now()) return at;
    return this.faults.strikes('cases.audit-lag') ? at + 1 + this.faults.below(auditLagMs) : at;
  }
}

function smallUpdate(serial: number, at: number): AuditEvent {
  return {
    eventId: `event-${serial}`,
    type: 'Case.Updated',
    performedTime: new Date(at),
    fields: [{ eventFieldId: 'title', newValue: { stringValue: `number ${serial}` } }],
  };
}
