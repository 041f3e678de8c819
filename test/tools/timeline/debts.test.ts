/** What a domain still owes is listed on every page of its cases, with its causes in plain words. */
import { RETRY_CAUSES } from '../../../lambda/export/domain/case-items';
import { wordsOf } from '../../../tools/cases-audit/archive/progress';
import type { CommitFacts } from '../../../tools/timeline/facts';
import { all, one, readPage, text } from './page-reader';
import { change, commit, evidence, pageOf, START } from './rows';

const owing = (values: Partial<CommitFacts>) =>
  readPage(pageOf([change(1)], { evidence: evidence({ commits: [commit(1, values)] }) }));
const debt = { cases: 2, neverRead: 0, since: START - 60_000, missingFrom: START - 120_000 };
const gapOf = (cause: string) => ({ cause, since: '2026-01-10T11:00:00.000Z', attempts: 1 });

test('by cause, with how many, since when, and whether this case is one of them', () => {
  const page = owing({
    debts: [
      { ...debt, cause: 'denied', cases: 1 },
      { ...debt, cause: 'not-shown', cases: 3, neverRead: 3, missingFrom: null },
      { ...debt, cause: 'partly-read', cases: 1, neverRead: 1 },
      { ...debt, cause: 'waiting', cases: 1_200 },
    ],
    gaps: new Map([['case-1', gapOf('denied')]]),
    halfRead: new Set(['case-2']),
  });
  const rows = all(one(page, 'debts'), '<tr>').slice(1);
  expect(rows.map((row) => all(row, '<td>').map(text))).toEqual([
    ['1 caseeach was read whole before', '2026-01-10 11:59:00.000 UTC', 'is one of them'],
    ['3 cases3 never read whole', '2026-01-10 11:59:00.000 UTC', 'may be one of 3 cases without a name'],
    ['1 case1 never read whole', '2026-01-10 11:59:00.000 UTC', 'is none of them'],
    [
      '1,200 caseseach was read whole before',
      '2026-01-10 11:59:00.000 UTC',
      'may be one of 1,200 cases without a name; what was recorded before 2026-01-10 11:58:00.000 UTC is here',
    ],
  ]);
  expect(rows.map((row) => text(one(row, '<th>')))).toEqual([
    'denieda case that may not be read by the exporter',
    expect.stringMatching(/^not-shown/),
    expect.stringMatching(/^partly-read/),
    expect.stringMatching(/^waiting/),
  ]);
});

test('as nothing where nothing is owed, and as unknown where no account is kept', () => {
  expect(text(owing({ debts: [] }))).toContain('Nothing: every case that the export knew of was read as of commit 1.');
  expect(text(owing({ debts: null, history: null }))).toContain('No manifest keeps an account of it.');
});

test('The page says complete as of the time from which on a case without a name may miss something, and why not later', () => {
  const verdict = text(one(owing({ debts: [{ ...debt, cause: 'waiting' }] }), 'verdict'));
  expect(verdict).toMatch(/^\nComplete as of 2026-01-10 11:58:00\.000 UTC\./);
  expect(verdict).toContain('Not as of a later time, because:2 cases of the domain are owed since');
});

test('Touches without an event are counted on the page, and keep no page from being complete', () => {
  const page = owing({ unexplainedTouches: 4 });
  expect(text(page)).toContain('4 cases of the domain: touched at a time that no event explains');
  expect(text(one(page, 'verdict'))).toMatch(/^\nComplete as of/);
});

test('Every cause has plain words; one of a newer build stands as it is, escaped', () => {
  const causes = [...RETRY_CAUSES, 'waiting', 'partly-read', 'not-shown'];
  expect(causes.filter((cause) => wordsOf(cause) === cause)).toEqual([]);
  const page = owing({ debts: [{ ...debt, cause: '<b>new</b>' }] });
  expect(text(one(one(page, 'debts'), '<bdi>'))).toBe('<b>new</b>');
});
