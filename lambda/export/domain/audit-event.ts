/**
 * Audit events as GetCaseAuditEvents returns them, unchecked: every member is optional and may be of another type than
 * declared, every list may hold nulls, and every enum is a plain string, because new values have been added four times
 * since 2024. Source: service model of client-connectcases 3.1138.0.
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
 * Members beyond the service model, as received; absent where there are none. Under the name of a known member it holds
 * the part that the decoded member loses: the text of a `performedTime` finer than a millisecond, the content of an
 * `emptyValue`.
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
 * A number of an answer whose digits no double keeps: beyond 2^53, beyond the range of doubles, or with too many
 * digits. It keeps the text as received.
 */
export class ExactDecimal {
  constructor(readonly text: string) {}

  /** The nearest double; infinite where there is none. */
  get nearest(): number {
    return Number(this.text);
  }
}
