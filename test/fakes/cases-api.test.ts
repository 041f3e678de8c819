import { describeCasesApi } from '../contracts/cases-api.contract';
import { aField } from '../support/stored-values';
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
      fake.fields.set(fieldId, aField({ fieldId, name, namespace: 'Custom' }));
      return fieldId;
    },
    deleteField: async (fieldId) => {
      const field = fake.fields.get(fieldId);
      if (field !== undefined) fake.fields.set(fieldId, { ...field, deleted: true });
    },
    selectField: async () => {
      const options = [{ value: 'r', name: 'Red', active: true }];
      fake.fields.set('colour', aField({ fieldId: 'colour', type: 'SingleSelect' }));
      fake.options.set('colour', options);
      return { fieldId: 'colour', options };
    },
    close: async () => {},
  };
});
