import { createManualClock } from '../../fakes/manual-clock';
import { Faults } from '../faults';
import { createSimulatedTable, type SimulatedTable } from './simulated-table';

function aTable(): SimulatedTable {
  return createSimulatedTable({ faults: new Faults(1, {}) });
}

async function put(table: SimulatedTable, sk: string, value: number): Promise<void> {
  await table.requestsFor(createManualClock({ auto: true })).batchWriteItem([{ pk: 'p', sk, value }]);
}

function standing(table: SimulatedTable): string[] {
  return table.items().map((item) => `${item['sk']}=${item['value']}`);
}

test('a table is restored to any moment: what was written later is gone, what was overwritten is back', async () => {
  const table = aTable();
  await put(table, 'a', 1);
  await put(table, 'b', 1);
  await put(table, 'a', 2);
  const moments = [0, 1, 2, 3].map((writes) => table.momentAfter(writes));
  const items = moments.map((moment) => {
    table.restore(moment);
    return standing(table);
  });
  expect(items).toEqual([[], ['a=1'], ['a=1', 'b=1'], ['a=2', 'b=1']]);
});

test('a restored table has the history of its moment, and goes on from there', async () => {
  const table = aTable();
  await put(table, 'a', 1);
  await put(table, 'a', 2);
  table.restore(table.momentAfter(1));
  await put(table, 'b', 1);
  expect(table.writes).toBe(2);
  table.restore(table.momentAfter(2));
  expect(standing(table)).toEqual(['a=1', 'b=1']);
});
