import { validationError } from './api-error';

/**
 * A field's value in requests and answers: exactly one member. NaN and the infinities are numbers here and strings on
 * the wire.
 */
export type FieldValueUnion =
  | { readonly stringValue: string }
  | { readonly doubleValue: number }
  | { readonly booleanValue: boolean }
  | { readonly emptyValue: Readonly<Record<string, never>> }
  | { readonly userArnValue: string };

export interface FieldValue {
  readonly id: string;
  readonly value: FieldValueUnion;
}

/** The entity that performed an action: exactly one member. */
export type UserUnion = { readonly userArn: string } | { readonly customEntity: string };

export const FIELD_TYPES = ['Text', 'Number', 'Boolean', 'DateTime', 'SingleSelect', 'Url', 'User'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export const EMPTY: FieldValueUnion = { emptyValue: {} };

const MEMBER_OF_TYPE: Readonly<Record<FieldType, string>> = {
  Text: 'stringValue',
  Number: 'doubleValue',
  Boolean: 'booleanValue',
  DateTime: 'stringValue',
  SingleSelect: 'stringValue',
  Url: 'stringValue',
  User: 'userArnValue',
};

/** The bare value; null for an empty one. */
export function bareValue(value: FieldValueUnion): string | number | boolean | null {
  if ('stringValue' in value) return value.stringValue;
  if ('doubleValue' in value) return value.doubleValue;
  if ('booleanValue' in value) return value.booleanValue;
  if ('userArnValue' in value) return value.userArnValue;
  return null;
}

/** Same member and same value; NaN equals itself. */
export function sameValue(a: FieldValueUnion, b: FieldValueUnion): boolean {
  return memberOf(a) === memberOf(b) && Object.is(bareValue(a), bareValue(b));
}

/** Throws ValidationException unless the value has the kind of the field's type; an empty value always has. */
export function checkValueOfType(fieldId: string, type: FieldType, value: FieldValueUnion): void {
  const member = memberOf(value);
  if (member === 'emptyValue') return;
  if (member !== MEMBER_OF_TYPE[type]) {
    throw validationError(`Field ${fieldId} is of type ${type} and takes ${MEMBER_OF_TYPE[type]}, not ${member}`);
  }
  if (type === 'DateTime' && 'stringValue' in value && !isIsoDate(value.stringValue)) {
    throw validationError(`Field ${fieldId} takes an ISO 8601 date and time with its offset`);
  }
}

/**
 * Order of two values of a field of this type: negative, 0 or positive. DateTime by instant, strings by UTF-16 code
 * unit, false before true.
 */
export function compareValues(type: FieldType, a: FieldValueUnion, b: FieldValueUnion): number {
  const [left, right] = [comparable(type, a), comparable(type, b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function comparable(type: FieldType, value: FieldValueUnion): string | number {
  const bare = bareValue(value);
  if (typeof bare === 'boolean') return bare ? 1 : 0;
  return type === 'DateTime' ? instantOf(value) : (bare ?? '');
}

/** Values live as long as their case's history, and a search compares every one of them, so each is parsed once. */
const instants = new WeakMap<FieldValueUnion, number>();

/** Epoch milliseconds of a date; NaN for any other text. */
export function instantOf(value: FieldValueUnion): number {
  const known = instants.get(value);
  if (known !== undefined) return known;
  const instant = Date.parse(String(bareValue(value)));
  instants.set(value, instant);
  return instant;
}

function memberOf(value: FieldValueUnion): string {
  return Object.keys(value)[0] ?? 'nothing';
}

/** A value of an event; the last form is a member that the API does not have yet. */
type WireEventValue = FieldValueUnion | { readonly futureValue: { readonly text: string } };

export interface WireAuditEventField {
  readonly eventFieldId: string;
  readonly oldValue?: WireEventValue;
  readonly newValue: WireEventValue;
}

/** An audit event in an answer; performedTime is ISO 8601. Injected events may break every rule of it. */
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

/** ISO 8601 in UTC with milliseconds and `Z`: the service's form of dates, in timestamps and in string values alike. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** Whether the text is an existing date, or a date and time with its offset from UTC. */
function isIsoDate(text: string): boolean {
  return ISO_DATE.test(text) && !Number.isNaN(Date.parse(text));
}

/** A field before and after a change; without `before` there was no old value. */
export interface FieldChange {
  readonly fieldId: string;
  readonly before: FieldValueUnion | undefined;
  readonly after: FieldValueUnion;
}
