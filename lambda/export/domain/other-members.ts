/** Members of an event that no column holds, as the column `other` has them. */
import type { AuditEvent, AuditEventField } from './audit-event';
import { isMembers, losslessJson } from './values';

type Members = Readonly<Record<string, unknown>>;

/** Members that the service model has: what stands under their name in `other` is the rest of a known value. */
const KNOWN: ReadonlySet<string> = new Set(['performedTime', 'oldValue', 'newValue']);

/** The column of each row of one event: `{"event": …, "performedBy": …, "field": …}`, those that are there; null where none is. */
export class OtherMembers {
  readonly #event: Members;
  /** Of a row whose field has none: rows of one event share it. */
  readonly #shared: string | null;
  /** How many members came that the service model does not have. */
  unknown = 0;

  constructor({ other, performedBy }: AuditEvent) {
    this.#event = { ...this.#part('event', other), ...this.#part('performedBy', performedBy?.other) };
    this.#shared = columnOf(this.#event);
  }

  ofField(field: AuditEventField): string | null {
    if (field.other === undefined) return this.#shared;
    return columnOf({ ...this.#event, ...this.#part('field', field.other) });
  }

  ofEvent(): string | null {
    return this.#shared;
  }

  #part(name: string, other: unknown): Members {
    if (!isMembers(other)) return {};
    const names = Object.keys(other);
    this.unknown += names.filter((member) => !KNOWN.has(member)).length;
    return names.length === 0 ? {} : { [name]: other };
  }
}

function columnOf(parts: Members): string | null {
  return Object.keys(parts).length === 0 ? null : losslessJson(parts);
}
