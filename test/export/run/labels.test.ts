/** Promises: names of select values and templates come by the fewest calls, and no look-up ever ends a run. */
import type { StoredLabels } from '../../../lambda/export/domain/fields';
import type { CasesApi } from '../../../lambda/export/ports';
import { Labels } from '../../../lambda/export/run/names';
import { createFakeCases, type FakeCasesOptions } from '../../fakes/cases-api';
import { failed, neverAnswers } from '../../fakes/with-answers';
import { aField } from '../../support/stored-values';
import { anomaliesOf, casesApi, createPacedCalls, DOMAIN, MINUTE, START } from '../fixtures';

const HOUR = 60 * MINUTE;
const RED = { value: 'r', name: 'Red', active: true };
const BLUE = { value: 'b', name: 'Blue', active: false };
const COMPLAINT = { templateId: 'template-1', name: 'Template 1', status: 'Active' };

function createLabels(cases: CasesApi, stored: StoredLabels = {}) {
  const world = createPacedCalls(cases);
  const labels = new Labels(DOMAIN, world.calls, world.counters, () => world.clock.now());
  labels.recall(stored);
  return { ...world, labels };
}

function createDomain(options: FakeCasesOptions = {}, stored: StoredLabels = {}) {
  const cases = createFakeCases({ now: () => START, ...options });
  for (const fieldId of ['colour', 'size']) {
    cases.fields.set(fieldId, aField({ fieldId, type: 'SingleSelect' }));
    cases.options.set(fieldId, [RED, BLUE]);
  }
  const asked = () =>
    cases.calls.map(({ operation, request }) => [operation, (request as { fieldId?: string }).fieldId]);
  return { cases, asked, ...createLabels(cases, stored) };
}

const values = (...pairs: [string, ...string[]][]) => new Map(pairs.map(([id, ...all]) => [id, new Set(all)]));
const at = (ms: number) => new Date(ms).toISOString();

describe('Labels', () => {
  test('are asked for once a run, field by field, to the last page, and only where values and a template call for it', async () => {
    const { labels, asked } = createDomain({ pageSize: { listFieldOptions: 1 } });
    await labels.ensure(new Map(), null);
    expect(asked()).toEqual([]);
    await labels.ensure(values(['colour', 'r']), 'template-1');
    await labels.ensure(values(['colour', 'b', 'no such value'], ['size', 'r']), 'no such template');
    expect(asked()).toEqual([
      ['listFieldOptions', 'colour'],
      ['listFieldOptions', 'colour'],
      ['listTemplates', undefined],
      ['listFieldOptions', 'size'],
      ['listFieldOptions', 'size'],
    ]);
    expect(labels.stored).toEqual({
      options: [
        { fieldId: 'colour', asOf: at(START), options: [RED, BLUE] },
        { fieldId: 'size', asOf: expect.any(String), options: [RED, BLUE] },
      ],
      templates: { asOf: expect.any(String), templates: [COMPLAINT] },
    });
  });

  test.each([
    ['a known value within a day', 23 * HOUR, 'r', 0],
    ['a known value after a day', 25 * HOUR, 'r', 2],
    ['a value that is unknown within the hour', HOUR / 2, 'new', 0],
    ['a value that is unknown after the hour', 2 * HOUR, 'new', 1],
    ['a known value whose labels are of the future, as a clock went back', -25 * HOUR, 'r', 2],
  ])('that the dictionary holds are asked for again for %s', async (_, ageMs, value, calls) => {
    const asOf = at(START - ageMs);
    const stored = {
      options: [{ fieldId: 'colour', asOf, options: [RED] }],
      templates: { asOf, templates: [COMPLAINT] },
    };
    const { labels, asked } = createDomain({}, stored);
    await labels.ensure(values(['colour', value]), 'template-1');
    expect(asked()).toHaveLength(calls);
    if (calls === 0) expect(labels.stored).toEqual(stored);
  });

  test.each(['denied', 'not-found', 'refused'] as const)(
    'that the service refuses (%s) keep what was known, are an anomaly, and are asked for again a day later',
    async (failure) => {
      const before = { fieldId: 'colour', asOf: at(START - 48 * HOUR), options: [RED] };
      const { labels, asked, telemetry } = createDomain(
        {
          before: (operation) => {
            throw failed(failure, operation);
          },
        },
        { options: [before] },
      );
      await labels.ensure(values(['colour', 'r'], ['size', 'r']), 'template-1');
      // One refusal is enough for a run.
      expect(asked()).toEqual([
        ['listFieldOptions', 'colour'],
        ['listTemplates', undefined],
      ]);
      expect(labels.stored).toEqual({
        options: [{ ...before, asOf: at(START) }],
        templates: { asOf: expect.any(String), templates: null },
      });
      expect(anomaliesOf(telemetry)).toContain('labels-unavailable');

      const next = createDomain({}, labels.stored);
      await next.labels.ensure(values(['colour', 'r']), 'template-1');
      expect(next.asked()).toEqual([]);
    },
  );

  test.each(['throttled', 'unavailable', 'malformed'] as const)(
    'of a service that is %s cost one call a run, change nothing, and never count for the breaker',
    async (failure) => {
      const { labels, asked, calls } = createDomain({
        before: (operation) => {
          if (operation.startsWith('list')) throw failed(failure, operation);
        },
      });
      for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) await labels.ensure(values(['colour', value]), value);
      expect(asked()).toEqual([
        ['listFieldOptions', 'colour'],
        ['listTemplates', undefined],
      ]);
      expect(labels.stored).toEqual({});
      await expect(calls.searchAllRelatedItems({ domainId: DOMAIN, nextToken: undefined })).resolves.toBeDefined();
    },
  );

  test('of a list whose tokens repeat, or never end, are taken as far as they came', async () => {
    let pages = 0;
    const endless = createLabels(
      casesApi({
        listTemplates: async () => ({ templates: [COMPLAINT, null], nextToken: `token ${++pages}`, serviceTime: null }),
        listFieldOptions: async () => ({ options: [RED], nextToken: 'same', serviceTime: null }),
      }),
    );
    await endless.labels.ensure(values(['colour', 'r']), 'template-1');
    expect(pages).toBe(50);
    expect(endless.counters.calls['ListFieldOptions']).toBe(2);
    expect(endless.counters.counts.nullElements).toBe(50);
  });

  test('that hang do not hold the run for long', async () => {
    const { labels, clock } = createLabels(
      casesApi({
        listTemplates: neverAnswers('listTemplates'),
      }),
    );
    const before = clock.monotonic();
    await labels.ensure(new Map(), 'template-1');
    expect(clock.monotonic() - before).toBeLessThan(30_000);
  });

  test('leave errors that are not of the Cases service alone', async () => {
    const { labels } = createLabels(casesApi({ listTemplates: () => Promise.reject(new TypeError('ours')) }));
    await expect(labels.ensure(new Map(), 'template-1')).rejects.toThrow('ours');
  });
});
