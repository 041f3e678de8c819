/** Promise: status shows the newest commit of each domain as its manifest and note are, and says where there is none. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import type { StatusAnswer } from '../../../tools/cases-audit/status/status';
import { answerOf, cli, NOW } from './command-line';
import { DOMAIN, type Files, render } from './signed-archive';
import { at, inManifest, soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile();
const { changed, folderOf, scratch } = archive;

const ask = (from: Files | string) =>
  answerOf<StatusAnswer>(['status', '--offline', typeof from === 'string' ? from : folderOf(from)]);

test('the newest commit: its time, lanes, lag, scan, gaps, quarantine and note', async () => {
  const owing = inManifest(8, {
    debts: [{ cause: 'denied', cases: 2, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom: null }],
    gaps: [{ caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 }],
  });
  const answer = await ask(await archive.forged(owing));
  const newest = at(archive.commits, 8).manifest;
  const { lanes, history } = newest;
  // Of a finished scan: the lane counts below the place where it ended.
  expect(history?.casesFound).toBe((lanes.sweep?.casesFound ?? 0) + 1);
  expect(answer).toMatchObject({ format: 'cases-audit-status/v1', verdict: 'known', exitCode: 0 });
  expect(answer.domains).toMatchObject([
    {
      domain: DOMAIN,
      newest: {
        commit: 8,
        exportedAt: newest.exportedAt,
        ageSeconds: Math.round((NOW - Date.parse(newest.exportedAt)) / 1000),
        lagSeconds: {
          live: Math.round((NOW - (lanes.live.watermark ?? 0)) / 1000),
          related: Math.round((NOW - (lanes.related.watermark ?? 0)) / 1000),
        },
        lanes: { history: { isFinished: true }, sweep: { number: 1, casesFound: history?.casesFound } },
        accountKept: true,
        gaps: [{ cause: 'denied', cases: 2, neverRead: 1, named: [{ caseId: 'case-9' }] }],
        openQuarantine: newest.openQuarantine,
        note: { state: 'signed', keyIds: [archive.signer.key.id] },
      },
    },
  ]);
  expect(newest.openQuarantine).toBeGreaterThan(0);
});

test.each<[string, (files: Files) => void]>([
  ['unsigned', () => undefined],
  ['missing', (copy) => copy.delete(noteKey(DOMAIN, 8))],
  ['unreadable', (copy) => copy.set(noteKey(DOMAIN, 8), Buffer.from('x'))],
])('a note that is %s is called so', async (state, change) => {
  const copy = await render(archive.commits);
  change(copy);
  expect((await ask(copy)).domains[0]?.newest?.note).toEqual({ state, keyIds: [] });
});

describe('nothing is a no, never an empty result', () => {
  test('no domain at all', async () => {
    const folder = scratch.emptyFolder();
    mkdirSync(join(folder, 'manifests'));
    expect(await ask(folder)).toMatchObject({ exitCode: 1, verdict: 'no-commit', domains: [] });
  });

  test('rows and no manifest', async () => {
    const rows = new Map([...archive.sound].filter(([key]) => key.startsWith('field_changes/')));
    expect(await ask(rows)).toMatchObject({
      exitCode: 1,
      verdict: 'no-commit',
      domains: [{ domain: DOMAIN, newest: null, problem: expect.stringContaining('has no manifest') }],
    });
  });
});

test('a newest manifest that cannot be read is not replaced by the one before: 3', async () => {
  expect(await ask(changed((files) => files.set(manifestKey(DOMAIN, 8), Buffer.from('<html>'))))).toMatchObject({
    exitCode: 3,
    verdict: 'unknown',
    domains: [{ newest: null, problem: expect.stringContaining('Its newest manifest, 8, cannot be read') }],
  });
});

test.each<[string, () => string[], RegExp]>([
  ['no archive', () => [], /No archive was named/],
  ['a folder that is no archive', () => ['--offline', scratch.emptyFolder()], /is no archive: it holds nothing/],
  ['a domain that is not there', () => ['--offline', folderOf(archive.sound), '--domain', 'x'], /There is no domain x/],
])('a wrong call ends with 2: %s', async (_, args, words) => {
  expect(await cli(['status', ...args()])).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
});

test('for people there is a table of 80 columns', async () => {
  const { out } = await cli(['status', '--offline', folderOf(archive.sound)]);
  expect(out).toMatch(/live +│ watermark 2026-01-10T\S+, 13 min behind/);
  expect(out).toMatch(/note +│ signed under/);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
