/** The final comparison is only worth something if it notices every way in which an archive can be wrong. */
import fc from 'fast-check';
import type { CaseHistory } from '../../../local/cases/model/world';
import { compareRows, isExact } from '../../../local/demo/compare';
import { type CommitFacts, commitColumns, expectedRows, type Row } from '../../../local/demo/expected-rows';
import { comparisonLines } from '../../../local/demo/verdict';

const PERFORMED = '2026-01-02T03:04:05.678Z';
const IAM = 'arn:aws:iam::111122223333:role/r';

const HISTORY: CaseHistory[] = [
  {
    caseId: 'case-1',
    templateId: 'template-1',
    deleted: false,
    events: [
      event('e1', [
        { eventFieldId: 'title', oldValue: { stringValue: '' }, newValue: { stringValue: 'Zoë 🚲' } },
        null,
        { eventFieldId: 'amount', newValue: { doubleValue: 12.5 } },
        { eventFieldId: 'amount', oldValue: { doubleValue: Number.NaN }, newValue: { doubleValue: -0 } },
        { eventFieldId: 'vip', oldValue: { booleanValue: true }, newValue: { emptyValue: {} } },
        { eventFieldId: 'owner', newValue: { userArnValue: 'arn:u' } },
        { eventFieldId: 'new', newValue: { futureValue: { text: 'x' } } },
      ]),
      event('e2', [], { user: { customEntity: 'bot' }, iamPrincipalArn: IAM }),
      event('e3', [{ eventFieldId: 'title', newValue: { stringValue: 'b' } }], {
        user: { futureUser: { id: '7' } },
        iamPrincipalArn: IAM,
      }),
    ],
  },
];
const COMMIT: CommitFacts = {
  seq: 4,
  runId: 'run-4',
  exportedAt: 1_800_000_000_000,
  exportDate: '2027-01-15',
  domainId: 'd',
  fields: new Map([['title', { name: 'Title', type: 'Text', namespace: 'System' }]]),
};
const COMMITS = new Map([[4, COMMIT]]);
const EXPECTED = expectedRows(HISTORY);
const EXPORTED = EXPECTED.map((row): Row => ({ ...row, ...commitColumns(COMMIT, row['field_id'] ?? null) }));

describe('The rows that a history asks for', () => {
  test('say every kind of value as the data dictionary does', () => {
    const sides = EXPECTED.slice(0, 6).map((row) => [
      row['field_index'],
      ...['old_value_type', 'old_value', 'new_value_type', 'new_value', 'new_value_double'].map((name) => row[name]),
    ]);
    expect(sides).toEqual([
      [0, 'string', '', 'string', 'Zoë 🚲', null],
      [1, null, null, 'double', '12.5', 12.5],
      [2, 'double', 'NaN', 'double', '-0', -0],
      [3, 'boolean', 'true', 'empty', null, null],
      [4, null, null, 'userArn', 'arn:u', null],
      [5, null, null, 'futureValue', '{"text":"x"}', null],
    ]);
    expect(EXPECTED[3]).toMatchObject({ old_value_boolean: true, new_value_boolean: null });
  });

  test('keep an event without fields as one row, and whoever made it', () => {
    expect(EXPECTED[6]).toMatchObject({
      event_id: 'e2',
      field_index: 0,
      field_id: null,
      new_value_type: null,
      performed_time: Date.parse(PERFORMED),
      performed_by_custom_entity: 'bot',
      performed_by_other: null,
      performed_by_iam_principal_arn: IAM,
    });
    expect(EXPECTED[7]).toMatchObject({
      performed_by_custom_entity: null,
      performed_by_other: '{"futureUser":{"id":"7"}}',
    });
    expect(EXPECTED[0]).toMatchObject({ performed_by_user_arn: 'arn:agent', template_id: 'template-1' });
  });
});

describe('The comparison', () => {
  test('finds nothing wrong with an exact archive, in whatever order', () => {
    const comparison = compareRows(EXPECTED, EXPORTED.toReversed(), COMMITS);
    expect(comparison).toMatchObject({ compared: 8, missing: [], doubled: [], different: [], unknown: [] });
    expect(isExact(comparison)).toBe(true);
  });

  test('is not content with an empty archive', () => {
    expect(isExact(compareRows([], [], COMMITS))).toBe(false);
  });

  test('notices a row that is missing, doubled, or of no change at all', () => {
    fc.assert(
      fc.property(fc.nat(EXPORTED.length - 1), (at) => {
        const [row, key] = [EXPORTED[at] as Row, keyOf(EXPORTED[at] as Row)];
        expect(compareRows(EXPECTED, EXPORTED.toSpliced(at, 1), COMMITS)).toMatchObject({
          missing: [key],
          doubled: [],
        });
        expect(compareRows(EXPECTED, [...EXPORTED, row], COMMITS)).toMatchObject({ doubled: [key], missing: [] });
        const stray = { ...row, event_id: 'never' };
        expect(compareRows(EXPECTED, [...EXPORTED, stray], COMMITS).unknown).toHaveLength(1);
      }),
    );
  });

  test('notices any other value in any column that is not part of the key', () => {
    const columns = Object.keys(EXPORTED[0] as Row).filter(
      (name) => !['case_id', 'event_id', 'field_index'].includes(name),
    );
    for (const [at, row] of EXPORTED.entries()) {
      for (const column of columns.filter((name) => name !== 'commit_seq')) {
        const changed = EXPORTED.with(at, { ...row, [column]: 'something else' });
        const comparison = compareRows(EXPECTED, changed, COMMITS);
        expect(comparison.different).toEqual([{ ...keyOf(row), columns: [column] }]);
        expect(isExact(comparison)).toBe(false);
      }
      const lacking = compareRows(EXPECTED, EXPORTED.with(at, { ...row, commit_seq: 5 }), COMMITS);
      expect(lacking.different).toEqual([{ ...keyOf(row), columns: ['commit_seq'] }]);
    }
  });

  test('tells null from an empty text, and a column too few from none', () => {
    const row = EXPORTED[0] as Row;
    expect(compareRows(EXPECTED, EXPORTED.with(0, { ...row, old_value: null }), COMMITS).different).toHaveLength(1);
    const { old_value_double: _, ...fewer } = row;
    expect(compareRows(EXPECTED, EXPORTED.with(0, fewer), COMMITS).different).toHaveLength(1);
    const more = { ...row, surprise: null };
    expect(compareRows(EXPECTED, EXPORTED.with(0, more), COMMITS).different).toHaveLength(1);
  });

  test('is told by ids and column names, without a value', () => {
    const wrong = EXPORTED.with(0, { ...(EXPORTED[0] as Row), new_value: 'secret' });
    const lines = comparisonLines(compareRows(EXPECTED, wrong, COMMITS)).join('\n');
    expect(lines).toContain('0 missing · 0 doubled · 1 different · 0 unknown');
    expect(lines).toContain('different: case case-1, event e1, field 0 in new_value');
    expect(lines).not.toMatch(/secret|Zoë/);
  });
});

function event(
  eventId: string,
  fields: CaseHistory['events'][number]['event']['fields'],
  performedBy: NonNullable<CaseHistory['events'][number]['event']['performedBy']> = {
    user: { userArn: 'arn:agent' },
    iamPrincipalArn: IAM,
  },
): CaseHistory['events'][number] {
  const event = { eventId, type: 'Case.Updated', performedTime: PERFORMED, fields, performedBy };
  return { at: Date.parse(PERFORMED), injected: false, event };
}

function keyOf(row: Row) {
  return { caseId: row['case_id'], eventId: row['event_id'], fieldIndex: row['field_index'] };
}
