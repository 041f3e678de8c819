/** The contracts of the ports, held by the real adapters over the simulated clients, under faults of any rate. */
import { describeCheckpointStore } from '../../contracts/checkpoint-store.contract';
import { describeObjectStore } from '../../contracts/object-store.contract';
import { createManualClock } from '../../fakes/manual-clock';
import { type FaultRates, Faults } from '../faults';
import { createSimulatedBuckets, createSimulatedObjectStore } from './simulated-buckets';
import { createSimulatedCheckpointStore, createSimulatedTable } from './simulated-table';

const SEED = 3;

/** The contract of the table's port at these rates, each of which strikes. */
export function describeTable(name: string, rates: FaultRates): void {
  const counts: Faults['counts'][] = [];
  describeCheckpointStore(`simulated table, ${name}`, async () => {
    const clock = createManualClock({ auto: true });
    const faults = new Faults(SEED + counts.length, rates);
    counts.push(faults.counts);
    const table = createSimulatedTable({ faults, clock });
    return {
      store: createSimulatedCheckpointStore({ table, clock }),
      close: async () => expect(table.invalidRequests).toEqual([]),
    };
  });
  testStruck(name, rates, counts);
}

/** The contract of the buckets' port at these rates, each of which strikes. */
export function describeBuckets(name: string, rates: FaultRates): void {
  const counts: Faults['counts'][] = [];
  describeObjectStore(`simulated buckets, ${name}`, async () => {
    const clock = createManualClock({ auto: true });
    const faults = new Faults(SEED + counts.length, rates);
    counts.push(faults.counts);
    const buckets = createSimulatedBuckets({ faults, clock });
    return {
      store: createSimulatedObjectStore({ buckets, clock }),
      close: async () => expect(buckets.invalidRequests).toEqual([]),
    };
  });
  testStruck(name, rates, counts);
}

/** A contract that holds because nothing struck would prove nothing. */
function testStruck(name: string, rates: FaultRates, counts: readonly Faults['counts'][]): void {
  test(`${name}: each fault that was switched on did strike`, () => {
    const struck = new Set(counts.flatMap((count) => Object.keys(count)));
    expect([...struck].sort()).toEqual(Object.keys(rates).sort());
  });
}
