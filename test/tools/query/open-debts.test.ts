/** Promises: whatever is owed can be seen by SQL, by cause, the oldest first, with ids where manifests name them; no cut list is taken for a count. */
import { RETRY_CAUSES, type RetryCause } from '../../../lambda/export/domain/case-items';
import { PAY_THEMSELVES } from '../../../lambda/export/domain/debts';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { DebtCause, DebtSum } from '../../../lambda/export/domain/state';
import { readQueries, readViews } from '../../../lib/athena/sql-files';
import { aWaitingCase } from '../../support/stored-values';
import { databaseOfFile, saveManifests, saveRowless } from './database';
import { soundManifest, wholeHistory } from './world/sound-manifest';

const NOW = Date.UTC(2026, 0, 10, 12);
const HOUR = 3_600_000;
const time = (at: number) => new Date(at).toISOString();

const debt = (cause: DebtCause, cases: number, since: number, missingFrom: number | null): DebtSum => {
  return { cause, cases, neverRead: missingFrom === null ? 1 : 0, since, missingFrom };
};
const gap = (caseId: string, cause: RetryCause, since: number) => ({ caseId, cause, since: time(since), attempts: 3 });

/** Twelve denied cases, eleven of which the manifest names; the list is cut. */
const DENIED = Array.from({ length: 11 }, (_, index) =>
  gap(`denied ${String(index).padStart(2, '0')}`, 'denied', NOW - (20 - index) * HOUR),
);
const DEBTS = [
  debt('denied', 12, NOW - 20 * HOUR, NOW - 30 * HOUR),
  debt('not-shown', 2, NOW - 2 * HOUR, null),
  debt('partly-read', 1, NOW - HOUR / 2, null),
  debt('unexplained', 1, NOW - HOUR, NOW - HOUR),
  debt('waiting', 5, NOW - HOUR / 60, NOW),
];

const database = databaseOfFile(async (archive) => {
  const owing: Partial<Manifest> = {
    debts: DEBTS,
    gaps: [...DENIED, gap('touched', 'unexplained', NOW - HOUR)],
    halfRead: [{ caseId: 'long', templateId: null, touched: 1 }],
    waiting: [aWaitingCase({ caseId: 'fresh', touched: NOW, since: NOW - HOUR / 60, missingFrom: NOW })],
    openQuarantine: 4,
    unexplainedTouches: 7,
    changedUpstream: ['changed'],
    history: { ...wholeHistory(NOW - 3 * HOUR), casesNotFound: 3 },
  };
  saveManifests(archive, [
    sound('d', 1, { ...owing, debts: [debt('fatal', 99, NOW, null)] }),
    sound('d', 2, owing),
    sound('nothing owed', 1, {}),
    // As a build without the account made it.
    sound('old', 1, { gaps: DENIED, debts: undefined, history: undefined, unexplainedTouches: undefined } as object),
  ]);
  await saveRowless(archive, 'd', '2026-01-10');
});

test('open-debts has every cause of the newest commits, the oldest first, and what the alarm counts beside', async () => {
  const rows = await database.answerOf('open-debts');
  expect(rows.map(({ cause, owed, pays_itself }) => [cause, owed, pays_itself])).toEqual([
    ['denied', 12, false],
    ['not-in-scan', 3, false],
    ['not-shown', 2, false],
    ['unexplained', 1, true],
    ['partly-read', 1, true],
    ['waiting', 5, true],
    ['quarantine', 4, false],
  ]);
  expect(rows.every(({ domain_id, as_of }) => domain_id === 'd' && as_of === time(NOW + 2))).toBe(true);
});

test('open-debts says since when, from when on something is missing, and names ten cases', async () => {
  const [denied, ...others] = await database.answerOf('open-debts');
  expect(denied).toMatchObject({
    never_read: 0,
    since: time(NOW - 20 * HOUR),
    missing_from: time(NOW - 30 * HOUR),
    case_ids: DENIED.slice(0, 10)
      .map(({ caseId }) => caseId)
      .join(', '),
  });
  const ids = Object.fromEntries(others.map(({ cause, case_ids }) => [cause, case_ids]));
  expect(ids).toMatchObject({ unexplained: 'touched', 'partly-read': 'long', 'not-shown': null, waiting: 'fresh' });
});

test('counts are those of the account, not the length of a list that may be cut', async () => {
  const { rows } = await database.rows('SELECT * FROM export_commits ORDER BY domain_id, commit_seq DESC');
  expect(rows).toMatchObject([
    {
      account_kept: true,
      open_debts: 21,
      debts_never_read: 2,
      debts_since: time(NOW - 20 * HOUR),
      open_gaps: 13,
      half_read_cases: 1,
      cases_not_found: 3,
      unexplained_touches: 7,
      changed_upstream: 1,
    },
    { open_debts: 99, open_gaps: 99 },
    { account_kept: true, open_debts: 0, debts_never_read: 0, debts_since: null, open_gaps: 0, half_read_cases: 0 },
    { account_kept: false, open_debts: null, debts_never_read: null, debts_since: null, open_gaps: 11 },
  ]);
});

test('a commit of a build without an account proves no history, though its sweep is finished', async () => {
  const { rows } = await database.rows('SELECT domain_id, history_finished FROM export_commits');
  expect(new Map(rows.map((row) => [row['domain_id'], row['history_finished']]))).toEqual(
    new Map([
      ['d', true],
      ['nothing owed', true],
      ['old', false],
    ]),
  );
});

test('the named cases are those of the retry list, those that wait and those that are read in part', async () => {
  const sql = "SELECT case_id, cause FROM export_debt_cases WHERE domain_id = 'd' AND commit_seq = 2";
  const { rows } = await database.rows(sql);
  expect(rows).toHaveLength(14);
  const others = [
    { case_id: 'long', cause: 'partly-read' },
    { case_id: 'fresh', cause: 'waiting' },
  ];
  expect(rows).toEqual(expect.arrayContaining(others));
});

test('the statements know the causes as the exporter does', () => {
  const listed = (causes: Iterable<string>) => `IN (${[...causes].map((cause) => `'${cause}'`).join(', ')})`;
  const query = readQueries().find(({ name }) => name === 'open-debts')?.body;
  expect(query).toContain(`owed.cause ${listed(PAY_THEMSELVES)} AS pays_itself`);
  const view = readViews().find(({ name }) => name === 'export_commits')?.body;
  expect(view).toContain(`debt.cause NOT ${listed(BESIDE_THE_LIST)}`);
  expect(RETRY_CAUSES.filter((cause) => (BESIDE_THE_LIST as readonly string[]).includes(cause))).toEqual([]);
});

/** Causes of `DebtCause` that are not on the retry list: the compiler sees to it that they are causes. */
const BESIDE_THE_LIST: readonly Exclude<DebtCause, RetryCause>[] = ['waiting', 'partly-read', 'not-shown'];

/** A sound manifest with these members. */
function sound(domainId: string, seq: number, members: Partial<Manifest>): Manifest {
  return { ...soundManifest(domainId, seq, NOW), ...members };
}
