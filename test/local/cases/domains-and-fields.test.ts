import {
  BatchGetFieldCommand,
  BatchPutFieldOptionsCommand,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateTemplateCommand,
  DeleteFieldCommand,
  type FieldType,
  GetDomainCommand,
  ListDomainsCommand,
  ListFieldOptionsCommand,
  ListFieldsCommand,
  ListTemplatesCommand,
  UpdateFieldCommand,
} from '@aws-sdk/client-connectcases';
import { DOMAIN, errorOf, type Setup, START, setUpEach, text } from './support';

const setup = setUpEach();

const send: Setup['client']['send'] = ((command: never) => setup.client.send(command)) as never;

describe('domains', () => {
  test('can be created, listed and read', async () => {
    const created = await send(new CreateDomainCommand({ name: 'Second' }));
    expect(created.domainStatus).toBe('Active');
    const { domains } = await send(new ListDomainsCommand({}));
    expect(domains?.map(({ name }) => name)).toEqual([DOMAIN, 'Second']);
    const domain = await send(new GetDomainCommand({ domainId: created.domainId }));
    expect(domain).toMatchObject({ name: 'Second', domainArn: created.domainArn, createdTime: new Date(START) });
  });

  test('page by query string', async () => {
    await send(new CreateDomainCommand({ name: 'Second' }));
    const first = await send(new ListDomainsCommand({ maxResults: 1 }));
    expect(first.domains?.map(({ name }) => name)).toEqual([DOMAIN]);
    const second = await send(new ListDomainsCommand({ maxResults: 1, nextToken: first.nextToken }));
    expect([second.domains?.[0]?.name, second.nextToken]).toEqual(['Second', undefined]);
  });

  test('have names of their own', async () => {
    expect(await errorOf(send(new CreateDomainCommand({ name: DOMAIN })))).toMatchObject({ name: 'ConflictException' });
  });

  test('that do not exist are not found', async () => {
    expect(await errorOf(send(new GetDomainCommand({ domainId: 'nowhere' })))).toMatchObject({
      name: 'ResourceNotFoundException',
      resourceId: 'nowhere',
      resourceType: 'Domain',
    });
  });
});

describe('fields', () => {
  const TYPES: readonly FieldType[] = ['Text', 'Number', 'Boolean', 'DateTime', 'SingleSelect', 'Url', 'User'];

  test('of every type can be created, and are listed after the system fields', async () => {
    for (const type of TYPES) await send(new CreateFieldCommand({ domainId: DOMAIN, name: `My ${type}`, type }));
    const { fields = [] } = await send(new ListFieldsCommand({ domainId: DOMAIN }));
    const custom = fields.filter(({ namespace }) => namespace === 'Custom');
    expect(custom.map(({ name, type }) => [name, type])).toEqual(TYPES.map((type) => [`My ${type}`, type]));
    const system = fields.filter(({ namespace }) => namespace === 'System').map(({ fieldId }) => fieldId);
    expect(system).toEqual(
      expect.arrayContaining(['title', 'status', 'created_datetime', 'last_updated_datetime', 'customer_id']),
    );
  });

  test('page by query string, without loss or repetition, though one is deleted on the way', async () => {
    const doomed = await send(new CreateFieldCommand({ domainId: DOMAIN, name: 'a', type: 'Text' }));
    await send(new CreateFieldCommand({ domainId: DOMAIN, name: 'b', type: 'Text' }));
    const all = (await send(new ListFieldsCommand({ domainId: DOMAIN }))).fields ?? [];
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await send(new ListFieldsCommand({ domainId: DOMAIN, maxResults: 12, nextToken }));
      seen.push(...(page.fields ?? []).map(({ fieldId }) => fieldId));
      nextToken = page.nextToken;
      if (seen.length === 12) await send(new DeleteFieldCommand({ domainId: DOMAIN, fieldId: doomed.fieldId }));
    } while (nextToken !== undefined);
    expect(seen).toEqual(all.map(({ fieldId }) => fieldId));
  });

  test('are answered for in batches, deleted ones too, unknown ids as errors', async () => {
    const { fieldId } = await send(new CreateFieldCommand({ domainId: DOMAIN, name: 'Gone', type: 'Number' }));
    await send(new DeleteFieldCommand({ domainId: DOMAIN, fieldId }));
    const ids = [fieldId, 'title', 'never'].map((id) => ({ id }));
    const { fields, errors } = await send(new BatchGetFieldCommand({ domainId: DOMAIN, fields: ids }));
    expect(fields).toMatchObject([
      { fieldId, name: 'Gone', type: 'Number', namespace: 'Custom', deleted: true },
      { fieldId: 'title', namespace: 'System', deleted: false },
    ]);
    expect(errors).toMatchObject([{ id: 'never', errorCode: '404' }]);
    const listed = await send(new ListFieldsCommand({ domainId: DOMAIN }));
    expect(listed.fields?.some((field) => field.fieldId === fieldId)).toBe(false);
  });

  test('can be renamed and described, and then show when', async () => {
    const { fieldId = '' } = await send(
      new CreateFieldCommand({
        domainId: DOMAIN,
        name: 'Old',
        type: 'Text',
        description: 'first',
        attributes: { text: { isMultiline: true } },
      }),
    );
    setup.tick(5_000);
    await send(new UpdateFieldCommand({ domainId: DOMAIN, fieldId, name: 'New' }));
    const { fields } = await send(new BatchGetFieldCommand({ domainId: DOMAIN, fields: [{ id: fieldId }] }));
    expect(fields?.[0]).toMatchObject({
      name: 'New',
      description: 'first',
      attributes: { text: { isMultiline: true } },
      createdTime: new Date(START),
      lastModifiedTime: new Date(START + 5_000),
    });
  });

  test('keep their names apart; system fields cannot be deleted; deleted ones are not found', async () => {
    const { fieldId } = await send(new CreateFieldCommand({ domainId: DOMAIN, name: 'a', type: 'Text' }));
    const twice = send(new CreateFieldCommand({ domainId: DOMAIN, name: 'a', type: 'Url' }));
    expect(await errorOf(twice)).toMatchObject({ name: 'ConflictException' });
    const system = send(new DeleteFieldCommand({ domainId: DOMAIN, fieldId: 'status' }));
    expect(await errorOf(system)).toMatchObject({ name: 'ValidationException' });
    await send(new DeleteFieldCommand({ domainId: DOMAIN, fieldId }));
    const again = send(new UpdateFieldCommand({ domainId: DOMAIN, fieldId, name: 'b' }));
    expect(await errorOf(again)).toMatchObject({ name: 'ResourceNotFoundException', resourceId: fieldId });
  });

  test('of single selection have options, which bind the values that cases may take', async () => {
    const { fieldId = '' } = await send(
      new CreateFieldCommand({ domainId: DOMAIN, name: 'Colour', type: 'SingleSelect' }),
    );
    const options = [
      { name: 'Red', value: 'red', active: true },
      { name: 'Blue', value: 'blue', active: false },
    ];
    await send(new BatchPutFieldOptionsCommand({ domainId: DOMAIN, fieldId, options }));
    const listed = await send(new ListFieldOptionsCommand({ domainId: DOMAIN, fieldId }));
    expect(listed.options).toEqual(options);
    const asked = await send(new ListFieldOptionsCommand({ domainId: DOMAIN, fieldId, values: ['blue'] }));
    expect(asked.options).toEqual([options[1]]);
    await setup.createCase('fine', [text(fieldId, 'red')]);
    const refused = await errorOf(setup.createCase('not fine', [text(fieldId, 'blue')]));
    expect(refused).toMatchObject({ name: 'ValidationException' });
    const wrongType = send(new ListFieldOptionsCommand({ domainId: DOMAIN, fieldId: 'title' }));
    expect(await errorOf(wrongType)).toMatchObject({ name: 'ValidationException' });
  });
});

describe('templates', () => {
  test('can be created and listed by status', async () => {
    const { templateId } = await send(
      new CreateTemplateCommand({ domainId: DOMAIN, name: 'Retired', status: 'Inactive' }),
    );
    const all = await send(new ListTemplatesCommand({ domainId: DOMAIN }));
    expect(all.templates?.map(({ name, status }) => [name, status])).toEqual([
      ['General', 'Active'],
      ['Retired', 'Inactive'],
    ]);
    const inactive = await send(new ListTemplatesCommand({ domainId: DOMAIN, status: ['Inactive'] }));
    expect(inactive.templates?.map((template) => template.templateId)).toEqual([templateId]);
  });
});
