/** When what select values and templates are called has to be asked for again. */
import type { AuditEvent } from './audit-event';
import type { FieldDictionary } from './fields';

const HOUR_MS = 3_600_000;

/** Labels change seldom, and nothing tells when: they are asked for once a day while changes come. */
const MAX_AGE_MS = 24 * HOUR_MS;

/** What is unknown may be new, or long deleted: it is asked for again, but not with every page. */
const MAX_AGE_OF_UNKNOWN_MS = HOUR_MS;

/** Whether to ask again. `asOf` is undefined if nothing was ever asked; the age counts in both directions, as clocks may jump. */
export function isDue(asOf: string | undefined, knowsAll: boolean, now: number): boolean {
  if (asOf === undefined) return true;
  const ageMs = Math.abs(now - Date.parse(asOf));
  return !(ageMs < (knowsAll ? MAX_AGE_MS : MAX_AGE_OF_UNKNOWN_MS));
}

/** The values of select fields that the events name, by field id. */
export function selectValues(
  events: readonly AuditEvent[],
  dictionary: FieldDictionary,
): Map<string, ReadonlySet<string>> {
  const byField = new Map<string, Set<string>>();
  for (const field of events.flatMap(({ fields }) => (Array.isArray(fields) ? fields : []))) {
    const fieldId: unknown = field?.eventFieldId;
    if (typeof fieldId !== 'string' || dictionary.get(fieldId)?.type !== 'SingleSelect') continue;
    const values = byField.get(fieldId) ?? new Set();
    for (const value of [field?.oldValue, field?.newValue]) {
      const text: unknown = value?.stringValue;
      if (typeof text === 'string') values.add(text);
    }
    byField.set(fieldId, values);
  }
  return byField;
}
