import { Draws } from '../cases/model/random';
import type { Action, TimedAction } from './actions';
import { CASE_KIND_KEYS, CASE_KINDS } from './case-kinds';
import { anyStep, caseLife } from './case-life';
import type { FieldKey } from './fields';
import { AGENTS } from './people';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
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
