import type {
  RelatedItemInputContent,
  RelatedItemType,
  RelatedItemTypeFilter,
  SearchAllRelatedItemsRequest,
  UserUnion,
} from '@aws-sdk/client-connectcases';
import { pagesOf } from '../../support/pages';
import { DOMAIN, errorOf, type Setup, START, setUp, text } from './support';

let setup: Setup;
let caseId: string;
let colour: string;
beforeEach(async () => {
  setup = await setUp();
  caseId = await setup.createCase('t');
  colour = await setup.createField('Text', 'c');
});
afterEach(async () => {
  await setup.close();
  expect(setup.findings).toEqual([]);
});

async function add(
  type: RelatedItemType,
  content: RelatedItemInputContent,
  of = caseId,
  performedBy?: UserUnion,
): Promise<string> {
  const request = { domainId: DOMAIN, caseId: of, type, content, performedBy };
  return (await setup.client.createRelatedItem(request)).relatedItemId ?? '';
}

const comment = (body: string): RelatedItemInputContent => ({ comment: { body, contentType: 'Text/Plain' } });
const red = () => ({ custom: { fields: [text(colour, 'red')] } });
const sla: RelatedItemInputContent = {
  sla: {
    slaInputConfiguration: {
      name: 'First answer',
      type: 'CaseField',
      fieldId: 'status',
      targetFieldValues: [{ stringValue: 'closed' }],
      targetSlaMinutes: 60,
    },
  },
};

const lastEvent = async () => (await setup.eventsOf(caseId))[0];

async function searchAll(request: Partial<SearchAllRelatedItemsRequest> = {}) {
  return setup.client.searchAllRelatedItems({ domainId: DOMAIN, ...request });
}

describe('related items', () => {
  test.each<[RelatedItemType, () => RelatedItemInputContent, () => object]>([
    [
      'Contact',
      () => ({ contact: { contactArn: 'arn:contact' } }),
      () => ({ contact: { contactArn: 'arn:contact', channel: 'VOICE', connectedToSystemTime: new Date(START) } }),
    ],
    ['Comment', () => comment('hello'), () => comment('hello')],
    ['File', () => ({ file: { fileArn: 'arn:file' } }), () => ({ file: { fileArn: 'arn:file' } })],
    [
      'Sla',
      () => sla,
      () => ({
        sla: {
          slaConfiguration: {
            name: 'First answer',
            type: 'CaseField',
            status: 'Active',
            fieldId: 'status',
            targetFieldValues: [{ stringValue: 'closed' }],
            targetTime: new Date(START + 3_600_000),
          },
        },
      }),
    ],
    ['ConnectCase', () => ({ connectCase: { caseId } }), () => ({ connectCase: { caseId } })],
    ['Custom', red, red],
  ])('of type %s can be attached, found, and are in the audit history', async (type, content, shown) => {
    const performedBy = { userArn: 'arn:agent' };
    const relatedItemId = await add(type, content(), caseId, performedBy);
    const item = { relatedItemId, type, associationTime: new Date(START), content: shown(), performedBy };
    const found = await setup.client.searchRelatedItems({ domainId: DOMAIN, caseId });
    expect(found.relatedItems).toEqual([{ ...item, tags: {} }]);
    expect((await searchAll()).relatedItems).toEqual([{ ...item, caseId, tags: {} }]);
    const event = await lastEvent();
    expect(event).toMatchObject({
      type: 'RelatedItem.Created',
      relatedItemType: type,
      performedBy: { user: performedBy },
    });
    expect(event?.fields?.length).toBeGreaterThan(0);
    expect(event?.fields?.every((each) => each?.oldValue === undefined)).toBe(true);
  });

  test('that are comments can be updated and deleted, with old and new value', async () => {
    const relatedItemId = await add('Comment', comment('first'), caseId, { customEntity: 'bot' });
    setup.tick(1_000);
    const updated = await setup.client.updateRelatedItem({
      domainId: DOMAIN,
      caseId,
      relatedItemId,
      content: { comment: { body: 'second', contentType: 'Text/Plain' } },
      performedBy: { userArn: 'arn:agent' },
    });
    expect(updated).toMatchObject({
      relatedItemId,
      type: 'Comment',
      content: { comment: { body: 'second' } },
      associationTime: new Date(START),
      createdBy: { customEntity: 'bot' },
      lastUpdatedUser: { userArn: 'arn:agent' },
    });
    const [first, second, empty] = [{ stringValue: 'first' }, { stringValue: 'second' }, { emptyValue: {} }];
    expect(await lastEvent()).toMatchObject({
      type: 'RelatedItem.Updated',
      relatedItemType: 'Comment',
      fields: [{ eventFieldId: 'body', oldValue: first, newValue: second }],
    });
    await setup.client.deleteRelatedItem({ domainId: DOMAIN, caseId, relatedItemId });
    const deleted = await lastEvent();
    expect(deleted).toMatchObject({ type: 'RelatedItem.Deleted', relatedItemType: 'Comment' });
    expect(deleted?.fields).toContainEqual({ eventFieldId: 'body', oldValue: second, newValue: empty });
    expect((await searchAll()).relatedItems).toEqual([]);
    const again = setup.client.deleteRelatedItem({ domainId: DOMAIN, caseId, relatedItemId });
    expect(await errorOf(again)).toMatchObject({ name: 'ResourceNotFoundException', resourceType: 'RelatedItem' });
  });

  test('that are custom lose the fields that an update leaves out', async () => {
    const shape = await setup.createField('Text', 's');
    const relatedItemId = await add('Custom', red());
    const content = { custom: { fields: [text(shape, 'round')] } };
    await setup.client.updateRelatedItem({ domainId: DOMAIN, caseId, relatedItemId, content });
    expect((await lastEvent())?.fields).toEqual([
      { eventFieldId: shape, newValue: { stringValue: 'round' } },
      { eventFieldId: colour, oldValue: { stringValue: 'red' }, newValue: { emptyValue: {} } },
    ]);
  });

  test('must have the content of their type, and a case to link to', async () => {
    expect(await errorOf(add('File', comment('x')))).toMatchObject({ name: 'ValidationException' });
    const nowhere = await errorOf(add('ConnectCase', { connectCase: { caseId: 'no' } }));
    expect(nowhere).toMatchObject({ name: 'ResourceNotFoundException' });
    const relatedItemId = await add('File', { file: { fileArn: 'f' } });
    const content = { comment: { body: 'x', contentType: 'Text/Plain' as const } };
    const update = setup.client.updateRelatedItem({ domainId: DOMAIN, caseId, relatedItemId, content });
    expect(await errorOf(update)).toMatchObject({ name: 'ValidationException' });
  });

  test('leave last_updated_datetime where it is, unless the switch says that they move it', async () => {
    const lastUpdated = async () => {
      const fields = [{ id: 'last_updated_datetime' }];
      const { cases = [] } = await setup.client.searchCases({ domainId: DOMAIN, fields });
      return cases[0]?.fields?.[0]?.value?.stringValue;
    };
    setup.tick(1_000);
    await add('Comment', comment('x'));
    expect(await lastUpdated()).toBe(new Date(START).toISOString());
    setup.service.set({ relatedItemsTouchCase: true });
    await add('Comment', comment('y'));
    expect(await lastUpdated()).toBe(new Date(START + 1_000).toISOString());
  });
});

describe('SearchAllRelatedItems', () => {
  async function fill(): Promise<string[]> {
    const other = await setup.createCase('other');
    const added: string[] = [];
    for (const owner of [caseId, other, caseId]) {
      added.push(await add('Comment', comment('x'), owner));
      setup.tick(1_000);
    }
    return added;
  }

  const ids = (answer: Awaited<ReturnType<typeof searchAll>>) =>
    answer.relatedItems?.map((item) => item?.relatedItemId);

  test('gives the newest first, or sorted as asked', async () => {
    const [a, b, c] = await fill();
    expect(ids(await searchAll())).toEqual([c, b, a]);
    const time = (sortOrder: 'Asc' | 'Desc') => ({ sortProperty: 'AssociationTime' as const, sortOrder });
    expect(ids(await searchAll({ sorts: [time('Asc')] }))).toEqual([a, b, c]);
    const byCase = { sortProperty: 'CaseId' as const, sortOrder: 'Asc' as const };
    expect(ids(await searchAll({ sorts: [byCase, time('Desc')] }))).toEqual([c, a, b]);
  });

  test('pages to the end', async () => {
    const added = await fill();
    const pages = await pagesOf((nextToken) => searchAll({ maxResults: 2, nextToken }));
    expect(pages.flatMap(ids)).toEqual(added.reverse());
  });

  test('filters by any of several types and their details', async () => {
    const file = await add('File', { file: { fileArn: 'arn:f' } });
    const contact = await add('Contact', { contact: { contactArn: 'arn:c' } });
    const custom = await add('Custom', red());
    const plan = await add('Sla', sla);
    const link = await add('ConnectCase', { connectCase: { caseId } });
    const note = await add('Comment', comment('x'));
    const cases: [RelatedItemTypeFilter[], string[]][] = [
      [[{ comment: {} }], [note]],
      [
        [{ file: { fileArn: 'arn:f' } }, { connectCase: {} }],
        [file, link],
      ],
      [[{ file: { fileArn: 'arn:other' } }], []],
      [[{ contact: { channel: ['VOICE', 'CHAT'] } }], [contact]],
      [[{ contact: { channel: ['CHAT'] } }], []],
      [[{ sla: { status: 'Active' } }], [plan]],
      [[{ sla: { name: 'Other' } }], []],
      [[{ custom: { fields: { field: { equalTo: text(colour, 'red') } } } }], [custom]],
      [[{ custom: { fields: { not: { field: { equalTo: text(colour, 'red') } } } } }], []],
    ];
    for (const [filters, expected] of cases) {
      expect(ids(await searchAll({ filters }))?.sort()).toEqual(expected.sort());
    }
  });

  test('shows nothing of a deleted case', async () => {
    await add('Comment', comment('x'));
    await setup.client.deleteCase({ domainId: DOMAIN, caseId });
    expect(ids(await searchAll())).toEqual([]);
  });

  test('shows items and deletions as late as the switch says', async () => {
    setup.service.set({ relatedLagMs: 5_000 });
    const item = await add('Comment', comment('x'));
    expect(ids(await searchAll())).toEqual([]);
    setup.tick(5_000);
    expect(ids(await searchAll())).toEqual([item]);
    await setup.client.deleteRelatedItem({ domainId: DOMAIN, caseId, relatedItemId: item });
    expect(ids(await searchAll())).toEqual([item]);
    setup.tick(5_000);
    expect(ids(await searchAll())).toEqual([]);
  });
});
