/** Promise: a period is called complete only where judgePeriod says so; each thing against it has its name, and nothing at all is a no. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { answerOf, cli } from './command-line';
import { DOMAIN, type Files } from './signed-archive';
import { at, inManifest, nothingQuarantined, soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile(nothingQuarantined);
const { bytesOf, changed, folderOf, forged, scratch } = archive;
const [ROWS_2, ROWS_9] = [2, 9].map((seq) => fieldChangesKey(DOMAIN, DAY, seq)) as [string, string];
const MANIFEST_8 = manifestKey(DOMAIN, 8);
const UNTIL = '2026-01-10T13:00Z';

const ask = (from: Files | string, ...args: string[]) =>
  answerOf<CoverageAnswer>(['coverage', '--offline', typeof from === 'string' ? from : folderOf(from), ...args]);
/** The newest manifest says so; signed like the others. */
const saying = (members: Parameters<typeof inManifest>[1]) => forged(inManifest(8, members));

describe('a complete period', () => {
  test('ends with 0, says up to when it would be complete, and how far each lane is', async () => {
    const answer = await ask(archive.sound, '--until', UNTIL);
    expect(answer).toMatchObject({
      format: 'cases-audit-coverage/v1',
      verdict: 'complete',
      exitCode: 0,
      period: { from: null, until: '2026-01-10T13:00:00.000Z' },
      domains: [{ domain: DOMAIN, verdict: 'complete', reasons: [], commits: 8, newest: { commit: 8 } }],
    });
    const [domain] = answer.domains;
    expect(domain?.lanes).toMatchObject({ history: { isFinished: true }, sweep: { number: expect.any(Number) } });
    const end = domain?.completeUntil ?? '';
    expect(await ask(archive.sound, '--until', end)).toMatchObject({ verdict: 'complete' });
    const later = new Date(Date.parse(end) + 1).toISOString();
    expect(await ask(archive.sound, '--until', later)).toMatchObject({ verdict: 'not-complete' });
  });

  test('is through yesterday without --until; a day of --until counts as a whole', async () => {
    expect((await ask(archive.sound)).period.until).toBe('2026-01-10T00:00:00.000Z');
    expect((await ask(archive.sound, '--until', '2026-01-09')).period.until).toBe('2026-01-10T00:00:00.000Z');
    expect((await ask(archive.sound, '--until', '2026-01-10')).exitCode).toBe(1);
  });

  test('counts the row files of the period, and says that it checks no bytes', async () => {
    const whole = await ask(archive.sound, '--until', '2026-01-10');
    expect(whole.domains[0]?.rowFiles).toMatchObject({ missing: 0, unnamed: 0, rowsAtMost: 10 });
    const late = await ask(archive.sound, '--from', '2026-01-10T15:00Z', '--until', '2026-01-10');
    expect(late.domains[0]?.rowFiles.rowsAtMost).toBeLessThan(10);
    expect(whole.limits).toContainEqual({ what: 'bytes', why: expect.stringMatching(/no hash.*verify checks/) });
    const altered = changed((files) => files.set(ROWS_2, Buffer.from(bytesOf(ROWS_2)).fill(0)));
    expect((await ask(altered, '--until', UNTIL)).verdict).toBe('complete');
  });
});

const debt = (missingFrom: number | null): NonNullable<Manifest['debts']> => [
  { cause: 'denied', cases: 3, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom },
];

describe('each thing that stands against it has its name', () => {
  const inHistory = (members: Partial<NonNullable<Manifest['history']>>) =>
    saying(({ history }) => ({ history: history ? { ...history, ...members } : null }));

  test.each<[string, () => Files | Promise<Files>, RegExp]>([
    [
      'watermark-behind',
      () =>
        forged((all) => {
          for (const { manifest } of all) {
            const live = { ...manifest.lanes.live, provenUntil: Date.UTC(2026, 0, 10, 12, 59) };
            manifest.lanes = { ...manifest.lanes, live };
          }
        }),
      /live lane has seen everything up to 2026-01-10T12:59:00.000Z/,
    ],
    ['history-unfinished', () => saying({ history: null }), /No scan over all cases has finished/],
    ['no-account', () => forged((all) => void delete at(all, 8).manifest.debts), /kept no account/],
    [
      'history-cut',
      () => inHistory({ exportFrom: Date.UTC(2025, 0, 1) }),
      /last changed before 2025-01-01T00:00:00.000Z \(EXPORT_FROM\)/,
    ],
    ['cases-not-found', () => inHistory({ casesNotFound: 2 }), /found 2 cases fewer/],
    ['debts', () => saying({ debts: debt(null) }), /3 cases are found and not completely read/],
    ['quarantine', () => saying({ openQuarantine: 1 }), /1 event could not be turned into rows and waits/],
    ['rows-differ', () => archive.without(ROWS_2), /1 commit has .*: 1 row file missing/],
    [
      'rows-differ',
      () => changed((files) => files.set(ROWS_2, Buffer.from('short'))),
      /1 row file missing or of another size/,
    ],
    ['rows-differ', () => changed((files) => files.set(ROWS_9, Buffer.from('x'))), /1 row file that no manifest names/],
    ['holes-in-chain', () => archive.without(manifestKey(DOMAIN, 4)), /has 1 hole/],
    [
      'manifest-unreadable',
      () => changed((files) => files.set(MANIFEST_8, Buffer.from('<html>'))),
      /Manifest 8 cannot be read/,
    ],
    [
      'manifest-unreadable',
      () => changed((files) => files.set(MANIFEST_8, bytesOf(manifestKey(DOMAIN, 7)))),
      /calls itself commit 7/,
    ],
  ])('%s', async (code, make, words) => {
    const { exitCode, verdict, domains } = await ask(await make(), '--until', UNTIL);
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'not-complete' });
    expect(domains[0]?.reasons).toContainEqual({ code, words: expect.stringMatching(words) });
  });

  test('a gap has its cause and since when, and one that misses nothing of the period is no obstacle', async () => {
    const later = await saying({
      debts: debt(Date.UTC(2026, 0, 10, 14)),
      gaps: [{ caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 }],
    });
    const answer = await ask(later, '--until', UNTIL);
    expect(answer.verdict).toBe('complete');
    expect(answer.domains[0]).toMatchObject({
      completeUntil: '2026-01-10T14:00:00.000Z',
      gaps: [
        {
          cause: 'denied',
          cases: 3,
          since: '2026-01-09T00:00:00.000Z',
          isOfPeriod: false,
          named: [{ caseId: 'case-9', since: '2026-01-09T00:00:00.000Z' }],
        },
      ],
    });
    const { out } = await cli(['coverage', '--offline', folderOf(later), '--until', UNTIL]);
    expect(out).toMatch(/denied.*2026-01-09T00:00:00.000Z.*case-9/);
    expect(out).toContain('… and 2 cases that the manifest does not name.');
  });

  test('a manifest of a later version leaves it open: 3', async () => {
    const { exitCode, verdict, domains } = await ask(await saying({ version: 2 }), '--until', UNTIL);
    expect({ exitCode, verdict }).toEqual({ exitCode: 3, verdict: 'unknown' });
    expect(domains[0]?.reasons[0]).toMatchObject({ code: 'newer-version', words: expect.stringContaining('newer') });
  });
});

describe('nothing is a no, never an empty result', () => {
  test('rows and no manifest', async () => {
    const rows = new Map([...archive.sound].filter(([key]) => key.startsWith('field_changes/')));
    const { exitCode, domains } = await ask(rows, '--until', UNTIL);
    expect(exitCode).toBe(1);
    expect(domains).toMatchObject([
      { domain: DOMAIN, reasons: [{ code: 'no-manifests', words: expect.stringContaining('no manifest') }] },
    ]);
  });

  test('no domain at all', async () => {
    const folder = scratch.emptyFolder();
    mkdirSync(join(folder, 'manifests'));
    const { exitCode, verdict, answer } = await ask(folder);
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'not-complete' });
    expect(answer).toContain('no domain and no manifest');
  });

  test('one domain of two: the other is no excuse', async () => {
    const both = changed((files) => files.set('manifests/domain_id=domain-2/000000000001.json', Buffer.from('{}')));
    expect(await ask(both, '--until', UNTIL)).toMatchObject({
      exitCode: 1,
      domains: [{ verdict: 'complete' }, { domain: 'domain-2', verdict: 'not-complete' }],
    });
    expect((await ask(both, '--until', UNTIL, '--domain', DOMAIN)).exitCode).toBe(0);
  });
});

describe('a wrong call ends with 2, and says what was expected', () => {
  test.each<[string, string[], RegExp]>([
    ['reversed dates', ['--from', '2026-03-01', '--until', '2026-02-01'], /expected --from before --until/],
    ['a beginning after yesterday', ['--from', '2026-02-01'], /yesterday is the last day without --until/],
    ['a day that no calendar has', ['--until', '2026-02-30'], /--until is "2026-02-30"; expected a day such as/],
    ['a time of no zone', ['--from', '2026-02-01T10:00'], /or a moment in UTC such as/],
    [
      'a domain that is not there',
      ['--domain', 'other'],
      /There is no domain other in the archive: expected one of domain-1/,
    ],
    ['an option that is none', ['--untill', '2026-01-01'], /unknown option '--untill'/],
  ])('%s', async (_, args, words) => {
    const ended = await cli(['coverage', '--offline', folderOf(archive.sound), ...args]);
    expect(ended).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
  });

  test('a folder that is no archive, a file, and none', async () => {
    const folder = scratch.emptyFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    for (const [args, words] of [
      [['--offline', folder], /is no archive: it holds file; expected/],
      [['--offline', file], /it is a file/],
      [[], /No archive was named/],
      [['--offline', folder, '--bucket', 'b'], /Both a folder and a bucket/],
    ] as const) {
      expect(await cli(['coverage', ...args])).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
    }
  });
});

test('for people there are tables of 80 columns without control characters', async () => {
  const owed = { cause: 'throttled', cases: 1, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom: null } as const;
  const open = await saying({ openQuarantine: 2, debts: [owed] });
  const { code, out } = await cli(['coverage', '--offline', folderOf(open), '--until', UNTIL]);
  expect(code).toBe(1);
  expect(out).toMatch(/^✗ Not complete\. 1 of 1 domain does not prove/);
  expect(out).toMatch(/each is\s+│\n.*turned away by the service/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const lines = out.split('\n').slice(1);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('an interrupted look ends with 130 and says nothing', async () => {
  const ended = await cli(['coverage', '--offline', folderOf(archive.sound)], { signal: AbortSignal.abort() });
  expect(ended).toEqual({ code: 130, out: '', err: 'Interrupted: nothing was changed.\n' });
});

test('a folder of rows that is gone is a definite no', async () => {
  const folder = folderOf(archive.sound);
  rmSync(join(folder, 'field_changes'), { recursive: true });
  writeFileSync(join(folder, 'field_changes'), 'a file');
  expect(await ask(folder, '--until', UNTIL)).toMatchObject({ exitCode: 1, verdict: 'not-complete' });
});
