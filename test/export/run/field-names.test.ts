import type { FieldDefinition } from '../../../lambda/export/domain/fields';
import type { CasesApi } from '../../../lambda/export/ports';
import { ReadingOver } from '../../../lambda/export/run/budget';
import { FieldNames } from '../../../lambda/export/run/names';
import { createFakeCases, type FakeCasesOptions } from '../../fakes/cases-api';
import { failAt } from '../../fakes/with-answers';
import { aField } from '../../support/stored-values';
import { anomaliesOf, casesApi, createPacedCalls, DOMAIN, START } from '../fixtures';

const field = (fieldId: string, deleted = false) => aField({ fieldId, name: `Name of ${fieldId}`, deleted });

function createNames(cases: CasesApi, stored: readonly FieldDefinition[] = []) {
  const world = createPacedCalls(cases);
  return { ...world, names: new FieldNames(DOMAIN, world.calls, world.counters, async () => stored) };
}

/** A domain with 130 fields, and 120 that were deleted. */
function createDomain(options: FakeCasesOptions = {}) {
  const cases = createFakeCases({ now: () => START, ...options });
  for (let index = 0; index < 130; index += 1) cases.fields.set(`field-${index}`, field(`field-${index}`));
  for (let index = 0; index < 120; index += 1) cases.fields.set(`old-${index}`, field(`old-${index}`, true));
  return { cases, callsOf: cases.requestsOf, ...createNames(cases) };
}

const page = (fields: readonly (FieldDefinition | null)[], nextToken?: string) => ({
  fields,
  nextToken,
  serviceTime: null,
});

describe('Field names that the dictionary written last holds', () => {
  test('are not looked up again where the field is deleted or nobody knows it, and make way for what is listed', async () => {
    const { cases, callsOf } = createDomain();
    const nameless = { fieldId: 'body', name: null, type: null, namespace: null, deleted: false };
    const { names } = createNames(cases, [
      field('old-1'),
      nameless,
      { ...field('field-1'), name: 'Before it was renamed' },
    ]);
    await names.ensure(['old-1', 'body', 'field-1']);
    expect(callsOf('batchGetFields')).toHaveLength(0);
    expect(names.dictionary.get('old-1')).toEqual(field('old-1', true));
    expect(names.dictionary.get('body')).toEqual(nameless);
    expect(names.dictionary.get('field-1')).toEqual(field('field-1'));
  });
});

describe('Field names', () => {
  test('of all fields that live are listed once a run, to the last page', async () => {
    const { names, callsOf } = createDomain();
    await names.ensure(['field-1']);
    await names.ensure(['field-129', 'field-2']);
    await names.ensure([]);
    expect(callsOf('listFields')).toHaveLength(2);
    expect(callsOf('batchGetFields')).toHaveLength(0);
    expect(names.dictionary.get('field-129')).toEqual(field('field-129'));
    expect(names.dictionary.size).toBe(130);
  });

  test('are listed once also when many ask at the same time', async () => {
    const { names, callsOf } = createDomain();
    await Promise.all(Array.from({ length: 8 }, (_, index) => names.ensure([`field-${index}`, 'old-1'])));
    expect(callsOf('listFields')).toHaveLength(2);
    expect(callsOf('batchGetFields')).toHaveLength(1);
  });

  test('of deleted fields are looked up by id, 50 a call, each once', async () => {
    const { names, callsOf } = createDomain();
    const deleted = Array.from({ length: 120 }, (_, index) => `old-${index}`);
    await names.ensure(['field-1', ...deleted, ...deleted]);
    await names.ensure(deleted);
    const asked = callsOf('batchGetFields').map(({ fieldIds }) => fieldIds);
    expect(asked.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(asked.flat()).toEqual(deleted);
    expect(names.dictionary.get('old-119')).toEqual(field('old-119', true));
  });

  test('that nobody knows are asked for once and have no name', async () => {
    const { names, callsOf } = createDomain();
    await names.ensure(['nobody', 'field-1']);
    await names.ensure(['nobody']);
    expect(callsOf('batchGetFields')).toHaveLength(1);
    expect(names.dictionary.get('nobody')).toMatchObject({ name: null, type: null, namespace: null });
  });

  test('survive nulls in the lists, which are counted', async () => {
    const { names, counters } = createNames(
      casesApi({
        listFields: async () => page([null, field('a'), null]),
        batchGetFields: async () => page([null, field('b', true)]),
      }),
    );
    await names.ensure(['a', 'b']);
    expect([...names.dictionary.keys()]).toEqual(['a', 'b']);
    expect(counters.counts.nullElements).toBe(3);
  });

  test('are not taken for unknown where a null may have hidden the answer', async () => {
    const { names } = createNames(
      casesApi({ listFields: async () => page([]), batchGetFields: async () => page([null, field('b', true)]) }),
    );
    await names.ensure(['a', 'b']);
    expect([...names.dictionary.keys()]).toEqual(['b']);
  });

  test('do not go round in a circle when a token comes again; what is missing is looked up by id', async () => {
    let listed = 0;
    const { names } = createNames(
      casesApi({
        listFields: async () => page([field(`field-${++listed}`)], listed % 2 === 0 ? 'even' : 'odd'),
        batchGetFields: async ({ fieldIds }) => page(fieldIds.map((id) => field(id))),
      }),
    );
    await names.ensure(['field-9']);
    expect(listed).toBe(3);
    expect([...names.dictionary.keys()]).toEqual(['field-1', 'field-2', 'field-3', 'field-9']);
  });

  test('that a list which breaks off leaves out are not taken for deleted, nor forgotten', async () => {
    const { names } = createNames(casesApi({ listFields: async () => page([field('field-1')], 'for ever') }), [
      field('field-2'),
    ]);
    await names.ensure(['field-2']);
    expect([...names.dictionary.values()]).toEqual([field('field-1'), field('field-2')]);
  });

  test('come from 50 pages at most: a list that never ends does not eat the run', async () => {
    let listed = 0;
    const { names } = createNames(
      casesApi({ listFields: async () => page([field(`field-${++listed}`)], `token ${listed}`) }),
    );
    await names.ensure(['field-1']);
    expect(listed).toBe(50);
    expect(names.dictionary.size).toBe(50);
  });
});

describe('A look-up that fails', () => {
  test.each(['denied', 'not-found', 'refused', 'malformed'] as const)(
    'leaves the names null with an anomaly, and is not asked again: %s',
    async (failure) => {
      const { names, callsOf, telemetry } = createDomain({ before: failAt('batchGetFields', failure) });
      await names.ensure(['field-1', 'old-1']);
      const asked = callsOf('batchGetFields').length;
      await names.ensure(['old-1']);
      expect(callsOf('batchGetFields')).toHaveLength(asked);
      expect(names.dictionary.has('field-1')).toBe(true);
      expect(names.dictionary.has('old-1')).toBe(false);
      expect(anomaliesOf(telemetry)).toEqual(['fields-unavailable']);
    },
  );

  test.each(['denied', 'unavailable', 'throttled'] as const)(
    'as the service does is not followed by another in this run, as rows wait for it: %s',
    async (failure) => {
      const { names, callsOf } = createDomain({ before: failAt('batchGetFields', failure) });
      await names.ensure(['old-1']);
      const asked = callsOf('batchGetFields').length;
      await names.ensure(Array.from({ length: 120 }, (_, index) => `old-${index}`));
      expect(callsOf('batchGetFields')).toHaveLength(asked);
    },
  );

  test('of one chunk does not take the others with it', async () => {
    let call = 0;
    const { names } = createDomain({ before: failAt('batchGetFields', 'not-found', () => ++call === 2) });
    await names.ensure(Array.from({ length: 120 }, (_, index) => `old-${index}`));
    expect([...names.dictionary.keys()].filter((id) => id.startsWith('old-'))).toHaveLength(70);
  });
});

describe('A list of fields that fails', () => {
  test.each(['denied', 'not-found', 'malformed', 'unavailable', 'throttled'] as const)(
    'never ends a run, as names are worth less than the history: those of earlier runs stand, an anomaly says so: %s',
    async (failure) => {
      const { cases, callsOf } = createDomain({ before: failAt('listFields', failure) });
      const { names, telemetry } = createNames(cases, [field('field-1'), field('old-1', true)]);
      await names.ensure(['field-1', 'old-1']);
      expect(names.dictionary.get('field-1')).toEqual(field('field-1'));
      expect(names.dictionary.get('old-1')).toEqual(field('old-1', true));
      expect(anomaliesOf(telemetry)).toEqual(['fields-unavailable']);
      expect(names.isWhole).toBe(false);
      const asked = callsOf('listFields').length;
      await names.ensure(['field-1']);
      expect(callsOf('listFields')).toHaveLength(asked);
    },
  );

  test('still leaves names to look up one by one that earlier runs did not know', async () => {
    const { names, callsOf } = createDomain({ before: failAt('listFields', 'denied') });
    await names.ensure(['field-129', 'nobody-knows']);
    expect(callsOf('batchGetFields')).toHaveLength(1);
    expect(names.dictionary.get('field-129')).toEqual(field('field-129'));
  });

  test('on its second page counts as failed, and nothing of the first as the whole list', async () => {
    const { cases } = createDomain({
      before: failAt('listFields', 'not-found', ({ nextToken }) => nextToken !== undefined),
    });
    const { names } = createNames(cases, [field('field-129')]);
    await names.ensure(['field-129']);
    expect(names.dictionary.get('field-129')).toEqual(field('field-129'));
    expect(names.isWhole).toBe(false);
  });

  test('because time is up is no failure', async () => {
    const { names, budget } = createDomain();
    budget.endReading();
    await expect(names.ensure(['field-1'])).rejects.toThrow(ReadingOver);
  });
});
