/**
 * Two domains with everything that a view or query has to get right: every kind of value and performer, changes of one
 * millisecond, missing events, cases closed and opened again, bulk edits, renamed and deleted fields, options and templates,
 * unknown kinds, gaps, quarantine; and a good deal of random changes besides. By its seed always the same bytes.
 */
import type { FieldValueUnion } from '../../../../lambda/export/domain/audit-event';
import { CasesCallError } from '../../../../lambda/export/domain/errors';
import { Random } from '../../../support/random';
import { createClock, createExporter, START } from '../../exporter';
import { AGENT, BY, DAY, Desk, HOUR, MINUTE, options, type PerformedBy, USERS } from './edge-desk';
import { bulk, lives } from './edge-lives';
import { EMPTY, flag, NUMBERS, number, TEXTS, TIMES, text, UNKNOWN_VALUES, user } from './edge-values';
import { type ExportedWorld, exportedWorld } from './exporting';

/** Made in `folder`. */
export async function makeEdgeWorld(folder: string, seed = 1): Promise<ExportedWorld> {
  const clock = createClock();
  const random = new Random(seed);
  // One case cannot be read: a gap that stays open.
  const desk = new Desk(
    '007',
    () => clock.now(),
    (operation, request) => {
      if (operation === 'getCaseAuditEvents' && 'caseId' in request && request.caseId === 'unreadable') {
        throw new CasesCallError('no JSON', 'malformed', 'getCaseAuditEvents');
      }
    },
  );
  const other = new Desk('Other-domain', () => clock.now());
  const exporters = [desk, other].map(({ cases }) => createExporter(cases, clock));
  const tick = async () => {
    for (const exporter of exporters) await exporter.tick();
    clock.advance(20 * MINUTE);
  };

  const past = START - 20 * DAY;
  lives(desk, past);
  everyValue(desk, past + DAY);
  sameMillisecond(desk, past + 2 * DAY);
  missingEvents(desk, past + 3 * DAY);
  bulk(desk, past + 4 * DAY);
  oddities(desk, past + 5 * DAY);
  for (const each of [desk, other]) anything(each, random, past + 6 * DAY, 15);
  // One id in two domains: two cases.
  other.create('life', past, BY.bob);
  await tick();

  // Names change; the rows of the first commits keep theirs.
  const { fields, options: choices, templates } = desk.cases;
  fields.set('note', { fieldId: 'note', name: 'Remark', type: 'Text', namespace: 'System', deleted: false });
  fields.set('doomed', { fieldId: 'doomed', name: 'To be deleted', type: 'Text', namespace: 'System', deleted: true });
  choices.set('priority', options({ '1': 'Highest', '2': 'Low' }));
  templates.splice(0, 1, { templateId: 'template-1', name: 'Template one', status: 'Inactive' });
  clock.advance(26 * HOUR);
  later(desk, clock.now() - 3 * HOUR);
  await tick();

  choices.set('priority', options({ '1': 'High', '2': 'Low' }));
  clock.advance(26 * HOUR);
  anything(desk, random, clock.now() - 4 * HOUR, 5);
  await tick();
  await tick();
  return exportedWorld(folder, exporters, USERS);
}

/** Every value, old and new, of every kind, in a field of its type. */
function everyValue(desk: Desk, at: number): void {
  desk.create('values', at, BY.ann);
  const series: readonly (readonly [string, readonly FieldValueUnion[]])[] = [
    ['note', TEXTS.map(text)],
    ['amount', NUMBERS.map(number)],
    ['due', TIMES.map(text)],
    ['vip', [flag(true), flag(false), EMPTY, flag(true)]],
    [
      'specialist (a field that nobody knows)',
      [user(`${AGENT}bob`), user(''), EMPTY, user('arn:aws:connect:x/agent/')],
    ],
    ['note 2', UNKNOWN_VALUES],
    ['created_datetime', [number(3), flag(true), text('2026-01-02T03:04:05Z')]],
  ];
  for (const [field, values] of series) {
    values.forEach((value, index) => {
      desk.change('values', at + (index + 1) * MINUTE, BY.bob, [field, values[index - 1], value]);
    });
  }
}

/** Several changes of one field at once: a path out of order, a fork, a circle, twice the same, two of one event. */
function sameMillisecond(desk: Desk, at: number): void {
  const [a, b, c, d] = [text('a'), text('b'), text('c'), text('d')];
  const groups: Readonly<Record<string, readonly (readonly [FieldValueUnion, FieldValueUnion])[]>> = {
    'tie: path': [
      [c, d],
      [b, c],
      [a, b],
    ],
    'tie: fork': [
      [a, b],
      [a, c],
    ],
    'tie: circle': [
      [a, b],
      [b, a],
    ],
    'tie: away and back and on': [
      [a, b],
      [b, a],
      [a, c],
    ],
    'tie: twice': [
      [a, b],
      [a, b],
    ],
    'tie: nothing': [[a, a]],
    'tie: not joined': [
      [b, c],
      [c, d],
    ],
  };
  for (const [caseId, changes] of Object.entries(groups)) {
    desk.create(caseId, at, BY.ann, { note: a });
    for (const [from, to] of changes) desk.change(caseId, at + HOUR, BY.bob, ['note', from, to]);
    const end = changes.at(-1)?.[1] ?? a;
    desk.change(caseId, at + 2 * HOUR, BY.carl, ['note', end, text('end')]);
  }
  desk.create('tie: joined in the middle only', at, BY.ann, { note: b });
  desk.change('tie: joined in the middle only', at + HOUR, BY.bob, ['note', a, b]);
  desk.change('tie: joined in the middle only', at + HOUR, BY.bob, ['note', b, c]);
  for (const field of ['note', 'assigned_queue', 'title']) {
    const caseId = `tie: one event, fork of ${field}`;
    desk.create(caseId, at, BY.ann, { [field]: a });
    desk.change(caseId, at + HOUR, BY.bob, [field, a, b], [field, a, d], [field, a, c]);
  }
  desk.create('tie: one event', at, BY.ann, { note: a });
  desk.change('tie: one event', at + HOUR, BY.bob, ['note', a, b], ['note', b, c]);
  desk.change(
    'tie: one event',
    at + 2 * HOUR,
    BY.bob,
    ['status', text('open'), text('closed')],
    ['status', text('closed'), text('open')],
  );
}

/** Old values that no change before them set. */
function missingEvents(desk: Desk, at: number): void {
  desk.create('breaks', at, BY.ann, { note: text('a'), amount: number(0), vip: flag(true) });
  desk.change('breaks', at + HOUR, BY.bob, ['note', text('never set'), text('b')]);
  desk.change('breaks', at + 2 * HOUR, BY.bob, ['amount', number(-0), number(1)]);
  desk.change('breaks', at + 3 * HOUR, BY.bob, ['vip', text('true'), flag(false)]);
  desk.change('breaks', at + 4 * HOUR, BY.bob, ['due', text('2026-01-01T00:00:00Z'), EMPTY]);
  desk.change('breaks', at + 5 * HOUR, BY.bob, ['due', undefined, text('2026-01-02T00:00:00Z')]);
  desk.change('breaks', at + 6 * HOUR, BY.bob, ['note', undefined, text('c')]);
  desk.change('breaks', at + 7 * HOUR, BY.bob, ['amount', number(1), number(Number.NaN)]);
  desk.change('breaks', at + 8 * HOUR, BY.bob, ['amount', number(Number.NaN), number(2)]);
}

/** Kinds that do not exist yet, events without fields or performer, what no row can hold, what cannot be read. */
function oddities(desk: Desk, at: number): void {
  desk.create('odd 山田', at, BY.future);
  desk.event('odd 山田', at + 1, { type: 'Case.Merged', performedBy: BY.future });
  desk.event('odd 山田', at + 2, { type: 'RelatedItem.Created', performedBy: BY.ann });
  desk.item('odd 山田', at + 3, BY.ann, 'Hologram');
  desk.item('odd 山田', at + 4, BY.bob, 'Comment', 'RelatedItem.Pinned');
  desk.event('odd 山田', at + 5, { fields: [null, { eventFieldId: 'note', newValue: text('after a null') }, null] });
  desk.event('odd 山田', at + 6, {
    performedBy: null,
    fields: [{ eventFieldId: 'vip', oldValue: null, newValue: flag(true) }],
  });
  desk.change(
    'odd 山田',
    at + 6,
    BY.ann,
    ['priority', undefined, number(1)],
    ['due', undefined, user('2026-01-02T03:04:05Z')],
  );
  desk.change('odd 山田', at + 7, BY.ann, ['title', text('Case odd 山田'), text('half a pair: \ud83d')]);
  desk.event('odd 山田', at + 8, {
    fields: [{ eventFieldId: 'note', newValue: { stringValue: 'two', doubleValue: 2 } }],
  });
  desk.event('odd 山田', at + 8, {
    other: { caseVersion: 3, 'it\'s "odd"': { 山田: [null, true] } },
    performedBy: { ...BY.ann, other: { sourceIp: '::1' } },
    fields: [
      { eventFieldId: 'note', newValue: text('beside what nobody knows'), other: { reason: '{"event":"none"}' } },
      { eventFieldId: 'vip', newValue: flag(true) },
    ],
  });
  desk.event('odd 山田', at + 8, { other: { performedTime: '2026-01-10T12:00:00.000123Z' } });
  desk.item('deleted later', at + 9, BY.ann, 'Comment');
  desk.create('unreadable', at, BY.ann);
}

/** After the names have changed: rows of a later commit. */
function later(desk: Desk, at: number): void {
  desk.change('life', at, BY.carl, ['note', text('edited while closed'), text('after the new name')]);
  desk.change('never answered', at + 1, BY.crm, ['priority', text('3'), text('1')]);
  desk.change('life', at + 2, BY.ann, ['status', text('closed'), text('open')]);
  desk.item('never answered', at + 3, BY.bob, 'Comment');
}

/** Random changes, mostly consistent, sometimes at the same millisecond, sometimes with one left out. */
function anything(desk: Desk, random: Random, at: number, cases: number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const performers = Object.values(BY) as readonly PerformedBy[];
  const values: Readonly<Record<string, readonly FieldValueUnion[]>> = {
    note: [...TEXTS.slice(2, 9).map(text), EMPTY],
    amount: [...NUMBERS.map(number), EMPTY],
    vip: [flag(true), flag(false), EMPTY],
    due: [...TIMES.slice(0, 5).map(text), EMPTY],
    status: ['open', 'closed', 'waiting', 'not an option'].map(text),
    assigned_user: ['ann', 'bob', 'carl'].map((name) => user(AGENT + name)),
    priority: [...UNKNOWN_VALUES, ...['1', '2', '3'].map(text)],
  };
  for (let index = 0; index < cases; index += 1) {
    const caseId = `random ${Math.floor(at / HOUR)} ${index}`;
    const now = new Map<string, FieldValueUnion>([['status', text('open')]]);
    let time = at + index * MINUTE;
    desk.create(caseId, time, pick(performers));
    for (let step = 0; step < 12; step += 1) {
      if (random.next() < 0.7) time += Math.floor(random.next() * 3 * MINUTE);
      if (random.next() < 0.2) desk.item(caseId, time, pick(performers), pick(['Comment', 'Contact', 'File', 'Sla']));
      const field = pick(Object.keys(values));
      const value = pick(values[field] ?? []);
      if (random.next() < 0.95) desk.change(caseId, time, pick(performers), [field, now.get(field), value]);
      now.set(field, value);
    }
  }
}
