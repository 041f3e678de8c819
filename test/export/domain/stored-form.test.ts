/** Promise: a stored object that does not fit is an IntegrityError that names its key and the reason, whatever it is and whatever is wrong. */
import type * as z from 'zod';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { DICTIONARY } from '../../../lambda/export/domain/fields';
import { MANIFEST, REDO_LOG } from '../../../lambda/export/domain/manifest';
import { newQuarantine, QUARANTINE } from '../../../lambda/export/domain/quarantine';
import { readStored, type StoredForm, storedBytes, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { caseItem, eventIdsItem, retryItem, stateItem } from '../../../lambda/export/domain/stored-items';
import { refusal } from '../../support/rejections';
import { aManifest, aPartialRead, aRecord, aRetry, aState, aSweep, someLanes } from '../../support/stored-values';

type Members = Readonly<Record<string, unknown>>;

const LATE_OF_LANES = [
  ...['lanes.live.provenUntil', 'lanes.live.heldPasses', 'lanes.related.heldPasses', 'lanes.sweep.purpose'],
  ...['paidUntil', 'casesRead', 'eventsMissed', 'totalCount', 'casesFound', 'casesHidden', 'heldPasses'].map(
    (name) => `lanes.sweep.${name}`,
  ),
  'lanes.sweep.isAccounted',
];
const LATE_OF_RECORD = ['content', 'unexplained', 'owedFrom'];
const LATE_OF_RETRY = ['missingFrom', 'neverRead', 'triedAt', 'lastUpdated', 'sweptAt', 'lostAt', 'pending'];

/** Paths that a stored value may lack: earlier builds did not write them, or there was nothing to write. */
const MAY_LACK: Readonly<Record<string, readonly string[]>> = {
  manifest: [
    ...['debts', 'history', 'unexplainedTouches', 'changedUpstream', 'halfRead', 'voids', 'counts.replayed'],
    ...['objects.0.rows', 'objects.0.firstPerformedTime', 'objects.0.lastPerformedTime', ...LATE_OF_LANES],
  ],
  'redo log': [...LATE_OF_RECORD.map((name) => `heads.0.${name}`), ...LATE_OF_RETRY.map((name) => `retries.0.${name}`)],
  quarantine: ['replayed'],
  'field dictionary': [],
  STATE: [
    ...['trying', 'history', 'waiting', 'notShown', 'touches', 'canaries', 'idsHaveRecords', 'signedAt', 'redone'],
    ...['head', 'halfRead.0.newest', 'halfRead.0.missingFrom', 'halfRead.0.neverRead', ...LATE_OF_LANES],
  ],
  CASE: LATE_OF_RECORD,
  RETRY: LATE_OF_RETRY,
};

const ids = new Uint8Array(16);
const redoLog = {
  version: 1,
  seq: 1,
  eventIds: [{ caseId: 'case', part: 0, base64: Buffer.from(ids).toString('base64') }],
  heads: [aRecord()],
  retries: [aRetry()],
} as const;
const event = { caseId: 'case', eventKey: 'event', reason: 'type', emitted: false, event: 'raw' };
const quarantine = newQuarantine('d', 1, [event], [{ quarantinedIn: 1, caseId: 'case', eventKey: 'earlier' }]);
const field = { fieldId: 'status', name: 'Status', type: 'Text', namespace: 'System', deleted: false };
const dictionary = { version: 1, domainId: 'd', seq: 1, fields: [field] } as const;

const manifest = aManifest({
  objects: [{ key: 'rows', sha256: 'aa', bytes: 1, rows: 1, firstPerformedTime: '', lastPerformedTime: '' }],
  gaps: [{ caseId: 'case', cause: 'refused', since: '', attempts: 1 }],
  debts: [{ cause: 'waiting', cases: 1, neverRead: 0, since: 0, missingFrom: null }],
  halfRead: [{ caseId: 'case', templateId: null, touched: 0 }],
  gone: ['case'],
});

const state = aState({
  lanes: someLanes({ sweep: aSweep() }),
  halfRead: [aPartialRead()],
  head: { seq: 1, manifestKey: 'staged', sha256: '0'.repeat(64) },
  fields: { seq: 1, sha256: '0'.repeat(64) },
  trying: { caseId: 'case', templateId: null, touched: 0 },
  canaries: ['case'],
});

const KEY = 'some/key.json';
type Form = StoredForm<z.ZodType>;
const OBJECTS: readonly (readonly [what: string, sound: Members, form: Form])[] = [
  ['manifest', manifest, MANIFEST],
  ['redo log', redoLog, REDO_LOG],
  ['quarantine', quarantine, QUARANTINE],
  ['field dictionary', dictionary, DICTIONARY],
];

type Kind = readonly [what: string, sound: Members, read: (members: Members) => unknown];
const ITEMS: readonly Kind[] = [
  ['STATE', stateItem.encode('d', state), (members) => stateItem.decode('d', members)],
  ['CASE', caseItem.encode('d', aRecord()), (members) => caseItem.decode('d', members)],
  ['RETRY', retryItem.encode('d', aRetry()), (members) => retryItem.decode('d', members)],
  [
    'IDS',
    eventIdsItem.encode('d', { caseId: 'c', seq: 1, part: 0, ids }),
    (members) => eventIdsItem.decode('d', members),
  ],
];

/** The key as messages have it. */
function keyOf([what, { pk, sk }]: readonly [string, Members, unknown]): string {
  return OBJECTS.some(([name]) => name === what) ? `The ${what} ${KEY} ` : `Checkpoint item "${pk}" / "${sk}" `;
}

/** Paths of all members, of lists those of the first element. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value)
    .filter(([name]) => !Array.isArray(value) || name === '0')
    .flatMap(([name, member]) => [[...path, name], ...pathsOf(member, [...path, name])]);
}

/** A deep copy with another value at the path; without the member if it is undefined. */
function changed(value: unknown, [name, ...rest]: readonly string[], to: unknown): unknown {
  if (name === undefined) return to;
  const members: Members = { ...(value as Members) };
  const entries = Object.entries(members)
    .map(([each, member]) => [each, each === name ? changed(member, rest, to) : member] as const)
    .filter(([, member]) => member !== undefined);
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** Members that may have any shape, and what says which item or version it is. */
const IS_FREE = /^(events\.0\.event|counts\.calls|pk|sk|version|schemaVersion)$/;

const KINDS: readonly Kind[] = [
  ...OBJECTS.map(
    ([what, sound, form]): Kind => [what, sound, (members) => readStored(form, KEY, toJsonBytes(members))],
  ),
  ...ITEMS,
];

describe.each(KINDS)('%s', (...kind) => {
  const [what, sound, read] = kind;
  const paths = pathsOf(sound).filter((path) => !IS_FREE.test(path.join('.')));
  const mayLack = MAY_LACK[what] ?? [];

  test('that is sound is read', () => {
    expect(() => read(sound)).not.toThrow();
    expect(paths.length).toBeGreaterThan(3);
  });

  test.each([2, 0, 1.5, '1', null, undefined])('of version %p is refused', (version) => {
    const name = 'schemaVersion' in sound ? 'schemaVersion' : 'version';
    const { message } = refusal(() => read({ ...sound, [name]: version }));
    expect(message.startsWith(keyOf(kind))).toBe(true);
    expect(message).toMatch(/version/i);
  });

  test('without any one member that it needs is refused, by the name of the member', () => {
    const needed = paths.filter(
      (path) => path.at(-1) !== '0' && !mayLack.some((one) => one === path.join('.') || one === path[0]),
    );
    expect(needed.length).toBeGreaterThan(3);
    for (const path of needed) {
      const { message } = refusal(() => read(changed(sound, path, undefined) as Members));
      expect(message).toContain(`${keyOf(kind)}is malformed: ${path.join('.')}: `);
    }
  });

  test('without what earlier builds did not write is read', () => {
    for (const path of mayLack) expect(() => read(changed(sound, path.split('.'), undefined) as Members)).not.toThrow();
  });

  test('with another type for any one member is refused, by the path of the member', () => {
    for (const path of paths) {
      const { message } = refusal(() => read(changed(sound, path, [[]]) as Members));
      expect(message).toContain(`${keyOf(kind)}is malformed: `);
      expect(message).toContain(` ${path.join('.')}`);
    }
  });

  test('with null in place of any one member that cannot be null is refused, by the path of the member', () => {
    const refused = paths.filter((path) => {
      const nulled = changed(sound, path, null) as Members;
      try {
        read(nulled);
        return false;
      } catch (error) {
        expect(error).toBeInstanceOf(IntegrityError);
        expect((error as Error).message).toContain(` ${path.join('.')}: `);
        return true;
      }
    });
    expect(refused.length).toBeGreaterThan(2);
  });
});

describe.each(OBJECTS)('A %s object', (...kind) => {
  const [, sound, form] = kind;

  test.each(['', '{"version":1,', 'Jane Doe', '\u0000'])(
    'that is not JSON is refused without a word of it: %j',
    (text) => {
      const { message } = refusal(() => readStored(form, KEY, Buffer.from(text)));
      expect(message).toContain(`${keyOf(kind)}is not JSON (${text.length} bytes, SHA-256 `);
      expect(message).not.toContain('Jane');
    },
  );

  test.each(['null', '7', '"text"', '[]', '{}'])('that is JSON of another kind is refused: %s', (text) => {
    const { message } = refusal(() => readStored(form, KEY, Buffer.from(text)));
    expect(message).toContain(`${keyOf(kind)}has no version, expected 1 to 1`);
  });

  test('keeps members that this version does not know, and gives the same bytes again', () => {
    const bytes = toJsonBytes({ later: { one: 1 }, ...sound });
    expect(Buffer.from(toJsonBytes(readStored(form, KEY, bytes)))).toEqual(Buffer.from(bytes));
  });
});

test('What could not be read back is not written', () => {
  const manifest = aManifest({ seq: 0 });
  expect(() => storedBytes(MANIFEST, KEY, manifest)).toThrow(
    /^The manifest some\/key\.json would be written malformed: seq: .*got 0\. It was not written\.$/,
  );
  expect(Buffer.from(storedBytes(MANIFEST, KEY, aManifest()))).toEqual(toJsonBytes(aManifest()));
});

test('Of a quarantine the place is named and what is there never shown: it may be customer data', () => {
  const bytes = toJsonBytes({ ...quarantine, events: [{ ...event, reason: ['Jane'], emitted: 'Jane Doe' }] });
  const { message } = refusal(() => readStored(QUARANTINE, KEY, bytes));
  expect(message).toMatch(/events\.0\.reason: .*, got a list; events\.0\.emitted: .*, got a string/);
  expect(message).not.toContain('Jane');
});

test('Of many misfits ten are told, and how many more there are', () => {
  const gaps = Array.from({ length: 25 }, () => ({ caseId: 'case', cause: 'bad-luck', since: '', attempts: 1 }));
  const { message } = refusal(() => readStored(MANIFEST, KEY, toJsonBytes({ ...aManifest(), gaps })));
  expect(message.match(/bad-luck/g)).toHaveLength(10);
  expect(message).toContain('; and 15 more. ');
});
