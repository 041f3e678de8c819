import { notFound } from './api-error';
import { createIds } from './random';
import type { ItemContent } from './related-content';
import type { Switches } from './switches';
import type { TokenStore } from './tokens';
import type { FieldType, FieldValueUnion, UserUnion, WireAuditEvent } from './values';

interface SystemField {
  readonly fieldId: string;
  readonly name: string;
  readonly type: FieldType;
  /** Only the service sets it. */
  readonly readOnly: boolean;
  readonly options?: readonly string[];
}

/** Fields that every domain has. Ids as AWS documents them; the types of the assigned_* fields are assumed. */
const SYSTEM_FIELDS: readonly SystemField[] = [
  { fieldId: 'title', name: 'Title', type: 'Text', readOnly: false },
  { fieldId: 'summary', name: 'Summary', type: 'Text', readOnly: false },
  { fieldId: 'status', name: 'Status', type: 'SingleSelect', readOnly: false, options: ['open', 'closed'] },
  { fieldId: 'case_reason', name: 'Case reason', type: 'SingleSelect', readOnly: false },
  { fieldId: 'customer_id', name: 'Customer', type: 'Text', readOnly: false },
  { fieldId: 'reference_number', name: 'Reference number', type: 'Text', readOnly: true },
  { fieldId: 'assigned_queue', name: 'Assigned queue', type: 'Text', readOnly: false },
  { fieldId: 'assigned_user', name: 'Assigned user', type: 'User', readOnly: false },
  { fieldId: 'created_datetime', name: 'Date/Time opened', type: 'DateTime', readOnly: true },
  { fieldId: 'last_updated_datetime', name: 'Date/Time updated', type: 'DateTime', readOnly: true },
  { fieldId: 'last_closed_datetime', name: 'Date/Time closed', type: 'DateTime', readOnly: true },
];

/** The whole state of the service. Plain data: only the functions beside it change it. */
export interface World extends TokenStore {
  /** Ids of domains, fields, templates, cases, items and events; requests that only read draw none. */
  readonly newId: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly iamPrincipalArn: string;
  switches: Switches;
  readonly domains: Map<string, Domain>;
  /** Elements that have been shown as null already, by operation and key. */
  readonly hiddenOnce: Set<string>;
}

export interface Domain {
  readonly domainId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly fields: Map<string, Field>;
  readonly templates: Map<string, Template>;
  /** Deleted cases stay here, with `deletedAt`. */
  readonly cases: Map<string, Case>;
  /** Case by client token. */
  readonly clientTokens: Map<string, { readonly caseId: string; readonly request: string }>;
}

export interface Field {
  readonly fieldId: string;
  name: string;
  readonly type: FieldType;
  readonly namespace: 'System' | 'Custom';
  readonly readOnly: boolean;
  description: string | undefined;
  attributes: { readonly text: { readonly isMultiline: boolean } } | undefined;
  readonly options: Map<string, FieldOption>;
  readonly createdAt: number;
  lastModifiedAt: number;
  deleted: boolean;
}

export interface FieldOption {
  readonly name: string;
  readonly value: string;
  readonly active: boolean;
}

export interface Template {
  readonly templateId: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly status: 'Active' | 'Inactive';
  readonly requiredFields: readonly string[];
}

export type CaseFields = ReadonlyMap<string, FieldValueUnion>;

/** State of a case from `at` on; null once it is deleted. */
interface CaseVersion {
  readonly at: number;
  readonly fields: CaseFields | null;
}

/** An event with the time of its recording, which only the service knows. */
export interface RecordedEvent {
  readonly at: number;
  readonly event: WireAuditEvent;
  /** Added by a test and not by an operation. */
  readonly injected: boolean;
}

export interface Case {
  readonly caseId: string;
  readonly templateId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first; never empty. */
  readonly versions: CaseVersion[];
  /** In the order of recording. */
  readonly events: RecordedEvent[];
  readonly relatedItems: Map<string, RelatedItem>;
  deletedAt: number | null;
}

export interface RelatedItem {
  readonly relatedItemId: string;
  readonly type: string;
  content: ItemContent;
  readonly associatedAt: number;
  readonly createdBy: UserUnion | undefined;
  lastUpdatedBy: UserUnion | undefined;
  deletedAt: number | null;
}

interface WorldOptions {
  readonly now: () => number;
  readonly switches: Switches;
  readonly region: string;
  readonly accountId: string;
  readonly iamPrincipalArn: string;
}

export function createWorld(options: WorldOptions): World {
  return {
    ...options,
    newId: createIds(options.switches.seed),
    newPassingId: createIds(options.switches.seed + 1),
    domains: new Map(),
    tokens: new Map(),
    hiddenOnce: new Set(),
  };
}

/** A domain with the system fields and one active template, `General`. */
export function addDomain(world: World, domainId: string, name: string): Domain {
  const now = world.now();
  const fields = SYSTEM_FIELDS.map(
    (field): Field => ({
      fieldId: field.fieldId,
      name: field.name,
      type: field.type,
      namespace: 'System',
      readOnly: field.readOnly,
      description: undefined,
      attributes: field.fieldId === 'summary' ? { text: { isMultiline: true } } : undefined,
      options: new Map((field.options ?? []).map((value) => [value, { name: value, value, active: true }])),
      createdAt: now,
      lastModifiedAt: now,
      deleted: false,
    }),
  );
  const template: Template = {
    templateId: world.newId(),
    name: 'General',
    description: undefined,
    status: 'Active',
    requiredFields: [],
  };
  const domain: Domain = {
    domainId,
    name,
    createdAt: now,
    fields: new Map(fields.map((field) => [field.fieldId, field])),
    templates: new Map([[template.templateId, template]]),
    cases: new Map(),
    clientTokens: new Map(),
  };
  world.domains.set(domainId, domain);
  return domain;
}

/** Throws ResourceNotFoundException for a domain that does not exist. */
export function findDomain(world: World, domainId: string): Domain {
  const domain = world.domains.get(domainId);
  if (domain === undefined) throw notFound('Domain', domainId);
  return domain;
}

/** Throws ResourceNotFoundException for a case that does not exist or no longer does. */
export function findCase(domain: Domain, caseId: string): Case {
  const found = domain.cases.get(caseId);
  if (found === undefined || found.deletedAt !== null) throw notFound('Case', caseId);
  return found;
}

/** The field values of a case as of now. */
export function currentFields(subject: Case): CaseFields {
  return subject.versions.at(-1)?.fields ?? new Map();
}

/** `arn:aws:cases:…:domain/<id>` and the path below it. */
export function arnOf(world: World, domainId: string, ...path: readonly string[]): string {
  return `arn:aws:cases:${world.region}:${world.accountId}:${['domain', domainId, ...path].join('/')}`;
}

/** The true history of a case, to compare with a client's reads. */
export interface CaseHistory {
  readonly caseId: string;
  readonly templateId: string;
  readonly deleted: boolean;
  /** In the order of recording. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Returns every case of the domain, including deleted ones, with every event, whatever the switches hide or spoil on
 * the way.
 */
export function historyOf(world: World, domainId: string): CaseHistory[] {
  return [...findDomain(world, domainId).cases.values()].map(({ caseId, templateId, deletedAt, events }) => ({
    caseId,
    templateId,
    deleted: deletedAt !== null,
    events: [...events],
  }));
}

/** Adds a raw event, recorded now, of any form: of an unknown type, without an id, undecodable. */
export function injectEvent(
  world: World,
  domainId: string,
  caseId: string,
  event: Readonly<Record<string, unknown>>,
): void {
  const subject = findCase(findDomain(world, domainId), caseId);
  // Tests need events that break the rules, to see a client's reaction.
  subject.events.push({ at: world.now(), event: event as unknown as WireAuditEvent, injected: true });
}
