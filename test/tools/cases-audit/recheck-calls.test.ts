/** Promise: `recheck` never calls faster than its pace, waits when it is told to, ends whatever the pages do, and refuses a wrong call. */
import { CasesCallError, type CasesFailure } from '../../../lambda/export/domain/errors';
import type { AuditPage, SearchPage } from '../../../lambda/export/ports';
import { readHistory, type ShownCase, searchAll } from '../../../tools/cases-audit/recheck/history';
import {
  AskedToStop,
  DEFAULT_PACE,
  PoliteCalls,
  type ReadingCases,
} from '../../../tools/cases-audit/recheck/polite-calls';
import { createFakeCases } from '../../fakes/cases-api';
import { createManualClock, type ManualClock } from '../../fakes/manual-clock';
import { exportModel, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { folderOf } = verifierOfFile();
const DOMAIN = 'd';

function failure(kind: CasesFailure, retryAfterMs?: number): CasesCallError {
  return new CasesCallError('failed', kind, 'GetCaseAuditEvents', retryAfterMs === undefined ? {} : { retryAfterMs });
}

function politely(
  api: Partial<ReadingCases>,
  { pace = DEFAULT_PACE, signal = new AbortController().signal } = {},
): { calls: PoliteCalls; clock: ManualClock } {
  const clock = createManualClock({ auto: true });
  const none = () => Promise.reject(new Error('never called'));
  return {
    calls: new PoliteCalls({ searchCases: none, getCaseAuditEvents: none, ...api }, clock, signal, pace),
    clock,
  };
}

const PAGE: AuditPage = { events: [], nextToken: undefined, serviceTime: null };

test.each([DEFAULT_PACE, 0.1, 2, 5])(
  'at %s calls per second no window of time holds more than the pace and its burst',
  async (pace) => {
    const times: number[] = [];
    const { calls, clock } = politely(
      {
        getCaseAuditEvents: async () => {
          times.push(clock.monotonic());
          return PAGE;
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
      return PAGE;
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
  const hang = (_: unknown, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(failure('unavailable'))));
  const { calls } = politely({ getCaseAuditEvents: hang });
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
  ['a token that leads to itself', () => ({ ...PAGE, nextToken: 'a' }), { kind: 'unread', cause: 'no-progress' }, 2],
  [
    'tokens that lead in a circle',
    (token) => ({ ...PAGE, events: [EVENT], nextToken: token === 'a' ? 'b' : 'a' }),
    { kind: 'unread', cause: 'no-progress' },
    3,
  ],
  [
    'new tokens for ever, and nothing new',
    (token = '0') => ({ ...PAGE, events: [EVENT], nextToken: String(Number(token) + 1) }),
    { kind: 'unread', cause: 'no-progress' },
    1001,
  ],
  [
    'a token that is refused at every attempt',
    (token) => (token === undefined ? { ...PAGE, nextToken: 'a' } : failure('refused')),
    { kind: 'unread', cause: 'refused' },
    6,
  ],
  ['a page without its list', () => failure('malformed'), { kind: 'unread', cause: 'malformed' }, 2],
  ['no such case', () => failure('not-found'), { kind: 'gone' }, 1],
  [
    'an event that is null',
    () => ({ ...PAGE, events: [null, EVENT] }),
    { kind: 'read', events: [EVENT], isWhole: false },
    1,
  ],
  [
    'an empty page with a token, and then the rest',
    (token) => (token === undefined ? { ...PAGE, nextToken: 'a' } : { ...PAGE, events: [EVENT] }),
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
  [
    'tokens that lead nowhere',
    () => ({ cases: [], nextToken: 'a', totalCount: undefined, serviceTime: null }),
    { unread: 'no-progress' },
  ],
  ['a denied search', () => failure('denied'), { unread: 'denied', pages: 0 }],
  [
    'a case that hides behind a null',
    () => ({ cases: [null], nextToken: undefined, totalCount: 1, serviceTime: null }),
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
  let folder: string;
  beforeAll(async () => {
    folder = folderOf(await render((await exportModel()).commits));
  });

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
    const { code, err } = await cli(['recheck', '--offline', folder, ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
  });

  test('an archive without any domain', async () => {
    const { code, err } = await cli([
      'recheck',
      '--offline',
      folderOf(new Map([['notes/x', Buffer.from('x')]])),
      'case-1',
    ]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('The archive has no domain') });
  });
});
