/**
 * Every call to a store dies, loses its request or loses its answer, one position at a time; then ticks until quiet. Invariants
 * 1, 3 and 4: exactly the history is visible, published bytes never change, the chain is whole.
 */
import { type Fault, withFaults } from '../fakes/with-faults';
import {
  createWorld,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  START,
  type World,
} from '../support/world';

const SETTINGS = { searchCasesRps: 1000, auditEventsRps: 1000, relatedItemsRps: 1000, maxRowsPerCommit: 8 };

function createSmallWorld(): World {
  const world = createWorld({ settings: SETTINGS, cases: { pageSize: { getCaseAuditEvents: 3, searchCases: 3 } } });
  for (let index = 0; index < 7; index += 1) {
    world.cases.addCase(`case-${index}`, START - (20 - index) * HOUR);
    for (let update = 0; update < index; update += 1)
      world.cases.updateCase(`case-${index}`, START - (10 - index) * HOUR + update);
  }
  return world;
}

type Plan = { readonly at: number; readonly fault: Fault | 'killed' };

/** One tick whose `at`-th store call meets the fault; after `killed` nothing gets through any more. How many calls there were. */
async function tickWithFault(world: World, plan: Plan): Promise<number> {
  let call = -1;
  const fault = (): Fault | undefined => {
    call += 1;
    if (plan.fault === 'killed') return call >= plan.at ? 'lost-request' : undefined;
    return call === plan.at ? plan.fault : undefined;
  };
  const ports = {
    objects: withFaults(world.objects, 's3', fault),
    checkpoints: withFaults(world.checkpoints, 'dynamodb', fault),
  };
  await world.tick(ports).catch(() => undefined);
  return call + 1;
}

/** Published keys never change their bytes. */
function freeze(world: World): () => void {
  const before = new Map([...world.objects.buckets.archive].filter(([key]) => !key.startsWith('staging/')));
  return () => {
    for (const [key, bytes] of before)
      expect(Buffer.from(world.objects.buckets.archive.get(key) ?? []).equals(bytes)).toBe(true);
  };
}

async function ticksUntilQuiet(world: World): Promise<void> {
  world.clock.advance(HOUR);
  for (let tick = 0; tick < 4; tick += 1) {
    const answer = await world.tick();
    if (answer.status === 'complete' && answer.eventsExported === 0) return;
    world.clock.advance(10 * MINUTE);
  }
  throw new Error('not quiet after four ticks');
}

describe.each(['killed', 'lost-request', 'lost-answer'] as const)(
  'A first export where a store call is %s',
  (fault) => {
    test('is exact after the next ticks, whichever call it is', async () => {
      let at = 0;
      for (; ; at += 1) {
        const world = createSmallWorld();
        if ((await tickWithFault(world, { at, fault })) <= at) break;
        const unchanged = freeze(world);
        await ticksUntilQuiet(world);
        unchanged();
        expectExactlyTheHistory(world);
        expectWholeChain(world);
      }
      expect(at).toBeGreaterThan(50);
    });
  },
);

describe('A tick with changes where a store call fails', () => {
  test.each(['killed', 'lost-request', 'lost-answer'] as const)('is exact after the next ticks: %s', async (fault) => {
    let at = 0;
    for (; ; at += 1) {
      const world = createSmallWorld();
      await world.tick();
      for (let index = 0; index < 7; index += 2) world.cases.updateCase(`case-${index}`, world.clock.now());
      world.clock.advance(5 * MINUTE);
      if ((await tickWithFault(world, { at, fault })) <= at) break;
      await ticksUntilQuiet(world);
      expectExactlyTheHistory(world);
      expectWholeChain(world);
    }
    expect(at).toBeGreaterThan(20);
  });
});

/** The port with one call that is held, before or after it takes effect, until it is let go. */
function holding<P extends object>(
  port: P,
  shouldHold: () => boolean,
  held: { until: Promise<void>; reached: () => void },
  when: 'before' | 'after',
): P {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const hold = shouldHold();
        if (hold && when === 'after') {
          const answer: unknown = await Reflect.apply(member, target, args);
          held.reached();
          await held.until;
          return answer;
        }
        if (hold) {
          held.reached();
          await held.until;
        }
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}

describe.each(['before', 'after'] as const)(
  'A writer that freezes %s a store call takes effect and thaws after another has finished',
  (when) => {
    test('changes nothing that is visible, whichever call it is', async () => {
      for (let at = 1; ; at += 1) {
        const world = createSmallWorld();
        let call = -1;
        let thaw: () => void = () => undefined;
        let reached: () => void = () => undefined;
        const frozen = new Promise<void>((resolve) => {
          reached = resolve;
        });
        const until = new Promise<void>((resolve) => {
          thaw = resolve;
        });
        const shouldHold = () => {
          call += 1;
          return call === at;
        };
        const ports = {
          objects: holding(world.objects, shouldHold, { until, reached }, when),
          checkpoints: holding(world.checkpoints, shouldHold, { until, reached }, when),
        };
        const zombie = world.tick(ports).catch(() => undefined);
        const first = await Promise.race([frozen.then(() => 'frozen'), zombie.then(() => 'finished')]);
        if (first === 'finished') {
          expect(at).toBeGreaterThan(50);
          break;
        }
        world.clock.advance(HOUR);
        world.cases.updateCase('case-2', world.clock.now() - 10 * MINUTE);
        await world.tick();
        const unchanged = freeze(world);
        thaw();
        await zombie;
        unchanged();
        await ticksUntilQuiet(world);
        expectExactlyTheHistory(world);
        expectWholeChain(world);
      }
    });
  },
);
