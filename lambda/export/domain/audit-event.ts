/**
 * Audit events as GetCaseAuditEvents gives them. The SDK checks nothing in an answer, so everything is optional here,
 * every list may hold nulls, and every enum is a plain string: new values have been added four times since 2024.
 * Source: service model of client-connectcases 3.1138.0.
 */

/** Exactly one member in a sound answer; an unknown one arrives as `$unknown: [name, value]`. */
export interface FieldValueUnion {
  readonly stringValue?: string | undefined;
  readonly doubleValue?: number | undefined;
  readonly booleanValue?: boolean | undefined;
  /** `{}`: the field was cleared. */
  readonly emptyValue?: object | undefined;
  readonly userArnValue?: string | undefined;
  readonly $unknown?: readonly [string, unknown] | undefined;
}

export interface AuditEventField {
  readonly eventFieldId?: string | undefined;
  readonly oldValue?: FieldValueUnion | null | undefined;
  readonly newValue?: FieldValueUnion | null | undefined;
}

export interface UserUnion {
  readonly userArn?: string | undefined;
  readonly customEntity?: string | undefined;
  readonly $unknown?: readonly [string, unknown] | undefined;
}

export interface AuditEvent {
  readonly eventId?: string | undefined;
  readonly type?: string | undefined;
  readonly relatedItemType?: string | undefined;
  readonly performedTime?: Date | undefined;
  readonly fields?: readonly (AuditEventField | null)[] | undefined;
  readonly performedBy?:
    | { readonly user?: UserUnion | null | undefined; readonly iamPrincipalArn?: string | undefined }
    | null
    | undefined;
}
