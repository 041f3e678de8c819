/** Promise: `recheck` never calls faster than its pace, waits when it is told to, ends whatever the pages do, and refuses a wrong call. */
import type { CasesCallError, CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, SearchPage } from '../../../lambda/export/ports';
import { readHistory, type ShownCase, searchAll } from '../../../tools/cases-audit/recheck/history';
import {
  AskedToStop,
  DEFAULT_PACE,
  PoliteCalls,
  type ReadingCases,
} from '../../../tools/cases-audit/recheck/polite-calls';
import { createFakeCases } from '../../fakes/cases-api';
import { createManualClock } from '../../fakes/manual-clock';
import { failed, NO_CASES, NO_EVENTS, neverAnswers } from '../../fakes/with-answers';
import { cli } from './command-line';
import { soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile();
const { folderOf } = archive;
const DOMAIN = 'd';

const failure = (kind: CasesFailure, retryAfterMs?: number) => failed(kind, 'GetCaseAuditEvents', retryAfterMs);

function politely(api: Partial<ReadingCases>, { pace = DEFAULT_PACE, signal = new AbortController().signal } = {}) {
  const clock = createManualClock({ auto: true });
  const none = () => Promise.reject(new Error('never called'));
  const calls = new PoliteCalls({ searchCases: none, getCaseAuditEvents: none, ...api }, clock, signal, pace);
  return { calls, clock };
}

test.each([DEFAULT_PACE, 0.1, 2, 5])(
  'at %s calls per second no window of time holds more than the pace and its burst',
  async (pace) => {
    const times: number[] = [];
    const { calls, clock } = politely(
      {
        getCaseAuditEvents: async () => {
          times.push(clock.monotonic());
          return NO_EVENTS;
        },
      },
      { pace },
    );
    for (let index = 0; index < 60; index += 1) await calls.getCaseAuditEvents({ domainId: DOMAIN, caseId: 'c' });
    const burst = Math.max(1, Math.min(8, pace * 2));
    for (const [from, start] of times.entries()) {
      for (const [to, end] of times.entries()) {
        if (to > from) expect(to - from + 1).toBeLessThanOrEqual(((end - start) / 1000) * pace + burst + 1e-6);
      }
    }
    expect(calls.counts).toEqual({ GetCaseAuditEvents: 60, SearchCases: 0, throttled: 0 });
  },
);

test('the default pace and that of the exporter stay below the quota of the account', () => {
  const [quota, exporter] = [2, 1.5];
  expect(exporter + DEFAULT_PACE).toBeLessThan(quota);
});

test('attempts that are throttled cost pace like any call, halve it, and wait for what the service asks', async () => {
  const times: number[] = [];
  const { calls, clock } = politely({
    getCaseAuditEvents: async () => {
      times.push(clock.monotonic());
      if (times.length <= 3) throw failure('throttled', 20_000);
      return NO_EVENTS;
    },
  });
  await calls.getCaseAuditEvents({ domainId: DOMAIN, caseId: 'c' });
  expect(calls.counts).toMatchObject({ GetCaseAuditEvents: 4, throttled: 3 });
  for (const [index, time] of times.entries()) {
    if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(20_000);
  }
});

test('a pause that is longer than a minute ends it, and nothing more is sent', async () => {
  const { calls } = politely({ getCaseAuditEvents: () => Promise.reject(failure('throttled', 61_000)) });
  await expect(readHistory(calls, DOMAIN, 'c')).rejects.toThrow(AskedToStop);
  expect(calls.counts.GetCaseAuditEvents).toBe(1);
});

test.each<[CasesFailure, number]>([
  ['throttled', 10],
  ['unavailable', 3],
  ['malformed', 2],
  ['denied', 1],
])('%s is given up after %s attempts', async (kind, attempts) => {
  const { calls } = politely({ getCaseAuditEvents: () => Promise.reject(failure(kind)) });
  expect(await readHistory(calls, DOMAIN, 'c')).toEqual({ kind: 'unread', cause: kind });
  expect(calls.counts.GetCaseAuditEvents).toBe(attempts);
});

test('a call that hangs is ended, and Ctrl-C ends a wait', async () => {
  const controller = new AbortController();
  const { calls } = politely({ getCaseAuditEvents: neverAnswers('getCaseAuditEvents') });
  expect(await readHistory(calls, DOMAIN, 'c')).toEqual({ kind: 'unread', cause: 'unavailable' });
  const other = politely(
    {
      getCaseAuditEvents: async () => {
        controller.abort();
        throw failure('throttled', 30_000);
      },
    },
    { signal: controller.signal },
  );
  await expect(readHistory(other.calls, DOMAIN, 'c')).rejects.toThrow('Interrupted');
});

const EVENT = { eventId: 'e', type: 'Case.Created', performedTime: new Date(0), fields: [] };

test.each<[string, (token: string | undefined) => AuditPage | CasesCallError, object, number]>([
  [
    'a token that leads to itself',
    () => ({ ...NO_EVENTS, nextToken: 'a' }),
    { kind: 'unread', cause: 'no-progress' },
    2,
  ],
  [
    'tokens that lead in a circle',
    (token) => ({ ...NO_EVENTS, events: [EVENT], nextToken: token === 'a' ? 'b' : 'a' }),
    { kind: 'unread', cause: 'no-progress' },
    3,
  ],
  [
    'new tokens for ever, and nothing new',
    (token = '0') => ({ ...NO_EVENTS, events: [EVENT], nextToken: String(Number(token) + 1) }),
    { kind: 'unread', cause: 'no-progress' },
    1001,
  ],
  [
    'a token that is refused at every attempt',
    (token) => (token === undefined ? { ...NO_EVENTS, nextToken: 'a' } : failure('refused')),
    { kind: 'unread', cause: 'refused' },
    6,
  ],
  ['a page without its list', () => failure('malformed'), { kind: 'unread', cause: 'malformed' }, 2],
  ['no such case', () => failure('not-found'), { kind: 'gone' }, 1],
  [
    'an event that is null',
    () => ({ ...NO_EVENTS, events: [null, EVENT] }),
    { kind: 'read', events: [EVENT], isWhole: false },
    1,
  ],
  [
    'an empty page with a token, and then the rest',
    (token) => (token === undefined ? { ...NO_EVENTS, nextToken: 'a' } : { ...NO_EVENTS, events: [EVENT] }),
    { kind: 'read', events: [EVENT], isWhole: true },
    2,
  ],
])('a history: %s', async (_, answer, expected, count) => {
  const getCaseAuditEvents: ReadingCases['getCaseAuditEvents'] = async ({ nextToken }) => {
    const page = answer(nextToken);
    if (page instanceof Error) throw page;
    return page;
  };
  const { calls } = politely({ getCaseAuditEvents }, { pace: 10_000 });
  expect(await readHistory(calls, DOMAIN, 'c')).toEqual(expected);
  expect(calls.counts.GetCaseAuditEvents).toBe(count);
});

async function search(api: Partial<ReadingCases>) {
  const found: ShownCase[] = [];
  const { calls } = politely(api, { pace: 10_000 });
  const end = await searchAll(
    calls,
    DOMAIN,
    (shown) => found.push(shown),
    () => undefined,
  );
  return { ...end, found: found.map(({ caseId }) => caseId) };
}

test('a search shows each case once, also where hundreds were made in one instant', async () => {
  const cases = createFakeCases({ domainId: DOMAIN, pageSize: { searchCases: 7 } });
  for (let index = 0; index < 40; index += 1) cases.addCase(`a-${index}`, 1_000);
  for (let index = 0; index < 40; index += 1) cases.addCase(`b-${index}`, 2_000 + index);
  const { found, unread } = await search(cases);
  expect(unread).toBeNull();
  expect(new Set(found).size).toBe(80);
  expect(found).toHaveLength(80);
});

test.each<[string, () => SearchPage | CasesCallError, object]>([
  ['tokens that lead nowhere', () => ({ ...NO_CASES, nextToken: 'a' }), { unread: 'no-progress' }],
  ['a denied search', () => failure('denied'), { unread: 'denied', pages: 0 }],
  [
    'a case that hides behind a null',
    () => ({ ...NO_CASES, cases: [null], totalCount: 1 }),
    { unread: null, hidden: 1 },
  ],
])('a search: %s', async (_, answer, expected) => {
  const searchCases: ReadingCases['searchCases'] = async () => {
    const page = answer();
    if (page instanceof Error) throw page;
    return page;
  };
  expect(await search({ searchCases })).toMatchObject(expected);
});

describe('a wrong call ends with 2, before anything is asked', () => {
  test.each([
    ['neither ids nor a sample', [], 'expected ids of cases, or --sample'],
    ['both', ['case-1', '--sample', '3'], 'expected ids of cases, or --sample'],
    ['a sample of none', ['--sample', '0'], '--sample is "0"'],
    ['half a case', ['--sample', '1.5'], '--sample is "1.5"'],
    ['no pace', ['--sample', '3', '--pace', '-1'], '--pace is "-1"'],
    ['a seed for chosen cases', ['case-1', '--seed', 'x'], '--seed draws a sample again'],
    ['a seed that is none', ['--sample', '3', '--seed', 'a b'], '--seed is "a b"'],
    ['another domain', ['--sample', '3', '--domain', 'other'], 'There is no domain other'],
  ])('%s', async (_, args, words) => {
    const { code, err } = await cli(['recheck', '--offline', folderOf(archive.sound), ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
  });

  test('an archive without any domain', async () => {
    const bare = folderOf(new Map([['notes/x', Buffer.from('x')]]));
    const { code, err } = await cli(['recheck', '--offline', bare, 'case-1']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('The archive has no domain') });
  });
});
