import fc from 'fast-check';
import {
  newQuarantine,
  openEvents,
  parseQuarantine,
  type QuarantinedEvent,
  type ReplayedEvent,
} from '../../../lambda/export/domain/quarantine';
import { toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { refusal } from '../../support/rejections';
import { anyId } from './arbitraries';

const OF = { domainId: 'domain-1', seq: 3 };
const EMPTY = newQuarantine('domain-1', 3, [], []);

const anyQuarantined: fc.Arbitrary<QuarantinedEvent> = fc.record({
  caseId: anyId,
  eventKey: anyId,
  reason: fc.string(),
  emitted: fc.boolean(),
  event: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
});
const anyReplayed: fc.Arbitrary<ReplayedEvent> = fc.record({
  quarantinedIn: fc.integer({ min: 1 }),
  caseId: anyId,
  eventKey: anyId,
});

describe('A quarantine', () => {
  test('comes back from its bytes as it was, under the number of its commit', () => {
    const seqs = fc.integer({ min: 1, max: 999_999_999_999 });
    fc.assert(
      fc.property(anyId, seqs, fc.array(anyQuarantined), fc.array(anyReplayed), (domainId, seq, events, replayed) => {
        const bytes = toJsonBytes(newQuarantine(domainId, seq, events, replayed));
        expect(parseQuarantine(bytes, { domainId, seq })).toEqual({ version: 1, domainId, seq, events, replayed });
      }),
    );
  });

  test('keeps the seed of its commit’s case digests, if it has one', () => {
    const seed = 'ab'.repeat(32);
    const bytes = toJsonBytes(newQuarantine('domain-1', 3, [], [], seed));
    expect(parseQuarantine(bytes, OF)).toEqual({ ...EMPTY, caseSalt: seed });
    expect(parseQuarantine(toJsonBytes({ ...EMPTY, caseSalt: 7 }), OF)).toEqual(EMPTY);
  });

  test('from before there was a replay has none', () => {
    const { replayed: _, ...before } = EMPTY;
    expect(parseQuarantine(toJsonBytes(before), OF).replayed).toEqual([]);
  });

  test.each([
    [
      'of another domain',
      { domainId: 'other' },
      /of commit 3 of domain domain-1 calls itself commit 3 of domain other/,
    ],
    ['of another commit', { seq: 4 }, /000000000003\.json of commit 3 .* calls itself commit 4/],
  ])('%s is refused, and the error names what came and what was expected', (_, change, message) => {
    const { message: told } = refusal(() => parseQuarantine(toJsonBytes({ ...EMPTY, ...change }), OF));
    expect(told).toMatch(message);
  });

  test('is open as far as no row holds its events', () => {
    const event = { caseId: 'c', eventKey: 'e', reason: 'r', event: {} };
    expect(openEvents([])).toBe(0);
    expect(
      openEvents([
        { ...event, emitted: true },
        { ...event, emitted: false },
        { ...event, emitted: false },
      ]),
    ).toBe(2);
  });
});
