/** Promises: a period is called complete only if nothing stands against it, and each single thing that does is named. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { readQueries } from '../../../lib/athena/sql-files';
import { openFieldChanges } from '../../../tools/query/field-changes';
import { duckRows } from './duck-rows';
import type { Row } from './oracle/canonical';
import { makeDeskWorld } from './world/desk-world';

const DAY_END = Date.UTC(2026, 0, 11);
const BEFORE = DAY_END - 1;

let folder: string;
let template: Manifest;
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
  'the live watermark has not passed': (make) => [make(1, lanes(BEFORE, DAY_END))],
  'the watermark of related items has not passed': (make) => [make(1, lanes(DAY_END, BEFORE))],
  'related items were never searched to the end': (make) => [make(1, lanes(DAY_END, null))],
  'nothing was ever searched to the end': (make) => [make(1, lanes(null, null))],
  'the history is not swept': (make) => [make(1, lanes(DAY_END, DAY_END, { finishedAt: null }))],
  'an earlier start is being swept': (make) => [
    make(1),
    make(2, lanes(DAY_END, DAY_END, { number: 2, finishedAt: null })),
  ],
  'a gap is open': (make) => [make(1, { gaps: [GAP] })],
  'a case is half read': (make) => [make(1, { halfRead: [{ caseId: 'c', templateId: null, touched: 1 }] })],
  'an event is in quarantine': (make) => [make(1, { openQuarantine: 1 })],
  'a commit is missing': (make) => [make(1), make(3)],
  'the first commit is missing': (make) => [make(2)],
  'a later commit begins a chain of its own': (make) => [make(1), make(2, { previousSha256: null })],
};

const GAP = { caseId: 'c', cause: 'malformed', since: '2026-01-10T00:00:00.000Z', attempts: 2 } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'period-'));
  const world = await makeDeskWorld(join(folder, 'desk'), { cases: 2, seed: 1 });
  const [manifest] = world.facts.domains[0]?.manifests ?? [];
  if (manifest === undefined) throw new Error('no manifest');
  template = { ...manifest, ...lanes(DAY_END, DAY_END), gaps: [], halfRead: [], openQuarantine: 0 };
  const archive = join(folder, 'archive');
  cpSync(join(world.archive, 'field_changes'), join(archive, 'field_changes'), { recursive: true });
  for (const [domainId, make] of Object.entries(DOMAINS)) {
    const manifests = join(archive, 'manifests', `domain_id=${domainId}`);
    mkdirSync(manifests, { recursive: true });
    for (const each of make((seq, changes) => manifestOf(domainId, seq, changes))) {
      writeFileSync(join(manifests, `${String(each.seq).padStart(12, '0')}.json`), JSON.stringify(each));
    }
  }
  const database = await openFieldChanges(archive);
  const sql = readQueries().find(({ name }) => name === 'period-complete')?.body ?? '';
  const { rows } = await duckRows(database, sql, ['2026-01-10']);
  database.close();
  answers = new Map(rows.map((row) => [String(row['domain_id']), row]));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.keys(DOMAINS))('%s', (domainId) => {
  const { is_complete, watermark_passed, history_finished, ...counts } = answers.get(domainId) ?? {};
  const obstacles = [
    ...(watermark_passed === true ? [] : ['watermark']),
    ...(history_finished === true ? [] : ['history']),
    ...['open_gaps', 'half_read_cases', 'open_quarantine', 'holes_in_chain'].filter((name) => counts[name] !== 0),
  ];
  expect(is_complete).toBe(domainId.startsWith('complete'));
  expect(obstacles).toEqual(OBSTACLES[domainId] ?? []);
});

const OBSTACLES: Readonly<Record<string, readonly string[]>> = {
  'the live watermark has not passed': ['watermark'],
  'the watermark of related items has not passed': ['watermark'],
  'related items were never searched to the end': ['watermark'],
  'nothing was ever searched to the end': ['watermark'],
  'the history is not swept': ['history'],
  'an earlier start is being swept': ['history'],
  'a gap is open': ['open_gaps'],
  'a case is half read': ['half_read_cases'],
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
      live: { watermark: live, passStartedAt: null, anchor: null },
      related: { watermark: related, walk: null, ticksWithoutBottom: 0 },
      sweep: {
        number: 1,
        purpose: 'history',
        startedAt: 1,
        anchor: null,
        finishedAt: 2,
        exportFrom: null,
        paidUntil: null,
        casesRead: 0,
        eventsMissed: 0,
        ...sweep,
      },
    },
  };
}
