/** Promise: the alarm on debts counts all that somebody has to act on, once, and nothing that pays itself. */

import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import { countAlarmingDebts, PAY_THEMSELVES } from '../../../lambda/export/domain/debts';
import type { DebtCause, DebtSum } from '../../../lambda/export/domain/state';

const debt = (cause: DebtCause, cases = 2): DebtSum => ({ cause, cases, neverRead: 0, since: 1, missingFrom: 1 });
const history = { sweepNumber: 1, startedAt: 1, finishedAt: 2, exportFrom: null, casesFound: 9, casesNotFound: null };
const NOTHING = { openQuarantine: 0, history };

test('nothing where nothing is owed, also before a scan has finished', () => {
  expect(countAlarmingDebts([], NOTHING)).toBe(0);
  expect(countAlarmingDebts([], { openQuarantine: 0, history: null })).toBe(0);
});

test.each([...PAY_THEMSELVES])('%s pays itself', (cause) => {
  expect(countAlarmingDebts([debt(cause)], NOTHING)).toBe(0);
});

test.each(RETRY_CAUSES.filter((cause) => !PAY_THEMSELVES.has(cause)))('%s is counted', (cause) => {
  expect(countAlarmingDebts([debt(cause), debt('waiting', 99)], NOTHING)).toBe(2);
});

test('events in quarantine are counted beside cases', () => {
  expect(countAlarmingDebts([debt('denied'), debt('malformed')], { openQuarantine: 3, history })).toBe(7);
});

test.each([
  [0, null, 0],
  [4, null, 4],
  [0, 3, 3],
  [4, 3, 4],
  [3, 4, 4],
])('%d cases that searches hide and %p that the last scan did not find are %d', (hidden, casesNotFound, expected) => {
  const account = hidden === 0 ? [] : [debt('not-shown', hidden)];
  expect(countAlarmingDebts(account, { openQuarantine: 0, history: { ...history, casesNotFound } })).toBe(expected);
});
