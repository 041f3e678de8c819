import type {
  CaseFilter,
  FieldFilter,
  FieldValue,
  SearchCasesRequest,
  SearchCasesResponse,
  Sort,
} from '@aws-sdk/client-connectcases';
import { pagesOf } from '../../support/pages';
import { DOMAIN, errorOf, type Setup, START, setUp, text } from './support';

let setup: Setup;
let number: string;
let flag: string;
let due: string;
let owner: string;

/** Title → what the case has besides; a tick of one second between them. */
const CASES: readonly [string, () => FieldValue[]][] = [
  [
    'alpha',
    () => [
      { id: number, value: { doubleValue: 1.5 } },
      { id: flag, value: { booleanValue: true } },
    ],
  ],
  [
    'Beta',
    () => [
      { id: number, value: { doubleValue: -2 } },
      { id: flag, value: { booleanValue: false } },
    ],
  ],
  ['gamma', () => [{ id: number, value: { doubleValue: Number.NaN } }, text(due, '2026-01-01T00:00:00.000Z')]],
  ['delta', () => [text(due, '2026-01-01T12:00:00.000+14:00'), { id: owner, value: { userArnValue: 'arn:1' } }]],
];

beforeAll(async () => {
  setup = await setUp();
  number = await setup.createField('Number', 'number');
  flag = await setup.createField('Boolean', 'flag');
  due = await setup.createField('DateTime', 'due');
  owner = await setup.createField('User', 'owner');
  for (const [title, fields] of CASES) {
    await setup.createCase(title, fields());
    setup.tick(1_000);
  }
});
afterAll(async () => {
  await setup.close();
  expect(setup.findings).toEqual([]);
});

function search(request: Partial<SearchCasesRequest> = {}) {
  const fields = [{ id: 'title' }];
  return setup.client.searchCases({ domainId: DOMAIN, fields, ...request });
}

const titlesOf = ({ cases = [] }: SearchCasesResponse) => cases.map((each) => each?.fields?.[0]?.value?.stringValue);
const titles = async (request?: Partial<SearchCasesRequest>) => titlesOf(await search(request));

const where = (field: FieldFilter): Partial<SearchCasesRequest> => ({ filter: { field } });
const num = (doubleValue: number): FieldValue => ({ id: number, value: { doubleValue } });
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

describe('filters of SearchCases', () => {
  test.each<[string, () => FieldFilter, string[]]>([
    ['equalTo text, case and all', () => ({ equalTo: text('title', 'Beta') }), ['Beta']],
    ['equalTo a number', () => ({ equalTo: num(1.5) }), ['alpha']],
    ['equalTo a boolean', () => ({ equalTo: { id: flag, value: { booleanValue: false } } }), ['Beta']],
    ['equalTo a user', () => ({ equalTo: { id: owner, value: { userArnValue: 'arn:1' } } }), ['delta']],
    ['equalTo an empty value', () => ({ equalTo: { id: flag, value: { emptyValue: {} } } }), ['gamma', 'delta']],
    ['equalTo a date by instant', () => ({ equalTo: text(due, '2026-01-01T01:00:00+01:00') }), ['gamma']],
    ['contains, without regard to case', () => ({ contains: text('title', 'ET') }), ['Beta']],
    ['greaterThan', () => ({ greaterThan: num(-2) }), ['alpha']],
    ['greaterThanOrEqualTo', () => ({ greaterThanOrEqualTo: num(-2) }), ['alpha', 'Beta']],
    ['lessThan', () => ({ lessThan: num(1.5) }), ['Beta']],
    ['lessThanOrEqualTo', () => ({ lessThanOrEqualTo: num(1.5) }), ['alpha', 'Beta']],
    ['a date before another, by instant', () => ({ lessThan: text(due, '2026-01-01T00:00:00Z') }), ['delta']],
    [
      'last_updated_datetime ≥',
      () => ({ greaterThanOrEqualTo: text('last_updated_datetime', at(2)) }),
      ['gamma', 'delta'],
    ],
    ['created_datetime >', () => ({ greaterThan: text('created_datetime', at(2)) }), ['delta']],
  ])('%s', async (_, filter, expected) => {
    expect(await titles(where(filter()))).toEqual(expected);
  });

  test('combine by not, andAll and orAll, also nested', async () => {
    const is = (title: string): CaseFilter => ({ field: { equalTo: text('title', title) } });
    expect(await titles({ filter: { not: is('alpha') } })).toEqual(['Beta', 'gamma', 'delta']);
    expect(await titles({ filter: { orAll: [is('alpha'), is('delta')] } })).toEqual(['alpha', 'delta']);
    const late: CaseFilter = { field: { greaterThanOrEqualTo: text('created_datetime', at(1)) } };
    expect(await titles({ filter: { andAll: [late, { not: { orAll: [is('gamma'), is('delta')] } }] } })).toEqual([
      'Beta',
    ]);
  });

  test('refuse unknown fields, wrong kinds of value, operators that do not suit', async () => {
    const refused: FieldFilter[] = [
      { equalTo: text('nothing', 'x') },
      { equalTo: text(number, '1') },
      { greaterThan: text('last_updated_datetime', 'yesterday') },
      { contains: num(1) },
      { lessThan: { id: number, value: { emptyValue: {} } } },
    ];
    for (const filter of refused) {
      expect(await errorOf(search(where(filter)))).toMatchObject({ name: 'ValidationException' });
    }
  });

  test('by tag, and a search term anywhere in the text', async () => {
    await setup.client.createCase({
      domainId: DOMAIN,
      templateId: setup.service.templateId(DOMAIN),
      fields: [text('title', 'tagged'), text('customer_id', 'c'), text('summary', 'a Purple thing')],
      tags: { team: 'north' },
    });
    const tag = (key: string, value?: string): CaseFilter => ({ tag: { equalTo: { key, value } } });
    expect(await titles({ filter: tag('team', 'north') })).toEqual(['tagged']);
    expect(await titles({ filter: tag('team') })).toEqual(['tagged']);
    expect(await titles({ filter: tag('team', 'south') })).toEqual([]);
    expect(await titles({ searchTerm: 'purple' })).toEqual(['tagged']);
    const { cases = [] } = await search({ searchTerm: 'purple' });
    expect(cases[0]?.tags).toEqual({ team: 'north' });
    const { caseId } = cases[0] ?? {};
    await setup.client.deleteCase({ domainId: DOMAIN, caseId });
    expect(await titles({ searchTerm: 'purple' })).toEqual([]);
  });
});

describe('the answer of SearchCases', () => {
  test('counts what matches and gives the fields asked for that have a value', async () => {
    const fields = [{ id: number }, { id: 'summary' }, { id: 'status' }];
    const answer = await search({ fields, maxResults: 1 });
    expect(answer.totalCount).toBe(4);
    expect(answer.cases?.[0]?.fields).toEqual([num(1.5), text('status', 'open')]);
    expect(answer.cases?.[0]?.templateId).toBe(setup.service.templateId(DOMAIN));
    const bare = await setup.client.searchCases({ domainId: DOMAIN });
    expect(bare.cases?.map((each) => each?.fields)).toEqual([[], [], [], []]);
  });

  const by = (fieldId: string, sortOrder: 'Asc' | 'Desc'): Sort => ({ fieldId, sortOrder });

  test('is sorted as asked, cases without a value last', async () => {
    expect(await titles({ sorts: [by('title', 'Desc')] })).toEqual(['gamma', 'delta', 'alpha', 'Beta']);
    expect((await titles({ sorts: [by(number, 'Asc')] })).slice(0, 2)).toEqual(['Beta', 'alpha']);
    expect((await titles({ sorts: [by(number, 'Desc')] })).slice(0, 2)).toEqual(['alpha', 'Beta']);
    expect((await titles({ sorts: [by(due, 'Asc')] })).slice(0, 2)).toEqual(['delta', 'gamma']);
    expect(await titles({ sorts: [by('last_updated_datetime', 'Desc')] })).toEqual(['delta', 'gamma', 'Beta', 'alpha']);
  });

  test('obeys a second sort within the first', async () => {
    const sorts = [by('status', 'Asc'), by('created_datetime', 'Desc')];
    expect(await titles({ sorts })).toEqual(['delta', 'gamma', 'Beta', 'alpha']);
  });

  test.each(['keyset', 'offset'] as const)('comes whole and once through %s tokens', async (tokenKind) => {
    setup.service.set({ lists: { tokenKind } });
    const pages = await pagesOf((nextToken) => search({ maxResults: 3, nextToken, sorts: [by('title', 'Asc')] }));
    setup.service.set({ lists: {} });
    expect(pages.flatMap(titlesOf)).toEqual(['Beta', 'alpha', 'delta', 'gamma']);
  });

  test('refuses a token of another request, whatever the page size', async () => {
    const { nextToken } = await search({ maxResults: 1 });
    expect((await search({ maxResults: 2, nextToken })).cases).toHaveLength(2);
    const other = search({ maxResults: 1, nextToken, sorts: [by('title', 'Asc')] });
    expect(await errorOf(other)).toMatchObject({ name: 'ValidationException' });
    expect(await errorOf(search({ nextToken: 'made up' }))).toMatchObject({ name: 'ValidationException' });
  });
});
