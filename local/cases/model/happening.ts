import type { FieldValueUnion, UserUnion } from './values';

/** What happened: `before` and `after` by event field id. A field without `before` has no old value. */
export interface Happening {
  readonly type:
    | 'Case.Created'
    | 'Case.Updated'
    | 'RelatedItem.Created'
    | 'RelatedItem.Updated'
    | 'RelatedItem.Deleted';
  readonly relatedItemType?: string;
  readonly changes: readonly FieldChange[];
  readonly performedBy: UserUnion | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface FieldChange {
  readonly fieldId: string;
  readonly before: FieldValueUnion | undefined;
  readonly after: FieldValueUnion;
}
