/** The life of a domain by the built bundle, in which every call that it can make is made. */
import { updateCase } from '../../../local/cases/model/cases';
import { createField, deleteField } from '../../../local/cases/model/fields';
import { createRelatedItem } from '../../../local/cases/model/related-items';
import { type LocalStack, startLocalStack } from '../../../local/exporter/stack';
import { runTick, type Tick, type TickOptions } from '../../../local/exporter/tick';
import type { ProxiedRequest, ProxyFault } from '../../../local/proxy/proxy';
import { SkippingClock } from '../../support/clock-ahead';
import { addDeskCase } from '../../support/desk';
import { type Call, type Recorder, startRecorder } from './calls';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface Lived {
  readonly calls: readonly Call[];
  /** How each invocation ended: its status, the name of its error, or `killed`; in order. */
  readonly ends: readonly string[];
}

/** One domain's own. */
interface Life {
  readonly domainId: string;
  readonly stack: LocalStack;
  readonly clock: SkippingClock;
  readonly recorder: Recorder;
  readonly archive: string;
  readonly work: string;
  readonly table: string;
  invoke(task?: object, options?: Partial<TickOptions>): Promise<Tick>;
  /** Changes what is done to cases: so many milliseconds ago. */
  ago(ms: number, change: () => void): void;
}

/** Runs the bundle for several domains at a time, each with the environment given for it. */
export async function liveThrough(
  environments: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<Map<string, Lived>> {
  const clock = new SkippingClock();
  let offsetMs = 0;
  const stack = await startLocalStack({
    cases: { domains: [...environments.keys()], now: () => clock.now() - offsetMs },
  });
  const ago: Life['ago'] = (ms, change) => {
    offsetMs = ms;
    change();
    offsetMs = 0;
  };
  try {
    for (const { EXPORT_BUCKET = '', STAGING_BUCKET = '', CHECKPOINT_TABLE = '' } of environments.values()) {
      stack.s3.createBucket(EXPORT_BUCKET);
      stack.s3.createBucket(STAGING_BUCKET);
      await stack.dynamodb.createTable(CHECKPOINT_TABLE);
    }
    const lives = [...environments].map(async ([domainId, environment]) => {
      return [domainId, await liveInDomain({ domainId, stack, clock, ago }, environment)] as const;
    });
    return new Map(await Promise.all(lives));
  } finally {
    await stack.close();
  }
}

async function liveInDomain(
  on: Pick<Life, 'domainId' | 'stack' | 'clock' | 'ago'>,
  environment: Readonly<Record<string, string>>,
): Promise<Lived> {
  const recorder = await startRecorder(on.stack);
  const ends: string[] = [];
  const { EXPORT_BUCKET: archive = '', STAGING_BUCKET: work = '', CHECKPOINT_TABLE: table = '' } = environment;
  const env = { ...on.stack.env, ...environment, ...recorder.env };
  const invoke: Life['invoke'] = async (task = {}, options = {}) => {
    const tick = await runTick({
      event: { domainId: on.domainId, ...task },
      env: { ...env, ...on.clock.env(environment['NODE_OPTIONS']) },
      ...options,
    });
    ends.push(tick.killed ? 'killed' : (tick.answer?.status ?? tick.error?.name ?? 'nothing'));
    return tick;
  };
  try {
    await live({ ...on, recorder, archive, work, table, invoke });
    return { calls: recorder.calls, ends };
  } finally {
    await recorder.close();
  }
}

async function live(life: Life): Promise<void> {
  life.ago(HOUR_MS, () => fill(life));
  await killAtFirstPublishedObject(life);
  await untilLeaseIsOver(life);
  await exportWithLostAnswers(life);
  await life.invoke({ task: 'replay-quarantine' });
  await voidLostCommit(life);
  await life.invoke();
}

/** Cases with a comment, and with a field that is deleted by the time of the export. */
function fill({ domainId, stack: { cases } }: Life): void {
  const { fieldId } = createField(cases.world, { domainId, name: 'Colour', type: 'Text' });
  for (let index = 0; index < 3; index += 1) {
    const caseId = addDeskCase(cases, domainId, index);
    updateCase(cases.world, { domainId, caseId, fields: [{ id: fieldId, value: { stringValue: 'red' } }] });
    const comment = { body: 'A comment', contentType: 'Text/Plain' as const };
    createRelatedItem(cases.world, { domainId, caseId, type: 'Comment', content: { comment } });
  }
  deleteField(cases.world, { domainId, fieldId });
}

function change({ domainId, stack: { cases } }: Life): string {
  const caseId = cases.history(domainId)[0]?.caseId ?? '';
  updateCase(cases.world, { domainId, caseId, fields: [{ id: 'title', value: { stringValue: 'Changed' } }] });
  return caseId;
}

async function killAtFirstPublishedObject({ recorder, archive, invoke }: Life): Promise<void> {
  const onStart = (kill: () => void): void =>
    recorder.s3.setHook((request) => {
      if (!isPut(request, archive)) return undefined;
      kill();
      return { kind: 'reset-before' };
    });
  await invoke({}, { onStart });
  recorder.s3.setHook(undefined);
}

/** The recovery, then a commit with quarantine. The answer of each first write below a prefix of the archive is lost: the next try finds the object there. */
async function exportWithLostAnswers(life: Life): Promise<void> {
  const { recorder, archive, invoke, ago } = life;
  const lost = new Set<string>();
  recorder.s3.setHook((request): ProxyFault | undefined => {
    const prefix = request.path.split('/')[2] ?? '';
    if (!isPut(request, archive) || lost.has(prefix)) return undefined;
    lost.add(prefix);
    return { kind: 'apply-then-reset' };
  });
  await invoke();
  ago(MINUTE_MS, () => poison(life));
  await invoke();
  recorder.s3.setHook(undefined);
}

/** An event that no row can hold, and a change that makes its case be read. */
function poison(life: Life): void {
  const caseId = change(life);
  const performedBy = { iamPrincipalArn: 'arn:aws:iam::1:role/r' };
  const fields = [{ eventFieldId: 'title', newValue: { stringValue: 'a' } }];
  const event = { eventId: 'timeless', type: 'Case.Updated', fields, performedBy };
  life.stack.cases.injectEvent(life.domainId, caseId, event);
}

/** A commit whose objects cannot be published, then one of them is gone. */
async function voidLostCommit(life: Life): Promise<void> {
  const { recorder, archive, work, stack, invoke } = life;
  life.ago(MINUTE_MS, () => void change(life));
  recorder.s3.setHook((request) => (isPut(request, archive) ? { kind: 'reset-before' } : undefined));
  await invoke();
  recorder.s3.setHook(undefined);
  for (const key of stack.s3.keys(work, `staging/${life.domainId}/`)) {
    if (key.endsWith('redo.json')) stack.s3.remove(work, key);
  }
  const { head } = await state(life);
  await invoke();
  await invoke({ task: 'void-commit', seq: head?.seq });
}

async function untilLeaseIsOver(life: Life): Promise<void> {
  const { leaseExpiresAt } = await state(life);
  life.clock.skip(leaseExpiresAt - life.clock.now() + 10);
}

async function state({ stack, table, domainId }: Life) {
  const items = await stack.dynamodb.items(table);
  const found = items.find(({ pk, sk }) => pk === `DOMAIN#${domainId}` && sk === 'STATE') ?? {};
  return found as { readonly leaseExpiresAt: number; readonly head?: { readonly seq: number } };
}

function isPut({ method, path }: ProxiedRequest, bucket: string): boolean {
  return method === 'PUT' && path.startsWith(`/${bucket}/`);
}
