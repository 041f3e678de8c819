/** Promises: a note says what its manifest says, the same for ever; a note that was damaged is an error, never another note. */
import fc from 'fast-check';
import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import {
  type NoteLines,
  noteText,
  parseNote,
  parseNoteText,
  signatureLine,
  signedNote,
} from '../../../lambda/export/domain/commit-note';
import { judgePeriod } from '../../../lambda/export/domain/completeness';
import { accountOf } from '../../../lambda/export/domain/debts';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { gapsOf, type Manifest } from '../../../lambda/export/domain/manifest';
import {
  aHistoryProof,
  aLiveLane,
  aManifest,
  aPartialRead,
  aRelatedLane,
  aRetry,
  aSweep,
  aWaitingCase,
  someLanes,
} from '../../support/stored-values';
import { anyState } from './arbitraries';

const HASH = 'ab'.repeat(32);
const AT_NOON = '2026-01-10T12:00:00.000Z';
const NOON = Date.parse(AT_NOON);

function linesOf(change: Partial<Manifest> = {}): NoteLines {
  return parseNoteText(noteText(aManifest(change), HASH));
}

test('A note’s text has these thirteen lines', () => {
  const manifest = aManifest({
    seq: 12,
    previousSha256: 'cd'.repeat(32),
    cases: { count: 3, sha256: 'ef'.repeat(32) },
    lanes: someLanes({
      live: aLiveLane({ watermark: NOON, provenUntil: 0 }),
      related: aRelatedLane({ watermark: NOON + 1 }),
      sweep: aSweep({ finishedAt: 0 }),
    }),
    openQuarantine: 4,
  });
  expect(noteText(manifest, HASH)).toBe(
    `connect-cases-audit-export/commit/v1
domain domain-1
commit 12
previous ${'cd'.repeat(32)}
manifest ${HASH}
cases 3 ${'ef'.repeat(32)}
exported 2026-01-10T12:00:00.000Z
live 2026-01-10T12:00:00.000Z
related 2026-01-10T12:00:00.001Z
history complete
gaps 0
half-read 0
quarantine 4
`,
  );
});

describe('What a manifest does not have', () => {
  test('the manifest before the first is 64 zeros', () => {
    expect(linesOf({ previousSha256: null }).previous).toBe('0'.repeat(64));
  });

  test('a watermark that was never reached is "none"', () => {
    const { live, related, history } = linesOf({ lanes: someLanes(), history: null });
    expect([live, related, history]).toEqual(['none', 'none', 'none']);
  });

  test('no cases are "0 -", and cases that an earlier build did not count "- -"', () => {
    expect(linesOf({ cases: { count: 0, sha256: HASH } }).cases).toBe('0 -');
    expect(linesOf().cases).toBe('- -');
  });

  test('half-read cases that an earlier build did not list are "-"', () => {
    const { halfRead, ...earlier } = aManifest();
    expect(parseNoteText(noteText(earlier, HASH))['half-read']).toBe('-');
  });

  test('an id that could be misread stands as its hash, as in keys', () => {
    expect(linesOf({ domainId: 'a\ncommit 7' }).domain).toMatch(/^sha256-[0-9a-f]{64}$/);
  });
});

describe('History', () => {
  const unfinished = (anchor: number | null, number = 1) => someLanes({ sweep: aSweep({ number, anchor }) });

  test.each<[string, Partial<Manifest>, string]>([
    ['a finished backfill that left nothing out is complete', {}, 'complete'],
    [
      'a check after it changes nothing',
      { lanes: someLanes({ sweep: aSweep({ number: 2, purpose: 'check', anchor: 5 }) }) },
      'complete',
    ],
    ['a backfill under way has come to its resume point', { history: null, lanes: unfinished(NOON) }, AT_NOON],
    ['a backfill before its first page has come nowhere', { history: null, lanes: unfinished(null) }, 'none'],
    [
      'an earlier EXPORT_FROM begins anew',
      { history: aHistoryProof({ exportFrom: 5 }), lanes: unfinished(NOON, 2) },
      AT_NOON,
    ],
    [
      'a backfill from EXPORT_FROM on is not complete: it went up to its own start',
      { history: aHistoryProof({ exportFrom: 5, startedAt: NOON }) },
      AT_NOON,
    ],
    [
      'nor is one that did not find what the service counts',
      { history: aHistoryProof({ casesNotFound: 1, startedAt: NOON }) },
      AT_NOON,
    ],
    ['a service that gives no count is no obstacle', { history: aHistoryProof({ casesNotFound: null }) }, 'complete'],
    [
      'a check without a proof, as after earlier builds, proves nothing',
      { history: null, lanes: someLanes({ sweep: aSweep({ purpose: 'check', anchor: NOON }) }) },
      'none',
    ],
  ])('%s', (_, change, expected) => {
    expect(linesOf(change).history).toBe(expected);
  });

  test('is complete only if the answer to period-complete says so of its three reasons', () => {
    const anyHistory = fc.record({
      lanes: anyState.map(({ lanes }) => lanes),
      history: anyState.map(({ history }) => history),
    });
    fc.assert(
      fc.property(anyHistory, (change) => {
        const answer = judgePeriod([aManifest(change)], new Map(), 0);
        const isComplete = answer.historyFinished && answer.historyFrom === null && (answer.casesNotFound ?? 0) === 0;
        expect(linesOf(change).history === 'complete').toBe(isComplete);
      }),
    );
  });
});

describe('Gaps', () => {
  test('count every open entry of the retry list, of any cause, and no other debt', () => {
    const retries = RETRY_CAUSES.map((cause, index) => aRetry({ caseId: `case-${index}`, cause }));
    const notShown = { cause: 'not-shown' as const, cases: 5, neverRead: 0, since: 0, missingFrom: 0 };
    const debts = accountOf(retries, { halfRead: [aPartialRead()], waiting: [aWaitingCase()], notShown });
    expect(linesOf({ debts, gaps: gapsOf(retries) }).gaps).toBe(String(RETRY_CAUSES.length));
  });

  test('count also those that the manifest has no room to name', () => {
    const retries = Array.from({ length: 5_000 }, (_, index) => aRetry({ caseId: `case-${index}`.padEnd(200, '-') }));
    const gaps = gapsOf(retries);
    expect(gaps.length).toBeLessThan(5_000);
    const debts = accountOf(retries, { halfRead: [], waiting: [], notShown: null });
    expect(linesOf({ gaps, debts }).gaps).toBe('5000');
  });

  test('are those named where an earlier build kept no account', () => {
    const { debts, ...earlier } = aManifest({ gaps: gapsOf([aRetry()]) });
    expect(parseNoteText(noteText(earlier, HASH)).gaps).toBe('1');
  });
});

const TEXT = noteText(aManifest(), HASH);
const LINE = signatureLine('name', '01020304', Buffer.from([255, 254, 253]));

describe('A note', () => {
  test('is text, an empty line, and signature lines: em dash, name, base64 of key id and signature', () => {
    expect(Buffer.from(signedNote(TEXT, [LINE])).toString()).toBe(`${TEXT}\n\u2014 name AQIDBP/+/Q==\n`);
  });

  test('is taken apart as it was put together, with any number of signatures', () => {
    const signature = fc.record({
      name: fc.stringMatching(/^[^\s+\p{C}\p{Z}]+$/u).filter((name) => name.length > 0),
      keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
      signature: fc.uint8Array({ minLength: 1, maxLength: 100 }),
    });
    fc.assert(
      fc.property(fc.array(signature, { maxLength: 5 }), (signatures) => {
        const lines = signatures.map((one) => signatureLine(one.name, one.keyId, one.signature));
        expect(parseNote(signedNote(TEXT, lines))).toEqual({ text: TEXT, signatures });
      }),
    );
  });

  test('keeps signatures of unknown keys, whatever they are', () => {
    const witness = `\u2014 witness.example/w ${Buffer.alloc(80, 9).toString('base64')}\n`;
    const { signatures } = parseNote(signedNote(TEXT, [witness, LINE]));
    expect(signatures.map(({ name }) => name)).toEqual(['witness.example/w', 'name']);
  });

  test('that was cut off anywhere is an error, or the same text with fewer signatures', () => {
    const whole = Buffer.from(signedNote(TEXT, [LINE, LINE]));
    const kept = [TEXT.length + 1, TEXT.length + 1 + Buffer.byteLength(LINE), whole.length];
    for (let length = 0; length <= whole.length; length += 1) {
      const parse = () => parseNote(whole.subarray(0, length));
      if (kept.includes(length))
        expect(parse()).toMatchObject({ text: TEXT, signatures: { length: kept.indexOf(length) } });
      else expect(parse).toThrow(IntegrityError);
    }
  });

  test.each<[string, string | Buffer, string]>([
    ['nothing', '', 'there is no empty line'],
    ['text alone', TEXT, 'there is no empty line'],
    ['a byte behind its end', `${TEXT}\n${LINE}x`, 'its last line has no end'],
    ['a blank line behind its end', `${TEXT}\n${LINE} \n`, 'line 2 below the empty line'],
    ['a hyphen for the dash', `${TEXT}\n- name AQIDBP8=\n`, 'line 1 below the empty line'],
    ['no signature behind the key id', `${TEXT}\n\u2014 name AQIDBA==\n`, 'line 1 below the empty line'],
    ['base64 that is none', `${TEXT}\n\u2014 name AQIDBP8!\n`, 'line 1 below the empty line'],
    ['base64 without its padding', `${TEXT}\n\u2014 name AQIDBP8\n`, 'line 1 below the empty line'],
    ['a name with a plus', `${TEXT}\n\u2014 na+me AQIDBP8=\n`, 'line 1 below the empty line'],
    ['no name', `${TEXT}\n\u2014 AQIDBP8=\n`, 'line 1 below the empty line'],
    ['a carriage return', `${TEXT.replaceAll('\n', '\r\n')}\n`, 'a control character'],
    ['other bytes than UTF-8', Buffer.from([...Buffer.from(TEXT), 255, 10, 10]), 'it is not UTF-8'],
    ['a megabyte and more', 'x'.repeat(1_000_001), 'it has 1000001 bytes'],
  ])('with %s is an error that says so', (_, bytes, words) => {
    expect(() => parseNote(Buffer.from(bytes))).toThrow(words);
    expect(() => parseNote(Buffer.from(bytes))).toThrow(IntegrityError);
  });

  test.each([
    ['', '01020304'],
    ['a b', '01020304'],
    ['a\u00a0b', '01020304'],
    ['a+b', '01020304'],
    ['a\nb', '01020304'],
    ['a', '0102030'],
    ['a', '0102030X'],
  ])('cannot be signed under the name %j and key id %j', (name, keyId) => {
    expect(() => signatureLine(name, keyId, Buffer.from([1]))).toThrow(RangeError);
  });
});

describe('The text of a note', () => {
  test.each<[string, string, string]>([
    ['of another version', TEXT.replace('/v1', '/v2'), 'its first line is not "connect-cases-audit-export/commit/v1"'],
    ['that is empty', '', 'its first line is not'],
    ['without a line', TEXT.replace(/^live .*\n/m, ''), 'line 8 does not begin with "live "'],
    [
      'with two lines exchanged',
      TEXT.replace(/(live .*\n)(related .*\n)/, '$2$1'),
      'line 8 does not begin with "live "',
    ],
    ['with a line more', `${TEXT}more 1\n`, 'its text does not end after line 13'],
    ['without its last newline', TEXT.slice(0, -1), 'its text does not end after line 13'],
  ])('%s is an error that says so', (_, text, words) => {
    expect(() => parseNoteText(text)).toThrow(words);
    expect(() => parseNoteText(text)).toThrow(IntegrityError);
  });
});
