/** Promises: a period is called complete only if nothing stands against it, and each single thing that does is named. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { DebtSum } from '../../../lambda/export/domain/state';
import { openFieldChanges } from '../../../tools/query/field-changes';
import { scratchOfFile } from '../../support/scratch';
import { aLiveLane, aRelatedLane } from '../../support/stored-values';
import { answerOf, saveManifests, saveRowless } from './database';
import type { Row } from './oracle/canonical';
import { makeDeskWorld } from './world/desk-world';
import { finishedSweep, soundManifest, wholeHistory } from './world/sound-manifest';

const DAY_END = Date.UTC(2026, 0, 11);
const BEFORE = DAY_END - 1;

const scratch = scratchOfFile();
let template: Manifest;
let rowCommits: number;
let answers: ReadonlyMap<string, Row>;

/** A domain whose manifests are those of `manifest`, one a commit. */
type Make = (manifest: (seq: number, changes?: Partial<Manifest>) => Manifest) => Manifest[];

const DOMAINS: Readonly<Record<string, Make>> = {
  complete: (make) => [make(1), make(2)],
  'complete at the very end of the day': (make) => [make(1, lanes(DAY_END, DAY_END))],
  'complete, though earlier commits had gaps': (make) => [make(1, { gaps: [GAP], openQuarantine: 3 }), make(2)],
  'complete, and checked once more': (make) => [
    make(1),
    make(2, lanes(DAY_END, DAY_END, { purpose: 'check', number: 2, finishedAt: null })),
  ],
  'no live pass that saw the end of the list has passed': (make) => [make(1, lanes(BEFORE, DAY_END))],
  'the watermark of related items has not passed': (make) => [make(1, lanes(DAY_END, BEFORE))],
  'related items were never searched to the end': (make) => [make(1, lanes(DAY_END, null))],
  'nothing was ever searched to the end': (make) => [make(1, lanes(null, null))],
  'the history is not swept': (make) => [make(1, lanes(DAY_END, DAY_END, { finishedAt: null }))],
  'an earlier start is being swept': (make) => [
    make(1),
    make(2, lanes(DAY_END, DAY_END, { number: 2, finishedAt: null })),
  ],
  'complete, though a debt misses nothing from before the end': (make) => [make(1, { debts: [debt(DAY_END)] })],
  'complete, though an older commit owed and had no proof': (make) => [
    make(1, { debts: [debt(null)], history: null }),
    make(2),
  ],
  'complete, though touches remain unexplained': (make) => [make(1, { unexplainedTouches: 3 })],
  'complete, the service having counted no cases': (make) => [
    make(1, { history: { ...HISTORY, casesNotFound: null } }),
  ],
  'no scan over all cases has finished under the account': (make) => [make(1, { history: null })],
  'a check goes on and no scan has finished under the account': (make) => [
    make(1, { history: null, ...lanes(DAY_END, DAY_END, { purpose: 'check', number: 2, finishedAt: null }) }),
  ],
  'the scan left out older cases': (make) => [make(1, { history: { ...HISTORY, exportFrom: 1 } })],
  'a scan that leaves out older cases is under way': (make) => [
    make(1, lanes(DAY_END, DAY_END, { purpose: 'check', number: 2, finishedAt: null, exportFrom: 1 })),
  ],
  'the scan did not find all cases': (make) => [make(1, { history: { ...HISTORY, casesNotFound: 2 } })],
  'a case that was read before misses something from before the end': (make) => [make(1, { debts: [debt(BEFORE)] })],
  'a case was never read whole': (make) => [make(1, { debts: [debt(null)] })],
  'the manifests are of a build without the account': (make) => [withoutAccount(make(1))],
  'the newest manifest is of a build without the account': (make) => [make(1), withoutAccount(make(2))],
  'rows are gone from the archive': (make) => [make(1, { counts: { ...template.counts, rows: 4 } })],
  'an event is in quarantine': (make) => [make(1, { openQuarantine: 1 })],
  'a commit is missing': (make) => [make(1), make(3)],
  'the first commit is missing': (make) => [make(2)],
  'a later commit begins a chain of its own': (make) => [make(1), make(2, { previousSha256: null })],
};

const GAP = { caseId: 'c', cause: 'malformed', since: '2026-01-10T00:00:00.000Z', attempts: 2 } as const;

const HISTORY = wholeHistory(DAY_END);

function debt(missingFrom: number | null): DebtSum {
  return { cause: 'denied', cases: 3, neverRead: missingFrom === null ? 1 : 0, since: BEFORE, missingFrom };
}

function withoutAccount(manifest: Manifest): Manifest {
  const { debts: _debts, history: _history, unexplainedTouches: _touches, ...old } = manifest;
  return old;
}

beforeAll(async () => {
  const world = await makeDeskWorld(scratch.emptyFolder(), { cases: 2, seed: 1 });
  template = soundManifest('', 1, DAY_END);
  const archive = scratch.emptyFolder();
  cpSync(join(world.archive, 'field_changes'), join(archive, 'field_changes'), { recursive: true });
  for (const [domainId, make] of Object.entries(DOMAINS)) {
    saveManifests(
      archive,
      make((seq, changes) => manifestOf(domainId, seq, changes)),
    );
  }
  rowCommits = world.facts.domains[0]?.rowsByCommit.size ?? 0;
  answers = new Map((await ask(archive)).map((row) => [String(row['domain_id']), row]));
});

test.each(Object.keys(DOMAINS))('%s', (domainId) => {
  const { is_complete, watermark_passed, history_finished, account_kept, export_from, ...counts } =
    answers.get(domainId) ?? {};
  const obstacles = [
    ...(watermark_passed === true ? [] : ['watermark']),
    ...(history_finished === true ? [] : ['history']),
    ...(account_kept === true ? [] : ['account']),
    ...(export_from === null ? [] : ['EXPORT_FROM']),
    ...COUNTS.filter((name) => (counts[name] ?? 0) !== 0),
  ];
  expect(is_complete).toBe(domainId.startsWith('complete'));
  expect(obstacles).toEqual(OBSTACLES[domainId] ?? []);
});

const COUNTS = ['cases_not_found', 'debts', 'open_quarantine', 'commits_with_other_rows', 'holes_in_chain'];

test('a domain with rows and no manifest is not complete, and its rows are counted', () => {
  expect(answers.get('demo')).toMatchObject({
    is_complete: false,
    watermark_passed: false,
    history_finished: false,
    account_kept: false,
    commits_with_other_rows: rowCommits,
  });
  expect(rowCommits).toBeGreaterThan(1);
});

test('where there is nothing at all one row says no', async () => {
  const archive = scratch.emptyFolder();
  await saveRowless(archive, 'd', '2026-01-01');
  expect(await ask(archive)).toMatchObject([{ domain_id: null, is_complete: false, account_kept: false, as_of: null }]);
});

test('hashes are not checked, and the answer says so', () => {
  expect(answers.get('complete')).toMatchObject({ hashes_checked: 'not here, but by the verifier' });
});

async function ask(archive: string): Promise<Row[]> {
  const database = await openFieldChanges(archive);
  try {
    return await answerOf(database, 'period-complete', ['2026-01-10']);
  } finally {
    database.close();
  }
}

const OBSTACLES: Readonly<Record<string, readonly string[]>> = {
  'no live pass that saw the end of the list has passed': ['watermark'],
  'the watermark of related items has not passed': ['watermark'],
  'related items were never searched to the end': ['watermark'],
  'nothing was ever searched to the end': ['watermark'],
  'the history is not swept': ['history'],
  'an earlier start is being swept': ['history'],
  'no scan over all cases has finished under the account': ['history'],
  'a check goes on and no scan has finished under the account': ['history'],
  'the scan left out older cases': ['EXPORT_FROM'],
  'a scan that leaves out older cases is under way': ['EXPORT_FROM'],
  'the scan did not find all cases': ['cases_not_found'],
  'a case that was read before misses something from before the end': ['debts'],
  'a case was never read whole': ['debts'],
  'the manifests are of a build without the account': ['history', 'account'],
  'the newest manifest is of a build without the account': ['history', 'account'],
  'rows are gone from the archive': ['commits_with_other_rows'],
  'an event is in quarantine': ['open_quarantine'],
  'a commit is missing': ['holes_in_chain'],
  'the first commit is missing': ['holes_in_chain'],
  'a later commit begins a chain of its own': ['holes_in_chain'],
};

function manifestOf(domainId: string, seq: number, changes: Partial<Manifest> = {}): Manifest {
  const { halfRead: _, ...old } = template;
  // The second commit is as the first builds made them, without a list of half-read cases.
  const base: Manifest = seq === 2 ? old : template;
  return { ...base, domainId, seq, previousSha256: seq === 1 ? null : 'of the one before', ...changes };
}

function lanes(
  live: number | null,
  related: number | null,
  sweep: Partial<NonNullable<Manifest['lanes']['sweep']>> = {},
): Pick<Manifest, 'lanes'> {
  return {
    lanes: {
      live: aLiveLane({ watermark: DAY_END, provenUntil: live }),
      related: aRelatedLane({ watermark: related }),
      sweep: { ...finishedSweep(DAY_END), ...sweep },
    },
  };
}
