/**
 * Promise: `cases-audit case` says whether a case is complete by the page and by its exit code, and what is not there
 * it says in words.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { CaseAnswer } from '../../../tools/cases-audit/case/answer';
import { saveFiles } from '../../support/scratch';
import { cli, NOW } from './command-line';
import { DOMAIN, type Files, newSigner } from './signed-archive';
import { at, inManifest, soundArchiveOfFile } from './sound-archive';
import { DAY, isOfCommit } from './tampering';

const archive = soundArchiveOfFile();
const { changed, folderOf, forged, keyFile, scratch, signer, without } = archive;

/** Runs the command; the page goes to a folder of its own. */
async function caseOf(id: string, files: Files | string, ...args: string[]) {
  const folder = typeof files === 'string' ? files : folderOf(files);
  const page = join(scratch.emptyFolder(), 'page.html');
  const ended = await cli(['case', '--offline', folder, '--out', page, ...args, '--', id]);
  return { ...ended, page };
}

async function answerOf(id: string, files: Files, ...args: string[]) {
  const { code, out, err, page } = await caseOf(id, files, '--json', ...args);
  if (out === '') throw new Error(`case said nothing: ${err}`);
  const answer = JSON.parse(out) as CaseAnswer;
  expect({ exitCode: answer.exitCode, page: answer.page }).toEqual({ exitCode: code, page });
  return { answer, html: readFileSync(page, 'utf8') };
}

test('a case that is complete ends with 0, and the page says so', async () => {
  const { answer, html } = await answerOf('case-1', archive.sound, '--key', keyFile(signer));
  expect(answer).toMatchObject({
    verdict: 'complete',
    exitCode: 0,
    domain: DOMAIN,
    commits: [1, 7],
    keys: [signer.key.id],
    reasons: [],
    findings: [],
  });
  expect(html).toContain('Complete as of');
  expect(await caseOf('case-1', archive.sound)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^3 events, \d+ rows?, complete as of 2026-01-10T\S+:\n {2}\S+page\.html\n$/),
  });
});

test.each<[string, string, () => Files, CaseAnswer['verdict']]>([
  ['with an event in quarantine', 'case-3', () => archive.sound, 'not-complete'],
  ['that the service deleted', 'case-4', () => archive.sound, 'not-complete'],
  [
    'in an altered archive',
    'case-1',
    () => changed((files) => files.set(fieldChangesKey(DOMAIN, DAY, 2), Buffer.from('x'))),
    'contradicted',
  ],
  ['in an archive without its newest manifest', 'case-1', () => without(manifestKey(DOMAIN, 8)), 'contradicted'],
])('a case %s', async (_, id, files, verdict) => {
  const { answer, html } = await answerOf(id, files());
  expect(answer).toMatchObject({ verdict, exitCode: 1 });
  expect(answer.reasons.length).toBeGreaterThan(0);
  expect(html).toContain('Incomplete, or not proven to be complete');
});

test('a key that signed nothing leaves it unproven, never contradicted', async () => {
  const { answer } = await answerOf('case-1', archive.sound, '--key', keyFile(newSigner()));
  expect(answer).toMatchObject({ verdict: 'sound-as-far-as-checked', exitCode: 3 });
  expect(answer.answer).toContain('as far as checked');
});

test('an unknown id is a wrong call, which names the nearest ids, and no page is made', async () => {
  const { code, out, err, page } = await caseOf('case-11', archive.sound);
  expect({ code, out, page: existsSync(page) }).toEqual({ code: 2, out: '', page: false });
  expect(err).toMatch(/There is no case case-11 in .*the nearest ids are\n {2}case-1\n/s);
});

const GAP = { caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 } as const;
const UNREADABLE = { caseId: 'case-9', eventKey: 'e', reason: 'r', emitted: false, event: {} };

test.each<[string, string, () => Files | Promise<Files>, number, RegExp]>([
  [
    'its rows cannot be looked at',
    'case-1',
    () =>
      changed((files) => {
        for (const seq of [1, 7]) files.set(fieldChangesKey(DOMAIN, DAY, seq), Buffer.from('PAR1'));
      }),
    3,
    /^No row of the case case-1 was found, and 2 files of rows could not be looked at/,
  ],
  [
    'manifests are missing that may list its rows',
    'case-1',
    () => without(manifestKey(DOMAIN, 1), manifestKey(DOMAIN, 7)),
    3,
    /^No row of the case case-1 was found, and manifests of domain-1 are missing/,
  ],
  [
    'no manifest is there',
    'case-1',
    () => without(...[1, 2, 3, 4, 5, 6, 7, 8].map((seq) => manifestKey(DOMAIN, seq))),
    3,
    /^No row of the case case-1 was found, and manifests of domain-1 are missing/,
  ],
  [
    'it is a gap',
    'case-9',
    () => forged(inManifest(8, { gaps: [GAP] })),
    1,
    /^No event of the case case-9 could be read yet: denied, 2 attempts/,
  ],
  [
    'only an event in quarantine is there',
    'case-9',
    () => forged((all) => Object.assign(at(all, 8), { quarantine: { events: [UNREADABLE], replayed: [] } })),
    1,
    /^The case case-9 has no row: 1 event of it could not be turned into rows/,
  ],
])('a case without rows, where %s, is said, and no page is made', async (_, id, make, exitCode, words) => {
  const files = await make();
  const { code, out, err, page } = await caseOf(id, files);
  expect({ code, err, page: existsSync(page) }).toEqual({ code: exitCode, err: '', page: false });
  expect(out).toMatch(words);
  const answer = JSON.parse((await caseOf(id, files, '--json')).out) as CaseAnswer;
  expect(answer).toMatchObject({ exitCode, case: id, rows: 0, page: null, answer: expect.stringMatching(words) });
});

test('as of a time, later commits are not there, also where they are damaged', async () => {
  const before = new Map([...archive.sound].filter(([key]) => !isOfCommit(5, 6, 7, 8)(key)));
  const { exportedAt } = at(archive.commits, 4).manifest;
  const spoilt = changed((files) => files.set(fieldChangesKey(DOMAIN, DAY, 7), Buffer.from('x')));
  const pages = [before, archive.sound, spoilt].map(async (files) => answerOf('case-1', files, '--as-of', exportedAt));
  const [first, ...others] = await Promise.all(pages);
  expect(first?.answer).toMatchObject({ commits: [1], asOf: exportedAt, findings: [] });
  for (const { html } of others) expect(html).toBe(first?.html);
});

test('nothing above the archive counts, and no name is a pattern', async () => {
  const folder = join(scratch.emptyFolder(), 'case_id=4711', 'domain_id=x', 'a[b]*?\\c', 'archive');
  saveFiles(folder, archive.sound);
  expect(await caseOf('case-1', folder)).toMatchObject({ code: 0 });
  expect(await caseOf('4711', folder)).toMatchObject({ code: 2 });
});

test('names of users come from a CSV file; what is wrong in it is said with file and line', async () => {
  const file = (text: string | Buffer) => {
    const path = join(scratch.emptyFolder(), 'users.csv');
    writeFileSync(path, text);
    return path;
  };
  const header = 'user_arn,name,team\n';
  expect(await caseOf('case-1', archive.sound, '--users', file(`${header}arn:x,"A ""B"" C",\r\n`))).toMatchObject({
    code: 0,
  });
  for (const [text, words] of [
    ['user_arn;name;team\n', /users\.csv, line 1: got "user_arn;name;team"\. Expected .* not by ";"/],
    [`${header}arn:x,A\n`, /users\.csv, line 2: got 2 columns, expected the 3 columns/],
    [`${header}arn:x,"A,\n`, /users\.csv, line 2: got a field between quotes that does not end/],
    [Buffer.from(`${header}arn:x,M\xfcller,\n`, 'latin1'), /users\.csv, line 2: got bytes that are no UTF-8/],
  ] as const) {
    const { code, err } = await caseOf('case-1', archive.sound, '--users', file(text));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(words) });
  }
});

test.each<[string[], RegExp]>([
  [['--as-of', '2026-02-30'], /--as-of is "2026-02-30"; expected a day/],
  [['--as-of', '2027-01-01'], /which is not over yet/],
  [['--as-of', '2025-01-01'], /There is no case case-1 in .* as of 2025-01-01T23:59:59\.999Z/],
  [['--time-zone', 'Mars/Olympus'], /There is no time zone "Mars\/Olympus"/],
  [['--domain', 'other'], /There is no domain other in the archive/],
  [['--users', '/nowhere.csv'], /There is no \/nowhere\.csv/],
])('%j is a wrong call', async (args, words) => {
  const wrong = { code: 2, out: '', err: expect.stringMatching(words) };
  expect(await caseOf('case-1', archive.sound, ...args)).toMatchObject(wrong);
});

test('Ctrl-C ends with 130 and leaves no page', async () => {
  const page = join(scratch.emptyFolder(), 'page.html');
  const args = ['case', 'case-1', '--offline', folderOf(archive.sound), '--out', page];
  expect(await cli(args, { now: NOW, signal: AbortSignal.abort() })).toMatchObject({ code: 130, out: '' });
  expect(existsSync(page)).toBe(false);
});
