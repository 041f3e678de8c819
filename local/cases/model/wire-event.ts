import type { FieldValueUnion, UserUnion } from './values';

/** A value of an event; the last form is a member that the API does not have yet. */
type WireEventValue = FieldValueUnion | { readonly futureValue: { readonly text: string } };

export interface WireAuditEventField {
  readonly eventFieldId: string;
  readonly oldValue?: WireEventValue;
  readonly newValue: WireEventValue;
}

/** An audit event as it travels; performedTime is ISO 8601. Injected events may break every rule of it. */
export interface WireAuditEvent {
  readonly eventId: string;
  readonly type: string;
  readonly relatedItemType?: string;
  readonly performedTime: string;
  readonly fields: readonly (WireAuditEventField | null)[];
  readonly performedBy?: {
    readonly user?: UserUnion | { readonly futureUser: { readonly id: string } };
    readonly iamPrincipalArn: string;
  };
}
