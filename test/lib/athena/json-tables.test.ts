/** Promise: every member of a manifest and of a field dictionary is a column, or part of one, of a type that can hold it. */
import type { StoredDictionary } from '../../../lambda/export/domain/fields';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { DICTIONARY_COLUMNS, type GlueColumn, MANIFEST_COLUMNS } from '../../../lib/athena/json-tables';
import { splitAtTop } from '../curated/stored-json';

/** With every member that there can be, which the compiler sees to. Whole numbers but where halves may come. */
type Whole<T> = T extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Whole<NonNullable<T[K]>> }
    : NonNullable<T>;

const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const TIME = '2026-06-15T12:00:00.000Z';
const MS = 1_781_524_800_000;

const manifest: Whole<Manifest> = {
  version: 1,
  domainId: 'd',
  seq: 12,
  previousSha256: HASH,
  runId: 'run',
  fence: 3,
  exportDate: '2026-06-15',
  exportedAt: TIME,
  lanes: {
    live: { watermark: MS, passStartedAt: MS, anchor: MS, provenUntil: MS, heldPasses: 1 },
    related: {
      watermark: MS,
      walk: { startedAt: MS, lowest: MS, token: 't' },
      ticksWithoutBottom: 1,
      heldPasses: 1,
    },
    sweep: {
      number: 1,
      purpose: 'history',
      startedAt: MS,
      anchor: MS,
      finishedAt: MS,
      exportFrom: MS,
      // Three times what a call takes at full pace: rarely a whole number.
      paidUntil: MS + 0.5,
      casesRead: 1,
      eventsMissed: 1,
      totalCount: 5_000_000_000,
      casesFound: 5_000_000_000,
      casesHidden: 1,
      heldPasses: 1,
      isAccounted: true,
    },
  },
  livePassFinished: true,
  counts: {
    calls: { SearchCases: 5 },
    casesFound: 1,
    casesRead: 1,
    pages: 1,
    events: 1,
    rows: 1,
    quarantined: 1,
    replayed: 1,
    nullElements: 1,
    anomalies: 1,
    totalCount: 1,
  },
  objects: [
    { key: 'k', sha256: HASH, bytes: 5_000_000_000, rows: 1, firstPerformedTime: TIME, lastPerformedTime: TIME },
  ],
  redo: { sha256: HASH, bytes: 1 },
  gaps: [{ caseId: 'c', cause: 'fatal', since: TIME, attempts: 1 }],
  debts: [{ cause: 'waiting', cases: 1, neverRead: 1, since: MS, missingFrom: MS }],
  history: {
    sweepNumber: 1,
    startedAt: MS,
    finishedAt: MS,
    exportFrom: MS,
    casesFound: 5_000_000_000,
    casesNotFound: 1,
  },
  unexplainedTouches: 1,
  changedUpstream: ['c'],
  halfRead: [{ caseId: 'c', templateId: 't', touched: MS }],
  waiting: [
    { caseId: 'c', templateId: 't', touched: MS, lastUpdated: MS, since: MS, missingFrom: MS, neverRead: true },
  ],
  openQuarantine: 1,
  gone: ['c'],
  cases: { count: 1, sha256: HASH },
  signingKeys: [HASH],
  voids: { sha256: HASH, runId: 'run', at: TIME },
  bundleSha256: HASH,
  settingsSha256: HASH,
};

const dictionary: Whole<StoredDictionary> = {
  version: 1,
  domainId: 'd',
  seq: 12,
  fields: [{ fieldId: 'f', name: 'F', type: 'Text', namespace: 'Custom', deleted: false }],
  options: [{ fieldId: 'f', asOf: TIME, options: [{ value: 'v', name: 'V', active: true }] }],
  templates: { asOf: TIME, templates: [{ templateId: 't', name: 'T', status: 'Active' }] },
};

test.each([
  ['manifest_files', MANIFEST_COLUMNS, manifest],
  ['dictionary_files', DICTIONARY_COLUMNS, dictionary],
])('%s', (_name, columns: readonly GlueColumn[], sample: object) => {
  expect(misfits(parseType(`struct<${columns.map(({ name, type }) => `${name}:${type}`).join(',')}>`), sample)).toEqual(
    [],
  );
});

test('the check sees what is missing, what is too much, and what does not fit', () => {
  expect(misfits(parseType('struct<a:int,b:array<struct<c:bigint>>>'), { a: 1, b: [{ c: MS }] })).toEqual([]);
  expect(misfits(parseType('struct<a:int>'), { a: 1, Other: 2 })).toEqual(['.other: no such column']);
  expect(misfits(parseType('struct<a:int,b:string>'), { a: 1 })).toEqual(['.b: no such member']);
  expect(misfits(parseType('struct<a:int>'), { a: MS })).toEqual([`.a: ${MS} is no int`]);
  expect(misfits(parseType('struct<a:bigint>'), { a: 0.5 })).toEqual(['.a: 0.5 is no bigint']);
  expect(misfits(parseType('struct<a:array<string>>'), { a: 'x' })).toEqual(['.a: "x" is no array']);
});

type HiveType =
  | { readonly kind: 'struct'; readonly members: ReadonlyMap<string, HiveType> }
  | { readonly kind: 'array' | 'map'; readonly of: HiveType }
  | { readonly kind: string };

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  double: (value) => typeof value === 'number',
  bigint: (value) => Number.isSafeInteger(value),
  int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
};

function misfits(type: HiveType, value: unknown, path = ''): string[] {
  const wrong = [`${path}: ${JSON.stringify(value)} is no ${type.kind}`];
  if ('members' in type) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong;
    const lower = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
    return [
      ...[...lower.keys()].filter((name) => !type.members.has(name)).map((name) => `${path}.${name}: no such column`),
      ...[...type.members].flatMap(([name, inner]) =>
        lower.has(name) ? misfits(inner, lower.get(name), `${path}.${name}`) : [`${path}.${name}: no such member`],
      ),
    ];
  }
  if ('of' in type) {
    if (typeof value !== 'object' || Array.isArray(value) !== (type.kind === 'array')) return wrong;
    return Object.values(value ?? {}).flatMap((each) => misfits(type.of, each, `${path}[]`));
  }
  return FITS[type.kind]?.(value) ? [] : wrong;
}

/** A type as Hive writes it: `struct<a:int>`, `array<…>`, `map<string,…>`, or a name. */
function parseType(text: string): HiveType {
  const [, kind = '', inner] = /^(\w+)(?:<(.*)>)?$/.exec(text) ?? [];
  if (inner === undefined) return { kind };
  const parts = splitAtTop(inner);
  if (kind === 'array') return { kind, of: parseType(inner) };
  if (kind === 'map') return { kind, of: parseType(parts[1] ?? '') };
  const members = parts.map((part): [string, HiveType] => {
    const colon = part.indexOf(':');
    return [part.slice(0, colon), parseType(part.slice(colon + 1))];
  });
  return { kind: 'struct', members: new Map(members) };
}
