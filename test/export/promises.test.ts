/** Promises of the stored layout and of the settings, end to end. */

import { setTo } from '../fakes/cases-api';
import { withAnswers, withFailures } from '../fakes/with-answers';
import { withFaults } from '../fakes/with-faults';
import { aField } from '../support/stored-values';
import {
  createFilled,
  DAY,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  visibleRows,
  type World,
  type WorldOptions,
} from '../support/world';

/** Twelve cases of the last days, each with one more event than the one before. */
function createFilledWorld(settings: WorldOptions['settings'] = {}): World {
  const world = createFilled(12, START - 100 * HOUR, HOUR, { settings });
  for (let index = 0; index < 12; index += 1) {
    world.cases.updateOften(`case-${index}`, index, START - (100 - index) * HOUR, 1);
  }
  return world;
}

describe('The export date', () => {
  test('is the UTC day of the commit and never goes back, even if the clock does', async () => {
    const world = createFilledWorld();
    await world.tick();
    world.cases.updateCase('case-1', world.clock.now());
    world.clock.advance(HOUR);
    world.clock.setWallClock(world.clock.now() - 3 * DAY);
    await world.tick({
      cases: withAnswers(world.cases, 'searchCases', (page) => ({ ...page, serviceTime: null })),
    });
    expect(manifests(world).map(({ exportDate }) => exportDate)).toEqual(manifests(world).map(() => '2026-01-10'));
  });

  test('of a commit that is published on another day is that of the commit, and so are its bytes', async () => {
    const world = createFilledWorld();
    const objects = withFaults(world.objects, 's3', ({ method }) =>
      method === 'putIfAbsent' ? 'lost-request' : undefined,
    );
    await expect(world.tick({ objects })).rejects.toThrow();
    const [staged = ''] = world.objects.keys('work').filter((key) => key.endsWith('.parquet'));
    const bytes = world.objects.buckets.work.get(staged);
    expect(bytes?.length).toBeGreaterThan(0);
    world.clock.advance(2 * DAY);
    await world.tick();
    const [published = ''] = world.objects.keys('archive', 'field_changes/');
    expect(published).toContain('export_date=2026-01-10/');
    expect(world.objects.buckets.archive.get(published)).toEqual(bytes);
    expectExactlyTheHistory(world);
  });
});

describe('A commit', () => {
  test.each([1, 3, 10])(
    'holds no more than MAX_ROWS_PER_COMMIT=%i rows, unless one event does',
    async (maxRowsPerCommit) => {
      const world = createFilledWorld({ maxRowsPerCommit });
      const fields = Array.from({ length: 12 }, (_, index) => setTo(`f${index}`, 'x'));
      world.cases.updateCase('case-0', START - HOUR, fields);
      await world.tick();
      for (const { counts } of manifests(world))
        expect(counts.rows <= maxRowsPerCommit || counts.events === 1).toBe(true);
      expectExactlyTheHistory(world);
      expectWholeChain(world);
    },
  );

  test('holds no more than MAX_BYTES_PER_COMMIT, unless one event does', async () => {
    const world = createFilledWorld({ maxBytesPerCommit: 20_000 });
    for (const length of [...Array.from({ length: 40 }, () => 4100), 50_000]) {
      world.cases.updateCase('case-0', START - HOUR, [setTo('summary', 'x'.repeat(length))]);
    }
    await world.tick();
    const sizes = manifests(world).map(({ objects }) => objects.find(({ rows }) => rows !== undefined)?.bytes ?? 0);
    expect(sizes.length).toBeGreaterThan(8);
    // The rows stand as JSON here, whose column names take about 650 bytes of each; bytes are counted without them.
    for (const { counts, objects } of manifests(world)) {
      const bytes = objects.find(({ rows }) => rows !== undefined)?.bytes ?? 0;
      expect(bytes - counts.rows * 700 <= 20_000 || counts.events === 1).toBe(true);
    }
    expectExactlyTheHistory(world);
  });
});

describe('EXPORT_FROM', () => {
  test('leaves out cases last updated before it; moved earlier, they come in; moved later, nothing changes', async () => {
    const world = createFilledWorld();
    const from = START - 95 * HOUR;
    await world.tick({ settings: { exportFrom: from } });
    const exported = () => new Set(visibleRows(world).map((row) => row['case_id'])).size;
    expect(exported()).toBe(7);
    world.clock.advance(HOUR);
    const later = await world.tick({ settings: { exportFrom: from + HOUR } });
    expect(later).toMatchObject({ status: 'complete', eventsExported: 0 });
    world.clock.advance(HOUR);
    expect(await world.tick({ settings: { exportFrom: null } })).toMatchObject({ status: 'complete' });
    expectExactlyTheHistory(world);
    expect(exported()).toBe(12);
  });

  test('a case once included is exported with its whole history', async () => {
    const world = createFilledWorld();
    world.cases.updateCase('case-0', START - HOUR);
    await world.tick({ settings: { exportFrom: START - 2 * HOUR } });
    expect(visibleRows(world).map((row) => row['case_id'])).toEqual(['case-0', 'case-0']);
  });
});

describe('A case that changes every minute', () => {
  test('is read after MAX_LAG_SECONDS all the same, and none of its changes is lost', async () => {
    const world = createFilledWorld();
    await world.tick();
    const reads: number[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      world.cases.updateCase('case-3', world.clock.now());
      world.clock.advance(MINUTE);
      if (minute % 5 === 0) reads.push((await world.tick()).casesRead);
    }
    expect(reads.reduce((sum, read) => sum + read, 0)).toBeGreaterThanOrEqual(2);
    expect(reads.filter((read) => read > 0).length).toBeLessThanOrEqual(5);
    world.clock.advance(20 * MINUTE);
    await world.tick();
    expectExactlyTheHistory(world);
  });
});

describe('The watermark', () => {
  test('never passes a case that waits, and stands at the pass’s start less settle otherwise', async () => {
    const world = createFilledWorld();
    const first = await world.tick();
    expect(Date.parse(first.watermark ?? '')).toBeLessThanOrEqual(START - 3 * MINUTE + 60_000);
    const changedAt = world.clock.now();
    world.cases.updateCase('case-2', changedAt);
    world.clock.advance(2 * MINUTE);
    const waiting = await world.tick();
    expect(Date.parse(waiting.watermark ?? '')).toBeLessThanOrEqual(changedAt);
    world.clock.advance(10 * MINUTE);
    const later = await world.tick();
    expect(Date.parse(later.watermark ?? '')).toBeGreaterThan(changedAt);
    expectExactlyTheHistory(world);
  });
});

describe('The dictionary of a commit', () => {
  const PRIORITY = aField({ fieldId: 'priority', name: 'Priority', type: 'SingleSelect', namespace: 'Custom' });
  const LOW = { value: 'p1', name: 'Low', active: true };

  function createWorldWithOptions(): World {
    const world = createFilledWorld();
    world.cases.fields.set('priority', PRIORITY);
    world.cases.options.set('priority', [LOW]);
    world.cases.updateCase('case-3', START - HOUR, [setTo('priority', 'p1')]);
    return world;
  }

  function dictionaries(world: World): { fields: object[]; options?: object[]; templates?: object }[] {
    return world.objects.keys('archive', 'fields/').map((key) => JSON.parse(world.objects.text('archive', key)));
  }

  test('names fields, select values and templates as of then, and is written again only when one of them changed', async () => {
    const world = createWorldWithOptions();
    await world.tick();
    expect(dictionaries(world)).toMatchObject([
      {
        fields: expect.arrayContaining([PRIORITY]),
        options: [{ fieldId: 'priority', asOf: expect.any(String), options: [LOW] }],
        templates: { templates: [{ templateId: 'template-1', name: 'Template 1', status: 'Active' }] },
      },
    ]);
    world.clock.advance(HOUR);
    world.cases.updateCase('case-3', world.clock.now() - 10 * MINUTE);
    await world.tick();
    expect(dictionaries(world)).toHaveLength(1);

    world.cases.options.set('priority', [{ ...LOW, name: 'Whenever' }]);
    world.clock.advance(DAY);
    world.cases.updateCase('case-3', world.clock.now() - 10 * MINUTE, [
      { eventFieldId: 'priority', oldValue: { stringValue: 'p1' }, newValue: { emptyValue: {} } },
    ]);
    await world.tick();
    expect(dictionaries(world)[1]).toMatchObject({ options: [{ options: [{ name: 'Whenever' }] }] });
    expect(world.cases.requestsOf('listFieldOptions')).toHaveLength(2);
  });

  test('names no select value and no template where that is denied; rows, commits and answers are the same', async () => {
    const world = createWorldWithOptions();
    const cases = withFailures(withFailures(world.cases, 'listFieldOptions', 'denied'), 'listTemplates', 'denied');
    const { status, rowsWritten } = await world.tick({ cases });
    expect(status).toBe('complete');
    expect(rowsWritten).toBe(visibleRows(world).length);
    expect(dictionaries(world)).toMatchObject([{ fields: expect.arrayContaining([PRIORITY]) }]);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
  });
});
