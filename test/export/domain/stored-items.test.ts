import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import {
  caseItem,
  encodeCommit,
  encodeTrying,
  eventIdsItem,
  NEW_DOMAIN,
  retryItem,
  SCHEMA_VERSION,
  type StoredItem,
  stateItem,
} from '../../../lambda/export/domain/stored-items';
import { refusal } from '../../support/rejections';
import { aRecord, aRetry } from '../../support/stored-values';
import { anyCaseHead, anyEventIds, anyId, anyRetry, anyState } from './arbitraries';

/** What DynamoDB would give back: through its own notation, as an adapter does it. */
function stored(item: StoredItem): Record<string, unknown> {
  return unmarshall(marshall(item));
}

const HEAD = aRecord({ caseId: 'c1', touched: 1, readAt: 2, templateId: 't', eventCount: 3, seq: 4 });

const COMMIT_HEAD = { seq: 1, manifestKey: 'k', sha256: '0'.repeat(64) };

describe('what was stored comes back', () => {
  function expectBack<T>(
    any: fc.Arbitrary<T>,
    encode: (domainId: string, value: T) => StoredItem,
    decode: (domainId: string, item: Record<string, unknown>) => T,
  ): void {
    fc.assert(
      fc.property(anyId, any, (domainId, value) => {
        expect(decode(domainId, stored(encode(domainId, value)))).toEqual(value);
      }),
    );
  }

  test('STATE', () => expectBack(anyState, stateItem.encode, stateItem.decode));

  test('case heads', () => expectBack(anyCaseHead, caseItem.encode, caseItem.decode));

  test('retry entries', () => expectBack(anyRetry, retryItem.encode, retryItem.decode));

  test('event ids, byte for byte', () => {
    fc.assert(
      fc.property(anyId, anyEventIds, (domainId, part) => {
        const back = eventIdsItem.decode(domainId, stored(eventIdsItem.encode(domainId, part)));
        expect({ ...back, ids: Buffer.from(back.ids) }).toEqual({ ...part, ids: Buffer.from(part.ids) });
      }),
    );
  });

  test('a new domain', () => {
    expect(stateItem.decode('d', stored(stateItem.encode('d', NEW_DOMAIN)))).toEqual(NEW_DOMAIN);
  });
});

describe('the stored form is that of the design', () => {
  test('STATE has its attributes at the top, and no head before the first commit', () => {
    const item = stateItem.encode('d', { ...NEW_DOMAIN, leaseExpiresAt: 1_700_000_000_000 });
    expect(item).toMatchObject({
      pk: 'DOMAIN#d',
      sk: 'STATE',
      schemaVersion: 1,
      leaseExpiresAt: 1_700_000_000_000,
      applied: 0,
    });
    expect(Object.keys(item)).not.toContain('head');
    const head = { seq: 1, manifestKey: 'staging/d/000000000001-1-0/m.json', sha256: '0'.repeat(64) };
    expect(stateItem.encode('d', { ...NEW_DOMAIN, head })).toMatchObject({ head });
  });

  test('an item of a case whose id is hashed into its key still names the case', () => {
    const caseId = 'x#'.repeat(250);
    expect(caseItem.encode('d', { ...HEAD, caseId })['caseId']).toBe(caseId);
    expect(caseItem.encode('d', { ...HEAD, caseId }).sk).toMatch(/^CASE#sha256-/);
  });

  test('what a commit writes is what STATE is read from', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const written = encodeCommit('d', { head: COMMIT_HEAD, state });
        expect(stateItem.encode('d', { ...state, head: COMMIT_HEAD })).toMatchObject(written);
      }),
    );
  });
});

describe('what cannot be read is refused by name', () => {
  test('an item of a newer version', () => {
    const item = { ...stateItem.encode('d', NEW_DOMAIN), schemaVersion: SCHEMA_VERSION + 1 };
    expect(() => stateItem.decode('d', item)).toThrow(IntegrityError);
    expect(() => stateItem.decode('d', item)).toThrow(
      /"DOMAIN#d" \/ "STATE" has schemaVersion 2, but this version of the exporter reads up to 1: deploy/,
    );
  });

  test.each([undefined, '1', 0, 1.5, null])('an item of version %p', (schemaVersion) => {
    expect(() => caseItem.decode('d', { ...caseItem.encode('d', HEAD), schemaVersion })).toThrow(
      /schemaVersion .*expected 1/,
    );
  });

  test('a malformed attribute: its path, what was expected and what came', () => {
    const item = {
      ...stateItem.encode('d', NEW_DOMAIN),
      lanes: { ...NEW_DOMAIN.lanes, live: { ...NEW_DOMAIN.lanes.live, watermark: '2026' } },
      applied: undefined,
    };
    expect(() => stateItem.decode('d', item)).toThrow(/lanes\.live\.watermark: .*expected number.*got "2026"/);
    expect(() => stateItem.decode('d', item)).toThrow(/applied: .*expected number.*got undefined/);
  });

  test('a retry entry of an unknown cause', () => {
    const entry = aRetry({ caseId: 'c' });
    expect(() => retryItem.decode('d', { ...retryItem.encode('d', entry), cause: 'bad-luck' })).toThrow(
      /cause: .*"bad-luck"/,
    );
  });

  test('an item that stands under the key of another', () => {
    const item = { ...caseItem.encode('d', HEAD), sk: 'CASE#c2' };
    expect(() => caseItem.decode('d', item)).toThrow(/"CASE#c2" holds what belongs under .*"CASE#c1"/);
    expect(() => stateItem.decode('other', stateItem.encode('d', NEW_DOMAIN))).toThrow(/DOMAIN#other/);
  });

  test.each([0, 15, 17, 160_016])('%p bytes of event ids', (bytes) => {
    const item = { ...eventIdsItem.encode('d', { caseId: 'c', seq: 1, part: 0, ids: new Uint8Array(16) }) };
    expect(() => eventIdsItem.decode('d', { ...item, ids: new Uint8Array(bytes) })).toThrow(`got ${bytes} bytes`);
  });

  test.each([['a'.repeat(80)], ['no bytes at all'], [null], [[1]]])('event ids that are %p', (ids) => {
    const item = eventIdsItem.encode('d', { caseId: 'c', seq: 1, part: 0, ids: new Uint8Array(16) });
    expect(() => eventIdsItem.decode('d', { ...item, ids })).toThrow(
      /ids: expected 1 to 10000 times 16 bytes of binary, got /,
    );
  });

  test('a full part of event ids is none of them', () => {
    const ids = new Uint8Array(16 * 10_000);
    expect(eventIdsItem.decode('d', eventIdsItem.encode('d', { caseId: 'c', seq: 1, part: 0, ids })).ids).toHaveLength(
      160_000,
    );
  });

  test.each([
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [new Uint8Array(3), '3 bytes'],
    [[1, 2], 'a list'],
    [{ secret: 1 }, 'a map'],
    [null, 'null'],
    [true, 'true'],
  ])('what came is shown, but briefly, and never what is inside: %p', (value, shown) => {
    const item = { ...stateItem.encode('d', NEW_DOMAIN), applied: value };
    const { message } = refusal(() => stateItem.decode('d', item));
    expect(message).toMatch(/^Checkpoint item "DOMAIN#d" \/ "STATE" is malformed: applied: /);
    expect(message.endsWith(`, got ${shown}`)).toBe(true);
  });

  test('a hash and a date that only contain one', () => {
    const sha256 = '0'.repeat(64);
    for (const bad of [`x${sha256}`, `${sha256}0`, '0'.repeat(63), 'A'.repeat(64)]) {
      expect(() => encodeCommit('d', { head: { seq: 1, manifestKey: 'k', sha256: bad }, state: NEW_DOMAIN })).toThrow(
        /sha256: expected 64 lower-case hex digits, got /,
      );
    }
    const dates = ['x2026-01-01', '2026-01-01T', '2026-1-01', '2026-01-1', 'yyyy-01-01', '2026-mm-01', '2026-01-dd'];
    for (const bad of dates) {
      expect(() => encodeCommit('d', { head: COMMIT_HEAD, state: { ...NEW_DOMAIN, lastExportDate: bad } })).toThrow(
        /lastExportDate: expected YYYY-MM-DD, got /,
      );
    }
  });

  test('several malformed attributes, each with what came', () => {
    const { message } = refusal(() => caseItem.encode('d', { ...HEAD, touched: 0.5, eventCount: -1 }));
    expect(message).toMatch(/touched: [^;]*, got 0\.5; eventCount: [^;]*, got -1$/);
  });

  test('a case to be tried, or none, is checked before it is noted', () => {
    const tried = { caseId: 'c', templateId: null, touched: 5 };
    expect(encodeTrying('d', tried)).toEqual(tried);
    expect(encodeTrying('d', null)).toBeNull();
    expect(() => encodeTrying('d', { ...tried, caseId: '' })).toThrow(/"DOMAIN#d" \/ "STATE" would be .*caseId/);
  });

  test('what could not be read back is not written', () => {
    expect(() => caseItem.encode('d', { ...HEAD, touched: Number.NaN })).toThrow(/would be written malformed: touched/);
    expect(() => encodeCommit('d', { head: COMMIT_HEAD, state: { ...NEW_DOMAIN, lastExportDate: 'today' } })).toThrow(
      /lastExportDate.*"today"/,
    );
    expect(() => encodeCommit('d', { head: { seq: 0, manifestKey: 'k', sha256: 'x' }, state: NEW_DOMAIN })).toThrow(
      /seq.*sha256/,
    );
  });
});
