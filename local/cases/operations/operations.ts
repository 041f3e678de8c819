import type { ZodType } from 'zod';
import { conflict, validationError } from '../model/api-error';
import { shownEvent, visibleEvents } from '../model/audit-events';
import { createCase, deleteCase, updateCase } from '../model/cases';
import {
  createField,
  deleteField,
  fieldDetails,
  fieldSummary,
  putFieldOptions,
  selectField,
  updateField,
} from '../model/fields';
import { knownField } from '../model/filters';
import { searchIndex } from '../model/search-cases';
import { listSwitches } from '../model/switches';
import { isoTime } from '../model/values';
import {
  addDomain,
  arnOf,
  type CaseFields,
  currentFields,
  findCase,
  findDomain,
  type Template,
  type World,
} from '../model/world';
import { REQUESTS } from '../requests';
import type { OperationName } from '../routes';
import { type Handlers, inOrder, listPage, pageMembers } from './answer-lists';
import { RELATED_OPERATIONS } from './related-operations';

const DEFAULT_PAGE = 25;

const CASE_OPERATIONS = {
  CreateCase: createCase,

  UpdateCase: (world, input) => {
    updateCase(world, input);
    return {};
  },

  GetCase: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const { templateId, tags, ...subject } = findCase(domain, input.caseId);
    for (const { id } of input.fields) knownField(domain, id);
    return { fields: shownFields(currentFields({ templateId, tags, ...subject }), input.fields), templateId, tags };
  },

  DeleteCase: (world, input) => {
    deleteCase(world, input);
    return {};
  },

  SearchCases: (world, input) => {
    const domain = findDomain(world, input.domainId);
    for (const { id } of input.fields ?? []) knownField(domain, id);
    const listing = searchIndex(world, domain, input);
    const { fields: asked, ...query } = input;
    const page = listPage(world, 'SearchCases', query, DEFAULT_PAGE, listing);
    return {
      ...pageMembers(page, 'cases', ({ subject, fields }) => ({
        caseId: subject.caseId,
        templateId: subject.templateId,
        fields: shownFields(fields, asked ?? []),
        tags: subject.tags,
      })),
      ...totalCount(world, listing.items.length),
    };
  },

  GetCaseAuditEvents: (world, input) => {
    const subject = findCase(findDomain(world, input.domainId), input.caseId);
    const page = listPage(world, 'GetCaseAuditEvents', input, DEFAULT_PAGE, visibleEvents(world, subject));
    return pageMembers(page, 'auditEvents', ({ event }) => shownEvent(world, event));
  },
} satisfies Partial<Handlers>;

function shownFields(fields: CaseFields, asked: readonly { readonly id: string }[]): object[] {
  return asked.flatMap(({ id }) => {
    const value = fields.get(id);
    return value === undefined ? [] : [{ id, value }];
  });
}

function totalCount(world: World, found: number): { totalCount?: number } {
  const { resultCap } = listSwitches(world.switches, 'SearchCases');
  switch (world.switches.totalCount) {
    case 'absent':
      return {};
    case 'capped':
      return { totalCount: Math.min(found, resultCap ?? found) };
    case 'exact':
      return { totalCount: found };
  }
}

const DOMAIN_OPERATIONS = {
  CreateDomain: (world, { name }) => {
    if ([...world.domains.values()].some((domain) => domain.name === name)) {
      throw conflict(`A domain of the name ${name} exists already`);
    }
    const { domainId } = addDomain(world, world.newId(), name);
    return { domainId, domainArn: arnOf(world, domainId), domainStatus: 'Active' };
  },

  ListDomains: (world, input) => {
    const listing = inOrder([...world.domains.values()], ({ domainId }) => domainId);
    return pageMembers(listPage(world, 'ListDomains', input, 10, listing), 'domains', ({ domainId, name }) => ({
      domainId,
      domainArn: arnOf(world, domainId),
      name,
    }));
  },

  GetDomain: (world, input) => {
    const { domainId, name, createdAt } = findDomain(world, input.domainId);
    const createdTime = isoTime(createdAt);
    return { domainId, domainArn: arnOf(world, domainId), name, createdTime, domainStatus: 'Active', tags: {} };
  },

  CreateTemplate: (world, input) => {
    const domain = findDomain(world, input.domainId);
    if ([...domain.templates.values()].some((template) => template.name === input.name)) {
      throw conflict(`A template of the name ${input.name} exists already`);
    }
    const requiredFields = (input.requiredFields ?? []).map(({ fieldId }) => knownField(domain, fieldId));
    const readOnly = requiredFields.find((field) => field.readOnly);
    if (readOnly !== undefined) throw validationError(`Field ${readOnly.fieldId} is set by the service`);
    const template: Template = {
      templateId: world.newId(),
      name: input.name,
      description: input.description,
      status: input.status ?? 'Active',
      requiredFields: requiredFields.map(({ fieldId }) => fieldId),
    };
    domain.templates.set(template.templateId, template);
    return { templateId: template.templateId, templateArn: templateArn(world, domain.domainId, template) };
  },

  ListTemplates: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const all = [...domain.templates.values()];
    const asked = all.filter(({ status }) => input.status?.includes(status) ?? true);
    const listing = inOrder(asked, ({ templateId }) => templateId, all);
    return pageMembers(listPage(world, 'ListTemplates', input, 100, listing), 'templates', (template) => ({
      templateId: template.templateId,
      templateArn: templateArn(world, domain.domainId, template),
      name: template.name,
      status: template.status,
    }));
  },
} satisfies Partial<Handlers>;

function templateArn(world: World, domainId: string, template: Template): string {
  return arnOf(world, domainId, 'template', template.templateId);
}

const FIELD_OPERATIONS = {
  CreateField: createField,

  UpdateField: (world, input) => {
    updateField(world, input);
    return {};
  },

  DeleteField: (world, input) => {
    deleteField(world, input);
    return {};
  },

  ListFields: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const all = [...domain.fields.values()];
    const live = all.filter((field) => !field.deleted);
    const listing = inOrder(live, ({ fieldId }) => fieldId, all);
    const page = listPage(world, 'ListFields', input, 100, listing);
    return pageMembers(page, 'fields', (field) => fieldSummary(world, domain, field));
  },

  BatchGetField: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const asked = [...new Set(input.fields.map(({ id }) => id))].map((id) => ({ id, field: domain.fields.get(id) }));
    return {
      fields: asked.flatMap(({ field }) => (field === undefined ? [] : [fieldDetails(world, domain, field)])),
      errors: asked
        .filter(({ field }) => field === undefined)
        .map(({ id }) => ({ id, errorCode: '404', message: `Field not found: ${id}` })),
    };
  },

  BatchPutFieldOptions: (world, input) => {
    putFieldOptions(world, input);
    return { errors: [] };
  },

  ListFieldOptions: (world, input) => {
    const field = selectField(findDomain(world, input.domainId), input.fieldId);
    const all = [...field.options.values()];
    const asked = all.filter(({ value }) => input.values?.includes(value) ?? true);
    const listing = inOrder(asked, ({ value }) => value, all);
    return pageMembers(listPage(world, 'ListFieldOptions', input, 100, listing), 'options', (option) => option);
  },
} satisfies Partial<Handlers>;

const HANDLERS: Handlers = {
  ...DOMAIN_OPERATIONS,
  ...FIELD_OPERATIONS,
  ...CASE_OPERATIONS,
  ...RELATED_OPERATIONS,
};

/** Checks the input and performs the operation. Throws ApiError; ValidationException names the first invalid member. */
export function handle(world: World, operation: OperationName, input: object): object {
  const schema: ZodType<unknown> = REQUESTS[operation];
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    const { length, 0: first } = parsed.error.issues;
    const where = first?.path.join('.') ?? '';
    throw validationError(
      `${length} validation error${length === 1 ? '' : 's'} detected: at '${where}': ${first?.message ?? 'invalid'}`,
    );
  }
  // The schema and the handler of one name belong together; a look-up by a union of names cannot express that in types.
  const run = HANDLERS[operation] as (world: World, input: unknown) => object;
  return run(world, parsed.data);
}
