/** What is known of a field at export. */
export interface FieldDefinition {
  readonly fieldId: string;
  readonly name: string | null;
  readonly type: string | null;
  readonly namespace: string | null;
  readonly deleted: boolean;
}

/** Field definitions by id. An id that no look-up knows is absent. */
export type FieldDictionary = ReadonlyMap<string, FieldDefinition>;

/** What a value of a select field reads as. */
export interface FieldOption {
  readonly value: string;
  readonly name: string | null;
  /** False for options that can no longer be chosen. */
  readonly active: boolean | null;
}

/** The options of one select field. */
export interface FieldOptions {
  readonly fieldId: string;
  /** When they were last asked for, ISO 8601; if that was refused, the options are those of the answer before. */
  readonly asOf: string;
  /** Null if no answer ever came. */
  readonly options: readonly FieldOption[] | null;
}

export interface TemplateName {
  readonly templateId: string;
  readonly name: string | null;
  /** `Active` or `Inactive`, as received. */
  readonly status: string | null;
}

/** The templates of the domain, with `asOf` and null as for options. */
export interface TemplateNames {
  readonly asOf: string;
  readonly templates: readonly TemplateName[] | null;
}

/** What select values and templates are called. Both members are absent in dictionaries of the first builds. */
export interface StoredLabels {
  readonly options?: readonly FieldOptions[];
  readonly templates?: TemplateNames;
}

/** The file `fields/domain_id=<id>/<seq>.json`: all that was known of the domain's fields at that commit, by id. */
export interface StoredDictionary extends StoredLabels {
  readonly version: 1;
  readonly domainId: string;
  readonly seq: number;
  readonly fields: readonly FieldDefinition[];
}

/** What a stored dictionary says; nothing if it cannot be read or is of another version: it only saves calls. */
export function parseDictionary(bytes: Uint8Array): Pick<StoredDictionary, 'fields'> & StoredLabels {
  try {
    const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<StoredDictionary> | null;
    if (stored?.version !== 1 || !Array.isArray(stored.fields)) return { fields: [] };
    const { fields, options, templates } = stored;
    return {
      fields,
      ...(Array.isArray(options) && { options }),
      ...(typeof templates?.asOf === 'string' && { templates }),
    };
  } catch {
    return { fields: [] };
  }
}
