/**
 * Decodes an element of `auditEvents` to an AuditEvent: the members of the service model by name, everything else
 * beside them. It agrees with the SDK's decoder wherever that one changes nothing
 * (test/export/aws/decode-audit-event.test.ts). A member of another type than the model's stays as received, so that
 * the whole event goes to quarantine. Null members are absent.
 */
import type { AuditEvent } from '../domain/audit-event';
import { isMembers } from '../domain/values';
import { isExactTime, parseIsoTime } from './wire-formats';

type Members = Readonly<Record<string, unknown>>;

/**
 * Decodes a member. It passes to `keep` the part that the decoded value alone does not hold, which `other` then has
 * under the member's name.
 */
type Decode = (value: unknown, keep: (rest: unknown) => void) => unknown;

type Model = ReadonlyMap<string, Decode>;

/** Levels of a value that no model describes. */
const MAX_DEPTH = 100;

class NestedTooDeep extends Error {}

/** Returns null for a list, and for an event whose values are nested too deep to be written again. */
export function decodeAuditEvent(element: object): AuditEvent | null {
  if (!isMembers(element)) return null;
  try {
    // `flatten.ts` is the first to check an answer; until then the types only state what to expect.
    return decodeMembers(element, EVENT) as AuditEvent;
  } catch (error) {
    if (error instanceof NestedTooDeep) return null;
    throw error;
  }
}

const VALUES: Model = new Map([
  ['stringValue', asItCame],
  ['doubleValue', decodeNumber],
  ['booleanValue', asItCame],
  ['emptyValue', decodeEmpty],
  ['userArnValue', asItCame],
]);
const USERS: Model = new Map([
  ['userArn', asItCame],
  ['customEntity', asItCame],
]);
const FIELD: Model = new Map([
  ['eventFieldId', asItCame],
  ['oldValue', decodeUnion(VALUES)],
  ['newValue', decodeUnion(VALUES)],
]);
const PERFORMED_BY: Model = new Map([
  ['user', decodeUnion(USERS)],
  ['iamPrincipalArn', asItCame],
]);
const EVENT: Model = new Map([
  ['eventId', asItCame],
  ['type', asItCame],
  ['relatedItemType', asItCame],
  ['performedTime', decodeTime],
  ['fields', decodeFields],
  ['performedBy', decodeStructure(PERFORMED_BY)],
]);

/** `other` holds the members that the model does not have; it is absent where there are none. */
function decodeMembers(members: Members, model: Model): object {
  const decoded: Record<string, unknown> = {};
  const others: [string, unknown][] = [];
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (value === null) continue;
    const decode = model.get(name);
    if (decode === undefined) others.push([name, asItCame(value)]);
    else decoded[name] = decode(value, (rest) => others.push([name, rest]));
  }
  // `fromEntries` defines members, so that one named `__proto__` is one like any other.
  if (others.length > 0) decoded['other'] = Object.fromEntries(others);
  return decoded;
}

function decodeStructure(model: Model): Decode {
  return (value) => (isMembers(value) ? decodeMembers(value, model) : asItCame(value));
}

const decodeField = decodeStructure(FIELD);

function decodeFields(value: unknown, keep: (rest: unknown) => void): unknown {
  return Array.isArray(value) ? value.map((field: unknown) => decodeField(field, keep)) : asItCame(value);
}

/**
 * Decodes as the SDK does: the one member that is not null, an unknown one as `$unknown: [name, value]`; `__type` is
 * not a member. A union with any other number of members stays as received.
 */
function decodeUnion(model: Model): Decode {
  return (value, keep) => {
    if (!isMembers(value)) return asItCame(value);
    const names = Object.keys(value).filter((name) => name !== '__type');
    const present = names.filter((name) => value[name] !== null);
    const [name] = present.length === 0 && names.length === 1 ? names : present;
    if (name === undefined || present.length > 1) return asItCame(value);
    const decode = model.get(name);
    if (decode === undefined) return { $unknown: [name, asItCame(value[name])] };
    return { [name]: decode(value[name], (rest) => keep({ [name]: rest })) };
  };
}

/** JSON has no numerals for some numbers; they arrive as text. */
function decodeNumber(value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : asItCame(value);
}

function decodeEmpty(value: unknown, keep: (rest: unknown) => void): unknown {
  if (!isMembers(value)) return asItCame(value);
  if (Object.keys(value).length > 0) keep(asItCame(value));
  return {};
}

function decodeTime(value: unknown, keep: (rest: unknown) => void): unknown {
  const time = parseIsoTime(value);
  if (typeof value !== 'string' || time === null) return asItCame(value);
  if (!isExactTime(value)) keep(value);
  return new Date(time);
}

function asItCame(value: unknown): unknown {
  if (typeof value === 'object') checkDepth(value, MAX_DEPTH);
  return value;
}

function checkDepth(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new NestedTooDeep();
  for (const member of Object.values(value)) checkDepth(member, levels - 1);
}
