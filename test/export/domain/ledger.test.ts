import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { EVENT_ID_BYTES, ledgerId, storedIds, storedParts } from '../../../lambda/export/domain/case-items';

function readBack(parts: readonly Uint8Array[]): Set<string> {
  return new Set(storedIds(Buffer.concat(parts)));
}

/** Ids in a part. */
const PART = 10_000;

describe('A ledger id', () => {
  test('is the first 16 bytes of the SHA-256 of the event key, as any other tool computes it', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const id = ledgerId(key);
        expect(id).toHaveLength(EVENT_ID_BYTES);
        expect(Buffer.from(id, 'latin1').equals(createHash('sha256').update(key).digest().subarray(0, 16))).toBe(true);
      }),
    );
  });

  test('tells apart what UTF-8 would make one: lone surrogates, and U+FFFD that stands for them', () => {
    const keys = ['\ud800', '\ud801', '\udc00', '\ufffd', '"\\ud802"'];
    expect(new Set(keys.map(ledgerId)).size).toBe(keys.length);
  });

  test('survives storage: bytes of every value come back as the same key of a Set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), (keys) => {
        const ids = keys.map(ledgerId);
        expect(readBack(storedParts(ids))).toEqual(new Set(ids));
      }),
    );
  });

  test('comes back from a view into a larger buffer, where bytes before and after are none of its own', () => {
    const ids = ['a', 'b', 'c'].map(ledgerId);
    const around = Buffer.alloc(7 + 48 + 5, 0xff);
    Buffer.concat(storedParts(ids)).copy(around, 7);
    expect([...storedIds(new Uint8Array(around.buffer, around.byteOffset + 7, 48))]).toEqual(ids);
  });

  test('is none where nothing is stored', () => {
    expect([...storedIds(new Uint8Array())]).toEqual([]);
  });
});

describe('Stored parts', () => {
  test.each([
    [0, []],
    [1, [1]],
    [PART - 1, [PART - 1]],
    [PART, [PART]],
    [PART + 1, [PART, 1]],
    [2 * PART + 3, [PART, PART, 3]],
  ])('of %i ids hold at most 10,000 each, 16 bytes an id, none lost', (count, sizes) => {
    const ids = Array.from({ length: count }, (_, index) => ledgerId(`event-${index}`));
    const parts = storedParts(ids);
    expect(parts.map((part) => part.byteLength)).toEqual(sizes.map((size) => size * EVENT_ID_BYTES));
    expect(readBack(parts)).toEqual(new Set(ids));
  });

  test('stay under half of what a DynamoDB item may hold', () => {
    expect(PART * EVENT_ID_BYTES).toBeLessThan((400 * 1024) / 2);
  });
});
