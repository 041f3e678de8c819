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
