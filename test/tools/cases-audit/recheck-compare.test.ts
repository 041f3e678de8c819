/** Promise: of every difference between a history and the archive the comparison says whether it is a contradiction, and why not. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import type { Claim } from '../../../tools/cases-audit/recheck/claim';
import { compareCase } from '../../../tools/cases-audit/recheck/compare';
import type { ArchivedRaw, ArchivedRow } from '../../../tools/cases-audit/recheck/event-rows';
import { event, field, HOSTILE, HOUR, item, LONE, NOON, poison, rawOf, rowsOf } from './told-events';

/** Everything up to three o'clock, and a scan over all cases since two. */
const CLAIM: Claim = {
  isWhollyRead: true,
  commit: 9,
  exportedAt: '2026-01-10T15:10:00.000Z',
  changesUntil: NOON + 3 * HOUR,
  relatedUntil: NOON + 3 * HOUR - 60_000,
  historyFinished: true,
  historyReached: NOON + 2 * HOUR,
  scannedFrom: NOON + 2 * HOUR,
  exportFrom: null,
  owed: new Set(),
  unnamedDebts: [],
  casesNotFound: 0,
  changedUpstream: new Set(),
};

const CREATED = event('created', { type: 'Case.Created' });
const CHANGED = event('changed', {
  at: NOON + HOUR,
  fields: [field('status', 'open', 'closed'), field('title', 'a', 'b')],
});

const BOTH = [CREATED, CHANGED];
const ALL_ROWS = [...rowsOf(CREATED), ...rowsOf(CHANGED)];

/** What is not as it should be; else the service tells both events, and the archive has all of their rows. */
interface Both {
  readonly told?: readonly AuditEvent[];
  readonly rows?: readonly ArchivedRow[];
  readonly raw?: readonly ArchivedRaw[];
  readonly claim?: Partial<Claim>;
  readonly isWhole?: boolean;
}

/** `kind event field columns` of contradictions, and how often which excuse was used. */
function compare({ told = BOTH, rows = ALL_ROWS, raw = [], claim = {}, isWhole = true }: Both) {
  const found = compareCase({ caseId: 'case-1', rows, raw }, { events: told, isWhole }, { ...CLAIM, ...claim });
  return {
    contradictions: found.contradictions.map(({ kind, eventId, fieldId, columns }) =>
      [kind, eventId, ...(fieldId === null ? [] : [fieldId]), ...columns].join(' '),
    ),
    excused: Object.fromEntries(found.excused),
    isWhole: found.isWhole,
  };
}

describe('no difference', () => {
  test.each<[string, Both]>([
    ['the same events in another order', { told: BOTH.toReversed() }],
    ['each event twice, as on two pages', { told: [...BOTH, ...BOTH] }],
    ['hostile ids and values', { told: HOSTILE, rows: HOSTILE.flatMap((one) => rowsOf(one)) }],
    ['a text that is none, kept raw beside its row', { told: [LONE], rows: rowsOf(LONE), raw: [rawOf(LONE, true)] }],
    [
      'other labels, and another template',
      { rows: ALL_ROWS.map((row) => ({ ...row, field_name: 'x', template_id: 'y' })) },
    ],
    ['a file that is older than a column', { rows: ALL_ROWS.map((row) => ({ ...row, other: undefined })) }],
    ['nothing on both sides', { told: [], rows: [] }],
  ])('%s', (_, both) => {
    expect(compare(both)).toEqual({ contradictions: [], excused: {}, isWhole: true });
  });
});

const OTHER_VALUES: Partial<ArchivedRow> = {
  event_type: 'Case.Created',
  performed_time: new Date(NOON + 1),
  related_item_type: 'Comment',
  performed_by_user_arn: 'arn:other',
  performed_by_custom_entity: 'somebody',
  performed_by_other: '{}',
  performed_by_iam_principal_arn: 'arn:other',
  old_value_type: 'empty',
  new_value_type: 'userArn',
  old_value: 'other',
  new_value: 'other',
  old_value_double: 1,
  new_value_double: 1,
  old_value_boolean: true,
  new_value_boolean: true,
  other: '{}',
  field_index: 7,
};

describe('contradictions', () => {
  test.each(Object.keys(OTHER_VALUES) as (keyof ArchivedRow)[])('the column %s of one row', (column) => {
    const rows = ALL_ROWS.map((row) => (row.new_value === 'b' ? { ...row, [column]: OTHER_VALUES[column] } : row));
    expect(compare({ rows }).contradictions).toEqual([`value-differs changed title ${column}`]);
  });

  const STATUS = ALL_ROWS[1] as ArchivedRow;
  test.each<[string, Both, string[]]>([
    ['an event without any row', { rows: rowsOf(CREATED) }, ['event-missing changed']],
    ['a case without any row', { rows: [] }, ['event-missing created', 'event-missing changed']],
    ['rows of an event that nobody tells', { told: [CREATED] }, ['event-unknown changed']],
    ['a quarantined event that nobody tells', { raw: [rawOf(event('x'))] }, ['event-unknown x']],
    [
      'a row of a field that the event has not',
      { rows: [...ALL_ROWS, { ...STATUS, field_id: 'extra', field_index: 2 }] },
      ['field-unknown changed extra'],
    ],
    ['a row twice', { rows: [...ALL_ROWS, STATUS] }, ['field-unknown changed status']],
    [
      'a field without a row',
      { rows: ALL_ROWS.filter((row) => row.new_value !== 'b') },
      ['field-missing changed title'],
    ],
    [
      'two fields that changed places',
      { rows: [...rowsOf(CREATED), ...rowsOf({ ...CHANGED, fields: CHANGED.fields?.toReversed() })] },
      ['value-differs changed status field_index', 'value-differs changed title field_index'],
    ],
    [
      'a quarantined event that was altered',
      { told: [CREATED, poison(1)], rows: rowsOf(CREATED), raw: [rawOf(poison(2))] },
      ['value-differs poison event'],
    ],
    [
      'a raw text beside a row that holds U+FFFD',
      {
        told: [LONE],
        rows: rowsOf(LONE),
        raw: [rawOf({ ...LONE, fields: [field('lone', '\udffe', 'x')] }, true)],
      },
      ['value-differs \ufffd event'],
    ],
    [
      'a comment that is older than the last scan',
      { told: [...BOTH, item('RelatedItem.Updated', NOON + HOUR)] },
      ['event-missing item'],
    ],
    [
      'an edit of a comment that is older than an event which was read',
      {
        told: [...BOTH, item('RelatedItem.Updated', NOON)],
        claim: { scannedFrom: null, historyFinished: false, historyReached: NOON + HOUR },
      },
      ['event-missing item'],
    ],
  ])('%s', (_, both, contradictions) => {
    expect(compare(both)).toMatchObject({ contradictions, excused: {} });
  });
});

const NULLED = { ...CHANGED, fields: [null, ...(CHANGED.fields ?? []).slice(1)] } as AuditEvent;
/** As they are written when the field that came as null is told at last. */
const COMPLETED = rowsOf(CHANGED).map((row) => ({
  ...row,
  field_index: row.field_id === 'title' ? 0 : 1,
  commit_seq: 5,
}));

describe('differences that are no contradiction', () => {
  const late = (id: string, hours: number) => event(id, { at: NOON + hours * HOUR });
  const noted = { changedUpstream: new Set(['case-1']) };
  const onlyFirst = rowsOf(CREATED);
  test.each<[string, Both, Record<string, number>]>([
    ['an event after the watermark', { told: [...BOTH, late('late', 4)] }, { newer: 1 }],
    [
      'a new comment after the watermark of related items',
      { told: [...BOTH, item('RelatedItem.Created', NOON + 3 * HOUR)] },
      { newer: 1 },
    ],
    [
      'a new comment while related items were never searched',
      { told: [...BOTH, item('RelatedItem.Created', NOON + 2 * HOUR)], claim: { relatedUntil: null } },
      { 'no-claim': 1 },
    ],
    [
      'an edit of a comment since the last scan',
      { told: [...BOTH, item('RelatedItem.Updated', NOON + 2.5 * HOUR)] },
      { 'related-later': 1 },
    ],
    [
      'a type that does not exist yet, since the last scan',
      { told: [...BOTH, item('Sla.Breached', NOON + 2.5 * HOUR)] },
      { 'related-later': 1 },
    ],
    ['a case that the manifest owes', { rows: onlyFirst, claim: { owed: new Set(['case-1']) } }, { owed: 1 }],
    [
      'a case that may be one of those that are only counted',
      { rows: onlyFirst, claim: { unnamedDebts: [{ missingFrom: NOON + HOUR }] } },
      { 'maybe-owed': 1 },
    ],
    ['a case that the last scan did not find', { rows: [], claim: { casesNotFound: 1 } }, { 'maybe-owed': 2 }],
    [
      'a case last changed before EXPORT_FROM',
      { rows: [], claim: { exportFrom: NOON + 2 * HOUR } },
      { 'before-export-from': 2 },
    ],
    [
      'a case that the backfill has not come by',
      { rows: [], claim: { historyFinished: false, historyReached: NOON } },
      { 'no-claim': 2 },
    ],
    [
      'a case of which a commit holds the first pages, and that the backfill has not come by',
      { rows: rowsOf(CHANGED), claim: { scannedFrom: null, historyFinished: false, historyReached: NOON } },
      { 'no-claim': 1 },
    ],
    [
      'a change after the watermark, of which a later one was read first',
      { told: [...BOTH, late('first', 4), late('then', 5)], rows: [...ALL_ROWS, ...rowsOf(late('then', 5))] },
      { newer: 1 },
    ],
    ['an archive that keeps no account', { rows: onlyFirst, claim: { changesUntil: null } }, { 'no-claim': 1 }],
    [
      'an archive that could be read in part',
      { rows: onlyFirst, claim: { isWhollyRead: false } },
      { 'archive-unread': 1 },
    ],
    ['an event without a time', { told: [...BOTH, poison(1)] }, { 'no-time': 1 }],
    ['a history without its beginning', { told: [CHANGED] }, { 'history-trimmed': 1 }],
    ['a change that the exporter has noted', { told: [CREATED], claim: noted }, { 'changed-upstream': 1 }],
    [
      'a value that changed, as the exporter has noted',
      { told: [CREATED, { ...CHANGED, type: 'Case.Reopened' }], claim: noted },
      { 'changed-upstream': 1 },
    ],
    ['a field that comes as null now', { told: [CREATED, NULLED] }, { 'null-field': 1 }],
    ['all fields come as null now', { told: [CREATED, { ...CHANGED, fields: [null, null] }] }, { 'null-field': 1 }],
    [
      'a field that came as null at the export',
      { rows: [...onlyFirst, ...rowsOf(NULLED)], raw: [rawOf(NULLED, true)] },
      { 'null-field': 1 },
    ],
    ['a field that was completed later', { rows: [...onlyFirst, ...COMPLETED], raw: [rawOf(NULLED, true)] }, {}],
    [
      'an event in quarantine as it is',
      { told: [CREATED, poison(1)], rows: onlyFirst, raw: [rawOf(poison(1))] },
      { quarantined: 1 },
    ],
    [
      'two contents of one event, of which the archive has the first',
      { told: [CREATED, CHANGED, { ...CHANGED, type: 'X' }] },
      { 'told-twice': 1 },
    ],
    [
      'two contents of one event, of which the archive has the second',
      { told: [CREATED, { ...CHANGED, type: 'X' }, CHANGED] },
      { 'told-twice': 1 },
    ],
  ])('%s', (_, both, excused) => {
    expect(compare(both)).toMatchObject({ contradictions: [], excused });
  });

  test('what is missing in a history that did not come whole says nothing', () => {
    const open = { contradictions: [], excused: {}, isWhole: false };
    expect(compare({ told: [CREATED], isWhole: false })).toEqual(open);
    const { fields: _, ...bare } = CHANGED;
    expect(compare({ told: [CREATED, bare] })).toEqual(open);
  });

  test('a made-up event before the creation of its case is no trimmed history', () => {
    const early = rowsOf(event('early', { at: NOON - HOUR }));
    expect(compare({ rows: [...ALL_ROWS, ...early] }).contradictions).toEqual(['event-unknown early']);
  });

  test('two contents of one event, neither of which the archive has', () => {
    const told = [CREATED, { ...CHANGED, type: 'X' }, { ...CHANGED, type: 'Y' }];
    expect(compare({ told }).contradictions.length).toBeGreaterThan(0);
  });
});

test('an id that another case has too is compared with its own rows alone', () => {
  const other = rowsOf(CHANGED).map((row) => ({ ...row, case_id: 'case-2', new_value: 'other' }));
  const found = compareCase({ caseId: 'case-2', rows: other, raw: [] }, { events: [CHANGED], isWhole: true }, CLAIM);
  expect(found.contradictions.map(({ caseId }) => caseId)).toEqual(['case-2', 'case-2']);
  expect(compare({}).contradictions).toEqual([]);
});
