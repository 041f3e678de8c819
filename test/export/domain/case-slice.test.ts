/** Promises: a slice says all that a commit says of a case and nothing of another; the same from rows in memory and from rows read back. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  caseDigests,
  caseSalt,
  digestList,
  parseSeed,
  SLICE_COLUMNS,
  sliceDigest,
  sliceOf,
} from '../../../lambda/export/domain/case-slice';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { anyRows, COMMIT, edgeRows, row } from '../../support/rows';

const SEED = Buffer.alloc(32, 7);
type SliceHeader = Parameters<typeof sliceDigest>[0];

const HEADER: SliceHeader = { domainId: 'domain-1', commitSeq: 7, caseId: 'case-1', salt: caseSalt(SEED, 'case-1') };
const COMMITTED = { domainId: 'domain-1', seq: 7, seed: SEED };

function linesOf(rows: readonly object[], raw: readonly unknown[] = [], header = HEADER): string[] {
  const text = Buffer.from(sliceOf(header, rows, raw)).toString();
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** As a reader of Parquet or JSON gives a row: other types for times and numbers, columns of the commit too. */
const READ_BACK: readonly (readonly [string, (change: FieldChange) => object])[] = [
  ['with the columns of its commit', (change) => ({ ...change, ...COMMIT })],
  [
    'as another commit would write it',
    (change) => ({ ...change, exported_at: new Date(0), run_id: '', commit_seq: 9n }),
  ],
  ['with its columns in another order', (change) => Object.fromEntries(Object.entries(change).reverse())],
  ['without its nulls', (change) => Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))],
  ['without the columns of numbers and booleans', withoutTyped],
  ['with milliseconds for a time', (change) => ({ ...change, performed_time: change.performed_time.getTime() })],
  ['with a bigint for a time', (change) => ({ ...change, performed_time: BigInt(change.performed_time.getTime()) })],
  ['with a text for a time', (change) => ({ ...change, performed_time: change.performed_time.toISOString() })],
  ['with a bigint for the index', (change) => ({ ...change, field_index: BigInt(change.field_index) })],
];

function withoutTyped(change: FieldChange): object {
  const { old_value_double, new_value_double, old_value_boolean, new_value_boolean, ...rest } = change;
  return rest;
}

describe('A slice', () => {
  test('names format, domain, commit, case and salt, in this order, in its first line', () => {
    expect(linesOf([])).toEqual([
      `{"format":"case-slice/v1","domain_id":"domain-1","commit_seq":7,"case_id":"case-1","salt":"${HEADER.salt}"}`,
    ]);
  });

  test('has a line per row: columns in the dictionary’s order, without nulls, every value as text', () => {
    const change = row({
      old_value_type: 'double',
      old_value: '1.5',
      old_value_double: 1.5,
      new_value_type: 'boolean',
      new_value: 'true',
      new_value_boolean: true,
      other: '{"event":{"new":1}}',
    });
    expect(linesOf([change])[1]).toBe(
      '{"case_id":"case-1","event_id":"event-1","event_type":"Case.Updated","performed_time":"2024-05-06T07:08:09.123Z",' +
        '"performed_by_user_arn":"arn:user","performed_by_iam_principal_arn":"arn:principal","field_index":0,"field_id":"status",' +
        '"field_name":"Status","field_type":"SingleSelect","field_namespace":"System","old_value_type":"double","new_value_type":"boolean",' +
        '"old_value":"1.5","new_value":"true","template_id":"template-1","other":"{\\"event\\":{\\"new\\":1}}"}',
    );
  });

  test('has every column of the dictionary but those of the commit and the copies in other types', () => {
    const left = COLUMNS.map(({ name }) => name).filter((name) => !SLICE_COLUMNS.includes(name));
    expect(left).toEqual([
      'old_value_double',
      'new_value_double',
      'old_value_boolean',
      'new_value_boolean',
      'exported_at',
      'run_id',
      'commit_seq',
    ]);
    expect(SLICE_COLUMNS).toEqual(COLUMNS.map(({ name }) => name).filter((name) => !left.includes(name)));
  });

  test('has the raw quarantined events behind the rows, in their own order', () => {
    const raw = [{ b: 1, a: '\ud800' }, { c: { $number: '-0' } }];
    expect(linesOf([row()], raw).slice(2)).toEqual(['{"b":1,"a":"\\ud800"}', '{"c":{"$number":"-0"}}']);
  });

  test('does not depend on the order in which rows come, nor changes the list of them', () => {
    fc.assert(
      fc.property(anyRows(12), fc.infiniteStream(fc.nat()), (rows, numbers) => {
        const distinct = rows.map((change, index) => ({ ...change, field_index: index }));
        const keyed = distinct.map((change) => [numbers.next().value, change] as const);
        const shuffled = keyed.sort(([a], [b]) => a - b).map(([, change]) => change);
        const before = [...shuffled];
        expect(sliceDigest(HEADER, shuffled)).toBe(sliceDigest(HEADER, distinct));
        expect(shuffled).toEqual(before);
      }),
    );
  });

  test.each(READ_BACK)('is the same from a row %s', (_, readBack) => {
    const rows = edgeRows();
    expect(sliceDigest(HEADER, rows.map(readBack))).toBe(sliceDigest(HEADER, rows));
  });

  test('tells apart rows that differ in any of its columns', () => {
    const base = row({
      related_item_type: 'Comment',
      performed_by_custom_entity: 'e',
      performed_by_other: '{}',
      other: '{}',
    });
    const others = SLICE_COLUMNS.map((name) => {
      const value = base[name as keyof FieldChange];
      const changed = value instanceof Date ? new Date(0) : typeof value === 'number' ? value + 1 : `${value}x`;
      return sliceDigest(HEADER, [{ ...base, [name]: changed }]);
    });
    expect(new Set([sliceDigest(HEADER, [base]), ...others]).size).toBe(SLICE_COLUMNS.length + 1);
  });

  test('tells apart every part of its header, a row twice, and null from an empty text', () => {
    const digests = [
      sliceDigest(HEADER, [row()]),
      sliceDigest(HEADER, [row(), row()]),
      sliceDigest(HEADER, []),
      sliceDigest(HEADER, [row({ old_value: null })]),
      sliceDigest(HEADER, [row({ old_value: '' })]),
      ...[{ domainId: 'd' }, { commitSeq: 8 }, { caseId: 'c' }, { salt: '' }].map((change) =>
        sliceDigest({ ...HEADER, ...change }, [row()]),
      ),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('has the digest of its bytes, however long it is', () => {
    const rows = Array.from({ length: 300 }, (_, index) => row({ field_index: index, new_value: 'ü'.repeat(2_000) }));
    const raw = [{ text: 'ü'.repeat(100_000) }, {}];
    expect(sliceDigest(HEADER, rows, raw)).toBe(sha256(sliceOf(HEADER, rows, raw)));
    expect(linesOf(rows, raw)).toHaveLength(303);
  });

  test.each<[string, object]>([
    ['case_id', { case_id: null }],
    ['case_id', { case_id: 7 }],
    ['performed_time', { performed_time: null }],
    ['performed_time', { performed_time: new Date(Number.NaN) }],
    ['performed_time', { performed_time: '2024-05-06 07:08:09' }],
    ['performed_time', { performed_time: 0.5 }],
    ['performed_time', { performed_time: 9e15 }],
    ['performed_time', { performed_time: 'SECRET' }],
    ['field_index', { field_index: undefined }],
    ['field_index', { field_index: '0' }],
    ['old_value', { old_value: 7 }],
    ['old_value', { old_value: Buffer.from('SECRET') }],
    ['other', { other: { SECRET: 1 } }],
  ])('of a row with a %s that no archive holds is an error that names it and no value: %j', (column, change) => {
    const error = thrownBy(() => caseDigests(COMMITTED, [{ ...row(), ...change }]));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(String(error)).toContain(column);
    expect(String(error)).not.toContain('SECRET');
  });
});

describe('The salt of a case', () => {
  test('is HMAC-SHA256 of its id under the seed, in hex', () => {
    expect(caseSalt(SEED, 'case-ü')).toBe(createHmac('sha256', SEED).update('case-ü', 'utf8').digest('hex'));
  });

  test.each([0, 31, 33])('needs a seed of 32 bytes, not %i', (length) => {
    expect(() => caseSalt(new Uint8Array(length), 'c')).toThrow(new RangeError(`A seed is 32 bytes, not ${length}`));
  });

  test('comes from a seed that is stored as 64 hex digits, and an error never quotes another text', () => {
    expect(parseSeed(SEED.toString('hex'))).toEqual(SEED);
    for (const text of [undefined, 7, '', 'SECRET', SEED.toString('hex').slice(1), `${SEED.toString('hex')}0`]) {
      const error = thrownBy(() => parseSeed(text));
      expect(error).toBeInstanceOf(IntegrityError);
      expect(String(error)).not.toContain('SECRET');
    }
  });
});

describe('The digests of a commit', () => {
  const quarantined = [
    { caseId: 'case-2', event: { a: 1 } },
    { caseId: 'case-3', event: { b: 1 } },
    { caseId: 'case-2', event: { c: 1 } },
  ];
  const rows = ['case-1', 'case-2', 'case-1'].map((case_id, index) => row({ case_id, field_index: index }));

  test('are those of the slices of every case with a row or a quarantined event', () => {
    const header = (caseId: string): SliceHeader => ({ ...HEADER, caseId, salt: caseSalt(SEED, caseId) });
    expect(caseDigests(COMMITTED, rows, quarantined)).toEqual(
      new Map([
        ['case-1', sha256(sliceOf(header('case-1'), [rows[0], rows[2]] as FieldChange[]))],
        ['case-2', sha256(sliceOf(header('case-2'), [rows[1]] as FieldChange[], [{ a: 1 }, { c: 1 }]))],
        ['case-3', sha256(sliceOf(header('case-3'), [], [{ b: 1 }]))],
      ]),
    );
  });

  test('of a case do not depend on other cases', () => {
    const alone = caseDigests(
      COMMITTED,
      rows.slice(1, 2),
      quarantined.slice(0, 3).filter(({ caseId }) => caseId === 'case-2'),
    );
    expect(alone.get('case-2')).toBe(caseDigests(COMMITTED, rows, quarantined).get('case-2'));
  });

  test('of a case whose id is no text in UTF-8 go by the id that its rows have', () => {
    const digests = caseDigests(COMMITTED, [row({ case_id: 'a\ufffd' })], [{ caseId: 'a\ud800', event: {} }]);
    expect([...digests.keys()]).toEqual(['a\ufffd']);
  });

  test('of a quarantined event that names no case are an error', () => {
    expect(() => caseDigests(COMMITTED, [], [{ event: {} } as never])).toThrow(IntegrityError);
  });
});

describe('The list', () => {
  test('has the digests in order, a line each, and the hash of its text', () => {
    const digests = ['b', 'a', 'c'].map((text) => sha256(text));
    const { count, sha256: hash, text } = digestList(digests);
    expect(text).toBe(`${digests.toSorted().join('\n')}\n`);
    expect([count, hash]).toEqual([3, sha256(text)]);
  });

  test('keeps a digest that comes twice', () => {
    expect(digestList(['a', 'a']).text).toBe('a\na\n');
  });

  test('without cases is empty', () => {
    expect(digestList([])).toEqual({ count: 0, sha256: sha256(''), text: '' });
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
