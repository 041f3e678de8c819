/**
 * The accepted input of each operation. Unknown members are ignored, as restJson1 servers do; everything else that does
 * not fit is a ValidationException. Limits are those of the service model (API version 2022-10-03).
 */
import { z } from 'zod';
import type { CaseFilter } from './model/filters';
import { FIELD_TYPES } from './model/values';

const id = z.string().min(1).max(500);
const name = z.string().min(1).max(100).regex(/\S/, 'must not be blank');
const description = z.string().max(255);
const nextToken = z.string().max(9_000);
/** JSON has no NaN and no infinities: restJson1 sends them as strings. */
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const domain = { domainId: id };
const oneCase = { domainId: id, caseId: id };

/** Query strings carry numbers as text; bodies as numbers. */
function pageInQuery(max: number) {
  const maxResults = z.string().regex(/^\d+$/, 'must be an integer').transform(Number).pipe(z.int().min(1).max(max));
  return { maxResults: maxResults.optional(), nextToken: nextToken.optional() };
}

function pageInBody(max: number) {
  return { maxResults: z.int().min(1).max(max).optional(), nextToken: nextToken.optional() };
}

const fieldValueUnion = oneOf({
  stringValue: z.string().max(4_100),
  doubleValue: double,
  booleanValue: z.boolean(),
  emptyValue: z.object({}),
  userArnValue: z.string(),
});
const fieldValue = z.object({ id, value: fieldValueUnion });
const performedBy = oneOf({
  userArn: id,
  customEntity: id.regex(/^[a-zA-Z0-9_\-.@:/ ]*[a-zA-Z0-9_\-.@:/]$/, 'has a character that is not allowed'),
}).optional();
const tagValue = z.string().max(256);
const tags = z
  .record(z.string().min(1).max(128), tagValue)
  .refine((map) => Object.keys(map).length <= 50, 'must have at most 50 members')
  .refine((map) => !Object.keys(map).some((key) => /^aws:/i.test(key)), 'keys must not begin with aws:')
  .optional();
const attributes = oneOf({ text: z.object({ isMultiline: z.boolean() }) }).optional();

const fieldFilter = oneOf({
  equalTo: fieldValue,
  contains: fieldValue,
  greaterThan: fieldValue,
  greaterThanOrEqualTo: fieldValue,
  lessThan: fieldValue,
  lessThanOrEqualTo: fieldValue,
});
const tagFilter = oneOf({
  equalTo: z.object({ key: z.string().min(1).max(128).optional(), value: tagValue.optional() }),
});
const caseFilter: z.ZodType<CaseFilter> = z.lazy(() =>
  oneOf({
    field: fieldFilter,
    not: caseFilter,
    tag: tagFilter,
    andAll: z.array(caseFilter).max(10),
    orAll: z.array(caseFilter).max(10),
  }),
);
/** Like the case filter, but without tags. */
const customFieldsFilter: z.ZodType<CaseFilter> = z.lazy(() =>
  oneOf({
    field: fieldFilter,
    not: customFieldsFilter,
    andAll: z.array(customFieldsFilter).max(10),
    orAll: z.array(customFieldsFilter).max(10),
  }),
);

const comment = z.object({ body: z.string().min(1).max(15_000), contentType: z.literal('Text/Plain') });
const customContent = z.object({ fields: z.array(fieldValue).min(1).max(50) });
const itemContent = oneOf({
  contact: z.object({ contactArn: id }),
  comment,
  file: z.object({ fileArn: id }),
  sla: oneOf({
    slaInputConfiguration: z.object({
      name: id.regex(/\S/, 'must not be blank'),
      type: z.literal('CaseField'),
      fieldId: id.optional(),
      targetFieldValues: z.array(fieldValueUnion).length(1).optional(),
      targetSlaMinutes: z.int().min(1).max(1_051_200),
    }),
  }),
  connectCase: z.object({ caseId: id }),
  custom: customContent,
});
const itemFilter = oneOf({
  contact: z.object({ channel: z.array(z.string().min(1).max(100)).max(3).optional(), contactArn: id.optional() }),
  comment: z.object({}),
  file: z.object({ fileArn: id.optional() }),
  sla: z.object({ name: id.optional(), status: z.enum(['Active', 'Overdue', 'Met', 'NotMet']).optional() }),
  connectCase: z.object({ caseId: id.optional() }),
  custom: z.object({ fields: customFieldsFilter.optional() }),
});
export type ItemFilter = z.output<typeof itemFilter>;
const sortOrder = z.enum(['Asc', 'Desc']);
const fieldIds = z.array(z.object({ id }));

/** One schema per operation; path labels, query string and body are merged before it is applied. */
export const REQUESTS = {
  CreateDomain: z.object({ name }),
  ListDomains: z.object(pageInQuery(10)),
  GetDomain: z.object(domain),
  CreateField: z.object({
    ...domain,
    name,
    type: z.enum(FIELD_TYPES),
    description: description.optional(),
    attributes,
  }),
  UpdateField: z.object({
    ...domain,
    fieldId: id,
    name: name.optional(),
    description: description.optional(),
    attributes,
  }),
  DeleteField: z.object({ ...domain, fieldId: id }),
  ListFields: z.object({ ...domain, ...pageInQuery(100) }),
  BatchGetField: z.object({ ...domain, fields: fieldIds.min(1).max(50) }),
  BatchPutFieldOptions: z.object({
    ...domain,
    fieldId: id,
    options: z.array(z.object({ name, value: name, active: z.boolean() })).max(50),
  }),
  ListFieldOptions: z.object({
    ...domain,
    fieldId: id,
    ...pageInQuery(100),
    values: z.array(z.string().max(100)).max(1).optional(),
  }),
  CreateTemplate: z.object({
    ...domain,
    name,
    description: description.optional(),
    requiredFields: z
      .array(z.object({ fieldId: id }))
      .max(100)
      .optional(),
    status: z.enum(['Active', 'Inactive']).optional(),
  }),
  ListTemplates: z.object({
    ...domain,
    ...pageInQuery(100),
    status: z
      .array(z.enum(['Active', 'Inactive']))
      .min(1)
      .max(2)
      .optional(),
  }),
  CreateCase: z.object({
    ...domain,
    templateId: id,
    fields: z.array(fieldValue).max(220),
    clientToken: z.string().max(64).optional(),
    performedBy,
    tags,
  }),
  UpdateCase: z.object({ ...oneCase, fields: z.array(fieldValue).max(220), performedBy }),
  GetCase: z.object({ ...oneCase, fields: fieldIds.min(1).max(220), nextToken: nextToken.optional() }),
  DeleteCase: z.object(oneCase),
  SearchCases: z.object({
    ...domain,
    ...pageInBody(100),
    searchTerm: z.string().max(255).optional(),
    filter: caseFilter.optional(),
    sorts: z
      .array(z.object({ fieldId: id, sortOrder }))
      .max(2)
      .optional(),
    fields: fieldIds.max(25).optional(),
  }),
  GetCaseAuditEvents: z.object({ ...oneCase, ...pageInBody(25) }),
  CreateRelatedItem: z.object({
    ...oneCase,
    type: z.enum(['Contact', 'Comment', 'File', 'Sla', 'ConnectCase', 'Custom']),
    content: itemContent,
    performedBy,
  }),
  UpdateRelatedItem: z.object({
    ...oneCase,
    relatedItemId: id,
    content: oneOf({ comment, custom: customContent }),
    performedBy,
  }),
  DeleteRelatedItem: z.object({ ...oneCase, relatedItemId: id }),
  SearchRelatedItems: z.object({ ...oneCase, ...pageInBody(25), filters: z.array(itemFilter).max(10).optional() }),
  SearchAllRelatedItems: z.object({
    ...domain,
    ...pageInBody(25),
    filters: z.array(itemFilter).max(10).optional(),
    sorts: z
      .array(z.object({ sortProperty: z.enum(['AssociationTime', 'CaseId']), sortOrder }))
      .max(2)
      .optional(),
  }),
} as const;

export type Requests = { readonly [O in keyof typeof REQUESTS]: z.output<(typeof REQUESTS)[O]> };

/** A union as Smithy has it: an object with exactly one member. */
type OneOf<M extends Readonly<Record<string, z.ZodType>>> = {
  [K in keyof M]: { readonly [P in K]: z.output<M[K]> };
}[keyof M];

/** Accepts an object with exactly one member that is not null, and that member only if it is one of these. */
function oneOf<const M extends Readonly<Record<string, z.ZodType>>>(members: M): z.ZodType<OneOf<M>> {
  const names = Object.keys(members).join(', ');
  return z.unknown().transform((value, context): OneOf<M> => {
    const present = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    const [only, ...others] = present.filter(([, member]) => member !== null);
    const schema = only === undefined ? undefined : members[only[0]];
    if (only === undefined || others.length > 0 || schema === undefined) {
      context.addIssue({ code: 'custom', message: `must have exactly one member of ${names}` });
      return z.NEVER;
    }
    const parsed = schema.safeParse(only[1]);
    if (parsed.success) return { [only[0]]: parsed.data } as OneOf<M>;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: issue.message, path: [only[0], ...issue.path] });
    }
    return z.NEVER;
  });
}
