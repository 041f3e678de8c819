/** What every CasesApi promises, whatever is behind it. */
import type { AuditEvent } from '../../lambda/export/domain/audit-event';
import { CasesCallError, type CasesFailure } from '../../lambda/export/domain/errors';
import type { FieldOption } from '../../lambda/export/domain/fields';
import type { CasesApi, FoundCase, SearchPage, SearchRequest } from '../../lambda/export/ports';
import type { AnswerOf, RequestOf } from '../fakes/with-answers';
import { pagesOf } from '../support/pages';
import { aField } from '../support/stored-values';

/** A domain that is empty at first, and the API that shows it. Times are epoch milliseconds and rise from call to call. */
interface CasesWorld {
  readonly api: CasesApi;
  readonly domainId: string;
  createCase(at: number): Promise<string>;
  updateCase(caseId: string, at: number): Promise<void>;
  addComment(caseId: string, at: number): Promise<void>;
  createField(name: string): Promise<string>;
  deleteField(fieldId: string): Promise<void>;
  /** Some select field, and what its options are. */
  selectField(): Promise<{ readonly fieldId: string; readonly options: readonly FieldOption[] }>;
  close(): Promise<void>;
}

const START = Date.UTC(2026, 0, 5, 9, 0, 0, 7);
const never = new AbortController().signal;

/** Runs the contract on one implementation; `setup` gives each test a world of its own. */
export function describeCasesApi(name: string, setup: () => Promise<CasesWorld>): void {
  describe(`CasesApi: ${name}`, () => {
    let world: CasesWorld;
    beforeEach(async () => {
      world = await setup();
    });
    afterEach(() => world.close());

    /** Every page of an operation's list. */
    function all<O extends Exclude<keyof CasesApi, 'batchGetFields'>>(
      operation: O,
      request: Omit<RequestOf<O>, 'domainId' | 'nextToken'>,
    ): Promise<AnswerOf<O>[]> {
      type Ask = (
        request: object,
        signal: AbortSignal,
      ) => Promise<AnswerOf<O> & { readonly nextToken: string | undefined }>;
      const ask = world.api[operation] as unknown as Ask;
      return pagesOf((nextToken) => ask({ ...request, domainId: world.domainId, nextToken }, never));
    }

    const search = (request: Omit<SearchRequest, 'domainId'>) => all('searchCases', request);

    async function createCases(count: number, stepMs: number): Promise<string[]> {
      const ids: string[] = [];
      for (let i = 0; i < count; i += 1) ids.push(await world.createCase(START + i * stepMs));
      return ids;
    }

    describe('searchCases', () => {
      test('an empty domain has an empty list, which is not a missing one, and no token', async () => {
        const pages = await search({ by: 'last_updated_datetime', from: 0 });
        expect(pages.map((page) => [page.cases, page.nextToken])).toEqual([[[], undefined]]);
      });

      test('gives 100 cases a page, ascending, each once; only the last page is without a token', async () => {
        const ids = await createCases(230, 1_000);
        const pages = await search({ by: 'created_datetime', from: 0 });
        expect(pages.map((page) => page.cases.length)).toEqual([100, 100, 30]);
        expect(casesOf(pages).map((found) => found.caseId)).toEqual(ids);
      });

      test('tells when a case was created and last updated, to the millisecond, and its template', async () => {
        const [first = '', second = ''] = await createCases(2, 1);
        await world.updateCase(first, START + 12_345);
        const [two, one] = casesOf(await search({ by: 'last_updated_datetime', from: 0 }));
        expect(two).toMatchObject({ caseId: second, created: START + 1, lastUpdated: START + 1 });
        expect(one).toMatchObject({ caseId: first, created: START, lastUpdated: START + 12_345 });
        expect(one?.templateId).toEqual(expect.any(String));
      });

      test.each(['created_datetime', 'last_updated_datetime'] as const)(
        '%s: the lower bound is included',
        async (by) => {
          const ids = await createCases(5, 1);
          const found = casesOf(await search({ by, from: START + 2 }));
          expect(found.map(({ caseId }) => caseId)).toEqual(ids.slice(2));
          expect(casesOf(await search({ by, from: START + 5 }))).toEqual([]);
        },
      );

      test('a second bound leaves out what was not updated since', async () => {
        const ids = await createCases(4, 1_000);
        await world.updateCase(ids[1] as string, START + 60_000);
        const found = await search({ by: 'created_datetime', from: START, lastUpdatedFrom: START + 3_000 });
        expect(casesOf(found).map(({ caseId }) => caseId)).toEqual([ids[1], ids[3]]);
      });
    });

    describe('getCaseAuditEvents', () => {
      test('gives 25 events a page, and by the last page each exactly once', async () => {
        const [caseId = ''] = await createCases(1, 1);
        for (let i = 1; i <= 59; i += 1) await world.updateCase(caseId, START + i * 1_000);
        const pages = await all('getCaseAuditEvents', { caseId });
        expect(pages.map((page) => page.events.length)).toEqual([25, 25, 10]);
        const events = pages.flatMap((page) => page.events) as AuditEvent[];
        expect(new Set(events.map((event) => event.eventId)).size).toBe(60);
        const times = events.map((event) => event.performedTime?.getTime()).sort();
        expect(times).toEqual(Array.from({ length: 60 }, (_, i) => START + i * 1_000));
        expect(events.filter((event) => event.type === 'Case.Updated')).toHaveLength(59);
        expect(events.filter((event) => event.type === 'Case.Created')).toHaveLength(1);
      });

      test('shows the fields that a change touched', async () => {
        const [caseId = ''] = await createCases(1, 1);
        await world.updateCase(caseId, START + 1_000);
        const { events } = await world.api.getCaseAuditEvents({ domainId: world.domainId, caseId }, never);
        const updated = events?.find((event) => event?.type === 'Case.Updated');
        expect(updated?.fields?.[0]).toMatchObject({ eventFieldId: expect.any(String), newValue: expect.any(Object) });
      });

      test('a case that is not there is not-found', async () => {
        await expectFailure(all('getCaseAuditEvents', { caseId: 'no-such-case' }), 'not-found');
      });
    });

    describe('searchAllRelatedItems', () => {
      test('gives the newest association first, 25 a page', async () => {
        const ids = await createCases(3, 1);
        const made: { caseId: string; associatedAt: number }[] = [];
        for (let i = 0; i < 60; i += 1) {
          const item = { caseId: ids[i % 3] as string, associatedAt: START + 1_000 + i };
          await world.addComment(item.caseId, item.associatedAt);
          made.push(item);
        }
        const pages = await all('searchAllRelatedItems', {});
        expect(pages.map((page) => page.items.length)).toEqual([25, 25, 10]);
        expect(pages.flatMap((page) => page.items)).toEqual(made.reverse());
      });

      test('a domain without related items has an empty list', async () => {
        const { items, nextToken } = await world.api.searchAllRelatedItems({ domainId: world.domainId }, never);
        expect([items, nextToken]).toEqual([[], undefined]);
      });
    });

    describe('fields', () => {
      test('listFields leaves deleted fields out, batchGetFields knows them, and neither invents one', async () => {
        const kept = await world.createField('Kept');
        const gone = await world.createField('Gone');
        await world.deleteField(gone);
        const pages = await all('listFields', {});
        const listed = pages.flatMap((page) => page.fields);
        const expected = aField({ fieldId: kept, name: 'Kept', namespace: 'Custom' });
        expect(listed.find((field) => field?.fieldId === kept)).toEqual(expected);
        expect(listed.some((field) => field?.fieldId === gone)).toBe(false);

        const fieldIds = [gone, kept, 'no-such-field'];
        const { fields } = await world.api.batchGetFields({ domainId: world.domainId, fieldIds }, never);
        const known = Object.fromEntries(fields.map((field) => [field?.fieldId, field?.deleted]));
        expect(known).toEqual({ [gone]: true, [kept]: false });
        expect(fields?.find((field) => field?.fieldId === gone)?.name).toBe('Gone');
      });

      test('listFields gives 100 a page', async () => {
        for (let i = 0; i < 101; i += 1) await world.createField(`Field ${i}`);
        const pages = await all('listFields', {});
        expect(pages.map((page) => page.nextToken === undefined)).toEqual([false, true]);
        expect(pages[0]?.fields).toHaveLength(100);
        const ids = pages.flatMap((page) => page.fields).map((field) => field?.fieldId);
        expect(new Set(ids).size).toBe(ids.length);
      });
    });

    describe('labels', () => {
      test('listFieldOptions gives every option of a select field with its label', async () => {
        const { fieldId, options } = await world.selectField();
        const pages = await all('listFieldOptions', { fieldId });
        const byValue = (a: FieldOption | null, b: FieldOption | null) =>
          (a?.value ?? '') < (b?.value ?? '') ? -1 : 1;
        expect(pages.flatMap((page) => page.options).sort(byValue)).toEqual([...options].sort(byValue));
      });

      test('listFieldOptions of a field that is not there is not-found', async () => {
        await expectFailure(all('listFieldOptions', { fieldId: 'no-such-field' }), 'not-found');
      });

      test('listTemplates names the template that a case was found with', async () => {
        await world.createCase(START);
        const [found] = casesOf(await search({ by: 'created_datetime', from: 0 }));
        const pages = await all('listTemplates', {});
        const template = pages.flatMap((page) => page.templates).find((each) => each?.templateId === found?.templateId);
        expect(template).toMatchObject({ name: expect.any(String), status: 'Active' });
      });
    });

    describe('every operation', () => {
      /** Each with a request that finds something, but for its domain. */
      const operations = [
        ['searchCases', { by: 'created_datetime', from: 0 }],
        ['getCaseAuditEvents', { caseId: 'case-1' }],
        ['searchAllRelatedItems', {}],
        ['listFields', {}],
        ['batchGetFields', { fieldIds: ['title'] }],
        ['listFieldOptions', { fieldId: 'status' }],
        ['listTemplates', {}],
      ] as const;
      const call = (operation: keyof CasesApi, request: object, signal = never) =>
        world.api[operation]({ domainId: world.domainId, ...request } as never, signal);
      /** The same, of a case and a field that are there. */
      const sound = async () => {
        const [caseId, { fieldId }] = [await world.createCase(START), await world.selectField()];
        const there: Partial<Record<keyof CasesApi, object>> = {
          getCaseAuditEvents: { caseId },
          listFieldOptions: { fieldId },
        };
        return operations.map(([operation, request]) => [operation, there[operation] ?? request] as const);
      };

      test.each(operations)('%s: a domain that is not there is not-found', async (operation, request) => {
        await expectFailure(call(operation, { ...request, domainId: 'no-such-domain' }), 'not-found');
      });

      test.each(operations)('%s: a signal that has fired ends the call as unavailable', async (operation, request) => {
        await expectFailure(call(operation, request, AbortSignal.abort()), 'unavailable');
      });

      test('answers carry the service’s time in whole seconds', async () => {
        for (const [operation, request] of await sound()) {
          const { serviceTime } = await call(operation, request);
          expect(serviceTime).toBeGreaterThan(0);
          expect((serviceTime ?? 1) % 1_000).toBe(0);
        }
      });

      test('a nextToken that the service never gave is refused', async () => {
        for (const [operation, request] of await sound()) {
          if (operation === 'batchGetFields') continue;
          await expectFailure(call(operation, { ...request, nextToken: 'made-up' }), 'refused');
        }
      });
    });
  });
}

function casesOf(pages: readonly SearchPage[]): FoundCase[] {
  const cases = pages.flatMap((page) => page.cases);
  expect(cases).not.toContain(null);
  return cases as FoundCase[];
}

async function expectFailure(call: Promise<unknown>, failure: CasesFailure): Promise<void> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CasesCallError);
  expect((error as CasesCallError).failure).toBe(failure);
}
