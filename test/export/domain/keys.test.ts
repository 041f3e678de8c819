import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  caseKey,
  domainInKeys,
  domainPartition,
  eventIdsKey,
  eventIdsPrefix,
  fieldChangesKey,
  fieldsKey,
  manifestKey,
  noteKey,
  noteKeyPem,
  prefixOfStaged,
  quarantineKey,
  RETRY_PREFIX,
  redoLogKey,
  retryKey,
  stagedKey,
  stagingPrefix,
  stateKey,
} from '../../../lambda/export/domain/keys';

const UUID = '8f1c8b9e-0c1d-4f5e-9a6b-2d3c4e5f6a7b';

/** Ids of every kind that could break a key: separators, look-alikes of hashes, lone surrogates, long ones. */
const id = fc.oneof(
  fc.uuid(),
  fc.string({
    minLength: 1,
    unit: fc.constantFrom('a', 'B', '0', '#', '/', '=', '.', '-', ' ', 'é', '😀', '\ud800', '\udfff'),
  }),
  fc.string({ minLength: 150, maxLength: 500, unit: fc.constantFrom('a', 'é') }),
  fc.constantFrom('..', '.', 'sha256-', `sha256-${'0'.repeat(64)}`, 'STATE', 'a', 'a#000000000001#000000'),
);
const seq = fc.integer({ min: 1, max: 999_999_999_999 });
const part = fc.integer({ min: 0, max: 999_999 });

describe('keys are those of the design', () => {
  test('for an ordinary domain every key reads as documented', () => {
    expect(fieldChangesKey(UUID, '2026-02-03', 7)).toBe(
      `field_changes/domain_id=${UUID}/export_date=2026-02-03/000000000007.parquet`,
    );
    expect(manifestKey(UUID, 123456789012)).toBe(`manifests/domain_id=${UUID}/123456789012.json`);
    expect(fieldsKey(UUID, 1)).toBe(`fields/domain_id=${UUID}/000000000001.json`);
    expect(quarantineKey(UUID, 1)).toBe(`quarantine/domain_id=${UUID}/000000000001.json`);
    expect(noteKey(UUID, 12)).toBe(`notes/domain_id=${UUID}/000000000012.note`);
    expect(noteKeyPem('0a1b2c3d')).toBe('notes/keys/0a1b2c3d.pem');
    expect(stagingPrefix(UUID, 5, 3, 0)).toBe(`staging/${UUID}/000000000005-3-0/`);
    expect(stateKey(UUID)).toEqual({ pk: `DOMAIN#${UUID}`, sk: 'STATE' });
    expect(caseKey(UUID, 'c1')).toEqual({ pk: `DOMAIN#${UUID}`, sk: 'CASE#c1' });
    expect(eventIdsKey(UUID, 'c1', 5, 2)).toEqual({ pk: `DOMAIN#${UUID}`, sk: 'IDS#c1#000000000005#000002' });
    expect(retryKey(UUID, 'c1')).toEqual({ pk: `DOMAIN#${UUID}`, sk: 'RETRY#c1' });
  });

  test('a staged object keeps its final key behind the prefix, and the redo log lies beside it', () => {
    const prefix = stagingPrefix(UUID, 5, 3, 1);
    const staged = stagedKey(prefix, manifestKey(UUID, 5));
    expect(staged).toBe(`${prefix}manifests/domain_id=${UUID}/000000000005.json`);
    expect(prefixOfStaged(staged, manifestKey(UUID, 5))).toBe(prefix);
    expect(redoLogKey(prefix)).toBe(`${prefix}redo.json`);
  });

  test.each(['', '0A1B2C3D', '0a1b2c3', '0a1b2c3d4', '../../x1'])('%j is no key id', (keyId) => {
    expect(() => noteKeyPem(keyId)).toThrow(RangeError);
  });

  test('an id that needs no hashing stands in the table as it is', () => {
    for (const plain of [UUID, 'a b', 'é/ü', 'x'.repeat(200)]) {
      expect(caseKey('d', plain).sk).toBe(`CASE#${plain}`);
    }
    for (const odd of ['a#b', 'x'.repeat(201), '\ud800', 'sha256-a']) {
      expect(caseKey('d', odd).sk).toMatch(/^CASE#sha256-[0-9a-f]{64}$/);
    }
  });
});

describe('keys are the same in every version: what was stored is found again', () => {
  test('an id that cannot stand in a key is replaced by the SHA-256 of its UTF-16LE', () => {
    const hash = createHash('sha256').update(Buffer.from('a#\ud800', 'utf16le')).digest('hex');
    expect(caseKey('d', 'a#\ud800').sk).toBe(`CASE#sha256-${hash}`);
    expect(domainPartition('a#\ud800')).toBe(`DOMAIN#sha256-${hash}`);
    expect(manifestKey('a#\ud800', 1)).toBe(`manifests/domain_id=sha256-${hash}/000000000001.json`);
  });

  test('an id stands in an object key as it is iff it is short and of letters, digits, "_", "-" and, not first, "."', () => {
    for (const plain of ['a', 'Z.9_-', '-', '_.', 'x'.repeat(200)]) {
      expect(manifestKey(plain, 1)).toBe(`manifests/domain_id=${plain}/000000000001.json`);
    }
    for (const odd of ['.a', 'a/b', 'a b', 'é', 'a\n', '/a', 'x'.repeat(201), 'sha256-a']) {
      expect(manifestKey(odd, 1)).toMatch(/=sha256-[0-9a-f]{64}\//);
    }
  });
});

describe('keys are injective', () => {
  test('two different ids never share a key', () => {
    fc.assert(
      fc.property(id, id, (a, b) => {
        fc.pre(a !== b);
        expect(domainPartition(a)).not.toBe(domainPartition(b));
        expect(caseKey('d', a).sk).not.toBe(caseKey('d', b).sk);
        expect(retryKey('d', a).sk).not.toBe(retryKey('d', b).sk);
        expect(manifestKey(a, 1)).not.toBe(manifestKey(b, 1));
        expect(domainInKeys(a)).not.toBe(domainInKeys(b));
        expect(stagingPrefix(a, 1, 1, 1)).not.toBe(stagingPrefix(b, 1, 1, 1));
      }),
      { numRuns: 300 },
    );
  });

  test('the key that an id is hashed into belongs to no other id, not even to one that reads like it', () => {
    fc.assert(
      fc.property(id, (original) => {
        const shown = caseKey('d', original).sk.slice('CASE#'.length);
        fc.pre(shown !== original);
        expect(caseKey('d', shown).sk).not.toBe(caseKey('d', original).sk);
        expect(manifestKey(shown, 1)).not.toBe(manifestKey(original, 1));
      }),
    );
  });

  test('two different commits, fences or attempts never share a staging prefix, nor does one lie within another', () => {
    const at = fc.tuple(id, seq, fc.nat(), fc.nat());
    fc.assert(
      fc.property(at, at, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(stagingPrefix(...a).startsWith(stagingPrefix(...b))).toBe(false);
      }),
    );
  });

  test('no item of one kind has the key of another', () => {
    fc.assert(
      fc.property(id, id, id, seq, part, (a, b, c, s, p) => {
        const kinds = [stateKey('d').sk, caseKey('d', a).sk, eventIdsKey('d', b, s, p).sk, retryKey('d', c).sk];
        expect(new Set(kinds).size).toBe(kinds.length);
      }),
    );
  });

  test('the prefix of a case’s event ids is no prefix of another case’s', () => {
    fc.assert(
      fc.property(id, id, seq, part, (a, b, s, p) => {
        const { sk } = eventIdsKey('d', a, s, p);
        expect(sk.startsWith(eventIdsPrefix(b))).toBe(a === b);
      }),
    );
  });
});

describe('keys hold what S3 and DynamoDB take', () => {
  test('sort keys of event ids order as commits and parts do', () => {
    const at = fc.tuple(seq, part);
    fc.assert(
      fc.property(at, at, ([s1, p1], [s2, p2]) => {
        const order = Math.sign(s1 - s2 || p1 - p2);
        const [a, b] = [eventIdsKey('d', 'c', s1, p1).sk, eventIdsKey('d', 'c', s2, p2).sk];
        expect(a < b ? -1 : a > b ? 1 : 0).toBe(order);
      }),
    );
  });

  test('no key is too long, whatever the id', () => {
    fc.assert(
      fc.property(id, (any) => {
        const longest = stagedKey(
          stagingPrefix(any, 999_999_999_999, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
          fieldChangesKey(any, '2026-01-01', 999_999_999_999),
        );
        expect(Buffer.byteLength(longest)).toBeLessThanOrEqual(1024);
        expect(Buffer.byteLength(eventIdsKey(any, any, 1, 1).sk)).toBeLessThanOrEqual(1024);
        expect(Buffer.byteLength(domainPartition(any))).toBeLessThanOrEqual(2048);
      }),
    );
  });

  test('an object key has no character that a URL, a path or a partition value would need to escape', () => {
    fc.assert(
      fc.property(id, seq, (any, s) => {
        expect(manifestKey(any, s)).toMatch(/^manifests\/domain_id=[A-Za-z0-9_-][A-Za-z0-9._-]*\/\d{12}\.json$/);
      }),
    );
  });
});

describe('what cannot be a key is refused', () => {
  test.each([0, -1, 1.5, Number.NaN, 10 ** 12])('commit number %p', (bad) => {
    const message = `A commit number is a whole number from 1 to 999999999999, not ${bad}`;
    expect(() => manifestKey('d', bad)).toThrow(new RangeError(message));
    expect(() => stagingPrefix('d', bad, 1, 1)).toThrow(new RangeError(message));
  });

  test.each([-1, 0.5, 10 ** 6])('part %p', (bad) => {
    const message = `A part is a whole number from 0 to 999999, not ${bad}`;
    expect(() => eventIdsKey('d', 'c', 1, bad)).toThrow(new RangeError(message));
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('fence or attempt %p', (bad) => {
    const message = `is a whole number from 0 to 2^53 - 1, not ${bad}`;
    expect(() => stagingPrefix('d', 1, bad, 1)).toThrow(new RangeError(`A fence ${message}`));
    expect(() => stagingPrefix('d', 1, 1, bad)).toThrow(new RangeError(`An attempt ${message}`));
  });

  test.each(['', '2026-1-1', '2026-01-01T00:00:00Z', 'x2026-01-01', '2026-01-011', 'yyyy-mm-dd'])(
    'export date %p',
    (bad) => {
      expect(() => fieldChangesKey('d', bad, 1)).toThrow(
        new RangeError(`An export date is YYYY-MM-DD, not ${JSON.stringify(bad)}`),
      );
    },
  );

  test('an empty id', () => {
    expect(() => caseKey('d', '')).toThrow('non-empty');
    expect(() => manifestKey('', 1)).toThrow('non-empty');
    expect(RETRY_PREFIX).toBe('RETRY#');
  });
});
