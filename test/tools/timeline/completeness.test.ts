/** "Complete" is said only where nothing stands against it; each thing that does is named. */
import { judge } from '../../../tools/timeline/completeness';
import { commit, evidence, START } from './rows';

const NOTHING = { open: 0, altered: 0 };
const judged = (...args: Parameters<typeof commit>) =>
  judge('case-1', [1], evidence({ commits: [commit(...args)] }), NOTHING);

test('Complete as of the live watermark where nothing stands against it', () => {
  expect(judged(1)).toEqual({ completeAsOf: START, reasons: [], relatedItemsAsOf: START, itemEditsAsOf: START - 1 });
});

const gap = { cause: 'not-found', since: '2026-01-01T00:00:00.000Z', attempts: 2 };
const sweep = { number: 1, isHistory: true, startedAt: START, finishedAt: null };

test.each([
  ['an open gap', { gaps: new Map([['case-1', gap]]) }, 'not-found, 2 attempts'],
  ['a history read in part', { halfRead: new Set(['case-1']) }, 'Only the first pages'],
  ['a case deleted in the service', { gone: new Set(['case-1']) }, 'did not know the case any more'],
  ['a first sweep that goes on', { sweep }, 'first sweep is not finished'],
  ['no sweep', { sweep: null }, 'first sweep is not finished'],
  ['no finished pass', { liveWatermark: null }, 'No pass'],
])('Incomplete because of %s', (_, values, reason) => {
  const { completeAsOf, reasons } = judged(1, values);
  expect(completeAsOf).toBeNull();
  expect(reasons).toEqual([expect.stringContaining(reason)]);
});

test.each([
  ['a gap', { gaps: new Map([['case-2', gap]]) }],
  ['a history read in part', { halfRead: new Set(['case-2']) }],
  ['a deletion', { gone: new Set(['case-2']) }],
  ['a check that goes on', { sweep: { ...sweep, number: 2, isHistory: false } }],
])('%s of another case is no reason', (_, values) => {
  expect(judged(1, values).completeAsOf).toBe(START);
});

test('What an older manifest says is over, save a deletion, unless rows came since', () => {
  const commits = [commit(1, { gaps: new Map([['case-1', gap]]), gone: new Set(['case-1']) }), commit(2)];
  expect(judge('case-1', [1], evidence({ commits }), NOTHING).reasons).toHaveLength(1);
  expect(judge('case-1', [1, 2], evidence({ commits }), NOTHING).reasons).toEqual([]);
});

test('Incomplete with problems of the chain, with rows beyond it, with events in quarantine, without manifests', () => {
  expect(judge('case-1', [1], evidence({ problems: ['broken'] }), NOTHING).reasons).toEqual(['broken']);
  expect(judge('case-1', [1, 2], evidence(), NOTHING).reasons).toEqual([expect.stringContaining('commit 2')]);
  expect(judge('case-1', [1], evidence(), { open: 3, altered: 0 }).reasons).toEqual([
    expect.stringContaining('3 events'),
  ]);
  const none = judge('case-1', [1], evidence({ commits: [], problems: ['none'] }), NOTHING);
  expect(none).toMatchObject({ completeAsOf: null, reasons: ['none'] });
});
