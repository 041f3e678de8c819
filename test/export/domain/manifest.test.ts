import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import {
  MANIFEST_VERSION,
  type Manifest,
  parseManifest,
  parseRedoLog,
  REDO_VERSION,
  type RedoLog,
} from '../../../lambda/export/domain/manifest';
import { sha256, toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { refusal } from '../../support/rejections';
import { aManifest } from '../../support/stored-values';
import { anyCaseHead, anyEventIds, anyId, anyRetry, anyState } from './arbitraries';

const REDO_KEY = 'staging/redo.json';

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const anyManifest: fc.Arbitrary<Manifest> = fc.record({
  version: fc.constant(MANIFEST_VERSION),
  domainId: anyId,
  seq: fc.integer({ min: 1, max: 999_999_999_999 }),
  previousSha256: fc.option(hash, { nil: null }),
  runId: fc.uuid(),
  fence: fc.nat(),
  exportDate: fc.constant('2026-01-10'),
  exportedAt: fc.constant('2026-01-10T12:00:00.000Z'),
  lanes: anyState.map(({ lanes }) => lanes),
  livePassFinished: fc.boolean(),
  counts: fc.record({
    calls: fc.dictionary(fc.constantFrom('SearchCases', 'ListFields'), fc.nat()),
    casesFound: fc.nat(),
    casesRead: fc.nat(),
    pages: fc.nat(),
    events: fc.nat(),
    rows: fc.nat(),
    quarantined: fc.nat(),
    replayed: fc.nat(),
    nullElements: fc.nat(),
    anomalies: fc.nat(),
    totalCount: fc.option(fc.nat(), { nil: null }),
  }),
  objects: fc.array(fc.record({ key: fc.string(), sha256: hash, bytes: fc.nat(), rows: fc.nat() })),
  redo: fc.record({ sha256: hash, bytes: fc.nat() }),
  gaps: fc.array(fc.record({ caseId: anyId, cause: fc.constant('refused'), since: fc.string(), attempts: fc.nat() })),
  halfRead: fc.array(fc.record({ caseId: anyId, templateId: fc.option(anyId, { nil: null }), touched: fc.nat() })),
  voids: fc.option(fc.record({ sha256: hash, runId: fc.uuid(), at: fc.string() }), { nil: null }),
  openQuarantine: fc.nat(),
  gone: fc.array(anyId),
  bundleSha256: hash,
  settingsSha256: hash,
});
const anyIds = anyEventIds.map(({ ids }) => Buffer.from(ids).toString('base64'));
const anyRedoLog: fc.Arbitrary<RedoLog> = fc.record({
  version: fc.constant(REDO_VERSION),
  seq: fc.integer({ min: 1 }),
  eventIds: fc.array(fc.record({ caseId: anyId, part: fc.nat(), base64: anyIds })),
  heads: fc.array(anyCaseHead),
  retries: fc.array(anyRetry),
});

describe('A manifest', () => {
  test('comes back from its bytes as it was: ids of every kind, numbers, nulls', () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        expect(parseManifest(toJsonBytes(manifest), manifest)).toEqual(structuredClone(manifest));
      }),
    );
  });

  test('makes the same bytes every time, and after a trip through its bytes: redo is byte-identical', () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const bytes = toJsonBytes(manifest);
        expect(sha256(toJsonBytes(parseManifest(bytes, manifest)))).toBe(sha256(bytes));
      }),
    );
  });

  test('is one line of JSON that ends with a newline', () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const text = Buffer.from(toJsonBytes(manifest)).toString();
        expect(text.indexOf('\n')).toBe(text.length - 1);
      }),
    );
  });

  test.each([
    ['another domain', { domainId: 'other', seq: 3 }],
    ['another number', { domainId: 'domain-1', seq: 4 }],
  ])('of %s is refused, and the error names both', (_, found) => {
    const bytes = toJsonBytes(aManifest(found));
    const parse = () => parseManifest(bytes, { domainId: 'domain-1', seq: 3 });
    expect(parse).toThrow(IntegrityError);
    expect(parse).toThrow(/commit 3 of domain domain-1 calls itself commit \d of domain/);
  });
});

describe('A redo log', () => {
  test('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(anyRedoLog, (redo) => {
        expect(parseRedoLog(toJsonBytes(redo), REDO_KEY)).toEqual(structuredClone(redo));
      }),
    );
  });
});

describe('What is not JSON', () => {
  const bytes = Buffer.from('{"secret');
  const parsers: [string, () => unknown][] = [
    [
      'manifest manifests/domain_id=domain-1/000000000001.json',
      () => parseManifest(bytes, { domainId: 'domain-1', seq: 1 }),
    ],
    ['redo log staging/redo.json', () => parseRedoLog(bytes, REDO_KEY)],
  ];

  test.each(parsers)(
    'is refused as %s by its size and hash, which tell whose object it is, and the cause is kept',
    (what, parse) => {
      const { message, cause } = refusal(parse);
      expect(message).toContain(`The ${what} is not JSON (8 bytes, SHA-256 ${sha256(bytes)})`);
      expect(message).not.toContain('secret');
      expect(cause).toBeInstanceOf(SyntaxError);
    },
  );
});

describe('A hash', () => {
  test('is SHA-256 in lower-case hex, as sha256sum prints it', () => {
    expect(sha256(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
      }),
    );
  });
});
