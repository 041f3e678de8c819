/** Answers that come, and are not as they should be: asked again, they are. Nothing here touches the history. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { Faults } from '../faults';

/** A list as an answer holds it: one element may be null, or the list missing. */
type AnsweredList<T> = readonly (T | null)[] | undefined;

export class SpoiltAnswers {
  constructor(private readonly faults: Faults) {}

  /** The list with at most one element hidden by a null, or no list at all. */
  list<T>(elements: readonly T[]): AnsweredList<T> {
    if (this.faults.strikes('cases.missing-list')) return undefined;
    return this.#withNull(elements);
  }

  /** As `list`; what is missing may also be the list of fields of one event. */
  events(elements: readonly AuditEvent[]): AnsweredList<AuditEvent> {
    if (!this.faults.strikes('cases.missing-list')) return this.#withNull(elements);
    if (elements.length === 0 || this.faults.below(2) === 0) return undefined;
    const struck = this.faults.below(elements.length);
    return elements.map((event, at) => (at === struck ? withoutFields(event) : event));
  }

  /** The same elements in an order that is not ascending by value, where there is such an order. */
  unsorted<T>(elements: readonly T[], numberOf: (element: T) => number): readonly T[] {
    const [first] = elements;
    const last = elements.at(-1);
    if (first === undefined || last === undefined || numberOf(first) === numberOf(last)) return elements;
    if (!this.faults.strikes('cases.unsorted')) return elements;
    const shuffled = this.#shuffled(elements);
    const isSorted = shuffled.every((element, at) => at === 0 || numberOf(shuffled[at - 1] as T) <= numberOf(element));
    return isSorted ? shuffled.reverse() : shuffled;
  }

  #withNull<T>(elements: readonly T[]): readonly (T | null)[] {
    if (elements.length === 0 || !this.faults.strikes('cases.null-element')) return elements;
    return elements.with(this.faults.below(elements.length), null as T) as (T | null)[];
  }

  #shuffled<T>(elements: readonly T[]): T[] {
    const shuffled = [...elements];
    for (let at = shuffled.length - 1; at > 0; at -= 1) {
      const other = this.faults.below(at + 1);
      [shuffled[at], shuffled[other]] = [shuffled[other] as T, shuffled[at] as T];
    }
    return shuffled;
  }
}

function withoutFields({ fields: _, ...event }: AuditEvent): AuditEvent {
  return event;
}
