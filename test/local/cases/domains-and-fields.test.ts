import type { FieldType } from '@aws-sdk/client-connectcases';
import { pagesOf } from '../../support/pages';
import { DOMAIN, errorOf, START, setUpEach, text } from './support';

const setup = setUpEach();

describe('domains', () => {
  test('can be created, listed and read', async () => {
    const created = await setup.client.createDomain({ name: 'Second' });
    expect(created.domainStatus).toBe('Active');
    const { domains } = await setup.client.listDomains({});
    expect(domains?.map(({ name }) => name)).toEqual([DOMAIN, 'Second']);
    const domain = await setup.client.getDomain({ domainId: created.domainId });
    expect(domain).toMatchObject({ name: 'Second', domainArn: created.domainArn, createdTime: new Date(START) });
  });

  test('page by query string', async () => {
    await setup.client.createDomain({ name: 'Second' });
    const first = await setup.client.listDomains({ maxResults: 1 });
    expect(first.domains?.map(({ name }) => name)).toEqual([DOMAIN]);
    const second = await setup.client.listDomains({ maxResults: 1, nextToken: first.nextToken });
    expect([second.domains?.[0]?.name, second.nextToken]).toEqual(['Second', undefined]);
  });

  test('have names of their own', async () => {
    expect(await errorOf(setup.client.createDomain({ name: DOMAIN }))).toMatchObject({ name: 'ConflictException' });
  });

  test('that do not exist are not found', async () => {
    expect(await errorOf(setup.client.getDomain({ domainId: 'nowhere' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      resourceId: 'nowhere',
      resourceType: 'Domain',
    });
  });
});

describe('fields', () => {
  const TYPES: readonly FieldType[] = ['Text', 'Number', 'Boolean', 'DateTime', 'SingleSelect', 'Url', 'User'];

  test('of every type can be created, and are listed after the system fields', async () => {
    for (const type of TYPES) await setup.createField(type);
    const { fields = [] } = await setup.client.listFields({ domainId: DOMAIN });
    const custom = fields.filter(({ namespace }) => namespace === 'Custom');
    expect(custom.map(({ name, type }) => [name, type])).toEqual(TYPES.map((type) => [`a ${type}`, type]));
    const system = fields.filter(({ namespace }) => namespace === 'System').map(({ fieldId }) => fieldId);
    expect(system).toEqual(
      expect.arrayContaining(['title', 'status', 'created_datetime', 'last_updated_datetime', 'customer_id']),
    );
  });

  test('page by query string, without loss or repetition, though one is deleted on the way', async () => {
    const doomed = await setup.createField('Text', 'a');
    await setup.createField('Text', 'b');
    const all = (await setup.client.listFields({ domainId: DOMAIN })).fields ?? [];
    const pages = await pagesOf(async (nextToken) => {
      if (nextToken !== undefined) await setup.client.deleteField({ domainId: DOMAIN, fieldId: doomed });
      return setup.client.listFields({ domainId: DOMAIN, maxResults: 12, nextToken });
    });
    expect(pages.flatMap(({ fields = [] }) => fields.map(({ fieldId }) => fieldId))).toEqual(
      all.map(({ fieldId }) => fieldId),
    );
  });

  test('are answered for in batches, deleted ones too, unknown ids as errors', async () => {
    const fieldId = await setup.createField('Number', 'Gone');
    await setup.client.deleteField({ domainId: DOMAIN, fieldId });
    const ids = [fieldId, 'title', 'never'].map((id) => ({ id }));
    const { fields, errors } = await setup.client.batchGetField({ domainId: DOMAIN, fields: ids });
    expect(fields).toMatchObject([
      { fieldId, name: 'Gone', type: 'Number', namespace: 'Custom', deleted: true },
      { fieldId: 'title', namespace: 'System', deleted: false },
    ]);
    expect(errors).toMatchObject([{ id: 'never', errorCode: '404' }]);
    const listed = await setup.client.listFields({ domainId: DOMAIN });
    expect(listed.fields?.some((field) => field.fieldId === fieldId)).toBe(false);
  });

  test('can be renamed and described, and then show when', async () => {
    const { fieldId = '' } = await setup.client.createField({
      domainId: DOMAIN,
      name: 'Old',
      type: 'Text',
      description: 'first',
      attributes: { text: { isMultiline: true } },
    });
    setup.tick(5_000);
    await setup.client.updateField({ domainId: DOMAIN, fieldId, name: 'New' });
    const { fields } = await setup.client.batchGetField({ domainId: DOMAIN, fields: [{ id: fieldId }] });
    expect(fields?.[0]).toMatchObject({
      name: 'New',
      description: 'first',
      attributes: { text: { isMultiline: true } },
      createdTime: new Date(START),
      lastModifiedTime: new Date(START + 5_000),
    });
  });

  test('keep their names apart; system fields cannot be deleted; deleted ones are not found', async () => {
    const fieldId = await setup.createField('Text', 'a');
    const twice = setup.createField('Url', 'a');
    expect(await errorOf(twice)).toMatchObject({ name: 'ConflictException' });
    const system = setup.client.deleteField({ domainId: DOMAIN, fieldId: 'status' });
    expect(await errorOf(system)).toMatchObject({ name: 'ValidationException' });
    await setup.client.deleteField({ domainId: DOMAIN, fieldId });
    const again = setup.client.updateField({ domainId: DOMAIN, fieldId, name: 'b' });
    expect(await errorOf(again)).toMatchObject({ name: 'ResourceNotFoundException', resourceId: fieldId });
  });

  test('of single selection have options, which bind the values that cases may take', async () => {
    const fieldId = await setup.createField('SingleSelect', 'Colour');
    const options = [
      { name: 'Red', value: 'red', active: true },
      { name: 'Blue', value: 'blue', active: false },
    ];
    await setup.client.batchPutFieldOptions({ domainId: DOMAIN, fieldId, options });
    const listed = await setup.client.listFieldOptions({ domainId: DOMAIN, fieldId });
    expect(listed.options).toEqual(options);
    const asked = await setup.client.listFieldOptions({ domainId: DOMAIN, fieldId, values: ['blue'] });
    expect(asked.options).toEqual([options[1]]);
    await setup.createCase('fine', [text(fieldId, 'red')]);
    const refused = await errorOf(setup.createCase('not fine', [text(fieldId, 'blue')]));
    expect(refused).toMatchObject({ name: 'ValidationException' });
    const wrongType = setup.client.listFieldOptions({ domainId: DOMAIN, fieldId: 'title' });
    expect(await errorOf(wrongType)).toMatchObject({ name: 'ValidationException' });
  });
});

describe('templates', () => {
  test('can be created and listed by status', async () => {
    const { templateId } = await setup.client.createTemplate({ domainId: DOMAIN, name: 'Retired', status: 'Inactive' });
    const all = await setup.client.listTemplates({ domainId: DOMAIN });
    expect(all.templates?.map(({ name, status }) => [name, status])).toEqual([
      ['General', 'Active'],
      ['Retired', 'Inactive'],
    ]);
    const inactive = await setup.client.listTemplates({ domainId: DOMAIN, status: ['Inactive'] });
    expect(inactive.templates?.map((template) => template.templateId)).toEqual([templateId]);
  });
});
