import fc from 'fast-check';
import { judgePeriod, type PeriodAnswer } from '../../../lambda/export/domain/completeness';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import {
  aHistoryProof,
  aLiveLane,
  aManifest,
  aRelatedLane,
  aSweep,
  someCounts,
  someLanes,
} from '../../support/stored-values';
import { anyDebtSum, anyState } from './arbitraries';

const END = 1_000;

/** Lanes that have proven everything up to END. */
const proven = someLanes({
  live: aLiveLane({ watermark: END, provenUntil: END }),
  related: aRelatedLane({ watermark: END }),
  sweep: aSweep({ finishedAt: 5 }),
});

/** One manifest of a domain that is complete up to END, with three rows. */
const whole = aManifest({ lanes: proven, counts: someCounts({ rows: 3 }) });
const rows = new Map([[1, 3]]);

function judge(change: Partial<Manifest>, rowsByCommit: ReadonlyMap<number, number> = rows): PeriodAnswer {
  return judgePeriod([{ ...whole, ...change }], rowsByCommit, END);
}

/** Every member that is not as it is where all is well. */
function reasons(answer: PeriodAnswer): Partial<PeriodAnswer> {
  const well = judgePeriod([whole], rows, END);
  return Object.fromEntries(
    Object.entries(answer).filter(([name, value]) => value !== well[name as keyof PeriodAnswer]),
  );
}

describe('A period is complete', () => {
  test('if everything agrees, and only then', () => {
    expect(judge({})).toEqual({
      isComplete: true,
      watermarkPassed: true,
      historyFinished: true,
      historyFrom: null,
      casesNotFound: 0,
      debts: 0,
      openQuarantine: 0,
      commitsWithOtherRows: 0,
      holesInChain: 0,
      unexplainedTouches: 0,
      accountKept: true,
    });
  });

  test('up to a watermark and not beyond it', () => {
    expect(judgePeriod([whole], rows, END).isComplete).toBe(true);
    expect(judgePeriod([whole], rows, END + 1)).toMatchObject({ isComplete: false, watermarkPassed: false });
  });

  test('whatever happens later that does not concern it', () => {
    const debt = { cause: 'denied' as const, cases: 1, neverRead: 0, since: END, missingFrom: END };
    expect(judge({ debts: [debt] }).isComplete).toBe(true);
    expect(judge({ unexplainedTouches: 7 })).toMatchObject({ isComplete: true, unexplainedTouches: 7 });
  });

  test('in whatever order its manifests come', () => {
    const second = aManifest({ ...whole, seq: 2, previousSha256: 'a', counts: someCounts({ rows: 1 }) });
    const both = new Map([...rows, [2, 1]]);
    expect(judgePeriod([whole, second], both, END)).toEqual(judgePeriod([second, whole], both, END));
    expect(judgePeriod([second, whole], both, END).isComplete).toBe(true);
  });

  test('by a watermark that an earlier manifest proves', () => {
    const second = aManifest({
      ...whole,
      seq: 2,
      previousSha256: 'a',
      counts: someCounts(),
      lanes: someLanes({ sweep: proven.sweep }),
    });
    expect(judgePeriod([whole, second], rows, END).isComplete).toBe(true);
  });
});

describe('A period is not complete, and the answer says why,', () => {
  const lanesWith = (change: Partial<Manifest['lanes']>) => ({ lanes: { ...proven, ...change } });

  test.each<[string, Partial<Manifest>, Partial<PeriodAnswer>]>([
    [
      'where no pass over latest changes has come so far',
      lanesWith({ live: aLiveLane({ provenUntil: END - 1 }) }),
      { watermarkPassed: false },
    ],
    [
      'where no walk over related items has come so far',
      lanesWith({ related: aRelatedLane({ watermark: END - 1 }) }),
      { watermarkPassed: false },
    ],
    ['where a lane has never finished', lanesWith({ live: aLiveLane({ watermark: END }) }), { watermarkPassed: false }],
    [
      'where no scan over all cases has finished under the account',
      { history: null },
      { historyFinished: false, casesNotFound: null },
    ],
    [
      'where a scan for history is under way again',
      lanesWith({ sweep: aSweep({ number: 2 }) }),
      { historyFinished: false },
    ],
    ['where the manifest is of a build that kept no account', { debts: undefined as never }, { accountKept: false }],
    ['where EXPORT_FROM has left something out', { history: aHistoryProof({ exportFrom: 77 }) }, { historyFrom: 77 }],
    [
      'where a scan found fewer cases than the service counts',
      { history: aHistoryProof({ casesNotFound: 4 }) },
      { casesNotFound: 4 },
    ],
    ['where an event stands in quarantine', { openQuarantine: 1 }, { openQuarantine: 1 }],
    [
      'where a case is owed',
      { debts: [{ cause: 'waiting', cases: 2, neverRead: 0, since: 1, missingFrom: END - 1 }] },
      { debts: 2 },
    ],
    [
      'where nothing is certain of a case',
      { debts: [{ cause: 'not-shown', cases: 1, neverRead: 1, since: 1, missingFrom: null }] },
      { debts: 1 },
    ],
  ])('%s', (_, change, why) => {
    expect(reasons(judge(change))).toEqual({ isComplete: false, ...why });
  });

  test('where there is no manifest at all: that is a "no", not an empty answer', () => {
    expect(judgePeriod([], new Map(), END)).toEqual({
      isComplete: false,
      watermarkPassed: false,
      historyFinished: false,
      accountKept: false,
      historyFrom: null,
      casesNotFound: null,
      debts: 0,
      openQuarantine: 0,
      commitsWithOtherRows: 0,
      holesInChain: 0,
      unexplainedTouches: 0,
    });
    expect(judgePeriod([], rows, END)).toMatchObject({ isComplete: false, commitsWithOtherRows: 1 });
  });

  test('where rows of a commit are gone, doubled, or of no commit that there is', () => {
    for (const [seen, commits] of [
      [new Map(), 1],
      [new Map([[1, 2]]), 1],
      [new Map([[1, 6]]), 1],
      [
        new Map([
          [1, 3],
          [9, 1],
        ]),
        1,
      ],
    ] as const) {
      expect(reasons(judge({}, seen))).toEqual({ isComplete: false, commitsWithOtherRows: commits });
    }
  });

  test('where a manifest is missing, or none is the first, or two are', () => {
    const third = aManifest({ ...whole, seq: 3, previousSha256: 'b', counts: someCounts() });
    expect(judgePeriod([whole, third], rows, END)).toMatchObject({ isComplete: false, holesInChain: 1 });
    expect(judge({ previousSha256: 'a' })).toMatchObject({ isComplete: false, holesInChain: 1 });
    const second = aManifest({ ...whole, seq: 2, previousSha256: null, counts: someCounts() });
    expect(judgePeriod([whole, second], rows, END)).toMatchObject({ isComplete: false, holesInChain: 1 });
  });
});

describe('A check', () => {
  test('takes no proof away while it is under way: history was in before', () => {
    expect(judge({ lanes: { ...proven, sweep: aSweep({ number: 2, purpose: 'check' }) } }).isComplete).toBe(true);
  });
});

test('The answer is "yes" iff every other member of it says so, whatever the manifests are', () => {
  const anyChange = fc.record(
    {
      lanes: anyState.map(({ lanes }) => lanes),
      debts: fc.array(anyDebtSum, { maxLength: 3 }),
      history: fc.option(
        fc
          .record({ exportFrom: fc.option(fc.nat(), { nil: null }), casesNotFound: fc.constantFrom(null, 0, 1) })
          .map(aHistoryProof),
        { nil: null },
      ),
      openQuarantine: fc.nat(1),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyChange, fc.nat(4), fc.nat(2 * END), (change, visible, until) => {
      const answer = judgePeriod([{ ...whole, ...change }], new Map([[1, visible]]), until);
      const { watermarkPassed, historyFinished, historyFrom, casesNotFound, debts, openQuarantine } = answer;
      const agrees =
        watermarkPassed &&
        historyFinished &&
        historyFrom === null &&
        (casesNotFound ?? 0) === 0 &&
        debts + openQuarantine + answer.commitsWithOtherRows + answer.holesInChain === 0;
      expect(answer.isComplete).toBe(agrees);
    }),
  );
});
