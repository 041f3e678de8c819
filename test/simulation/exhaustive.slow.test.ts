/**
 * A small world, and every port call of an invocation in turn: the process dies before or after it, the call fails before or
 * after it takes effect, the whole process freezes and thaws after another invocation has finished, or its request outlives it.
 * One of the cases answers 403 all the while: afterwards the others are exported and it stands in the list, and once it is well too,
 * everything is exact; every invariant held at every write on the way.
 */

import { type InvocationOptions, isAtRest } from './invocation';
import { judgeWithoutSweep } from './oracle';
import { type Plan, planOf } from './plan';
import { CALL_FAULTS, type CallFault, type PortCall } from './process';
import { judgeWithTheSick } from './sick-ending';
import { Simulation } from './simulation';
import { HOUR, MINUTE } from './times';

const PLAN: Plan = {
  ...planOf(1),
  settings: {
    ...planOf(1).settings,
    searchCasesRps: 1000,
    auditEventsRps: 1000,
    relatedItemsRps: 1000,
    settleMs: 180_000,
    overlapMs: 900_000,
    maxLagMs: 900_000,
    sweepDays: 30,
    maxRowsPerCommit: 8,
    maxBytesPerCommit: 50_331_648,
    commitReserveMs: 30_000,
    leaseMarginMs: 5_000,
  },
  oneBucket: false,
  parquet: false,
  pageSize: { searchCases: 3, getCaseAuditEvents: 3, searchAllRelatedItems: 3 },
  auditLagMs: 0,
  changeRate: 0,
  rates: { 'case.denied': 1 },
  sicknesses: [{ kind: 'case.denied', who: 'one', fromMs: 0, lastsMs: null }],
  sickNumber: 2,
  forEver: [],
};

/** Of the three or four cases one is sick. */
const FEWEST_HEALTHY = 2;

interface Scene {
  /** Undisturbed, up to the invocation that meets the fault. */
  prepare(simulation: Simulation): Promise<void>;
  /** So many calls there are at least: fewer would mean that the scene does not do what it says. */
  readonly fewestCalls: number;
}

const WHOLE: InvocationOptions = { minutes: 15, faultOf: () => undefined };

function createCases({ cases, now }: Simulation): void {
  for (let index = 0; index < 3; index += 1) {
    const caseId = cases.createCase({ at: now - (20 - index) * HOUR, templateId: 'template-1' });
    for (let update = 0; update < index; update += 1) {
      cases.updateCase(caseId, { at: now - (10 - index) * HOUR + update, fields: 1 + (update % 3) });
    }
  }
}

async function exportThenChange(simulation: Simulation): Promise<void> {
  createCases(simulation);
  await simulation.run(WHOLE);
  const [first = '', second = '', third = ''] = simulation.cases.caseIds();
  simulation.cases.updateCase(first, { fields: 2 });
  simulation.cases.updateCase(second, { fields: 0 });
  simulation.cases.addRelatedItem(third);
  simulation.cases.createCase();
  await simulation.scheduler.pass(5 * MINUTE);
}

const SCENES: Readonly<Record<string, Scene>> = {
  'a first export': {
    prepare: async (simulation) => createCases(simulation),
    fewestCalls: 35,
  },
  'a later tick with changes': { prepare: exportThenChange, fewestCalls: 30 },
  'the recovery of a commit that was not published': {
    async prepare(simulation) {
      await exportThenChange(simulation);
      await simulation.run({ ...WHOLE, dieAfterCommit: true });
      expect(simulation.checks.mirror.state).toMatchObject({
        head: { seq: (simulation.checks.mirror.state?.applied ?? 0) + 1 },
      });
      simulation.codeVersion += 1;
      await simulation.scheduler.pass(25 * HOUR);
    },
    fewestCalls: 20,
  },
};

/** False if the invocation has no such call any more. */
async function tryOne({ prepare }: Scene, at: number, fault: CallFault): Promise<boolean> {
  const simulation = new Simulation(PLAN);
  await prepare(simulation);
  let hasStruck = false;
  const faultOf = ({ index, port }: PortCall): CallFault | undefined => {
    if (index !== at) return undefined;
    hasStruck = true;
    // A request that only asks has nothing to do later.
    return fault === 'outlive' && port !== 'objects' && port !== 'checkpoints' ? 'die-before' : fault;
  };
  const struck = simulation.start({ minutes: 15, faultOf });
  await simulation.scheduler.runUntil(() => isAtRest(struck));
  if (struck.process.isFrozen || struck.process.hasRequestUnderWay) {
    await simulation.scheduler.pass(HOUR);
    const [caseId = ''] = simulation.cases.caseIds();
    simulation.cases.updateCase(caseId, { at: simulation.now - 10 * MINUTE, fields: 1 });
    const other = await simulation.run(WHOLE);
    expect(other.kind).toBe('answered');
    struck.process.thaw();
    await simulation.scheduler.runUntil(() => isAtRest(struck) && !struck.process.isDelivering);
  }
  simulation.outcomeOf(struck);
  await judgeWithTheSick(simulation, FEWEST_HEALTHY);
  await judgeWithoutSweep(simulation);
  return hasStruck;
}

/**
 * `EXHAUSTIVE=1` tries every call, as CI does. Otherwise every third, another third for each kind of fault, so that each call meets
 * some of them.
 */
const EVERY = process.env['EXHAUSTIVE'] === '1' ? 1 : 3;

describe.each(Object.entries(SCENES))('In %s', (_name, scene) => {
  test.each(CALL_FAULTS.map((fault, index) => [fault, index % EVERY] as const))(
    'whichever call meets "%s", everything is exact afterwards',
    async (fault, first) => {
      let at = first;
      while (await tryOne(scene, at, fault)) at += EVERY;
      expect(at).toBeGreaterThanOrEqual(scene.fewestCalls);
    },
  );
});
