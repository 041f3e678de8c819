/** The port's contract on the simulated service, as long as nothing is wrong with it. */
import { describeCasesApi } from '../../contracts/cases-api.contract';
import { Random } from '../../support/random';
import { Faults } from '../faults';
import { createSimulatedCases } from './service';

describeCasesApi('the simulated service without faults', async () => {
  let now = Date.UTC(2026, 0, 1);
  const cases = createSimulatedCases({
    domainId: 'domain-1',
    now: () => now,
    sleep: async () => undefined,
    faults: new Faults(1, {}),
    random: new Random(1),
  });
  const at = async <T>(time: number, change: () => T): Promise<T> => {
    now = time;
    return change();
  };
  return {
    api: cases,
    domainId: cases.domainId,
    createCase: (time) => at(time, () => cases.createCase({ templateId: 'template-1' })),
    updateCase: (caseId, time) => at(time, () => cases.updateCase(caseId, { fields: 1 })),
    addComment: (caseId, time) => at(time, () => cases.addRelatedItem(caseId)),
    createField: async (name) => cases.createField(name),
    deleteField: async (fieldId) => cases.deleteField(fieldId),
    selectField: async () => ({
      fieldId: 'field-priority',
      options: [
        { value: 'low', name: 'Label low', active: false },
        { value: 'normal', name: 'Label normal', active: true },
        { value: 'high', name: 'Label high', active: true },
      ],
    }),
    close: async () => undefined,
  };
});
