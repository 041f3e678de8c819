/** What people and software do to cases of the edge world: whole lives, related items, duties, bulk edits. */
import type { FieldValueUnion } from '../../../../lambda/export/domain/audit-event';
import { AGENT, BY, type Desk, HOUR, MINUTE, type PerformedBy } from './edge-desk';
import { EMPTY, flag, text, user } from './edge-values';

/** Opened, taken, answered, closed, edited while closed, opened again, closed again. */
export function lives(desk: Desk, at: number): void {
  desk.create('life', at, BY.bot, {
    assigned_queue: text('Returns'),
    created_datetime: text(new Date(at).toISOString()),
  });
  desk.item('life', at + MINUTE, BY.bot, 'Comment');
  desk.change('life', at + HOUR, BY.ann, ['assigned_user', undefined, user(`${AGENT}ann`)]);
  desk.item('life', at + 90 * MINUTE, BY.bob, 'Contact');
  desk.item('life', at + 91 * MINUTE, BY.ann, 'Comment');
  desk.change('life', at + 2 * HOUR, BY.bob, ['assigned_user', user(`${AGENT}ann`), user(`${AGENT}bob`)]);
  desk.change(
    'life',
    at + 3 * HOUR,
    BY.bob,
    ['status', text('open'), text('closed')],
    ['note', undefined, text('done')],
  );
  desk.change('life', at + 4 * HOUR, BY.crm, ['note', text('done'), text('edited while closed')]);
  desk.item('life', at + 5 * HOUR, BY.carl, 'Comment');
  desk.change(
    'life',
    at + 6 * HOUR,
    BY.strangeArn,
    ['status', text('closed'), text('open')],
    ['vip', undefined, flag(true)],
  );
  desk.change('life', at + 7 * HOUR, BY.ann, ['assigned_queue', text('Returns'), text('Workshop')]);
  desk.change('life', at + 8 * HOUR, BY.ann, ['status', text('open'), text('waiting')]);
  desk.change('life', at + 9 * HOUR, BY.nightly, ['status', text('waiting'), text('closed')]);
  desk.item('life', at + 9 * HOUR, BY.ann, 'Comment', 'RelatedItem.Updated');
  relatedItems(desk, at);
  duties(desk, at);
  desk.create('born closed', at + HOUR, BY.ada, { status: text('closed') });
  desk.change('born closed', at + 2 * HOUR, BY.importer, ['assigned_user', EMPTY, user('arn:not:a:person')]);
  desk.create('never answered', at + 25 * HOUR, BY.carl, { priority: text('1') });
  desk.change('never answered', at + 26 * HOUR, undefined, ['priority', text('1'), text('2')]);
  desk.change(
    'never answered',
    at + 27 * HOUR,
    BY.ann,
    ['priority', text('2'), text('3')],
    ['doomed', undefined, text('still here')],
  );
}

/** Approved and closed by one, in either order; by two; by one role; refused and closed by one. */
function duties(desk: Desk, at: number): void {
  const approved = ['vip', undefined, flag(true)] as const;
  const closed = ['status', text('open'), text('closed')] as const;
  const pairs: readonly (readonly [string, PerformedBy, PerformedBy])[] = [
    ['by one', BY.ann, BY.ann],
    ['by two', BY.bob, BY.ann],
    ['by a role', BY.crm, BY.crm],
  ];
  for (const [name, first, second] of pairs) {
    desk.create(`approved, then closed ${name}`, at, BY.bot);
    desk.change(`approved, then closed ${name}`, at + HOUR, first, [...approved]);
    desk.change(`approved, then closed ${name}`, at + 2 * HOUR, second, [...closed]);
    desk.create(`closed, then approved ${name}`, at, BY.bot);
    desk.change(`closed, then approved ${name}`, at + HOUR, first, [...closed]);
    desk.change(`closed, then approved ${name}`, at + 2 * HOUR, second, [...approved]);
  }
  desk.create('refused and closed', at, BY.bot);
  desk.change('refused and closed', at + HOUR, BY.ann, ['vip', undefined, flag(false)], [...closed]);
}

/** Related items whose members have the ids of fields, one of each kind, and SLAs that are met, missed and reported. */
function relatedItems(desk: Desk, at: number): void {
  const members = (...fields: readonly (readonly [string, FieldValueUnion])[]) =>
    fields.map(([eventFieldId, newValue]) => ({ eventFieldId, newValue, oldValue: newValue }));
  for (const relatedItemType of ['Sla', 'Comment', 'Contact', 'File', 'ConnectCase', 'Custom', 'Hologram', undefined]) {
    const fields = members(['status', text('closed')], ['due', text('2026-01-02T03:04:05Z')], ['note', text('x')]);
    const event = { type: 'RelatedItem.Created', performedBy: BY.bot, fields };
    desk.event('same ids', at + HOUR, relatedItemType === undefined ? event : { ...event, relatedItemType });
  }
  const sla = (
    caseId: string,
    after: number,
    type: string,
    ...fields: readonly (readonly [string, FieldValueUnion])[]
  ) =>
    desk.event(caseId, at + after, { type, relatedItemType: 'Sla', performedBy: BY.bot, fields: members(...fields) });
  const made = (caseId: string, after: number, minutes: number, name: string, fieldId = 'status') =>
    sla(
      caseId,
      after,
      'RelatedItem.Created',
      ['name', text(name)],
      ['fieldId', text(fieldId)],
      ['status', text('Active')],
      ['targetTime', text(new Date(at + after + minutes * MINUTE).toISOString())],
    );
  made('life', MINUTE, 600, 'Solved');
  made('life', 2 * MINUTE, 5, 'Solved');
  made('born closed', 2 * HOUR, 60, 'Solved');
  made('never answered', 25 * HOUR, 60, 'Solved');
  sla('never answered', 26 * HOUR, 'RelatedItem.Updated', ['status', text('Overdue')]);
  made('never answered 2', 25 * HOUR, 60 * 24 * 90, 'Solved', 'priority');
  sla('no target', HOUR, 'RelatedItem.Created', ['name', text('Nothing else')]);
}

/** A role changes twelve cases in one hour and nine in the next; an agent changes as many. */
export function bulk(desk: Desk, at: number): void {
  for (let index = 0; index < 12; index += 1) {
    const caseId = `bulk ${index}`;
    desk.create(caseId, at + index, BY.ann, { priority: text('2') });
    desk.change(
      caseId,
      at + HOUR + index * MINUTE,
      BY.crm,
      ['priority', text('2'), text('1')],
      ['note', undefined, text('x')],
    );
    if (index < 9) desk.change(caseId, at + 2 * HOUR + index * MINUTE, BY.crm, ['priority', text('1'), EMPTY]);
    desk.change(caseId, at + 3 * HOUR + index * MINUTE, BY.bob, ['priority', index < 9 ? EMPTY : text('1'), text('2')]);
  }
}
