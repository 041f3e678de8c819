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

/** The file `fields/domain_id=<id>/<seq>.json`: all that was known of the domain's fields at that commit, by id. */
export interface StoredDictionary {
  readonly version: 1;
  readonly domainId: string;
  readonly seq: number;
  readonly fields: readonly FieldDefinition[];
}

/** The definitions in a stored dictionary; none if it cannot be read or is of another version: it only saves calls. */
export function parseDictionary(bytes: Uint8Array): readonly FieldDefinition[] {
  try {
    const stored = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<StoredDictionary> | null;
    return stored?.version === 1 && Array.isArray(stored.fields) ? stored.fields : [];
  } catch {
    return [];
  }
}
