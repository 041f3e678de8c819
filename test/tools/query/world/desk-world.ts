/** The demo's desk, in all its chapters and by the demo's seed, as of a fixed day: always the same bytes. */
import type { ConnectCasesClient } from '@aws-sdk/client-connectcases';
import type { NoteSigner } from '../../../../lambda/export/ports';
import { toWireJson } from '../../../../local/cases/answer';
import { SWITCH_DEFAULTS } from '../../../../local/cases/model/switches';
import { addDomain, type Case, createWorld, currentFields, type World } from '../../../../local/cases/model/world';
import { handle } from '../../../../local/cases/operations/operations';
import type { OperationName } from '../../../../local/cases/routes';
import type { Action, TimedAction } from '../../../../local/seed/actions';
import { setUpDesk } from '../../../../local/seed/desk';
import { ORDER_NUMBER_RENAMED } from '../../../../local/seed/fields';
import { AGENTS, agentArn } from '../../../../local/seed/people';
import { Player } from '../../../../local/seed/player';
import { historyStartsAt, nextChanges, pastWeeks } from '../../../../local/seed/scenario';
import { createFakeCases, type FakeCases } from '../../../fakes/cases-api';
import { createClock, createExporter } from '../../exporter';
import type { User } from '../oracle/facts';
import { type ExportedWorld, exportedWorld } from './exporting';

const DOMAIN = 'demo';
const ENDS_AT = Date.UTC(2026, 2, 31, 18);
const MINUTE = 60_000;

interface DeskOptions {
  readonly cases: number;
  readonly seed: number;
  /** Whether the owner has supplied a list of users; the demo has none. */
  readonly users?: boolean;
  /** Who signs the notes of commits; nobody by default. */
  readonly signers?: NoteSigner[];
  /** Makes the world that the desk works in, such as that of a server; by default one of its own. */
  readonly makeWorld?: (options: Parameters<typeof createWorld>[0]) => World | Promise<World>;
}

/** The four weeks, a tick, some changes and a renamed field, a tick, more changes, a tick. Made in `folder`. */
export async function makeDeskWorld(
  folder: string,
  { cases, seed, users = true, signers = [], makeWorld = createWorld }: DeskOptions,
): Promise<ExportedWorld> {
  const clock = createClock(ENDS_AT);
  let time: number | undefined = historyStartsAt(ENDS_AT);
  const world = await makeWorld({
    now: () => time ?? clock.now(),
    switches: SWITCH_DEFAULTS,
    region: 'us-east-1',
    accountId: '111122223333',
    iamPrincipalArn: 'arn:aws:iam::111122223333:role/local-cases',
  });
  addDomain(world, DOMAIN, DOMAIN);
  const client = clientOf(world);
  const player = new Player(client, await setUpDesk(client, DOMAIN));
  const play = async (actions: readonly (Action | TimedAction)[]) => {
    for (const action of actions) {
      time = 'at' in action ? action.at : undefined;
      // Two things that one person does are never at the same millisecond.
      if (time === undefined) clock.advance(7);
      await player.play(action);
    }
    time = undefined;
  };

  const seen = createFakeCases({ domainId: DOMAIN, now: () => clock.now() });
  const exporter = createExporter(seen, clock, signers);
  const tick = async () => {
    show(world, seen);
    await exporter.tick();
    clock.advance(5 * MINUTE);
  };
  const some = Math.max(6, Math.round(cases / 5));
  const chapter = (name: string, changes: number) =>
    nextChanges({ seed, chapter: name, changes, cases: player.cases, now: clock.now() });

  await play(pastWeeks({ seed, cases, endsAt: ENDS_AT }));
  clock.advance(10 * MINUTE);
  await tick();
  await play([{ do: 'rename-field', field: 'orderNumber', name: ORDER_NUMBER_RENAMED }, ...chapter('second', some)]);
  clock.advance(10 * MINUTE);
  await tick();
  await play(chapter('third', Math.ceil(some / 2)));
  clock.advance(10 * MINUTE);
  await tick();
  clock.advance(10 * MINUTE);
  await tick();
  return exportedWorld(folder, [exporter], users ? USERS : []);
}

/** What an owner might supply; two agents are not in the list. */
const USERS: readonly User[] = AGENTS.slice(0, -2).map((agent, index) => ({
  arn: agentArn(agent),
  name: agent
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' '),
  team: index % 2 === 0 ? 'Front desk' : 'Workshop',
}));

/** The operations without HTTP, asked in the service's JSON: it has words for numbers that are none. */
function clientOf(world: World): ConnectCasesClient {
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, '') as OperationName;
    return handle(world, operation, JSON.parse(toWireJson(command.input)));
  };
  return { send } as unknown as ConnectCasesClient;
}

/** The world as the exporter's port shows it. */
function show(world: World, seen: FakeCases): void {
  const domain = world.domains.get(DOMAIN);
  if (domain === undefined) throw new Error('no domain');
  seen.relatedItems.length = 0;
  for (const subject of domain.cases.values()) showCase(subject, seen);
  for (const field of domain.fields.values()) {
    const { fieldId, name, type, namespace, deleted } = field;
    seen.fields.set(fieldId, { fieldId, name, type, namespace, deleted });
    if (type === 'SingleSelect') seen.options.set(fieldId, [...field.options.values()]);
  }
  const templates = [...domain.templates.values()].map(({ templateId, name, status }) => ({
    templateId,
    name,
    status,
  }));
  seen.templates.splice(0, seen.templates.length, ...templates);
}

function showCase(subject: Case, seen: FakeCases): void {
  const { caseId, templateId, versions, events, relatedItems } = subject;
  const updated = currentFields(subject).get('last_updated_datetime');
  seen.cases.set(caseId, {
    caseId,
    templateId,
    created: versions[0]?.at ?? 0,
    lastUpdated: Date.parse(updated !== undefined && 'stringValue' in updated ? updated.stringValue : ''),
    events: events.map(({ event }) => ({ ...event, performedTime: new Date(event.performedTime) }) as never),
  });
  for (const item of relatedItems.values()) {
    if (item.deletedAt === null) seen.relatedItems.push({ caseId, associatedAt: item.associatedAt });
  }
}
