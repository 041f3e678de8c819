/** Actions of people and software on cases, before any id is known: cases and items go by our own numbers. */
import type { FieldValueUnion, UserUnion } from '@aws-sdk/client-connectcases';
import type { CaseKindKey } from './case-kinds';
import type { CustomFieldKey, FieldKey } from './fields';

export type FieldSetting = readonly [field: FieldKey, value: FieldValueUnion];

/** A related item. `sla` counts minutes to its target. */
export type Item =
  | { readonly type: 'Comment'; readonly body: string }
  | { readonly type: 'Contact' }
  | { readonly type: 'File'; readonly name: string }
  | { readonly type: 'Sla'; readonly minutes: number }
  | { readonly type: 'ConnectCase'; readonly otherCase: number }
  | { readonly type: 'Custom'; readonly fields: readonly FieldSetting[] };

/** `by` undefined: the call names nobody, so only the IAM principal is on record. */
interface Performed {
  readonly by?: UserUnion | undefined;
}

export type Action =
  | ({ readonly do: 'create'; readonly case: number; readonly kind: CaseKindKey } & Fields)
  | ({ readonly do: 'update'; readonly case: number } & Fields)
  | ({ readonly do: 'attach'; readonly case: number; readonly item: Item } & Performed)
  /** Changes the last comment of the case; nothing if there is none. */
  | ({ readonly do: 'edit-comment'; readonly case: number; readonly body: string } & Performed)
  /** Removes the last comment of the case; nothing if there is none. */
  | { readonly do: 'delete-comment'; readonly case: number }
  | { readonly do: 'rename-field'; readonly field: CustomFieldKey; readonly name: string }
  | { readonly do: 'delete-field'; readonly field: CustomFieldKey };

interface Fields extends Performed {
  readonly fields: readonly FieldSetting[];
}

/** An action with its time, epoch milliseconds. */
export type TimedAction = Action & { readonly at: number };

export const text = (stringValue: string): FieldValueUnion => ({ stringValue });
export const number = (doubleValue: number): FieldValueUnion => ({ doubleValue });
export const flag = (booleanValue: boolean): FieldValueUnion => ({ booleanValue });
export const user = (userArnValue: string): FieldValueUnion => ({ userArnValue });
/** The field is cleared. */
export const EMPTY: FieldValueUnion = { emptyValue: {} };
