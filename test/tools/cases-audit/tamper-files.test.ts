/**
 * Promise: whoever can write to an archive and not sign leaves a trace that names the commit and the key, for every file and every way to
 * touch it. Here hashes are left as they were; `tamper-rehashed.test.ts` makes all of them anew.
 */
import { fieldChangesKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { commitKeyOf } from '../../../tools/cases-audit/archive/archive-keys';
import type { Finding, FindingKind } from '../../../tools/cases-audit/verify/findings';
import { copyOf, DOMAIN, type Files, type ModelCommit, render, rowFile } from './signed-archive';
import { at, expectFound as expectFindings, finding, soundArchiveOfFile } from './sound-archive';
import {
  appendNewline,
  DAY,
  type FileChange,
  FOREIGN_KEYS,
  filesOfCommits,
  flipByte,
  isOfCommit,
  moveTo,
  renamed,
  toOtherDomain,
} from './tampering';

const archive = soundArchiveOfFile();
const { bytesOf, changed, halvesOf, manifestOf, textOf, verify } = archive;
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);
const [MANIFEST_3, MANIFEST_4] = [manifestKey(DOMAIN, 3), manifestKey(DOMAIN, 4)];

async function expectFound(files: Files, ...expected: Finding[]): Promise<readonly Finding[]> {
  const summary = await verify(files);
  expectFindings(summary, ...expected);
  return summary.findings;
}

test('an archive as it was written is sound, and a signature vouches for its newest commit', async () => {
  const { exitCode, findings, proven, domains } = await verify();
  expect({ exitCode, findings }).toEqual({ exitCode: 0, findings: [] });
  expect(proven).toContain('a signature vouches for all of it through commit 8');
  const signed = { commit: 8, keyIds: [archive.signer.key.id] };
  expect(domains).toMatchObject([
    { domain: DOMAIN, commits: 8, newest: { commit: 8 }, signed, objects: { checked: 6 }, rows: { decoded: 10 } },
  ]);
});

describe('of every file of a commit', () => {
  const kinds: Readonly<Record<string, FindingKind>> = {
    manifests: 'manifest-missing',
    notes: 'note-missing',
    field_changes: 'object-missing',
    fields: 'object-missing',
    quarantine: 'object-missing',
  };

  test.each<[string, FileChange]>([
    ['a flipped byte is a contradiction, and never a crash', flipByte],
    ['an appended byte is a contradiction', appendNewline],
  ])('%s', async (_, change) => {
    for (const key of filesOfCommits(archive.sound)) {
      const { exitCode, findings } = await verify(changed((files) => change(files, key)));
      const commit = commitKeyOf(key)?.seq ?? 0;
      // An altered manifest is told by its note, by itself, and by the next one's link.
      const keys = findings.filter((each) => each.commit === commit).map((each) => each.key);
      const names = keys.includes(key) || keys.includes(noteKey(DOMAIN, commit));
      expect({ key, exitCode, names }).toEqual({ key, exitCode: 1, names: true });
    }
  });

  /** But for the newest of the chain. */
  async function expectMissing(change: FileChange, names: (finding: Finding, key: string) => boolean = () => true) {
    for (const key of filesOfCommits(archive.sound)) {
      const { kind = '', seq = 0 } = commitKeyOf(key) ?? {};
      if (seq === 8) continue;
      const findings = await expectFound(changed((files) => change(files, key)));
      expect(findings).toContainEqual(expect.objectContaining({ kind: kinds[kind], commit: seq, key }));
      expect(findings.some((each) => names(each, key))).toBe(true);
    }
  }

  test('a deleted file is named, but for the newest of the chain, which only somebody else’s note can tell', () =>
    expectMissing((files, key) => files.delete(key)));

  test('a file moved to another domain, or renamed, is missing at one place and foreign at the other', async () => {
    for (const place of [toOtherDomain, renamed]) {
      await expectMissing(moveTo(place), (each, key) => each.key === place(key) || each.domain === 'domain-2');
    }
  });
});

describe('rows, with hashes left as they were', () => {
  type Rows = ModelCommit['rows'];
  test.each([
    ['dropped', (rows: Rows) => rows.slice(1)],
    ['doubled', (rows: Rows) => [...rows, ...rows.slice(-1)]],
    ['altered', (rows: Rows) => rows.map((row) => ({ ...row, event_type: 'Case.Forged' }))],
  ])('a row that is %s is found by its file', async (_, change) => {
    const { manifest, rows, seed } = at(copyOf(archive.commits), 2);
    const bytes = await rowFile(change(rows), manifest, seed);
    const words = /manifest 2 says .*: the file, or its manifest, was altered/;
    await expectFound(
      changed((files) => files.set(ROWS_2, bytes)),
      finding('object-altered', 2, ROWS_2, words),
    );
  });
});

describe('what the exporter never wrote', () => {
  test.each(FOREIGN_KEYS)('%s is named as foreign', async (key) => {
    const findings = await expectFound(changed((files) => files.set(key, bytesOf(ROWS_2))));
    const words = expect.stringMatching(/no key that an archive has|is in no manifest/);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'foreign-key', key, words }));
  });
});

describe('manifests', () => {
  const gone = (...seqs: number[]) => archive.without(...seqs.map((seq) => manifestKey(DOMAIN, seq)));
  const beforeCommit9 = { now: Date.UTC(2026, 0, 10, 18, 10) };

  test.each([[[4]], [[4, 5]], [[1]], [[1, 2, 3]], [[2, 6]]])('of %j gone each is named', async (seqs) => {
    const missing = (seq: number) =>
      finding('manifest-missing', seq, manifestKey(DOMAIN, seq), new RegExp(`Manifest ${seq} is missing`));
    await expectFound(gone(...seqs), ...seqs.map(missing));
  });

  test('the newest ones gone, with their notes left, are named by their notes', async () => {
    const words = /stands without its manifest/;
    await expectFound(gone(7, 8), finding('note-without-manifest', 7, noteKey(DOMAIN, 7), words));
  });

  test('the newest ones gone with everything of theirs leave no trace here, and a check says what it cannot see', async () => {
    const files = archive.without(...filesOfCommits(archive.sound).filter(isOfCommit(7, 8)));
    const { exitCode, limits } = await verify(files, beforeCommit9);
    expect(exitCode).toBe(0);
    expect(limits).toContainEqual(expect.objectContaining({ what: 'what was taken away' }));
  });

  test('rows of a commit whose manifest is gone are no part of the archive', async () => {
    const files = archive.without(...[7, 8].flatMap((seq) => [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]));
    const { findings, exitCode } = await verify(files, beforeCommit9);
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unfinished', commit: 7, key: fieldChangesKey(DOMAIN, DAY, 7) }]);
  });

  test('one at the place of another is told by what it calls itself', async () => {
    await expectFound(
      changed((all) => all.set(MANIFEST_3, bytesOf(MANIFEST_4))),
      finding('manifest-misplaced', 3, MANIFEST_3, /calls itself commit 4 of domain domain-1/),
      finding('note-differs', 3, noteKey(DOMAIN, 3), /line "commit" is "3" in the note.*"4".*the manifest was altered/),
    );
  });

  test('two that changed places break the chain at each', async () => {
    await expectFound(
      changed((all) => all.set(MANIFEST_3, bytesOf(MANIFEST_4)).set(MANIFEST_4, bytesOf(MANIFEST_3))),
      ...[3, 4].map((seq) => finding('link-broken', seq, manifestKey(DOMAIN, seq), /One of the two was altered/)),
    );
  });

  test('one of another domain at the end is told', async () => {
    const key = manifestKey(DOMAIN, 9);
    const other = textOf(manifestKey(DOMAIN, 8)).replaceAll(DOMAIN, 'domain-2').replace('"seq":8', '"seq":9');
    await expectFound(
      changed((all) => all.set(key, Buffer.from(other))),
      finding('manifest-misplaced', 9, key, /commit 9 of domain domain-2/),
    );
  });

  test.each([
    ['a count', { counts: { rows: 99 } }, 'counts-differ', /counts 99 rows/],
    ['a watermark', { lanes: { live: { watermark: 1 } } }, 'watermark-back', /live watermark goes back/],
    ['the gone list', { gone: ['case-1'] }, null, /./],
    [
      'a gap',
      { gaps: [{ caseId: 'case-1', cause: 'not-found', since: '2026-01-10T12:00:00.000Z', attempts: 1 }] },
      'counts-differ',
      /names 1 gaps.*counts 0/,
    ],
  ] as const)('%s that was altered is told by the note and by the next link', async (_, change, kind, words) => {
    const manifest = merged({ ...manifestOf(3) }, change);
    await expectFound(
      changed((all) => all.set(MANIFEST_3, toJsonBytes(manifest))),
      finding('note-differs', 3, noteKey(DOMAIN, 3), /signed by .*the manifest was altered/),
      finding('link-broken', 4, MANIFEST_4, /manifest 3 has the SHA-256/),
      ...(kind === null ? [] : [finding(kind, 3, MANIFEST_3, words)]),
    );
  });
});

describe('notes', () => {
  const NOTE_5 = noteKey(DOMAIN, 5);
  const withNote5 = (text: string) => changed((all) => all.set(NOTE_5, Buffer.from(text)));

  test('a signature that was stripped is said, and the next one covers the commit', async () => {
    const { exitCode, domains, limits } = await verify(withNote5(halvesOf(5)[0]));
    expect(exitCode).toBe(0);
    expect(domains[0]?.coveredRuns).toEqual([{ first: 5, last: 5 }]);
    expect(limits).toContainEqual({ what: 'unsigned commits', why: expect.stringContaining('Commits 5 of domain-1') });
  });

  test('a signature of another note does not hold here', async () => {
    const files = withNote5(halvesOf(5)[0] + halvesOf(4)[1]);
    await expectFound(files, finding('signature-wrong', 5, NOTE_5, /does not hold/));
  });

  test('every signature stripped: nothing is contradicted, and nothing says who wrote it', async () => {
    const { exitCode, findings } = await verify(await render(archive.commits));
    expect(exitCode).toBe(3);
    expect(findings).toEqual([finding('unsigned', 1, noteKey(DOMAIN, 1), /Commits 1 to 8 carry no signature/)]);
  });
});

function merged(into: Record<string, unknown>, change: object): Record<string, unknown> {
  const result = { ...into };
  for (const [name, value] of Object.entries(change)) {
    const isObject = typeof value === 'object' && !Array.isArray(value);
    result[name] = isObject ? merged((into[name] ?? {}) as Record<string, unknown>, value) : value;
  }
  return result;
}
