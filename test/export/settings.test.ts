import fc from 'fast-check';
import { InvalidInputError } from '../../lambda/export/domain/errors';
import { noteKeyOf } from '../../lambda/export/domain/note-keys';
import { readEvent } from '../../lambda/export/event';
import { readSettings, settingsHash } from '../../lambda/export/settings';
import { ecKeyFromText } from '../../local/kms/ecdsa';
import { anyCharacter } from './domain/arbitraries';

const REQUIRED = { EXPORT_BUCKET: 'audit-archive', CHECKPOINT_TABLE: 'audit-checkpoints' };
const SIGNING_KEY = {
  arn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  spki: Buffer.from(ecKeyFromText('one').spki).toString('base64'),
};
const CENTURY_MS = 36_525 * 86_400_000;

const RATES = {
  SEARCH_CASES_RPS: 'searchCasesRps',
  AUDIT_EVENTS_RPS: 'auditEventsRps',
  RELATED_ITEMS_RPS: 'relatedItemsRps',
} as const;
const SECONDS = {
  SETTLE_SECONDS: 'settleMs',
  OVERLAP_SECONDS: 'overlapMs',
  MAX_LAG_SECONDS: 'maxLagMs',
  COMMIT_RESERVE_SECONDS: 'commitReserveMs',
  LEASE_MARGIN_SECONDS: 'leaseMarginMs',
} as const;
const COUNTS = { MAX_ROWS_PER_COMMIT: 'maxRowsPerCommit', MAX_BYTES_PER_COMMIT: 'maxBytesPerCommit' } as const;
const RATE_NAMES = Object.keys(RATES) as (keyof typeof RATES)[];
const SECOND_NAMES = Object.keys(SECONDS) as (keyof typeof SECONDS)[];
const COUNT_NAMES = Object.keys(COUNTS) as (keyof typeof COUNTS)[];
const NUMBER_NAMES = [...RATE_NAMES, ...SECOND_NAMES, ...COUNT_NAMES, 'SWEEP_DAYS'];

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as InvalidInputError).message.split('\n').slice(1);
  }
  throw new Error('these settings were accepted');
}

function problemOf(name: string, value: string): string {
  const problems = problemsOf({ ...REQUIRED, [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^- ${name}: `));
  return problems[0] as string;
}

describe('readSettings: defaults', () => {
  test('the bucket and the table are enough', () => {
    expect(readSettings(REQUIRED)).toEqual({
      exportBucket: 'audit-archive',
      stagingBucket: 'audit-archive',
      checkpointTable: 'audit-checkpoints',
      exportFrom: null,
      searchCasesRps: 1.5,
      auditEventsRps: 1.5,
      relatedItemsRps: 1.5,
      settleMs: 180_000,
      overlapMs: 900_000,
      maxLagMs: 900_000,
      sweepDays: 30,
      maxRowsPerCommit: 100_000,
      maxBytesPerCommit: 50_331_648,
      commitReserveMs: 30_000,
      leaseMarginMs: 5_000,
      signingKeys: [],
    });
  });

  test('an empty string counts as missing, for every variable', () => {
    const names = [...NUMBER_NAMES, 'EXPORT_FROM', 'STAGING_BUCKET', 'SIGNING_KEYS'];
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(readSettings({ ...empty, ...REQUIRED })).toEqual(readSettings(REQUIRED));
    expect(problemsOf({ EXPORT_BUCKET: '', CHECKPOINT_TABLE: 'audit-checkpoints' })).toEqual([
      expect.stringMatching(/^- EXPORT_BUCKET: missing, expected the name of an S3 bucket .*; set it$/),
    ]);
  });

  test('variables of other programs are not looked at', () => {
    expect(readSettings({ ...REQUIRED, PATH: '/bin', AWS_REGION: 'eu-west-1', UNSET: undefined })).toEqual(
      readSettings(REQUIRED),
    );
  });
});

describe('readSettings: values that are legal', () => {
  test.each(RATE_NAMES)('%s may be anything above 0 and up to 10,000', (name) => {
    for (const value of ['0.0001', '1', '1.5', '10000']) {
      expect(readSettings({ ...REQUIRED, [name]: value })[RATES[name]]).toBe(Number(value));
    }
  });

  test.each(SECOND_NAMES)('%s may be 0, a fraction, and any size', (name) => {
    const cases = { '0': 0, '0.25': 250, '1': 1_000, '86400': 86_400_000, '99999999999999999999999': CENTURY_MS };
    for (const [value, ms] of Object.entries(cases)) {
      expect(readSettings({ ...REQUIRED, [name]: value })[SECONDS[name]]).toBe(ms);
    }
  });

  test.each(COUNT_NAMES)('%s may be 1 and any whole number above', (name) => {
    for (const value of ['1', '2', '100000']) {
      expect(readSettings({ ...REQUIRED, [name]: value })[COUNTS[name]]).toBe(Number(value));
    }
    expect(readSettings({ ...REQUIRED, [name]: '9'.repeat(400) })[COUNTS[name]]).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('SWEEP_DAYS may be 0, a fraction, and any size', () => {
    for (const [value, days] of Object.entries({ '0': 0, '0.5': 0.5, '30': 30, '1000000000': 36_525 })) {
      expect(readSettings({ ...REQUIRED, SWEEP_DAYS: value }).sweepDays).toBe(days);
    }
  });

  test('STAGING_BUCKET is a bucket of its own when given', () => {
    const settings = readSettings({ ...REQUIRED, STAGING_BUCKET: 'audit-work' });
    expect([settings.exportBucket, settings.stagingBucket]).toEqual(['audit-archive', 'audit-work']);
  });

  test.each([
    ['2024-01-31', '2024-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-01-31T09:00Z', '2024-01-31T09:00:00.000Z'],
    ['2024-01-31T09:00:30Z', '2024-01-31T09:00:30.000Z'],
    ['2024-01-31T09:00:00.123456Z', '2024-01-31T09:00:00.123Z'],
    ['2024-01-31T01:30:00+02:00', '2024-01-30T23:30:00.000Z'],
    ['2024-01-31T01:30-05:30', '2024-01-31T07:00:00.000Z'],
    ['0000-01-01', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('EXPORT_FROM %s is %s', (value, expected) => {
    const { exportFrom } = readSettings({ ...REQUIRED, EXPORT_FROM: value });
    expect(new Date(exportFrom ?? Number.NaN).toISOString()).toBe(expected);
  });

  test('SIGNING_KEYS may pair one ARN with its public key, or two', () => {
    const { arn, spki } = SIGNING_KEY;
    const [first] = readSettings({ ...REQUIRED, SIGNING_KEYS: `${arn}=${spki}` }).signingKeys;
    expect([first?.arn, first?.key.id]).toEqual([arn, noteKeyOf(Buffer.from(spki, 'base64')).id]);
    const two = `${arn}=${spki},${arn}=${Buffer.from(ecKeyFromText('two').spki).toString('base64')}`;
    expect(readSettings({ ...REQUIRED, SIGNING_KEYS: two }).signingKeys).toHaveLength(2);
  });

  test.each([
    ['text'],
    [SIGNING_KEY.arn],
    [SIGNING_KEY.spki],
    [`${SIGNING_KEY.arn}=AAAA`],
    [`${SIGNING_KEY.arn}=${SIGNING_KEY.spki},${SIGNING_KEY.arn}=${SIGNING_KEY.spki}`],
  ])('SIGNING_KEYS %j is refused, with what was expected and what to do', (value) => {
    expect(problemOf('SIGNING_KEYS', value)).toMatch(
      /expected one or two "<ARN of a KMS key>=<its public key>" .*; correct it or remove it for unsigned notes$/,
    );
  });

  test('law: no combination of values in range is refused', () => {
    const number = fc.double({ min: 0, max: 1e15, noNaN: true }).map(plain);
    const rate = fc.double({ min: 1e-7, max: 10_000, noNaN: true }).map(plain);
    const whole = fc.bigInt({ min: 1n, max: 10n ** 30n }).map(String);
    const date = fc
      .date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })
      .map((time) => time.toISOString());
    const each = <T>(names: readonly string[], values: fc.Arbitrary<T>) =>
      Object.fromEntries(names.map((name) => [name, fc.option(values, { nil: undefined, freq: 3 })]));
    const environment = fc.record({
      ...each([...SECOND_NAMES, 'SWEEP_DAYS'], number),
      ...each(RATE_NAMES, rate),
      ...each(COUNT_NAMES, whole),
      ...each(['EXPORT_FROM'], date),
    });
    fc.assert(
      fc.property(environment, (env) => {
        const settings = readSettings({ ...REQUIRED, ...env });
        for (const value of Object.values(settings)) {
          expect(typeof value !== 'number' || Number.isFinite(value)).toBe(true);
        }
        // Sums of a time of today and a setting stay within what a date can hold.
        expect(() => new Date(Date.UTC(2100, 0) + settings.settleMs + settings.maxLagMs).toISOString()).not.toThrow();
        expect(() => new Date(Date.UTC(2020, 0) - settings.overlapMs).toISOString()).not.toThrow();
      }),
    );
  });
});

describe('readSettings: values that are refused', () => {
  test.each(['EXPORT_BUCKET', 'CHECKPOINT_TABLE'] as const)('%s is required', (name) => {
    expect(problemsOf({ ...REQUIRED, [name]: undefined })).toEqual([expect.stringContaining(`${name}: missing`)]);
  });

  test.each(['EXPORT_BUCKET', 'STAGING_BUCKET', 'CHECKPOINT_TABLE'])('%s must be a name', (name) => {
    const others = ['ab', 'with space', 's3://bucket', 'arn:aws:s3:::bucket', 'a/b/c', 'x'.repeat(256), 'bucket\n'];
    for (const value of others) {
      expect(problemOf(name, value)).toContain(`received ${JSON.stringify(value).slice(0, 200)}`);
    }
    expect(() => readSettings({ ...REQUIRED, [name]: 'x'.repeat(255) })).not.toThrow();
  });

  const notNumbers = [
    '12abc',
    '1e3',
    '0x10',
    '+5',
    ' 5',
    '5 ',
    '-1',
    '-0.5',
    '1.',
    '.5',
    '1,5',
    'NaN',
    'Infinity',
    '٣',
  ];
  test.each(NUMBER_NAMES)('%s must be a plain decimal number', (name) => {
    for (const value of notNumbers) {
      expect(problemOf(name, value)).toContain(`received ${JSON.stringify(value)}, expected `);
    }
  });

  test.each(RATE_NAMES)('%s: 0 and more than 10,000 are out of range', (name) => {
    for (const value of ['0', '0.0', '10000.001', '10001', '9'.repeat(400)]) {
      expect(problemOf(name, value)).toContain(
        'above 0 and at most 10000; correct it or remove it for the default, 1.5',
      );
    }
  });

  test.each(COUNT_NAMES)('%s: 0 and fractions are out of range', (name) => {
    for (const value of ['0', '1.5', '1.0']) {
      expect(problemOf(name, value)).toContain('expected a whole number of 1 or more');
    }
  });

  test.each([
    '2023-02-29',
    '2024-02-30T00:00:00Z',
    '2024-13-01',
    '2024-01-31T24:00:00Z',
    '2024-01-31T09:00:00',
    '2024-01-31 09:00:00Z',
    '2024-01-31T09:00:00+0200',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '31.01.2024',
    '1706691600000',
    'yesterday',
  ])('EXPORT_FROM %s is refused', (value) => {
    expect(problemOf('EXPORT_FROM', value)).toContain('an ISO 8601 date such as 2024-01-31');
  });

  test('all problems are told at once, a line each, and each says what came', () => {
    const env = {
      STAGING_BUCKET: '!',
      CHECKPOINT_TABLE: '?',
      EXPORT_FROM: 'soon',
      SEARCH_CASES_RPS: 'fast',
      AUDIT_EVENTS_RPS: 'faster',
      RELATED_ITEMS_RPS: '0',
      SETTLE_SECONDS: '-1',
      OVERLAP_SECONDS: '-2',
      MAX_LAG_SECONDS: '-3',
      SWEEP_DAYS: '-4',
      MAX_ROWS_PER_COMMIT: '0',
      MAX_BYTES_PER_COMMIT: '0.5',
      COMMIT_RESERVE_SECONDS: '-5',
      LEASE_MARGIN_SECONDS: '-6',
    };
    expect(problemsOf(env).map((line) => line.replace(/, expected .*/, ''))).toEqual([
      '- EXPORT_BUCKET: missing',
      ...Object.entries(env).map(([name, value]) => `- ${name}: received "${value}"`),
    ]);
  });

  test('law: whatever is in a variable, the answer is settings or an InvalidInputError that names it', () => {
    const names = [...NUMBER_NAMES, 'EXPORT_FROM', 'EXPORT_BUCKET'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ unit: anyCharacter }), (name, value) => {
        try {
          readSettings({ ...REQUIRED, [name]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          expect((error as Error).message.split('\n')).toEqual([expect.any(String), expect.stringContaining(name)]);
        }
      }),
    );
  });
});

describe('settingsHash', () => {
  test('does not depend on the order of the members, and on nothing but them', () => {
    const settings = readSettings(REQUIRED);
    const reversed = Object.fromEntries(Object.entries(settings).reverse()) as unknown as typeof settings;
    expect(settingsHash(reversed)).toBe(settingsHash(settings));
    expect(settingsHash(settings)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('differs with every single setting', () => {
    const settings = readSettings(REQUIRED);
    const hashes = Object.keys(settings).map((name) => settingsHash({ ...settings, [name]: 'other' }));
    expect(new Set([...hashes, settingsHash(settings)]).size).toBe(hashes.length + 1);
  });
});

describe('The event', () => {
  test.each(['d', '0a1b2c3d-4e5f-6789-abcd-ef0123456789', 'A.b_c-9', 'x'.repeat(200)])(
    '%s is a domain id',
    (domainId) => {
      expect(readEvent({ domainId })).toEqual({ domainId, task: { kind: 'export' } });
    },
  );

  test('other members of the event are not looked at', () => {
    expect(readEvent({ domainId: 'd1', source: 'schedule', seq: 'x' })).toEqual({
      domainId: 'd1',
      task: { kind: 'export' },
    });
  });

  test.each([
    [undefined, 'received undefined,'],
    [null, 'received null,'],
    ['d1', 'received string "d1",'],
    [7, 'received number 7,'],
    [['d1'], 'received array ["d1"],'],
    [{}, 'received object {},'],
    [{ domainId: 7 }, 'received object {"domainId":7},'],
    [{ domainId: '' }, 'received object {"domainId":""},'],
    [{ domainId: '../d1' }, 'received object {"domainId":"../d1"},'],
    [{ domainId: 'a/b' }, 'received object {"domainId":"a/b"},'],
    [{ domainId: '-d1' }, 'received object {"domainId":"-d1"},'],
    [{ domainId: 'd1\n' }, 'received object {"domainId":"d1\\n"},'],
    [{ domainID: 'd1' }, 'received object {"domainID":"d1"},'],
    [10n, 'received bigint (no JSON),'],
  ])('%p is refused, with what came and what was expected', (event, received) => {
    expect(() => readEvent(event)).toThrow(InvalidInputError);
    expect(() => readEvent(event)).toThrow(received);
    expect(() => readEvent(event)).toThrow('expected a domainId of 1 to 200');
  });

  test('an operator may ask for two other tasks', () => {
    expect(readEvent({ domainId: 'd', task: 'replay-quarantine' }).task).toEqual({ kind: 'replay-quarantine' });
    expect(readEvent({ domainId: 'd', task: 'void-commit', seq: 7 }).task).toEqual({ kind: 'void-commit', seq: 7 });
  });

  test.each([
    [{ task: 'erase' }, 'received task string "erase" with seq undefined'],
    [{ task: 7 }, 'received task number 7'],
    [{ task: 'void-commit' }, 'with seq undefined, expected no task, "replay-quarantine", or "void-commit" with'],
    [{ task: 'void-commit', seq: '7' }, 'with seq string "7"'],
    [{ task: 'void-commit', seq: 0 }, 'with seq number 0'],
  ])('a task that there is not is refused: %j', (more, message) => {
    expect(() => readEvent({ domainId: 'd', ...more })).toThrow(InvalidInputError);
    expect(() => readEvent({ domainId: 'd', ...more })).toThrow(message);
  });

  test('a long event is shortened', () => {
    const refused = () => readEvent({ domainId: 'x'.repeat(10_000) });
    expect(refused).toThrow(`{"domainId":"${'x'.repeat(187)}…, expected`);
  });
});

/** A number as digits, without an exponent. */
function plain(value: number): string {
  return value >= 1e-6 && value < 1e21 ? String(value) : value.toFixed(20);
}
