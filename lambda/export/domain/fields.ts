/** Names of fields, of the options of select fields and of templates: `fields/domain_id=<id>/<seq>.json`. */
import * as z from 'zod';
import type { AuditEvent } from './audit-event';
import { IntegrityError } from './errors';
import { readStored, type Stored, seq, version } from './stored-form';

/** A field as known at export. */
export type FieldDefinition = Stored<typeof fieldDefinition>;
const fieldDefinition = z.object({
  fieldId: z.string(),
  name: z.string().nullable(),
  type: z.string().nullable(),
  namespace: z.string().nullable(),
  deleted: z.boolean(),
});

/** Field definitions by id. An id that no look-up knows is absent. */
export type FieldDictionary = ReadonlyMap<string, FieldDefinition>;

/** The label of a select field's value. */
export type FieldOption = Stored<typeof fieldOption>;
const fieldOption = z.object({
  value: z.string(),
  name: z.string().nullable(),
  /** False for options that can no longer be chosen. */
  active: z.boolean().nullable(),
});

/** The options of one select field. */
const fieldOptions = z.object({
  fieldId: z.string(),
  /** Time of the last look-up, ISO 8601; if that was refused, the options are those of the answer before. */
  asOf: z.string(),
  /** Null if no answer ever came. */
  options: z.array(fieldOption).nullable(),
});

export type TemplateName = Stored<typeof templateName>;
const templateName = z.object({
  templateId: z.string(),
  name: z.string().nullable(),
  /** `Active` or `Inactive`, as received. */
  status: z.string().nullable(),
});

/** The templates of the domain, with `asOf` and null as for options. */
const templateNames = z.object({ asOf: z.string(), templates: z.array(templateName).nullable() });

/** The file `fields/domain_id=<id>/<seq>.json`: everything known of the domain's fields at that commit, by id. */
export type StoredDictionary = Stored<typeof storedDictionary>;
const storedDictionary = z.object({
  version,
  domainId: z.string(),
  seq,
  fields: z.array(fieldDefinition),
  /** Absent in dictionaries of the first builds, as are templates; looked up again where they do not have this form. */
  options: z.array(fieldOptions).optional().catch(undefined),
  templates: templateNames.optional().catch(undefined),
});

/** Labels of select values and templates. */
export type StoredLabels = Pick<StoredDictionary, 'options' | 'templates'>;

/** The form of a dictionary. */
export const DICTIONARY = { what: 'field dictionary', version: 1, schema: storedDictionary };

/**
 * Parses a stored dictionary. Returns nothing if it is unreadable or of another version, because it only saves calls.
 */
export function parseDictionary(bytes: Uint8Array, key: string): Pick<StoredDictionary, 'fields'> & StoredLabels {
  try {
    const { fields, options, templates } = readStored(DICTIONARY, key, bytes);
    return { fields, ...(options && { options }), ...(templates && { templates }) };
  } catch (error) {
    if (error instanceof IntegrityError) return { fields: [] };
    throw error;
  }
}

/** Returns the values of select fields that the events name, by field id. */
export function selectValues(
  events: readonly AuditEvent[],
  dictionary: FieldDictionary,
): Map<string, ReadonlySet<string>> {
  const byField = new Map<string, Set<string>>();
  for (const field of events.filter(hasFields).flatMap(({ fields }) => (Array.isArray(fields) ? fields : []))) {
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

/** An SLA or a comment has members instead of fields, which may share an id with one, as `status` does. */
function hasFields({ type, relatedItemType }: AuditEvent): boolean {
  return relatedItemType === 'Custom' || !String(type).startsWith('RelatedItem.');
}
