/**
 * Audit events as GetCaseAuditEvents gives them. Nothing in an answer is checked on the way here: everything is optional, a member
 * may be of another type than it says, every list may hold nulls, and every enum is a plain string, as new values have been added
 * four times since 2024. Source: service model of client-connectcases 3.1138.0.
 */

/** Exactly one member in a sound answer; an unknown one arrives as `$unknown: [name, value]`. */
export interface FieldValueUnion {
  readonly stringValue?: string | undefined;
  /** ExactDecimal: a number whose digits no double keeps. */
  readonly doubleValue?: number | ExactDecimal | undefined;
  readonly booleanValue?: boolean | undefined;
  /** `{}`: the field was cleared. */
  readonly emptyValue?: object | undefined;
  readonly userArnValue?: string | undefined;
  readonly $unknown?: readonly [string, unknown] | undefined;
}

/**
 * Members that the service model does not have, as they came; absent where there are none. Under the name of a member that it has
 * stands what the decoded member does not hold: the text of a `performedTime` finer than a millisecond, what an `emptyValue` held.
 */
interface Others {
  readonly other?: Readonly<Record<string, unknown>> | undefined;
}

export interface AuditEventField extends Others {
  readonly eventFieldId?: string | undefined;
  readonly oldValue?: FieldValueUnion | null | undefined;
  readonly newValue?: FieldValueUnion | null | undefined;
}

export interface UserUnion {
  readonly userArn?: string | undefined;
  readonly customEntity?: string | undefined;
  readonly $unknown?: readonly [string, unknown] | undefined;
}

export interface AuditEvent extends Others {
  readonly eventId?: string | undefined;
  readonly type?: string | undefined;
  readonly relatedItemType?: string | undefined;
  readonly performedTime?: Date | undefined;
  readonly fields?: readonly (AuditEventField | null)[] | undefined;
  readonly performedBy?:
    | (Others & { readonly user?: UserUnion | null | undefined; readonly iamPrincipalArn?: string | undefined })
    | null
    | undefined;
}

/**
 * A number as an answer had it, where no double reads as its digits do: beyond 2^53, beyond the range of doubles, or of more
 * digits than a double keeps. Its text is kept as it came.
 */
export class ExactDecimal {
  constructor(readonly text: string) {}

  /** The nearest double; infinite where there is none. */
  get nearest(): number {
    return Number(this.text);
  }
}
