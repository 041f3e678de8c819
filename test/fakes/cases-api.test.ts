import { describeCasesApi } from '../contracts/cases-api.contract';
import { createFakeCases } from './cases-api';

describeCasesApi('in memory', async () => {
  const fake = createFakeCases();
  let made = 0;
  return {
    api: fake,
    domainId: fake.domainId,
    createCase: async (at) => {
      made += 1;
      return fake.addCase(`case-${made}`, at).caseId;
    },
    updateCase: async (caseId, at) => fake.updateCase(caseId, at),
    addComment: async (caseId, at) => fake.addRelatedItem(caseId, at),
    createField: async (name) => {
      made += 1;
      const fieldId = `field-${made}`;
      fake.fields.set(fieldId, { fieldId, name, type: 'Text', namespace: 'Custom', deleted: false });
      return fieldId;
    },
    deleteField: async (fieldId) => {
      const field = fake.fields.get(fieldId);
      if (field !== undefined) fake.fields.set(fieldId, { ...field, deleted: true });
    },
    selectField: async () => {
      const definition = {
        fieldId: 'colour',
        name: 'Colour',
        type: 'SingleSelect',
        namespace: 'Custom',
        deleted: false,
      };
      const options = [{ value: 'r', name: 'Red', active: true }];
      fake.fields.set('colour', definition);
      fake.options.set('colour', options);
      return { fieldId: 'colour', options };
    },
    close: async () => {},
  };
});
