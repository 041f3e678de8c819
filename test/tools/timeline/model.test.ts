/** What the page says of rows: order, present state, joins, ties, names; nothing twice and nothing left out. */
import { dictionaryOf } from '../../../tools/timeline/evidence';
import { clockIn, duration } from '../../../tools/timeline/html/times';
import { buildTimeline } from '../../../tools/timeline/model';
import { all, one, readPage, text } from './page-reader';
import { change, commit, evidence, NO_NAMES, pageOf, START } from './rows';

const timelineOf = (...rows: ReturnType<typeof change>[]) => buildTimeline('case-1', rows, NO_NAMES, new Map());

const breaksOf = (...rows: ReturnType<typeof change>[]) =>
  timelineOf(...rows).events.map(({ changes }) => changes.map(({ join }) => (join === null ? 'joins' : join.after)));

const created = change(1, { eventType: 'Case.Created', oldType: null, oldValue: null, newValue: 'open' });

const NO_FIELDS = { version: 1, domainId: 'domain-1', seq: 1, fields: [] } as const;

describe('An old value', () => {
  test('joins on to what the change before left, also where there was nothing, cleared or absent', () => {
    const cleared = change(3, { oldValue: 'closed', newType: 'empty', newValue: null });
    const again = change(4, { oldType: null, oldValue: null, newValue: 'open' });
    expect(breaksOf(created, change(2), cleared, again)).toEqual([['joins'], ['joins'], ['joins'], ['joins']]);
  });

  test('that is another one is a break, named by the event before', () => {
    expect(breaksOf(created, change(2, { oldValue: 'waiting' }))).toEqual([['joins'], [1]]);
    expect(text(readPage(pageOf([created, change(2, { oldValue: 'waiting' })])))).toContain('Not what event 1 left');
  });

  test('that nothing before gave is a break; a text and a number that look alike are two values', () => {
    const rows = [change(1, { newType: 'double', newValue: '5' }), change(2, { oldValue: '5' })];
    expect(timelineOf(...rows).events.map(({ changes }) => changes[0]?.join)).toEqual([{ after: null }, { after: 1 }]);
  });

  test('is not judged among events of one millisecond, nor right behind them', () => {
    const tied = [
      change(2, { oldValue: 'b', newValue: 'c' }),
      change(3, { oldValue: 'open', newValue: 'b', performedAt: START + 120_000 }),
    ];
    expect(breaksOf(created, ...tied, change(4, { oldValue: 'c' }), change(5, { oldValue: 'x' }))).toEqual([
      ['joins'],
      ['joins'],
      ['joins'],
      ['joins'],
      [4],
    ]);
  });

  test('of a related item is not judged, as no event says which item it is', () => {
    expect(breaksOf(change(1, { relatedItemType: 'Sla' }), change(2, { relatedItemType: 'Sla' }))).toEqual([
      ['joins'],
      ['joins'],
    ]);
  });
});

describe('The present state', () => {
  test('is the last value of each field of the case, and no field of a related item', () => {
    const rows = [created, change(2), change(3, { relatedItemType: 'Sla', newValue: 'Active' })];
    expect(timelineOf(...rows).current).toMatchObject([
      { field: { id: 'status' }, value: { text: 'closed' }, setBy: 2 },
    ]);
  });

  test('says so where two events of one millisecond set a field', () => {
    const { current, hasTies } = timelineOf(
      created,
      change(2),
      change(3, { performedAt: START + 120_000, newValue: 'waiting' }),
    );
    expect(current).toMatchObject([{ isTied: true }]);
    expect(hasTies).toBe(true);
  });

  test('calls fields as the newest dictionary does, and events as the rows do', () => {
    const field = { fieldId: 'status', name: 'Stage', type: 'SingleSelect', namespace: 'System', deleted: true };
    const dictionary = dictionaryOf([{ ...NO_FIELDS, seq: 2, fields: [field] }]);
    const { current, events } = buildTimeline('c', [created], dictionary, new Map());
    expect(current[0]?.field).toMatchObject({ name: 'Stage', isDeleted: true });
    expect(events[0]?.changes[0]?.field).toMatchObject({ name: 'Status', nameNow: 'Stage' });
  });
});

describe('Names', () => {
  const label = (name: string) => [
    { fieldId: 'status', asOf: 'then', options: [{ value: 'open', name, active: true }] },
  ];
  const dictionary = dictionaryOf([
    { ...NO_FIELDS, seq: 3, options: label('Reopened') },
    {
      ...NO_FIELDS,
      options: label('Open'),
      templates: { asOf: 'then', templates: [{ templateId: 'template-1', name: 'Complaint', status: 'Active' }] },
    },
    { ...NO_FIELDS, seq: 4 },
  ]);

  test.each([
    [1, 'Open'],
    [2, 'Open'],
    [3, 'Reopened'],
    [4, null],
  ])('of a select value are those of the commit: %i', (seq, expected) => {
    expect(dictionary.label('status', 'open', seq)).toBe(expected);
  });

  test('of select values are not lent to related items that share a field id', () => {
    const { events } = buildTimeline('c', [change(1), change(2, { relatedItemType: 'Sla' })], dictionary, new Map());
    expect(events.map(({ changes }) => changes[0]?.before)).toMatchObject([{ label: 'Open' }, { label: null }]);
  });

  test.each(['Sla', 'Comment', 'Contact', 'File', 'ConnectCase', 'Hologram', null])(
    'and types of fields are not lent to the members of a related item: %s',
    (relatedItemType) => {
      const row = change(1, { eventType: 'RelatedItem.Created', relatedItemType });
      const { events, current } = buildTimeline('c', [row], dictionary, new Map());
      expect(events[0]?.changes[0]).toMatchObject({
        field: { id: 'status', name: null, type: null, nameNow: null, isDeleted: false },
        before: { label: null },
        after: { label: null },
        join: null,
      });
      expect(current).toEqual([]);
    },
  );

  test('and types of fields are those of a custom item, too, as its ids are ids of fields', () => {
    const row = change(1, { eventType: 'RelatedItem.Created', relatedItemType: 'Custom' });
    const { events, current } = buildTimeline('c', [row], dictionary, new Map());
    expect(events[0]?.changes[0]).toMatchObject({
      field: { name: 'Status', type: 'SingleSelect' },
      before: { label: 'Open' },
    });
    expect(current).toEqual([]);
  });

  test('of templates outlive a refused look-up', () => {
    expect(dictionary.templateName('template-1')).toBe('Complaint');
    expect(dictionary.templateName('template-2')).toBeNull();
  });

  test('of users come from the owner’s list, with the whole ARN in a note; without, the ARN’s tail', () => {
    const rows = [change(1), change(2, { userArn: 'arn:aws:connect:eu:1:instance/i/agent/jonas' })];
    const users = new Map([[String(rows[0]?.userArn), { name: 'Maria L.', team: 'Desk' }]]);
    const page = readPage(pageOf(rows, { users }));
    expect(all(page, 'who').map(text)).toEqual([
      'by Maria L. (Desk)[1], through role/desk[2]',
      'by jonas[3], through role/desk[2]',
    ]);
    expect(text(one(one(page, '#note-1'), 'arn'))).toBe(rows[0]?.userArn);
    expect(text(one(one(page, '#note-3'), 'arn'))).toBe(rows[1]?.userArn);
  });
});

describe('Times', () => {
  test('stand in the zone of the page, with its offset at that time, and in no other', () => {
    const summer = Date.UTC(2026, 6, 1, 22, 30);
    const page = readPage(pageOf([change(1), change(2, { performedAt: summer })], { zone: 'Europe/Berlin' }));
    expect(all(page, 'when').map((when) => text(when))).toEqual([
      '2026-01-10 13:01:00.000 +01:00',
      '2026-07-02 00:30:00.000 +02:00+ 172 d 10 h',
    ]);
  });

  test.each([
    ['UTC', -1, '1969-12-31 23:59:59.999 UTC'],
    ['Asia/Kathmandu', -1, '1970-01-01 05:29:59.999 +05:30'],
    ['Europe/London', 5, '1970-01-01 01:00:00.005 +01:00'],
    ['Africa/Abidjan', 5, '1970-01-01 00:00:00.005 +00:00'],
    ['Europe/Berlin', 8.64e15, '+275760-09-13 00:00:00.000 UTC'],
  ])('in %s at %d', (zone, at, expected) => {
    const { date, time } = clockIn(zone).format(at);
    expect(`${date} ${time}`).toBe(expected);
  });

  test.each([
    [0, '0.000 s'],
    [59_999, '59.999 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min 59 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms apart: %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected);
  });
});

test('Every kind of value is told from every other', () => {
  const sides = [
    [null, null],
    ['empty', null],
    ['string', ''],
    ['string', 'empty'],
    ['double', '-0'],
    ['boolean', 'true'],
    ['userArn', 'arn:x/y'],
    ['listValue', '["a"]'],
  ] as const;
  const rows = sides.map(([newType, newValue], index) =>
    change(1, { fieldIndex: index, fieldId: `f${index}`, newType, newValue }),
  );
  const shown = all(one(readPage(pageOf(rows)), '<article>'), '<tr>')
    .slice(1)
    .map((row) => text(all(row, '<td>')[1] ?? row));
  expect(shown).toEqual([
    'not given',
    'empty',
    'empty text',
    'empty',
    '-0 (number)',
    'true (true or false)',
    'y[3]',
    '["a"] (kind listValue)',
  ]);
  // Alike as text only: what the page says itself stands in a class of its own.
  expect(all(one(readPage(pageOf(rows)), 'changes'), 'none').length).toBe(3);
});

test('A long text stands whole and can be folded away, open from the start', () => {
  const long = '😀<'.repeat(1_366);
  const details = one(readPage(pageOf([change(1, { newValue: long, relatedItemType: 'Comment' })])), '<details>');
  expect(details.attributes).toHaveProperty('open');
  expect(text(one(details, 'text'))).toBe(long);
  expect(text(one(details, '<summary>'))).toBe('Text of 2,732 characters');
});

test('A row that is there twice is shown and named', () => {
  expect(timelineOf(change(1), change(1)).duplicateRows).toBe(1);
  expect(text(readPage(pageOf([change(1), change(1)])))).toContain('1 row more than once');
});

describe('The heading', () => {
  const title = (values: Parameters<typeof change>[1]) =>
    change(1, { fieldId: 'title', fieldName: 'Title', ...values });
  const reference = change(2, { fieldId: 'reference_number', newValue: '00000051' });
  const headingOf = (...rows: ReturnType<typeof change>[]) => {
    const page = readPage(pageOf(rows));
    return [text(one(page, '<title>')), text(one(page, '<h1>')), text(one(page, '<header>'))];
  };

  test('is the title that the case has now, with its reference number and its id', () => {
    const [window, heading, header] = headingOf(
      title({ newValue: 'Old' }),
      reference,
      title({ newValue: 'Brake & bell' }),
    );
    expect(window).toBe('Case timeline 00000051 · Brake & bell');
    expect(heading).toBe('Brake & bell');
    expect(header).toContain('Reference number00000051');
    expect(header).toContain('Casecase-1');
  });

  test('is the id where the title was cleared, is blank, or is a field of a related item', () => {
    for (const values of [
      { newType: 'empty', newValue: null },
      { newValue: ' ' },
      { newValue: 'x', relatedItemType: 'Comment' },
    ]) {
      expect(headingOf(title(values)).slice(0, 2)).toEqual(['Case timeline case-1', 'case-1']);
    }
  });
});

describe('One page', () => {
  test('has one zone: also in its reasons, its debts and its evidence, but for values as they were stored', () => {
    const newest = commit(1, {
      debts: [{ cause: 'waiting', cases: 1, neverRead: 0, since: START, missingFrom: START - 1 }],
      gaps: new Map([['case-1', { cause: 'denied', since: '2026-01-10T12:00:00.000Z', attempts: 2 }]]),
    });
    const proof = evidence({ commits: [newest], problems: ['Manifest 2, made 2026-01-10T12:00:00Z, is missing.'] });
    const rows = [change(1, { newValue: '2026-01-10T12:34:56.789Z' })];
    const shown = text(readPage(pageOf(rows, { zone: 'Asia/Kathmandu', evidence: proof })));
    expect(shown.match(/\d{4}-\d{2}-\d{2}T\S*/g)).toEqual(['2026-01-10T12:34:56.789Z', '2026-01-10T12:34:56.789Z']);
    expect(shown).not.toContain('UTC');
    expect(shown).toContain('could not be read to its end since 2026-01-10 17:45:00.000 +05:45 (denied');
    expect(shown).toContain('Manifest 2, made 2026-01-10 17:45:00.000 +05:45, is missing.');
    expect(shown).toContain('number 1, made 2026-01-10 18:45:00.000 +05:45');
    expect(shown).toContain('Times inAsia/Kathmandu; values of fields as stored');
  });

  test('prints its events one behind the other: no part begins a sheet of its own', () => {
    expect(text(one(readPage(pageOf([change(1)])), '<style>'))).not.toMatch(
      /break-(?:before|after):\s*(?:page|left|right)/,
    );
  });
});
