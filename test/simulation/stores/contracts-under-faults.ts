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
  underFaults(name, rates, (newFaults) =>
    describeCheckpointStore(`simulated table, ${name}`, async () => {
      const table = createSimulatedTable({ faults: newFaults() });
      return {
        store: createSimulatedCheckpointStore({ table, clock: createManualClock({ auto: true }) }),
        close: async () => expect(table.invalidRequests).toEqual([]),
      };
    }),
  );
}

/** The contract of the buckets' port at these rates, each of which strikes. */
export function describeBuckets(name: string, rates: FaultRates): void {
  underFaults(name, rates, (newFaults) =>
    describeObjectStore(`simulated buckets, ${name}`, async () => {
      const buckets = createSimulatedBuckets({ faults: newFaults() });
      return {
        store: createSimulatedObjectStore({ buckets, clock: createManualClock({ auto: true }) }),
        close: async () => expect(buckets.invalidRequests).toEqual([]),
      };
    }),
  );
}

/** A contract that holds because nothing struck would prove nothing. */
function underFaults(name: string, rates: FaultRates, describeContract: (newFaults: () => Faults) => void): void {
  const made: Faults[] = [];
  describeContract(() => {
    const faults = new Faults(SEED + made.length, rates);
    made.push(faults);
    return faults;
  });
  test(`${name}: each fault that was switched on did strike`, () => {
    const struck = new Set(made.flatMap(({ counts }) => Object.keys(counts)));
    expect([...struck].sort()).toEqual(Object.keys(rates).sort());
  });
}
