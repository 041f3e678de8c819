import { conflict, notFound, validationError } from './api-error';
import { recordEvent } from './audit-events';
import { knownField } from './filters';
import {
  checkValueOfType,
  type FieldChange,
  type FieldValue,
  type FieldValueUnion,
  isoTime,
  sameValue,
  type UserUnion,
} from './values';
import {
  arnOf,
  type Case,
  type CaseFields,
  currentFields,
  type Domain,
  findCase,
  findDomain,
  type World,
} from './world';

interface CreateCaseInput {
  readonly domainId: string;
  readonly templateId: string;
  readonly fields: readonly FieldValue[];
  readonly clientToken?: string | undefined;
  readonly performedBy?: UserUnion | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

interface UpdateCaseInput {
  readonly domainId: string;
  readonly caseId: string;
  readonly fields: readonly FieldValue[];
  readonly performedBy?: UserUnion | undefined;
}

/** Fields that every new case needs, besides those that its template requires. Source: documentation of CreateCase. */
const ALWAYS_REQUIRED = ['title', 'customer_id'];
const MAX_SUMMARY_LENGTH = 3_000;

/** Creates a case, open unless told otherwise, and its Case.Created with every field it begins with. */
export function createCase(world: World, input: CreateCaseInput): { caseId: string; caseArn: string } {
  const domain = findDomain(world, input.domainId);
  const { clientToken, ...rest } = input;
  const known = clientToken === undefined ? undefined : domain.clientTokens.get(clientToken);
  if (known !== undefined) {
    if (known.request !== JSON.stringify(rest)) throw conflict('The clientToken belongs to a different request');
    return { caseId: known.caseId, caseArn: arnOf(world, domain.domainId, 'case', known.caseId) };
  }
  const template = domain.templates.get(input.templateId);
  if (template === undefined) throw notFound('Template', input.templateId);
  if (template.status !== 'Active') throw validationError(`Template ${input.templateId} is not active`);
  checkFields(domain, input.fields);
  checkRequired(input.fields, [...ALWAYS_REQUIRED, ...template.requiredFields]);

  const now = world.now();
  const caseId = world.newId();
  const given = new Map(input.fields.map(({ id, value }) => [id, value]));
  const status = given.get('status') ?? { stringValue: 'open' };
  const fields = new Map<string, FieldValueUnion>([
    ...given,
    ['status', status],
    ['reference_number', { stringValue: String(domain.cases.size + 1).padStart(8, '0') }],
    ['created_datetime', { stringValue: isoTime(now) }],
    ...(isClosed(status) ? [['last_closed_datetime', { stringValue: isoTime(now) }] as const] : []),
  ]);
  const subject: Case = {
    caseId,
    templateId: input.templateId,
    tags: input.tags ?? {},
    versions: [],
    events: [],
    relatedItems: new Map(),
    deletedAt: null,
  };
  domain.cases.set(caseId, subject);
  if (clientToken !== undefined) domain.clientTokens.set(clientToken, { caseId, request: JSON.stringify(rest) });
  addVersion(subject, now, new Map([...fields, ['last_updated_datetime', { stringValue: isoTime(now) }]]));
  const changes = [...fields].map(([fieldId, after]): FieldChange => ({ fieldId, before: undefined, after }));
  recordEvent(world, subject, { type: 'Case.Created', changes, performedBy: input.performedBy, at: now });
  return { caseId, caseArn: arnOf(world, domain.domainId, 'case', caseId) };
}

/**
 * Sets the fields. Differences make one Case.Updated and move last_updated_datetime; without a difference nothing
 * happens. Closing a case sets last_closed_datetime, which is part of the event.
 */
export function updateCase(world: World, input: UpdateCaseInput): void {
  const domain = findDomain(world, input.domainId);
  const subject = findCase(domain, input.caseId);
  checkFields(domain, input.fields);
  const before = currentFields(subject);
  const required = [...ALWAYS_REQUIRED, ...(domain.templates.get(subject.templateId)?.requiredFields ?? [])];
  const cleared = input.fields.find(({ id, value }) => 'emptyValue' in value && required.includes(id));
  if (cleared !== undefined) throw validationError(`Field ${cleared.id} is required and cannot be cleared`);

  const now = world.now();
  const changes = input.fields.flatMap(({ id, value }): FieldChange[] => {
    const old = before.get(id);
    const unchanged = old === undefined ? 'emptyValue' in value : sameValue(old, value);
    return unchanged ? [] : [{ fieldId: id, before: old, after: value }];
  });
  if (changes.length === 0) return;
  if (changes.some(({ fieldId, after }) => fieldId === 'status' && isClosed(after))) {
    const fieldId = 'last_closed_datetime';
    changes.push({ fieldId, before: before.get(fieldId), after: { stringValue: isoTime(now) } });
  }
  const fields = new Map([...before, ...changes.map(({ fieldId, after }) => [fieldId, after] as const)]);
  addVersion(subject, now, fields.set('last_updated_datetime', { stringValue: isoTime(now) }));
  recordEvent(world, subject, { type: 'Case.Updated', changes, performedBy: input.performedBy, at: now });
}

/**
 * Deletes the case at once for every operation but SearchCases, whose index may lag. Its history stays for the tests.
 */
export function deleteCase(world: World, input: { readonly domainId: string; readonly caseId: string }): void {
  const subject = findCase(findDomain(world, input.domainId), input.caseId);
  const now = world.now();
  subject.deletedAt = now;
  addVersion(subject, now, null);
}

/** Sets the case's fields as of `at` (null: it is gone), or as of the last version if the clock went back. */
export function addVersion(subject: Case, at: number, fields: CaseFields | null): void {
  const lastAt = subject.versions.at(-1)?.at ?? at;
  subject.versions.push({ at: Math.max(at, lastAt), fields });
}

/** Throws ValidationException unless each field exists, may be set, is given once and takes the value. */
export function checkFields(domain: Domain, fields: readonly FieldValue[]): void {
  const seen = new Set<string>();
  for (const { id, value } of fields) {
    const field = knownField(domain, id);
    if (field.deleted) throw validationError(`Field ${id} is deleted`);
    if (field.readOnly) throw validationError(`Field ${id} is set by the service`);
    if (seen.has(id)) throw validationError(`Field ${id} is given more than once`);
    seen.add(id);
    checkValueOfType(id, field.type, value);
    if (!('stringValue' in value)) continue;
    if (id === 'summary' && value.stringValue.length > MAX_SUMMARY_LENGTH) {
      throw validationError(`Field summary takes at most ${MAX_SUMMARY_LENGTH} characters`);
    }
    if (field.options.size > 0 && field.options.get(value.stringValue)?.active !== true) {
      throw validationError(`Field ${id} has no active option of this value`);
    }
  }
}

function checkRequired(fields: readonly FieldValue[], required: readonly string[]): void {
  const given = new Set(fields.filter(({ value }) => !('emptyValue' in value)).map(({ id }) => id));
  const missing = required.filter((id) => !given.has(id));
  if (missing.length > 0) throw validationError(`Required fields are missing: ${missing.join(', ')}`);
}

function isClosed(status: FieldValueUnion): boolean {
  return 'stringValue' in status && status.stringValue === 'closed';
}
