/** "Complete" is said only where nothing stands against it; each thing that does is named. */
import { judgePeriod } from '../../../lambda/export/domain/completeness';
import { judge } from '../../../tools/timeline/completeness';
import { commitOf } from '../../../tools/timeline/evidence';
import type { CommitFacts, DomainEvidence } from '../../../tools/timeline/facts';
import { randomDomains } from '../query/world/random-chains';
import { commit, evidence, START } from './rows';

const NOTHING = { open: 0, altered: 0 };
const judged = (values: Partial<CommitFacts> = {}) => judgeCase([1], { commits: [commit(1, values)] });

function judgeCase(seqs: number[], values: Partial<DomainEvidence>, quarantine = NOTHING) {
  return judge({ caseId: 'case-1', seqs, changedAt: START - 10 }, evidence(values), quarantine);
}

test('Complete as of the watermark that is proven where nothing stands against it', () => {
  expect(judged()).toEqual({
    completeAsOf: START,
    reasons: [],
    limits: [],
    relatedItemsAsOf: START,
    itemEditsAsOf: START - 1,
    unexplainedTouches: 0,
  });
});

const gap = { cause: 'not-found', since: '2026-01-01T00:00:00.000Z', attempts: 2 };
const sweep = { number: 1, isHistory: true, startedAt: START, finishedAt: null, exportFrom: null };
const history = { startedAt: START - 1, finishedAt: START, exportFrom: null, casesNotFound: 0 };
const debt = { cause: 'waiting', cases: 3, neverRead: 1, since: START - 5, missingFrom: null };
const AFTER_CHANGE = START - 9;

test.each<[string, Partial<CommitFacts>, string]>([
  ['an open gap', { gaps: new Map([['case-1', gap]]) }, 'not-found, 2 attempts'],
  ['a history read in part', { halfRead: new Set(['case-1']) }, 'Only the first pages'],
  ['a history that was changed after it was exported', { changedUpstream: new Set(['case-1']) }, 'as commit 1 found'],
  ['a case deleted in the service', { gone: new Set(['case-1']) }, 'did not know the case any more'],
  ['a first sweep that goes on', { sweep, history: null }, 'first sweep is not finished'],
  [
    'a sweep for an earlier start that goes on',
    { sweep: { ...sweep, number: 2 } },
    'sweep for an earlier start is not',
  ],
  ['no sweep', { sweep: null, history: null }, 'first sweep is not finished'],
  ['no finished pass', { liveProvenUntil: null }, 'No pass'],
  ['related items never looked through', { relatedWatermark: null }, 'Related items were never'],
  ['a manifest without an account', { debts: null, history: null }, 'kept no account'],
  ['no scan under the account', { history: null }, 'No scan over all cases has been finished'],
  ['cases that no scan found', { history: { ...history, casesNotFound: 2 } }, 'found 2 cases fewer'],
  ['EXPORT_FROM behind its changes', { history: { ...history, exportFrom: AFTER_CHANGE } }, 'EXPORT_FROM'],
  [
    'EXPORT_FROM of a scan under way',
    { sweep: { ...sweep, isHistory: false, exportFrom: AFTER_CHANGE } },
    'EXPORT_FROM',
  ],
  ['debts without names, of which nothing is certain', { debts: [debt] }, '3 cases of the domain are owed since'],
  [
    'a retry list that is cut',
    { debts: [{ ...debt, cause: 'denied' }], gaps: new Map([['case-2', { ...gap, cause: 'denied' }]]) },
    '2 cases of the domain are owed since',
  ],
])('Incomplete because of %s', (_, values, reason) => {
  const { completeAsOf, reasons } = judged(values);
  expect(completeAsOf).toBeNull();
  expect(reasons).toEqual([expect.stringContaining(reason)]);
});

test.each<[string, Partial<CommitFacts>]>([
  ['a gap', { gaps: new Map([['case-2', gap]]), debts: [{ ...debt, cause: 'not-found', cases: 1 }] }],
  ['a history read in part', { halfRead: new Set(['case-2']), debts: [{ ...debt, cause: 'partly-read', cases: 1 }] }],
  ['a changed history', { changedUpstream: new Set(['case-2']) }],
  ['a deletion', { gone: new Set(['case-2']) }],
  ['a check that goes on', { sweep: { ...sweep, number: 2, isHistory: false } }],
])('%s of another case is no reason', (_, values) => {
  expect(judged(values)).toMatchObject({ completeAsOf: START, reasons: [], limits: [] });
});

test('EXPORT_FROM leaves out no case that was changed since: its whole history is exported', () => {
  expect(judged({ history: { ...history, exportFrom: START - 10 } }).completeAsOf).toBe(START);
});

test('Touches that no event explains are no reason, and are counted', () => {
  expect(judged({ unexplainedTouches: 4 })).toMatchObject({ completeAsOf: START, unexplainedTouches: 4 });
});

test('Complete only as of the lower watermark', () => {
  expect(judged({ relatedWatermark: START - 7 }).completeAsOf).toBe(START - 7);
  expect(judged({ liveProvenUntil: START - 8 }).completeAsOf).toBe(START - 8);
});

test('Debts without names limit the time as of which it is complete to what they cannot miss', () => {
  const { completeAsOf, reasons, limits } = judged({ debts: [{ ...debt, missingFrom: START - 100 }] });
  expect({ completeAsOf, reasons }).toEqual({ completeAsOf: START - 100, reasons: [] });
  expect(limits).toEqual([
    expect.stringContaining(`recorded since ${new Date(START - 100).toISOString()} may be missing`),
  ]);
  expect(judged({ debts: [{ ...debt, missingFrom: START }] })).toMatchObject({ completeAsOf: START, limits: [] });
});

test('A check that left out the case has looked for none of its edits', () => {
  const values = {
    history: { ...history, exportFrom: START - 20 },
    sweep: { ...sweep, finishedAt: START, exportFrom: START - 20 },
  };
  const subject = { caseId: 'case-1', seqs: [1], changedAt: START - 30 };
  expect(judge(subject, evidence({ commits: [commit(1, values)] }), NOTHING).itemEditsAsOf).toBeNull();
  expect(judged(values).itemEditsAsOf).toBe(START);
});

test('What an older manifest says is over, save a deletion, unless rows came since, and a changed history', () => {
  const old = { gaps: new Map([['case-1', gap]]), debts: [debt], history: null };
  const commits = [commit(1, { ...old, gone: new Set(['case-1']) }), commit(2)];
  expect(judgeCase([1], { commits }).reasons).toHaveLength(1);
  expect(judgeCase([1, 2], { commits }).reasons).toEqual([]);
  const changed = [commit(1, { changedUpstream: new Set(['case-1']) }), commit(2)];
  expect(judgeCase([1], { commits: changed }).reasons).toEqual([expect.stringContaining('as commit 1 found')]);
});

test('Incomplete with problems of the chain, with rows beyond it, with events in quarantine, without manifests', () => {
  expect(judgeCase([1], { problems: ['broken'] }).reasons).toEqual(['broken']);
  expect(judgeCase([1, 2], {}).reasons).toEqual([expect.stringContaining('commit 2')]);
  expect(judgeCase([1], {}, { open: 3, altered: 0 }).reasons).toEqual([expect.stringContaining('3 events')]);
  const none = judgeCase([1], { commits: [], problems: ['none'] });
  expect(none).toMatchObject({ completeAsOf: null, reasons: ['none'] });
});

describe('Against judgePeriod, over random chains', () => {
  const UNTIL = Date.UTC(2026, 0, 11);
  const pages = randomDomains(1_000, Number(process.env['SEED'] ?? 1), UNTIL).flatMap(({ manifests }) => {
    const sorted = [...manifests].sort((a, b) => a.seq - b.seq);
    const newest = sorted.at(-1);
    if (newest === undefined) return [];
    const commits = sorted.flatMap((manifest) => commitOf('key', Buffer.from(JSON.stringify(manifest))) ?? []);
    const rows = new Map(sorted.map(({ seq, counts }) => [seq, counts.rows]));
    return [{ page: judgeCase([1], { commits }), answer: (until: number) => judgePeriod(sorted, rows, until), newest }];
  });

  test('a page that says complete has nothing against it that can concern its case', () => {
    const complete = pages.filter(({ page }) => page.completeAsOf !== null);
    expect(complete.length).toBeGreaterThan(100);
    for (const { page, answer } of complete) {
      const { historyFrom, casesNotFound, ...parts } = answer(page.completeAsOf ?? 0);
      expect(parts).toMatchObject({ watermarkPassed: true, historyFinished: true, debts: 0 });
      expect(historyFrom ?? 0).toBeLessThanOrEqual(START - 10);
      expect(casesNotFound ?? 0).toBe(0);
    }
  });

  test('and where the period is complete, the page says so', () => {
    const whole = pages.filter(({ answer, newest: { lanes } }) => {
      const { live, related } = lanes;
      if (live.provenUntil === null || related.watermark === null) return false;
      return answer(Math.min(live.provenUntil, related.watermark)).isComplete;
    });
    expect(whole.length).toBeGreaterThan(100);
    for (const { page, newest } of whole) expect({ page, newest }).toMatchObject({ page: { reasons: [], limits: [] } });
  });
});
