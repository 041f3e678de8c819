/**
 * Records what this version of the exporter stores, for the tests of later ones: to be run at a release, and whenever the
 * stored form gets a new member. What is recorded stays as it is for ever.
 *
 *   npx tsx test/export/stored-states/record.ts v1 <name of this form>
 *
 * Record with a `flattenEvent` that answers `{ kind: 'poison', reason: 'type' }` for `RelatedItem.Created`, as a version would
 * that does not know comments: their events go to quarantine, and a later version can replay them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { setTo } from '../../fakes/cases-api';
import { mortal } from '../../fakes/mortal';
import { withAnswers, withFailures } from '../../fakes/with-answers';
import { aField } from '../../support/stored-values';
import { poison } from '../../support/unpublished';
import {
  createWorld,
  HOUR,
  lastManifest,
  MINUTE,
  START,
  ticks,
  type World,
  type WorldOptions,
} from '../../support/world';
import { encodeStored, type Moment } from './stored-state';

const SLOW = { searchCasesRps: 1, auditEventsRps: 0.4, relatedItemsRps: 1 };
const PAGES = { pageSize: { getCaseAuditEvents: 3 } };

/** Each a moment in the life of a domain, at which another version takes over. */
const LIVES: Readonly<Record<Moment, () => Promise<World>>> = {
  'at-rest': atRest,
  'half-read': halfRead,
  unpublished: async () => killedAfterCommit(await halfRead(), 0),
  'half-published': async () => killedAfterCommit(await halfRead(), 4),
  killed: killedWhileReading,
  owing,
};

/** Complete: quarantine, a case with a gap, a case that is gone. */
async function atRest(): Promise<World> {
  const world = createDomain({ settings: { maxRowsPerCommit: 20 }, cases: PAGES }, 4);
  for (const caseId of ['case-0', 'case-1', 'case-2']) world.cases.addRelatedItem(caseId, START - HOUR);
  // A null that stays: the case is read and never complete.
  world.cases.cases.get('case-3')?.events.push(null);
  await ticks(world, 2, 10 * MINUTE);
  world.cases.updateCase('case-2', world.clock.now());
  world.cases.updateCase('case-1', world.clock.now());
  await ticks(world, 2, 10 * MINUTE);
  return world;
}

/** Cases owed for one cause each: denied, a field that is null, a touch without an event, hidden by searches, too fresh. */
async function owing(): Promise<World> {
  const world = createDomain({ cases: PAGES }, 6);
  await ticks(world, 1, 10 * MINUTE);
  const at = world.clock.now();
  const fields = ['status', 'gone'].map((fieldId) => setTo(fieldId, 'x'));
  for (const caseId of ['case-0', 'case-1', 'case-5']) world.cases.updateCase(caseId, at, fields);
  const touched = world.cases.cases.get('case-2');
  if (touched) touched.lastUpdated = at;
  const searched = withAnswers(world.cases, 'searchCases', (page) => ({
    ...page,
    cases: page.cases.map((found) => (found?.caseId === 'case-5' ? null : found)),
  }));
  const incomplete = withAnswers(searched, 'getCaseAuditEvents', (page, { caseId }) =>
    caseId === 'case-1' ? { ...page, events: page.events.map(withoutLastField) } : page,
  );
  const cases = withFailures(incomplete, 'getCaseAuditEvents', 'denied', ({ caseId }) => caseId === 'case-0');
  for (let tick = 0; tick < 5; tick += 1) {
    world.clock.advance(10 * MINUTE);
    if (tick === 4) world.cases.updateCase('case-3', world.clock.now() - MINUTE);
    await world.tick({ cases });
  }
  // By then every pause is over.
  world.clock.advance(3 * HOUR);
  return world;
}

function withoutLastField(event: AuditEvent | null): AuditEvent | null {
  const { fields } = event ?? {};
  return event && fields && fields.length > 1 ? { ...event, fields: [...fields.slice(0, -1), null] } : event;
}

/** In the middle of the first sweep: pages of some cases are committed, the others are not. */
async function halfRead(): Promise<World> {
  const world = createDomain({ settings: { ...SLOW, maxRowsPerCommit: 10 }, cases: PAGES }, 7);
  world.cases.updateCase('case-6', START - MINUTE);
  await world.tick({ minutes: 0.9 });
  world.clock.advance(5 * MINUTE);
  world.cases.updateCase('case-0', world.clock.now());
  world.clock.advance(5 * MINUTE);
  return world;
}

/** The process is gone after COMMIT and so many further calls. */
async function killedAfterCommit(world: World, calls: number): Promise<World> {
  let left = Number.POSITIVE_INFINITY;
  await killed(world, (property) => {
    if (left <= 0) return true;
    left -= 1;
    if (property === 'commit') left = calls;
    return false;
  });
  return world;
}

async function killedWhileReading(): Promise<World> {
  const world = createDomain({ settings: { ...SLOW, maxRowsPerCommit: 10 }, cases: PAGES }, 4);
  let reads = 0;
  await killed(world, (property) => property === 'getCaseAuditEvents' && ++reads > 9);
  return world;
}

/** A tick whose process is gone from the first call on for which `dies` says so: nothing after it takes effect. */
async function killed(world: World, dies: (property: string) => boolean): Promise<void> {
  let isDead = false;
  const live = (call: () => unknown, name: string) => {
    isDead ||= dies(name);
    if (isDead) throw new Error('killed');
    return call();
  };
  const { cases, objects, checkpoints } = world;
  const ports = { cases: mortal(cases, live), objects: mortal(objects, live), checkpoints: mortal(checkpoints, live) };
  await world.tick(ports).catch(() => undefined);
  if (!isDead) throw new Error('The tick was to be killed and was not');
  world.clock.advance(20 * MINUTE);
}

function createDomain(options: WorldOptions, cases: number): World {
  const world = createWorld(options);
  world.cases.fields.set('status', aField());
  world.cases.fields.set('gone', aField({ fieldId: 'gone', name: 'Gone', namespace: 'Custom', deleted: true }));
  for (let index = 0; index < cases; index += 1) addCase(world, `case-${index}`, START - (cases - index) * HOUR);
  return world;
}

function addCase(world: World, caseId: string, at: number): void {
  world.cases.addCase(caseId, at);
  for (let update = 0; update < 6; update += 1) {
    const eventFieldId = update === 3 ? 'gone' : 'status';
    world.cases.updateCase(caseId, at + update, [setTo(eventFieldId, `${update}`)]);
  }
  poison(world, caseId, at);
}

function stateOf({ checkpoints }: World): Record<string, unknown> {
  return checkpoints.items().find(({ sk }) => sk === 'STATE') ?? {};
}

function debtsOf(world: World): string {
  return (lastManifest(world).debts ?? []).map(({ cause }) => cause).join(' ');
}

async function main([version, form]: readonly string[]): Promise<void> {
  if (version === undefined || form === undefined) throw new Error('Expected a version (v1) and a name for this form');
  const folder = join(__dirname, version, form);
  mkdirSync(folder, { recursive: true });
  for (const [moment, live] of Object.entries(LIVES)) {
    const world = await live();
    const { openQuarantine, halfRead, head } = stateOf(world);
    if (moment === 'at-rest' && openQuarantine !== 7) throw new Error('Comments were flattened');
    if (moment === 'owing' && debtsOf(world) !== 'denied not-shown null-field unexplained waiting')
      throw new Error(`Other debts are owed: ${debtsOf(world)}`);
    if (moment === 'half-read' && (halfRead as unknown[]).length === 0) throw new Error('No case is half-read');
    writeFileSync(join(folder, `${moment}.ndjson`), encodeStored(world));
    console.log(`${version}/${form}/${moment}: last commit ${JSON.stringify(head)}`);
  }
}

void main(process.argv.slice(2));
