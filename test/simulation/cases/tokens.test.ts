/** Tokens that are good, and tokens that are bad in every way. */
import type { CasesApi } from '../../../lambda/export/ports';
import { pagesOf } from '../../support/pages';
import type { FaultRates } from '../faults';
import { DOMAIN, errorOf, HOUR, MINUTE, never, SECOND, TryOut } from './try-out';

const PAGE_SIZE = { searchCases: 2, getCaseAuditEvents: 2, searchAllRelatedItems: 2, listFields: 2 };

type Paged = 'searchCases' | 'getCaseAuditEvents' | 'searchAllRelatedItems' | 'listFields';
interface Page {
  readonly list: readonly unknown[];
  readonly nextToken: string | undefined;
}

/** One page of each operation that has pages. */
const READ: Readonly<Record<Paged, (api: CasesApi, nextToken: string | undefined) => Promise<Page>>> = {
  searchCases: async (api, nextToken) => {
    const { cases = [], ...page } = await api.searchCases(
      { domainId: DOMAIN, by: 'last_updated_datetime', from: 0, nextToken },
      never,
    );
    return { list: cases.map((one) => one?.caseId), ...page };
  },
  getCaseAuditEvents: async (api, nextToken) => {
    const request = { domainId: DOMAIN, caseId: 'case-0001', nextToken };
    const { events = [], ...page } = await api.getCaseAuditEvents(request, never);
    return { list: events.map((one) => one?.eventId), ...page };
  },
  searchAllRelatedItems: async (api, nextToken) => {
    const { items = [], ...page } = await api.searchAllRelatedItems({ domainId: DOMAIN, nextToken }, never);
    return { list: items.map((one) => one?.associatedAt), ...page };
  },
  listFields: async (api, nextToken) => {
    const { fields = [], ...page } = await api.listFields({ domainId: DOMAIN, nextToken }, never);
    return { list: fields.map((one) => one?.fieldId), ...page };
  },
};

/** Each list has at least six elements. */
function filled(rates: FaultRates): TryOut {
  const tryOut = new TryOut(rates, { pageSize: PAGE_SIZE });
  const [first = ''] = tryOut.createCases(6);
  for (let count = 0; count < 6; count += 1) {
    tryOut.pass(SECOND);
    tryOut.cases.addRelatedItem(first);
  }
  return tryOut;
}

describe.each(Object.entries(READ))('%s', (operation, read) => {
  const walk = ({ cases }: TryOut) => pagesOf((token) => read(cases, token));
  const elements = (pages: readonly Page[]) => pages.flatMap(({ list }) => list);

  test('without faults a walk shows each element once, and any token may be used again', async () => {
    const tryOut = filled({});
    const pages = await walk(tryOut);
    expect(pages.length).toBeGreaterThan(2);
    expect(new Set(elements(pages)).size).toBe(elements(pages).length);
    tryOut.pass(HOUR);
    expect((await read(tryOut.cases, pages[0]?.nextToken)).list).toEqual(pages[1]?.list);
  });

  test('cases.token-refused: at first use, and ever after, until healed', async () => {
    const tryOut = filled({ 'cases.token-refused': 1 });
    const { nextToken } = await read(tryOut.cases, undefined);
    expect((await errorOf(read(tryOut.cases, nextToken))).failure).toBe('refused');
    expect((await errorOf(read(tryOut.cases, nextToken))).failure).toBe('refused');
    expect(tryOut.faults.counts).toEqual({ 'cases.token-refused': 1 });
    tryOut.faults.heal();
    expect((await read(tryOut.cases, nextToken)).list).toHaveLength(2);
  });

  test('cases.token-expired: good at once, no more later', async () => {
    const tryOut = filled({ 'cases.token-expired': 1 });
    const { nextToken } = await read(tryOut.cases, undefined);
    expect((await read(tryOut.cases, nextToken)).list).toHaveLength(2);
    expect((await errorOf(read(tryOut.cases, nextToken))).failure).toBe('refused');
    const another = (await read(tryOut.cases, undefined)).nextToken;
    tryOut.pass(10 * SECOND);
    expect((await errorOf(read(tryOut.cases, another))).failure).toBe('refused');
    expect(tryOut.faults.counts).toEqual({ 'cases.token-expired': 2 });
    tryOut.faults.heal();
    expect((await read(tryOut.cases, another)).list).toHaveLength(2);
  });

  test('cases.token-repeats: A, A, A', async () => {
    const tryOut = filled({ 'cases.token-repeats': 1 });
    const first = await read(tryOut.cases, undefined);
    const second = await read(tryOut.cases, first.nextToken);
    const third = await read(tryOut.cases, second.nextToken);
    expect([second.nextToken, third.nextToken]).toEqual([first.nextToken, first.nextToken]);
    expect(third.list).toEqual(second.list);
    expect(tryOut.faults.counts['cases.token-repeats']).toBe(1);
    tryOut.faults.heal();
    expect((await read(tryOut.cases, first.nextToken)).nextToken).not.toBe(first.nextToken);
  });

  test('cases.token-cycle: A, B, A', async () => {
    const tryOut = filled({ 'cases.token-cycle': 1 });
    const first = await read(tryOut.cases, undefined);
    const second = await read(tryOut.cases, first.nextToken);
    const third = await read(tryOut.cases, second.nextToken);
    expect(second.nextToken).not.toBe(first.nextToken);
    expect(third.nextToken).toBe(first.nextToken);
    expect(tryOut.faults.counts).toEqual({ 'cases.token-cycle': 1 });
  });

  test('cases.token-on-empty-page: empty pages with a token stand between the others, and the walk misses nothing', async () => {
    const tryOut = filled({ 'cases.token-on-empty-page': 1 });
    const pages = await walk(tryOut);
    const empty = pages.filter(({ list }) => list.length === 0);
    expect(empty.length).toBeGreaterThan(2);
    expect(empty.every(({ nextToken }) => nextToken !== undefined)).toBe(true);
    expect(tryOut.faults.counts).toEqual({ 'cases.token-on-empty-page': empty.length });
    expect(elements(pages)).toEqual(elements(await walk(filled({}))));
  });

  test('a token is good for the list that it came with alone', async () => {
    const tryOut = filled({});
    tryOut.cases.addRelatedItem('case-0002');
    for (const [other, readOther] of Object.entries(READ)) {
      const { nextToken } = await readOther(tryOut.cases, undefined);
      if (other === operation) continue;
      expect((await errorOf(read(tryOut.cases, nextToken))).failure).toBe('refused');
    }
  });
});

test('A circle of tokens lasts for a while, over walks from the top on, and ends', async () => {
  const rates: { [kind: string]: number } = { 'cases.token-repeats': 1 };
  const tryOut = filled(rates);
  const repeats = async () => {
    const { nextToken } = await tryOut.audit('case-0001');
    return (await tryOut.audit('case-0001', nextToken)).nextToken === nextToken;
  };
  expect(await repeats()).toBe(true);
  rates['cases.token-repeats'] = 0;
  expect(await repeats()).toBe(true);
  tryOut.pass(10 * MINUTE);
  expect(await repeats()).toBe(false);
  expect(tryOut.faults.counts).toEqual({ 'cases.token-repeats': 1 });
});

test('A search token is refused for another start, field or case', async () => {
  const tryOut = filled({});
  const { nextToken } = await tryOut.search({ from: 1 });
  expect((await tryOut.search({ from: 1, nextToken })).cases).toHaveLength(2);
  for (const other of [{ from: 2 }, { from: 1, by: 'created_datetime' as const }, { from: 1, lastUpdatedFrom: 1 }]) {
    expect((await errorOf(tryOut.search({ ...other, nextToken }))).failure).toBe('refused');
  }
});

describe('cases.offset-token-moves', () => {
  /** The first case jumps to the tail between two pages. */
  async function walkWhileMoving(rates: FaultRates): Promise<{ tryOut: TryOut; ids: unknown[] }> {
    const tryOut = filled(rates);
    const first = await tryOut.search();
    tryOut.pass(SECOND);
    tryOut.cases.updateCase(first.cases?.[0]?.caseId ?? '');
    const rest = await pagesOf((nextToken) => tryOut.search({ nextToken }), { from: first.nextToken });
    const ids = [first, ...rest].flatMap(({ cases }) => cases ?? []).map((one) => one?.caseId);
    return { tryOut, ids };
  }

  test('switched on, a case is left out as another one moves to the tail, which is counted', async () => {
    const { tryOut, ids } = await walkWhileMoving({ 'cases.offset-token-moves': 1 });
    expect(new Set(ids).size).toBe(5);
    expect(tryOut.faults.counts).toEqual({ 'cases.offset-token-moves': 1 });
  });

  test('switched off, a token goes on behind the last one shown', async () => {
    const { tryOut, ids } = await walkWhileMoving({});
    expect(new Set(ids).size).toBe(6);
    expect(tryOut.faults.counts).toEqual({});
  });

  test('is not counted where nothing moved', async () => {
    const tryOut = filled({ 'cases.offset-token-moves': 1 });
    expect(await tryOut.found()).toHaveLength(6);
    expect(tryOut.faults.counts).toEqual({});
  });
});
