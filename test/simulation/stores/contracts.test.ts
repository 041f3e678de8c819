/**
 * The real adapters over the simulated clients keep the contracts of their ports, without faults and with those that a
 * caller must not notice.
 */
import { describeCheckpointStore } from '../../contracts/checkpoint-store.contract';
import { describeObjectStore } from '../../contracts/object-store.contract';
import { createManualClock } from '../../fakes/manual-clock';
import { type FaultRates, Faults } from '../faults';
import { createSimulatedBuckets, createSimulatedObjectStore } from './simulated-buckets';
import { createSimulatedCheckpointStore, createSimulatedTable } from './simulated-table';

const SEED = 3;

function describeTable(name: string, rates: FaultRates): void {
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

function describeBuckets(name: string, rates: FaultRates): void {
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

describeTable('no faults', {});
describeTable('every page cut short, every batch left incomplete', {
  'dynamodb.unprocessed-keys': 1,
  'dynamodb.unprocessed-writes': 1,
  'dynamodb.short-page': 1,
});
describeTable('every own write met again', { 'dynamodb.condition-failed-own-write': 1 });
describeTable('all that a caller must not notice', {
  'dynamodb.unprocessed-keys': 0.2,
  'dynamodb.unprocessed-writes': 0.2,
  'dynamodb.read-fails': 0.2,
  'dynamodb.short-page': 0.2,
  'dynamodb.condition-failed-own-write': 0.2,
  'dynamodb.lost-answer': 0.2,
});

describeBuckets('no faults', {});
describeBuckets('conflicts', { 's3.409': 0.05 });
