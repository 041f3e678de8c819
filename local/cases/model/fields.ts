import { conflict, notFound, validationError } from './api-error';
import { type FieldType, isoTime } from './values';
import { arnOf, type Domain, type Field, type FieldOption, findDomain, type World } from './world';

interface CreateFieldInput {
  readonly domainId: string;
  readonly name: string;
  readonly type: FieldType;
  readonly description?: string | undefined;
  readonly attributes?: Field['attributes'] | undefined;
}

interface UpdateFieldInput {
  readonly domainId: string;
  readonly fieldId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly attributes?: Field['attributes'] | undefined;
}

/** Creates a custom field. Its name is unique among the fields that are not deleted. */
export function createField(world: World, input: CreateFieldInput): { fieldId: string; fieldArn: string } {
  const domain = findDomain(world, input.domainId);
  checkName(domain, input.name, undefined);
  checkAttributes(input.type, input.attributes);
  const now = world.now();
  const fieldId = world.newId();
  domain.fields.set(fieldId, {
    fieldId,
    name: input.name,
    type: input.type,
    namespace: 'Custom',
    readOnly: false,
    description: input.description,
    attributes: input.attributes,
    options: new Map(),
    createdAt: now,
    lastModifiedAt: now,
    deleted: false,
  });
  return { fieldId, fieldArn: arnOf(world, domain.domainId, 'field', fieldId) };
}

/** Changes the given members; the type of a field never changes. */
export function updateField(world: World, input: UpdateFieldInput): void {
  const domain = findDomain(world, input.domainId);
  const field = liveField(domain, input.fieldId);
  if (input.name !== undefined) checkName(domain, input.name, field.fieldId);
  checkAttributes(field.type, input.attributes);
  field.name = input.name ?? field.name;
  field.description = input.description ?? field.description;
  field.attributes = input.attributes ?? field.attributes;
  field.lastModifiedAt = world.now();
}

/**
 * Removes the field from ListFields and from the fields that can be set; BatchGetField still answers for it. System
 * fields stay.
 */
export function deleteField(world: World, input: { readonly domainId: string; readonly fieldId: string }): void {
  const field = liveField(findDomain(world, input.domainId), input.fieldId);
  if (field.namespace === 'System') throw validationError(`System field ${field.fieldId} cannot be deleted`);
  field.deleted = true;
  field.lastModifiedAt = world.now();
}

/** Adds options to a single-select field, or changes those of the same value. */
export function putFieldOptions(
  world: World,
  input: { readonly domainId: string; readonly fieldId: string; readonly options: readonly FieldOption[] },
): void {
  const field = selectField(findDomain(world, input.domainId), input.fieldId);
  for (const option of input.options) field.options.set(option.value, option);
  field.lastModifiedAt = world.now();
}

/** Throws ValidationException for a field whose type has no options. */
export function selectField(domain: Domain, fieldId: string): Field {
  const field = liveField(domain, fieldId);
  if (field.type !== 'SingleSelect') throw validationError(`Field ${fieldId} is not a SingleSelect field`);
  return field;
}

/** As ListFields shows it. */
export function fieldSummary(world: World, domain: Domain, field: Field): object {
  return {
    fieldId: field.fieldId,
    fieldArn: arnOf(world, domain.domainId, 'field', field.fieldId),
    name: field.name,
    type: field.type,
    namespace: field.namespace,
    ...(field.attributes === undefined ? {} : { attributes: field.attributes }),
  };
}

/** As BatchGetField shows it. */
export function fieldDetails(world: World, domain: Domain, field: Field): object {
  return {
    ...fieldSummary(world, domain, field),
    ...(field.description === undefined ? {} : { description: field.description }),
    tags: {},
    deleted: field.deleted,
    createdTime: isoTime(field.createdAt),
    lastModifiedTime: isoTime(field.lastModifiedAt),
  };
}

function liveField(domain: Domain, fieldId: string): Field {
  const field = domain.fields.get(fieldId);
  if (field === undefined || field.deleted) throw notFound('Field', fieldId);
  return field;
}

function checkName(domain: Domain, name: string, self: string | undefined): void {
  const taken = [...domain.fields.values()].some(
    (field) => !field.deleted && field.name === name && field.fieldId !== self,
  );
  if (taken) throw conflict(`A field of the name ${name} exists already`);
}

function checkAttributes(type: FieldType, attributes: Field['attributes']): void {
  if (attributes !== undefined && type !== 'Text') throw validationError(`A ${type} field has no text attributes`);
}
