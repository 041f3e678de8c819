import { setTo } from '../fakes/cases-api';
import { aField } from '../support/stored-values';
import {
  createWorld,
  DOMAIN,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  rates,
  START,
  visibleRows,
  type World,
} from '../support/world';

/** 300 cases made over the last days, some with more events than a page takes. */
function fill(world: World, count = 300): void {
  for (let index = 0; index < count; index += 1) {
    const created = START - 72 * HOUR + index * 10 * MINUTE;
    world.cases.addCase(`case-${index}`, created);
    world.cases.updateOften(`case-${index}`, index % 50 === 0 ? 60 : index % 3, created, 1000);
  }
}

describe('A domain of 300 cases', () => {
  test('comes out exactly, once, and a quiet tick makes two calls and one commit', async () => {
    const world = createWorld();
    fill(world);
    const answer = await world.tick();
    expect(answer).toMatchObject({
      status: 'complete',
      domainId: DOMAIN,
      casesFound: 300,
      casesRead: 300,
      retrying: 0,
    });
    expectExactlyTheHistory(world);
    expectWholeChain(world);

    world.clock.advance(HOUR);
    world.cases.calls.length = 0;
    const quiet = await world.tick();
    expect(quiet).toMatchObject({ status: 'complete', eventsExported: 0, rowsWritten: 0, commits: 1, casesRead: 0 });
    expect(world.cases.calls.map(({ operation }) => operation).sort()).toEqual([
      'searchAllRelatedItems',
      'searchCases',
    ]);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
  });

  test('later changes come out once they have settled', async () => {
    const world = createWorld();
    fill(world);
    await world.tick();
    for (let index = 0; index < 60; index += 1) world.cases.updateCase(`case-${index * 5}`, world.clock.now());
    world.cases.addRelatedItem('case-7', world.clock.now());
    const early = await world.tick();
    expect(early).toMatchObject({ status: 'complete', rowsWritten: 0, casesRead: 0 });
    world.clock.advance(4 * MINUTE);
    const later = await world.tick();
    expect(later).toMatchObject({ status: 'complete', casesRead: 61, eventsExported: 61 });
    expectExactlyTheHistory(world);
  });

  test('an export that runs out of time goes on at the next tick', async () => {
    const world = createWorld({ settings: rates(1.5) });
    fill(world);
    const answers = [];
    for (let tick = 0; tick < 20; tick += 1) {
      answers.push(await world.tick({ minutes: 1.5 }));
      world.clock.advance(MINUTE);
      if (answers.at(-1)?.status === 'complete') break;
    }
    expect(answers[0]?.status).toBe('continues');
    expect(answers.at(-1)?.status).toBe('complete');
    expect(visibleRows(world).length).toBeGreaterThan(300);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
    expect(manifests(world).length).toBeGreaterThan(3);
  });

  test('names of deleted and unknown fields are asked for once, not run after run', async () => {
    const world = createWorld();
    world.cases.fields.set('gone', aField({ fieldId: 'gone', name: 'Gone', deleted: true }));
    world.cases.addCase('case-1', START - HOUR);
    const change = (value: string) => [setTo('gone', value), setTo('nobody-knows', value)];
    world.cases.updateCase('case-1', START - HOUR + 1, change('a'));
    await world.tick();
    world.cases.updateCase('case-1', world.clock.now(), change('b'));
    world.clock.advance(10 * MINUTE);
    await world.tick();
    expectExactlyTheHistory(world);
    expect(visibleRows(world).filter((row) => row['field_name'] === 'Gone')).toHaveLength(2);
    expect(world.cases.requestsOf('batchGetFields')).toHaveLength(1);
    expect(world.objects.keys('archive', 'fields/')).toHaveLength(1);
  });
});
