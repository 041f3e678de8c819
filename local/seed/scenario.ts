import type { UserUnion } from '@aws-sdk/client-connectcases';
import { Draws } from '../cases/model/random';
import {
  type Action,
  EMPTY,
  type FieldSetting,
  flag,
  type Item,
  number,
  type TimedAction,
  text,
  user,
} from './actions';
import { CASE_KIND_KEYS, CASE_KINDS, type CaseKind, type CaseKindKey } from './case-kinds';
import type { FieldKey } from './fields';
import { AGENTS, type Agent, agentArn, byAgent, byAutomation, CUSTOMERS, SPECIALISTS } from './people';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HISTORY_DAYS = 28;
const FIELD_DELETED_DAYS_BEFORE_END = 3;

interface HistoryPlan {
  readonly seed: number;
  readonly cases: number;
  /** Nothing happens after this; epoch milliseconds. */
  readonly endsAt: number;
}

/** Time at which the domain of such a history is set up: before its first event. */
export function historyStartsAt(endsAt: number): number {
  return endsAt - HISTORY_DAYS * DAY - MINUTE;
}

/**
 * Four weeks of a support desk, in the order of time: cases 0 … cases − 1, some finished, some in progress, a few of
 * them busy in the last quarter of an hour. The field `callbackWanted` is deleted three days before the end.
 */
export function pastWeeks({ seed, cases, endsAt }: HistoryPlan): TimedAction[] {
  const draws = new Draws(seed, 'creation');
  const createdAt = Array.from({ length: cases }, (_, index) => {
    const recent = index >= cases - Math.ceil(cases / 40);
    return Math.round(endsAt - (recent ? draws.between(1, 12) * MINUTE : draws.between(MINUTE, HISTORY_DAYS * DAY)));
  }).sort((a, b) => a - b);
  const deletedAt = endsAt - FIELD_DELETED_DAYS_BEFORE_END * DAY;
  const lives = createdAt
    .flatMap((at, subject) => caseLife(subject, at, new Draws(seed, `case ${subject}`)))
    .filter(({ at }) => at <= endsAt)
    .flatMap((action) => (action.at < deletedAt ? [action] : withoutField(action, 'callbackWanted')));
  return [...lives, { at: deletedAt, do: 'delete-field' as const, field: 'callbackWanted' as const }].sort(
    (a, b) => a.at - b.at,
  );
}

const SEEN_BY_SWEEPS_ONLY: ReadonlySet<Action['do']> = new Set(['edit-comment', 'delete-comment']);

interface ChapterPlan {
  readonly seed: number;
  /** Tells chapters apart. */
  readonly chapter: string;
  readonly changes: number;
  /** Number of existing cases. New ones take the numbers that follow. */
  readonly cases: number;
  readonly now: number;
}

/**
 * The next actions, in order: one new case in ten, and steps of existing cases. No comment is edited or deleted: that
 * alone moves nothing that a search shows, so only the next sweep would find it.
 */
export function nextChanges({ seed, chapter, changes, cases, now }: ChapterPlan): Action[] {
  const draws = new Draws(seed, chapter);
  let next = cases;
  return Array.from({ length: changes }).flatMap((_, index): Action[] => {
    if (index % 10 === 0) {
      const [creation] = caseLife(next, now, new Draws(seed, `${chapter} case ${next}`));
      next += 1;
      return creation === undefined ? [] : withoutField(creation, 'callbackWanted');
    }
    const kind = CASE_KINDS[draws.pick(CASE_KIND_KEYS)];
    const step = anyStep({ subject: draws.whole(0, cases - 1), draws, kind, agent: draws.pick(AGENTS), at: now });
    return SEEN_BY_SWEEPS_ONLY.has(step.do) ? [] : withoutField(step, 'callbackWanted');
  });
}

/** The action without a field that can no longer be set; nothing if it sets no other. */
function withoutField<A extends Action>(action: A, gone: FieldKey): A[] {
  if (action.do !== 'create' && action.do !== 'update') return [action];
  const fields = action.fields.filter(([field]) => field !== gone);
  return fields.length === 0 ? [] : [{ ...action, fields }];
}

/** One case from its creation to its end, as it might go, in strictly rising times. */
function caseLife(subject: number, createdAt: number, draws: Draws): TimedAction[] {
  const key = draws.pick(CASE_KIND_KEYS);
  const kind: CaseKind = CASE_KINDS[key];
  let agent: Agent = draws.pick(AGENTS);
  let at = createdAt;
  const later = (action: Action, fromMs: number, toMs: number): TimedAction => {
    at += Math.round(draws.between(fromMs, toMs));
    return { ...action, at };
  };
  const life = [
    { ...created(subject, draws, key), at },
    later(routed(subject, draws, kind), MINUTE / 6, MINUTE),
    later(target(subject, draws), 10, 2_000),
    later(taken(subject, agent), 2 * MINUTE, 5 * HOUR),
  ];
  // One case in twenty is long, with more events than fit on one page of the audit history.
  const steps = draws.chance(0.05) ? draws.whole(26, 48) : draws.whole(2, 7);
  const givenAfter = draws.chance(0.2) ? draws.whole(1, steps) : undefined;
  for (let step = 0; step < steps; step += 1) {
    if (step === givenAfter) {
      const specialist = draws.pick(SPECIALISTS);
      if (specialist !== agent) life.push(later(given(subject, agent, specialist), 5 * MINUTE, 14 * HOUR));
      agent = specialist;
    }
    life.push(later(anyStep({ subject, draws, kind, agent, at }), 5 * MINUTE, 14 * HOUR));
  }
  if (draws.chance(0.75)) life.push(...closing(subject, draws, agent).map((action) => later(action, HOUR, 9 * HOUR)));
  return life;
}

interface Moment {
  readonly subject: number;
  readonly draws: Draws;
  readonly kind: CaseKind;
  readonly agent: Agent;
  readonly at: number;
}

/** A possible step of an open case. */
function anyStep(moment: Moment): Action {
  const { draws } = moment;
  return draws.pick([changedStatus, changedStatus, commented, commented, changedField, changedField, attached])(moment);
}

function created(subject: number, draws: Draws, key: CaseKindKey): Action {
  const kind: CaseKind = CASE_KINDS[key];
  const byBot = draws.chance(0.4);
  const fields: FieldSetting[] = [
    ['title', text(draws.pick(kind.titles))],
    ['customer_id', text(`arn:aws:profile:us-east-1:111122223333:domains/harbour/profiles/${1000 + subject}`)],
    ['summary', text(`${draws.pick(CUSTOMERS)} writes:\n“${draws.pick(kind.titles)}. Please help.”`)],
    ['loyalCustomer', flag(draws.chance(0.3))],
  ];
  if (kind.requiredFields.length > 0) fields.push(['orderNumber', orderNumber(draws)]);
  if (draws.chance(0.3)) fields.push(['callbackWanted', flag(draws.chance(0.5))]);
  const by = byBot ? byAutomation('chat-assistant') : draws.chance(0.8) ? byAgent(draws.pick(AGENTS)) : undefined;
  return { do: 'create', case: subject, kind: key, fields, by };
}

function routed(subject: number, draws: Draws, kind: CaseKind): Action {
  const fields: FieldSetting[] = [
    ['assigned_queue', text(kind.queue)],
    ['priority', priority(draws)],
  ];
  return { do: 'update', case: subject, fields, by: byAutomation('routing-rules') };
}

function target(subject: number, draws: Draws): Action {
  const item = { type: 'Sla', minutes: draws.pick([240, 480, 1440]) } as const;
  return { do: 'attach', case: subject, item, by: byAutomation('routing-rules') };
}

function taken(subject: number, agent: Agent): Action {
  const fields: FieldSetting[] = [
    ['assigned_user', user(agentArn(agent))],
    ['status', text('in_progress')],
  ];
  return { do: 'update', case: subject, fields, by: byAgent(agent) };
}

/** Gives the case to somebody more senior, who continues it. */
function given(subject: number, by: Agent, to: Agent): Action {
  return { do: 'update', case: subject, fields: [['assigned_user', user(agentArn(to))]], by: byAgent(by) };
}

function changedStatus({ subject, draws, agent }: Moment): Action {
  const status = draws.pick(['in_progress', 'waiting', 'open']);
  const who = draws.chance(0.8) ? agent : draws.pick(AGENTS);
  return { do: 'update', case: subject, fields: [['status', text(status)]], by: byAgent(who) };
}

function commented({ subject, draws, kind, agent }: Moment): Action {
  const body = draws.pick(kind.comments);
  if (draws.chance(0.12)) return { do: 'edit-comment', case: subject, body: `${body} (edited)`, by: byAgent(agent) };
  if (draws.chance(0.05)) return { do: 'delete-comment', case: subject };
  return { do: 'attach', case: subject, item: { type: 'Comment', body }, by: byAgent(agent) };
}

function attached({ subject, draws, agent }: Moment): Action {
  const item = draws.pick<Item>([
    { type: 'Contact' },
    { type: 'File', name: `photo-${draws.whole(1, 99)}.jpg` },
    { type: 'Custom', fields: [['orderNumber', orderNumber(draws)]] },
    subject === 0 ? { type: 'Contact' } : { type: 'ConnectCase', otherCase: draws.whole(0, subject - 1) },
  ]);
  return { do: 'attach', case: subject, item, by: byAgent(agent) };
}

function changedField({ subject, draws, agent, at }: Moment): Action {
  const promised = new Date(at + draws.whole(1, 5) * 24 * HOUR).toISOString();
  const refund = number(Math.round(draws.between(5, 900) * 100) / 100);
  const [setting, by] = draws.pick<readonly [FieldSetting, UserUnion]>([
    [['refundAmount', draws.chance(0.15) ? EMPTY : refund], byAgent(agent)],
    [['promisedBy', draws.chance(0.2) ? EMPTY : text(promised)], byAgent(agent)],
    [['priority', priority(draws)], byAgent(draws.pick(AGENTS))],
    [['trackingPage', text(`https://parcels.example/${draws.whole(10_000, 99_999)}`)], byAutomation('order-sync')],
    [['specialist', draws.chance(0.25) ? EMPTY : user(agentArn(draws.pick(SPECIALISTS)))], byAgent(agent)],
    [['callbackWanted', flag(draws.chance(0.5))], byAgent(agent)],
    [['orderNumber', orderNumber(draws)], byAutomation('order-sync')],
  ]);
  return { do: 'update', case: subject, fields: [setting], by };
}

function closing(subject: number, draws: Draws, agent: Agent): Action[] {
  const close: Action = { do: 'update', case: subject, fields: [['status', text('closed')]], by: byAgent(agent) };
  // Without answers, the mean is not a number.
  const score = draws.chance(0.1) ? Number.NaN : draws.whole(4, 20) / 4;
  const survey: Action = {
    do: 'update',
    case: subject,
    fields: [['surveyScore', number(score)]],
    by: byAutomation('survey-import'),
  };
  if (!draws.chance(0.1)) return draws.chance(0.5) ? [close, survey] : [close];
  const reopen: Action = { do: 'update', case: subject, fields: [['status', text('open')]] };
  return [close, reopen, close, survey];
}

function orderNumber(draws: Draws): FieldSetting[1] {
  return text(`HC-${draws.whole(100_000, 999_999)}`);
}

function priority(draws: Draws): FieldSetting[1] {
  return text(draws.pick(['low', 'normal', 'high', 'urgent']));
}
