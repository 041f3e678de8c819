import type { AuditEvent, SearchCasesRequest } from '@aws-sdk/client-connectcases';
import type { ListSwitches } from '../../../local/cases/model/switches';
import { pagesOf } from '../../support/pages';
import { DOMAIN, errorOf, START, setUpEach, text } from './support';

const setup = setUpEach({ unchecked: true });

const domainId = DOMAIN;

function searchPage(nextToken?: string, request: Partial<SearchCasesRequest> = {}) {
  const sorts = [{ fieldId: 'last_updated_datetime', sortOrder: 'Asc' as const }];
  const fields = [{ id: 'title' }];
  return setup.client.searchCases({ domainId, fields, sorts, maxResults: 5, nextToken, ...request });
}

function auditPage(caseId: string, nextToken?: string, maxResults = 5) {
  return setup.client.getCaseAuditEvents({ domainId, caseId, nextToken, maxResults });
}

/** The titles on each page. */
const search = async (most = 100) =>
  (await pagesOf((nextToken) => searchPage(nextToken), { most })).map(({ cases }) =>
    cases?.map((each) => each?.fields?.[0]?.value?.stringValue ?? null),
  );

const audit = (caseId: string, most = 100) => pagesOf((nextToken) => auditPage(caseId, nextToken), { most });

/** The events on each page. */
const eventsOf = async (caseId: string) => (await audit(caseId)).map(({ auditEvents }) => auditEvents);

async function makeCases(count: number): Promise<string[]> {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) {
    made.push(await setup.createCase(String(index).padStart(2, '0')));
    setup.tick(1_000);
  }
  return made;
}

async function makeCaseWithEvents(count: number): Promise<string> {
  const caseId = await setup.createCase('0');
  for (let index = 1; index < count; index += 1) {
    setup.tick(1_000);
    await setup.updateCase(caseId, text('title', String(index)));
  }
  return caseId;
}

const lists = (switches: Partial<ListSwitches>) => setup.service.set({ lists: switches });
const eventIds = (caseId: string) =>
  setup.service
    .history(DOMAIN)
    .find((each) => each.caseId === caseId)
    ?.events.map(({ event }) => event.eventId) ?? [];
const flatIds = (pages: ((AuditEvent | null)[] | undefined)[]) => pages.flat().flatMap((event) => event?.eventId ?? []);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(2, '0'));

describe('lag', () => {
  test('of the index shows each case as it was so long ago: created, updated, deleted late', async () => {
    setup.service.set({ indexLagMs: 10_000 });
    const caseId = await setup.createCase('first');
    const shown = async () => (await search()).flat();
    expect(await shown()).toEqual([]);
    setup.tick(10_000);
    expect(await shown()).toEqual(['first']);
    await setup.updateCase(caseId, text('title', 'second'));
    setup.tick(9_999);
    expect(await shown()).toEqual(['first']);
    setup.tick(1);
    expect(await shown()).toEqual(['second']);
    await setup.client.deleteCase({ domainId, caseId });
    expect(await shown()).toEqual(['second']);
    expect(await errorOf(auditPage(caseId))).toMatchObject({ name: 'ResourceNotFoundException' });
    setup.tick(10_000);
    expect(await shown()).toEqual([]);
  });

  test('of the audit history shows events late, the case itself at once', async () => {
    setup.service.set({ auditLagMs: 10_000 });
    const caseId = await setup.createCase('t');
    expect((await auditPage(caseId)).auditEvents).toEqual([]);
    setup.tick(10_000);
    expect((await auditPage(caseId)).auditEvents).toHaveLength(1);
  });
});

describe('the order of events', () => {
  test.each(['keyset', 'offset'] as const)(
    'is as set, and comes whole and once through %s tokens',
    async (tokenKind) => {
      lists({ tokenKind });
      const caseId = await makeCaseWithEvents(23);
      const ids = eventIds(caseId);
      setup.service.set({ eventOrder: 'oldest-first' });
      expect(flatIds(await eventsOf(caseId))).toEqual(ids);
      setup.service.set({ eventOrder: 'newest-first' });
      expect(flatIds(await eventsOf(caseId))).toEqual([...ids].reverse());
      setup.service.set({ eventOrder: 'shuffled' });
      const shuffled = flatIds(await eventsOf(caseId));
      expect(shuffled).not.toEqual(ids);
      expect([...shuffled].sort()).toEqual([...ids].sort());
      expect(flatIds(await eventsOf(caseId))).toEqual(shuffled);
      setup.service.set({ seed: 2 });
      expect(flatIds(await eventsOf(caseId))).not.toEqual(shuffled);
      expect(setup.findings).toEqual([]);
    },
  );
});

describe('tokens', () => {
  test('that count elements skip a case when one before it moves to the end; those of a keyset do not', async () => {
    const [first = ''] = await makeCases(10);
    const readWhileUpdating = async (tokenKind: 'offset' | 'keyset') => {
      lists({ tokenKind });
      const one = await searchPage();
      setup.tick(1_000);
      await setup.updateCase(first, text('title', `moved ${tokenKind}`));
      const two = await searchPage(one.nextToken);
      return two.cases?.[0]?.fields?.[0]?.value?.stringValue;
    };
    expect(await readWhileUpdating('offset')).toBe('06');
    // The case has moved to the end already, so that page one now ends with 05.
    await setup.updateCase(first, text('title', 'again'));
    expect(await readWhileUpdating('keyset')).toBe('06');
    expect((await search()).flat().slice(0, 9)).toEqual(numbers(10).slice(1));
  });

  test('that count elements repeat an event when a new one comes in front', async () => {
    const caseId = await makeCaseWithEvents(8);
    lists({ tokenKind: 'offset' });
    const one = await auditPage(caseId);
    await setup.updateCase(caseId, text('title', 'new'));
    const two = await auditPage(caseId, one.nextToken);
    expect(two.auditEvents?.[0]?.eventId).toBe(one.auditEvents?.[4]?.eventId);
    lists({ tokenKind: 'keyset' });
    const again = await auditPage(caseId);
    await setup.updateCase(caseId, text('title', 'newer'));
    const next = await auditPage(caseId, again.nextToken);
    const seen = [...(again.auditEvents ?? []), ...(next.auditEvents ?? [])].map((event) => event?.eventId);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('expire by age and by use, and can all be refused', async () => {
    await makeCases(10);
    const expired = { name: 'ValidationException', message: 'The nextToken has expired' };
    const { nextToken } = await searchPage();
    lists({ tokenLifeMs: 60_000 });
    setup.tick(60_000);
    await searchPage(nextToken);
    setup.tick(1);
    expect(await errorOf(searchPage(nextToken))).toMatchObject(expired);
    lists({ tokenUses: 1 });
    const fresh = await searchPage();
    await searchPage(fresh.nextToken);
    expect(await errorOf(searchPage(fresh.nextToken))).toMatchObject(expired);
    lists({ refuseTokens: true });
    const last = await searchPage();
    expect(await errorOf(searchPage(last.nextToken))).toMatchObject(expired);
  });

  test('repeat as A → A, and as A → B → A', async () => {
    const caseId = await makeCaseWithEvents(30);
    lists({ repeatTokens: 'same' });
    const same = (await audit(caseId, 6)).map(({ nextToken }) => nextToken);
    expect(new Set(same).size).toBe(1);
    lists({ repeatTokens: 'cycle' });
    const cycle = (await audit(caseId, 6)).map(({ nextToken }) => nextToken);
    expect(new Set(cycle).size).toBe(2);
    expect(cycle).toEqual([cycle[0], cycle[1], cycle[0], cycle[1], cycle[0], cycle[1]]);
  });

  test('are as long as asked, at most what the API allows', async () => {
    await makeCases(6);
    lists({ tokenLength: 9_000 });
    const { nextToken = '' } = await searchPage();
    expect(nextToken).toHaveLength(9_000);
    expect((await searchPage(nextToken)).cases).toHaveLength(1);
  });

  test('come once more at the end, or always', async () => {
    await makeCases(6);
    lists({ tokenAtEnd: 'once' });
    expect((await search()).map((page) => page?.length)).toEqual([5, 1, 0]);
    lists({ tokenAtEnd: 'always' });
    expect((await search(7)).map((page) => page?.length)).toEqual([5, 1, 0, 0, 0, 0, 0]);
  });
});

describe('pages', () => {
  test('are no larger than the service allows, for all lists or one', async () => {
    const caseId = await makeCaseWithEvents(5);
    await makeCases(4);
    setup.service.set({ lists: { pageSize: 3 }, listsOf: { GetCaseAuditEvents: { pageSize: 2 } } });
    expect((await search()).map((page) => page?.length)).toEqual([3, 2]);
    expect((await eventsOf(caseId)).map((page) => page?.length)).toEqual([2, 2, 1]);
  });

  test('can be empty and carry a token, and nothing is lost', async () => {
    await makeCases(23);
    lists({ emptyPageRate: 1 });
    const pages = await search();
    expect(pages.map((page) => page?.length)).toEqual([0, 5, 0, 5, 0, 5, 0, 5, 0, 3]);
    expect(pages.flat()).toEqual(numbers(23));
    lists({ emptyPageRate: 0.5 });
    const some = await search();
    expect(some.flat()).toEqual(numbers(23));
    expect(some.length).toBeGreaterThan(5);
    expect(setup.findings).toEqual([]);
  });

  test('can hold extra nulls, within their size, and nothing is lost', async () => {
    await makeCases(23);
    lists({ extraNullRate: 0.5 });
    const pages = await search();
    expect(pages.flat().filter((each) => each !== null)).toEqual(numbers(23));
    expect(pages.flat().length).toBeGreaterThan(23);
    expect(pages.every((page) => (page?.length ?? 0) <= 5)).toBe(true);
    lists({ extraNullRate: 1 });
    const single = await pagesOf((nextToken) => searchPage(nextToken, { maxResults: 1 }));
    expect(single).toHaveLength(23);
    expect(setup.findings).toEqual([]);
  });

  test('can hide elements behind nulls the first time only', async () => {
    const caseId = await makeCaseWithEvents(20);
    lists({ hideRate: 0.5 });
    const first = (await eventsOf(caseId)).flat();
    const hidden = first.filter((event) => event === null).length;
    expect(first).toHaveLength(20);
    expect(hidden).toBeGreaterThan(0);
    expect(hidden).toBeLessThan(20);
    const second = await eventsOf(caseId);
    expect(flatIds(second)).toEqual(eventIds(caseId).reverse());
    expect(setup.findings).toEqual([]);
  });

  test('can lack their list', async () => {
    const caseId = await makeCaseWithEvents(2);
    lists({ missingListRate: 1 });
    expect((await auditPage(caseId)).auditEvents).toBeUndefined();
    expect((await searchPage()).cases).toBeUndefined();
    expect(setup.findings).toEqual(['GetCaseAuditEvents $.auditEvents: is missing', 'SearchCases $.cases: is missing']);
  });

  test('can come unsorted, yet whole and once', async () => {
    await makeCases(23);
    for (const tokenKind of ['keyset', 'offset'] as const) {
      lists({ sortHonoured: false, tokenKind });
      const titles = (await search()).flat();
      expect(titles).not.toEqual(numbers(23));
      expect([...titles].sort()).toEqual(numbers(23));
    }
  });

  test('can end, without a word, after so many results', async () => {
    await makeCases(12);
    lists({ resultCap: 7 });
    expect((await search()).map((page) => page?.length)).toEqual([5, 2]);
    const count = async (totalCount: 'exact' | 'capped' | 'absent') => {
      setup.service.set({ totalCount });
      return (await searchPage()).totalCount;
    };
    expect([await count('exact'), await count('capped'), await count('absent')]).toEqual([12, 7, undefined]);
  });
});

describe('events', () => {
  test('can be spoiled so that the SDK cannot read the page, while the history keeps the truth', async () => {
    const caseId = await makeCaseWithEvents(3);
    setup.service.set({ undecodableRate: 1 });
    expect((await errorOf(auditPage(caseId))).name).toBe('TypeError');
    const [history] = setup.service.history(DOMAIN);
    expect(history?.events.map(({ event }) => Date.parse(event.performedTime))).toEqual([
      START,
      START + 1_000,
      START + 2_000,
    ]);
    setup.service.set({ undecodableRate: 0 });
    expect((await auditPage(caseId)).auditEvents).toHaveLength(3);
  });

  test('can have nulls among their fields', async () => {
    const caseId = await makeCaseWithEvents(2);
    setup.service.set({ nullFieldRate: 1 });
    const [updated] = (await auditPage(caseId)).auditEvents ?? [];
    expect(updated?.fields).toEqual([null, expect.objectContaining({ eventFieldId: 'title' })]);
    expect(setup.findings).toEqual([]);
  });

  test('can be of types, values and users that no client knows yet; the history records them so', async () => {
    setup.service.set({ unknownTypeRate: 1, unknownValueRate: 1, unknownUserRate: 1 });
    const caseId = await setup.createCase('t');
    const [event] = (await auditPage(caseId)).auditEvents ?? [];
    expect(event?.type).toBe('Future.Case.Created');
    expect(event?.performedBy?.user).toEqual({ $unknown: ['futureUser', { id: event?.eventId }] });
    const value = { $unknown: ['futureValue', { text: '{"stringValue":"t"}' }] };
    expect(event?.fields?.[0]).toEqual({ eventFieldId: 'title', newValue: value });
    expect(setup.service.history(DOMAIN)[0]?.events[0]?.event.type).toBe('Future.Case.Created');
  });
});
