/** The dashboard's queries read names that the function logs. */
import { SWEEP_QUERY } from '../../../lib/monitoring/dashboard';
import { createWorld, HOUR, START } from '../../support/world';

test('Every field that the sweep widget reads is in the line that a run ends with', async () => {
  const world = createWorld({});
  world.cases.addCase('case-1', START - HOUR);
  await world.tick();
  const line = world.logs.find(({ message }) => message === 'run ended');
  const query = Array.isArray(SWEEP_QUERY) ? SWEEP_QUERY.join(' ') : String(SWEEP_QUERY);
  const names = [...new Set(query.match(/sweep[A-Z]\w+/g))];
  expect(names.length).toBeGreaterThan(3);
  expect(Object.keys(line?.values ?? {})).toEqual(expect.arrayContaining(names));
});
