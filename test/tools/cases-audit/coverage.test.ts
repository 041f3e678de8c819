/** Promise: a period is called complete only where judgePeriod says so; each thing against it has its name, and nothing at all is a no. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fieldChangesKey, manifestKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { CoverageAnswer } from '../../../tools/cases-audit/period/coverage';
import { copyOf, DOMAIN, exportModel, type Files, type ModelCommit, render } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { folderOf, scratch } = verifierOfFile();
let commits: ModelCommit[];
let files: Files;

beforeAll(async () => {
  commits = copyOf((await exportModel()).commits);
  // The model's quarantined event is replayed by nobody.
  for (const { manifest } of commits) manifest.openQuarantine = 0;
  files = await render(commits);
});

const UNTIL = '2026-01-10T13:00Z';

async function ask(from: Files | string, ...args: string[]): Promise<CoverageAnswer> {
  const folder = typeof from === 'string' ? from : folderOf(from);
  const { code, out, err } = await cli(['coverage', '--offline', folder, '--json', ...args]);
  if (out === '') throw new Error(`coverage said nothing: ${err}`);
  const answer = JSON.parse(out) as CoverageAnswer;
  expect(answer.exitCode).toBe(code);
  return answer;
}

async function filesWith(change: (newest: ModelCommit['manifest'], all: ModelCommit[]) => void): Promise<Files> {
  const copy = copyOf(commits);
  change((copy.at(-1) as ModelCommit).manifest, copy);
  return render(copy);
}

describe('a complete period', () => {
  test('ends with 0, says up to when it would be complete, and how far each lane is', async () => {
    const answer = await ask(files, '--until', UNTIL);
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
    expect(await ask(files, '--until', end)).toMatchObject({ verdict: 'complete' });
    const later = new Date(Date.parse(end) + 1).toISOString();
    expect(await ask(files, '--until', later)).toMatchObject({ verdict: 'not-complete' });
  });

  test('is through yesterday without --until; a day of --until counts as a whole', async () => {
    expect((await ask(files)).period.until).toBe('2026-01-10T00:00:00.000Z');
    expect((await ask(files, '--until', '2026-01-09')).period.until).toBe('2026-01-10T00:00:00.000Z');
    expect((await ask(files, '--until', '2026-01-10')).exitCode).toBe(1);
  });

  test('counts the row files of the period, and says that it checks no bytes', async () => {
    const whole = await ask(files, '--until', '2026-01-10');
    expect(whole.domains[0]?.rowFiles).toMatchObject({ missing: 0, unnamed: 0, rowsAtMost: 10 });
    const late = await ask(files, '--from', '2026-01-10T15:00Z', '--until', '2026-01-10');
    expect(late.domains[0]?.rowFiles.rowsAtMost).toBeLessThan(10);
    expect(whole.limits).toContainEqual({ what: 'bytes', why: expect.stringMatching(/no hash.*verify checks/) });
    const altered = new Map(files);
    const key = fieldChangesKey(DOMAIN, '2026-01-10', 2);
    altered.set(key, Buffer.from(files.get(key) as Uint8Array).fill(0));
    expect((await ask(altered, '--until', UNTIL)).verdict).toBe('complete');
  });
});

const debt = (missingFrom: number | null): NonNullable<Manifest['debts']> => [
  { cause: 'denied', cases: 3, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom },
];

describe('each thing that stands against it has its name', () => {
  const changed = (change: (newest: ModelCommit['manifest'], all: ModelCommit[]) => void) => () => filesWith(change);
  const without = (key: string) => async () => {
    const copy = new Map(files);
    if (!copy.delete(key)) throw new Error(`no ${key}`);
    return copy;
  };

  test.each<[string, () => Promise<Files>, RegExp]>([
    [
      'watermark-behind',
      changed((_, all) => {
        for (const { manifest } of all) {
          const { live } = manifest.lanes;
          manifest.lanes = { ...manifest.lanes, live: { ...live, provenUntil: Date.UTC(2026, 0, 10, 12, 59) } };
        }
      }),
      /live lane has seen everything up to 2026-01-10T12:59:00.000Z/,
    ],
    [
      'history-unfinished',
      changed((newest) => {
        newest.history = null;
      }),
      /No scan over all cases has finished/,
    ],
    [
      'no-account',
      changed((newest) => {
        delete newest.debts;
      }),
      /kept no account/,
    ],
    [
      'history-cut',
      changed((newest) => {
        if (newest.history) newest.history = { ...newest.history, exportFrom: Date.UTC(2025, 0, 1) };
      }),
      /last changed before 2025-01-01T00:00:00.000Z \(EXPORT_FROM\)/,
    ],
    [
      'cases-not-found',
      changed((newest) => {
        if (newest.history) newest.history = { ...newest.history, casesNotFound: 2 };
      }),
      /found 2 cases fewer/,
    ],
    [
      'debts',
      changed((newest) => {
        newest.debts = debt(null);
      }),
      /3 cases are found and not completely read/,
    ],
    [
      'quarantine',
      changed((newest) => {
        newest.openQuarantine = 1;
      }),
      /1 event could not be turned into rows and waits/,
    ],
    ['rows-differ', without(fieldChangesKey(DOMAIN, '2026-01-10', 2)), /1 commit has .*: 1 row file missing/],
    [
      'rows-differ',
      async () => new Map(files).set(fieldChangesKey(DOMAIN, '2026-01-10', 2), Buffer.from('short')),
      /1 row file missing or of another size/,
    ],
    [
      'rows-differ',
      async () => new Map(files).set(fieldChangesKey(DOMAIN, '2026-01-10', 9), Buffer.from('x')),
      /1 row file that no manifest names/,
    ],
    ['holes-in-chain', without(manifestKey(DOMAIN, 4)), /has 1 hole/],
    [
      'manifest-unreadable',
      async () => new Map(files).set(manifestKey(DOMAIN, 8), Buffer.from('<html>')),
      /Manifest 8 cannot be read/,
    ],
    [
      'manifest-unreadable',
      async () => new Map(files).set(manifestKey(DOMAIN, 8), files.get(manifestKey(DOMAIN, 7)) as Uint8Array),
      /calls itself commit 7/,
    ],
  ])('%s', async (code, make, words) => {
    const { exitCode, verdict, domains } = await ask(await make(), '--until', UNTIL);
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'not-complete' });
    expect(domains[0]?.reasons).toContainEqual({ code, words: expect.stringMatching(words) });
  });

  test('a gap has its cause and since when, and one that misses nothing of the period is no obstacle', async () => {
    const later = await filesWith((newest) => {
      newest.debts = debt(Date.UTC(2026, 0, 10, 14));
      newest.gaps = [{ caseId: 'case-9', cause: 'denied', since: '2026-01-09T00:00:00.000Z', attempts: 2 }];
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
    const newer = await filesWith((newest) => {
      newest.version = 2;
    });
    const { exitCode, verdict, domains } = await ask(newer, '--until', UNTIL);
    expect({ exitCode, verdict }).toEqual({ exitCode: 3, verdict: 'unknown' });
    expect(domains[0]?.reasons[0]).toMatchObject({ code: 'newer-version', words: expect.stringContaining('newer') });
  });
});

describe('nothing is a no, never an empty result', () => {
  test('rows and no manifest', async () => {
    const rows = new Map([...files].filter(([key]) => key.startsWith('field_changes/')));
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
    const both = new Map(files).set('manifests/domain_id=domain-2/000000000001.json', Buffer.from('{}'));
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
    const { code, out, err } = await cli(['coverage', '--offline', folderOf(files), ...args]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(words);
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
      const { code, out, err } = await cli(['coverage', ...args]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(words);
    }
  });

  test('help is no error, and shows two examples and the exit codes', async () => {
    const { code, out } = await cli(['coverage', '--help']);
    expect(code).toBe(0);
    expect(out.match(/cases-audit coverage --/g)).toHaveLength(2);
    expect(out).toContain('0 complete · 1 not complete · 2 wrong call · 3 could not look');
  });
});

test('for people there are tables of 80 columns without control characters', async () => {
  const open = await filesWith((newest) => {
    newest.openQuarantine = 2;
    newest.debts = [{ cause: 'throttled', cases: 1, neverRead: 1, since: Date.UTC(2026, 0, 9), missingFrom: null }];
  });
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
  const controller = new AbortController();
  controller.abort();
  const ended = await cli(['coverage', '--offline', folderOf(files)], { signal: controller.signal });
  expect(ended).toEqual({ code: 130, out: '', err: 'Interrupted: nothing was changed.\n' });
});

test('a folder of rows that is gone is a definite no', async () => {
  const folder = folderOf(files);
  rmSync(join(folder, 'field_changes'), { recursive: true });
  writeFileSync(join(folder, 'field_changes'), 'a file');
  expect(await ask(folder, '--until', UNTIL)).toMatchObject({ exitCode: 1, verdict: 'not-complete' });
});
