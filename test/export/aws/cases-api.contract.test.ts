/** The port's contract on the adapter, the real SDK client and the local Cases service, over HTTP. */
import {
  BatchPutFieldOptionsCommand,
  type ConnectCasesClient,
  CreateCaseCommand,
  CreateFieldCommand,
  CreateRelatedItemCommand,
  DeleteFieldCommand,
  UpdateCaseCommand,
} from '@aws-sdk/client-connectcases';
import { createCasesApi, createCasesClient } from '../../../lambda/export/aws/cases-api';
import { startCasesService } from '../../../local/cases/server';
import { describeCasesApi } from '../../contracts/cases-api.contract';
import { patient } from '../../support/patient';
import { setAwsEnvironment } from './aws-environment';

const DOMAIN = 'domain-1';

describeCasesApi('the service over HTTP', async () => {
  let now = Date.UTC(2026, 0, 1);
  const service = await startCasesService({ domains: [DOMAIN], now: () => now });
  const restoreEnvironment = setAwsEnvironment({ AWS_ENDPOINT_URL_CONNECTCASES: service.url });
  const client = patient(createCasesClient());
  const at = async <T>(time: number, change: (client: ConnectCasesClient) => Promise<T>): Promise<T> => {
    now = time;
    return change(client);
  };
  return {
    api: createCasesApi(client),
    domainId: DOMAIN,
    createCase: (time) =>
      at(time, async (cases) => {
        const fields = [
          { id: 'title', value: { stringValue: 'A case' } },
          { id: 'customer_id', value: { stringValue: 'customer-1' } },
        ];
        const templateId = service.templateId(DOMAIN);
        return text((await cases.send(new CreateCaseCommand({ domainId: DOMAIN, templateId, fields }))).caseId);
      }),
    updateCase: (caseId, time) =>
      at(time, async (cases) => {
        const fields = [{ id: 'title', value: { stringValue: `Changed at ${time}` } }];
        await cases.send(new UpdateCaseCommand({ domainId: DOMAIN, caseId, fields }));
      }),
    addComment: (caseId, time) =>
      at(time, async (cases) => {
        const content = { comment: { body: 'A comment', contentType: 'Text/Plain' as const } };
        await cases.send(new CreateRelatedItemCommand({ domainId: DOMAIN, caseId, type: 'Comment', content }));
      }),
    createField: async (name) =>
      text((await client.send(new CreateFieldCommand({ domainId: DOMAIN, name, type: 'Text' }))).fieldId),
    deleteField: async (fieldId) => {
      await client.send(new DeleteFieldCommand({ domainId: DOMAIN, fieldId }));
    },
    selectField: async () => {
      const made = await client.send(
        new CreateFieldCommand({ domainId: DOMAIN, name: 'Colour', type: 'SingleSelect' }),
      );
      const fieldId = text(made.fieldId);
      const options = Array.from({ length: 120 }, (_, n) => ({
        value: `v${n}`,
        name: `Label ${n}`,
        active: n % 2 === 0,
      }));
      for (let at = 0; at < options.length; at += 50) {
        const some = options.slice(at, at + 50);
        await client.send(new BatchPutFieldOptionsCommand({ domainId: DOMAIN, fieldId, options: some }));
      }
      return { fieldId, options };
    },
    close: async () => {
      client.destroy();
      restoreEnvironment();
      await service.close();
    },
  };
});

function text(value: string | undefined): string {
  if (value === undefined) throw new Error('the local service gave no id');
  return value;
}
