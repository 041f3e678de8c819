import {
  createField,
  deleteField,
  fieldDetails,
  fieldSummary,
  putFieldOptions,
  selectField,
  updateField,
} from '../model/fields';
import { findDomain } from '../model/world';
import { type Handlers, inOrder, listPage, pageMembers } from './answer-lists';

export const FIELD_OPERATIONS = {
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
