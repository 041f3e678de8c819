/**
 * Promise: whoever can write to an archive and not sign leaves a trace that names the commit and the key, for every file and every way to
 * touch it. Here hashes are left as they were; `tamper-rehashed.test.ts` makes all of them anew.
 */
import { fieldChangesKey, fieldsKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import { toJsonBytes } from '../../../lambda/export/domain/stored-form';
import { commitKeyOf } from '../../../tools/cases-audit/archive/archive-keys';
import type { Finding, FindingKind } from '../../../tools/cases-audit/verify/findings';
import {
  copyOf,
  DOMAIN,
  exportModel,
  type Files,
  type ModelCommit,
  newSigner,
  render,
  rowFile,
} from './signed-archive';
import { verifierOfFile } from './verify-files';

const { verify } = verifierOfFile();
const signer = newSigner();
let commits: ModelCommit[];
let sound: Files;

beforeAll(async () => {
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
});

const DAY = '2026-01-10';
const ROWS_2 = fieldChangesKey(DOMAIN, DAY, 2);
const MANIFEST_3 = manifestKey(DOMAIN, 3);

interface Expected {
  readonly kind: FindingKind;
  readonly commit: number | null;
  readonly key: string;
  readonly words: RegExp;
}

/** What the files come to; a finding for each that is expected, and the exit code of a contradiction. */
async function expectFound(files: Files, ...expected: Expected[]): Promise<readonly Finding[]> {
  const { findings, exitCode } = await verify(files, { signers: [signer] });
  for (const { kind, commit, key, words } of expected) {
    expect(findings).toContainEqual({
      kind,
      commit,
      key,
      domain: expect.any(String),
      words: expect.stringMatching(words),
    });
  }
  expect(exitCode).toBe(1);
  return findings;
}

function changed(change: (files: Files) => void): Files {
  const files = new Map(sound);
  change(files);
  return files;
}

function bytesOf(key: string): Uint8Array {
  return sound.get(key) as Uint8Array;
}

test('an archive as it was written is sound, and a signature vouches for its newest commit', async () => {
  const { exitCode, findings, proven, domains } = await verify(sound, { signers: [signer] });
  expect({ exitCode, findings }).toEqual({ exitCode: 0, findings: [] });
  expect(proven).toContain('a signature vouches for all of it through commit 8');
  expect(domains).toMatchObject([
    {
      domain: DOMAIN,
      commits: 8,
      newest: { commit: 8 },
      signed: { commit: 8, keyIds: [signer.key.id] },
      objects: { checked: 6 },
      rows: { decoded: 10 },
    },
  ]);
});

describe('of every file of a commit', () => {
  const keys = () => [...sound.keys()].filter((key) => commitKeyOf(key) !== null);
  const kinds: Readonly<Record<string, { altered: FindingKind; gone: FindingKind; moved: FindingKind }>> = {
    manifests: { altered: 'link-broken', gone: 'manifest-missing', moved: 'manifest-missing' },
    notes: { altered: 'note-differs', gone: 'note-missing', moved: 'note-missing' },
    field_changes: { altered: 'object-altered', gone: 'object-missing', moved: 'object-missing' },
    fields: { altered: 'object-altered', gone: 'object-missing', moved: 'object-missing' },
    quarantine: { altered: 'object-altered', gone: 'object-missing', moved: 'object-missing' },
  };

  test('a flipped byte is a contradiction, and never a crash', async () => {
    for (const key of keys()) {
      const bytes = Buffer.from(bytesOf(key));
      // In the text of a note, where a signature covers it.
      const at = key.startsWith('notes/') ? 60 : Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] as number) ^ 1;
      const { findings, exitCode } = await verify(
        changed((files) => files.set(key, bytes)),
        { signers: [signer] },
      );
      const commit = commitKeyOf(key)?.seq ?? 0;
      expect({ key, exitCode }).toEqual({ key, exitCode: 1 });
      // An altered manifest is told by its note, by itself, and by the next one's link.
      const names = findings.some(
        (finding) => finding.commit === commit && (finding.key === key || finding.key === noteKey(DOMAIN, commit)),
      );
      expect({ key, names }).toEqual({ key, names: true });
    }
  });

  test('an appended byte is a contradiction', async () => {
    for (const key of keys()) {
      const files = changed((all) => all.set(key, Buffer.concat([bytesOf(key), Buffer.from('\n')])));
      const { exitCode, findings } = await verify(files, { signers: [signer] });
      expect({ key, exitCode, commits: findings.map(({ commit }) => commit) }).toEqual({
        key,
        exitCode: 1,
        commits: expect.arrayContaining([commitKeyOf(key)?.seq]),
      });
    }
  });

  test('a deleted file is named, but for the newest of the chain, which only somebody else’s note can tell', async () => {
    for (const key of keys()) {
      const { kind = '', seq = 0 } = commitKeyOf(key) ?? {};
      if (seq === 8) continue;
      const findings = await expectFound(changed((files) => files.delete(key)));
      expect(findings).toContainEqual(expect.objectContaining({ kind: kinds[kind]?.gone, commit: seq, key }));
    }
  });

  test('a file moved to another domain, or renamed, is missing at one place and foreign at the other', async () => {
    for (const key of keys()) {
      const { kind = '', seq = 0 } = commitKeyOf(key) ?? {};
      if (seq === 8) continue;
      for (const to of [key.replace(DOMAIN, 'domain-2'), key.replace(/\.(\w+)$/, '-renamed.$1')]) {
        const files = changed((all) => {
          all.delete(key);
          all.set(to, bytesOf(key));
        });
        const findings = await expectFound(files);
        expect(findings).toContainEqual(expect.objectContaining({ kind: kinds[kind]?.moved, commit: seq, key }));
        expect(findings.some((finding) => finding.key === to || finding.key?.includes('domain-2'))).toBe(true);
      }
    }
  });
});

describe('rows, with hashes left as they were', () => {
  const rows2 = () => copyOf(commits)[1] as ModelCommit;
  const altered = async (change: (rows: ModelCommit['rows']) => ModelCommit['rows']) => {
    const { manifest, rows, seed } = rows2();
    const bytes = await rowFile(change(rows), manifest, seed);
    return changed((files) => files.set(ROWS_2, bytes));
  };

  test.each([
    ['dropped', (rows: ModelCommit['rows']) => rows.slice(1)],
    ['doubled', (rows: ModelCommit['rows']) => [...rows, ...rows.slice(-1)]],
    ['altered', (rows: ModelCommit['rows']) => rows.map((row) => ({ ...row, event_type: 'Case.Forged' }))],
  ])('a row that is %s is found by its file', async (_, change) => {
    await expectFound(await altered(change), {
      kind: 'object-altered',
      commit: 2,
      key: ROWS_2,
      words: /manifest 2 says .*: the file, or its manifest, was altered/,
    });
  });
});

describe('what the exporter never wrote', () => {
  test.each([
    `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/forged`,
    `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000999.parquet`,
    `field_changes/domain_id=${DOMAIN}/export_date=2020-01-01/000000000002.parquet`,
    `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/._000000000001.parquet`,
    `field_changes/domain_id=${DOMAIN}/export_date=${DAY}/000000000001 - Copy.parquet`,
    `field_changes/domain_id=domain-2/export_date=${DAY}/000000000001.parquet`,
    'field_changes/other.parquet',
    `fields/domain_id=${DOMAIN}/000000000002.json`,
    `quarantine/domain_id=${DOMAIN}/000000000001.json`,
    `quarantine/domain_id=${DOMAIN}/[a-z]*.json`,
    `manifests/domain_id=${DOMAIN}/readme.txt`,
    'notes/keys/readme.txt',
    'other/place/file.parquet',
    '.DS_Store',
  ])('%s is named as foreign', async (key) => {
    const { findings, exitCode } = await verify(
      changed((files) => files.set(key, bytesOf(ROWS_2))),
      { signers: [signer] },
    );
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'foreign-key',
        key,
        words: expect.stringMatching(/no key that an archive has|is in no manifest/),
      }),
    );
  });
});

describe('manifests', () => {
  const gone = (...seqs: number[]) =>
    changed((files) => {
      for (const seq of seqs) files.delete(manifestKey(DOMAIN, seq));
    });
  const missing = (seq: number): Expected => ({
    kind: 'manifest-missing',
    commit: seq,
    key: manifestKey(DOMAIN, seq),
    words: new RegExp(`Manifest ${seq} is missing`),
  });

  test.each([[[4]], [[4, 5]], [[1]], [[1, 2, 3]], [[2, 6]]])('of %j gone each is named', async (seqs) => {
    await expectFound(gone(...seqs), ...seqs.map(missing));
  });

  test('the newest ones gone, with their notes left, are named by their notes', async () => {
    await expectFound(gone(7, 8), {
      kind: 'note-without-manifest',
      commit: 7,
      key: noteKey(DOMAIN, 7),
      words: /stands without its manifest/,
    });
  });

  test('the newest ones gone with everything of theirs leave no trace here, and a check says what it cannot see', async () => {
    const files = changed((all) => {
      for (const key of all.keys()) if ((commitKeyOf(key)?.seq ?? 0) >= 7) all.delete(key);
    });
    const { exitCode, limits } = await verify(files, { signers: [signer], now: Date.UTC(2026, 0, 10, 18, 10) });
    expect(exitCode).toBe(0);
    expect(limits).toContainEqual(expect.objectContaining({ what: 'what was taken away' }));
  });

  test('rows of a commit whose manifest is gone are no part of the archive', async () => {
    const files = changed((all) => {
      for (const seq of [7, 8]) for (const key of [manifestKey(DOMAIN, seq), noteKey(DOMAIN, seq)]) all.delete(key);
    });
    const { findings, exitCode } = await verify(files, { signers: [signer], now: Date.UTC(2026, 0, 10, 18, 10) });
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unfinished', commit: 7, key: fieldChangesKey(DOMAIN, DAY, 7) }]);
  });

  test('one at the place of another is told by what it calls itself', async () => {
    const files = changed((all) => all.set(MANIFEST_3, bytesOf(manifestKey(DOMAIN, 4))));
    await expectFound(
      files,
      { kind: 'manifest-misplaced', commit: 3, key: MANIFEST_3, words: /calls itself commit 4 of domain domain-1/ },
      {
        kind: 'note-differs',
        commit: 3,
        key: noteKey(DOMAIN, 3),
        words: /line "commit" is "3" in the note.*"4".*the manifest was altered/,
      },
    );
  });

  test('two that changed places break the chain at each', async () => {
    const files = changed((all) => {
      all.set(MANIFEST_3, bytesOf(manifestKey(DOMAIN, 4)));
      all.set(manifestKey(DOMAIN, 4), bytesOf(MANIFEST_3));
    });
    await expectFound(
      files,
      ...[3, 4].map(
        (seq): Expected => ({
          kind: 'link-broken',
          commit: seq,
          key: manifestKey(DOMAIN, seq),
          words: /One of the two was altered/,
        }),
      ),
    );
  });

  test('one of another domain at the end is told', async () => {
    const other = Buffer.from(bytesOf(manifestKey(DOMAIN, 8)))
      .toString()
      .replaceAll(DOMAIN, 'domain-2')
      .replace('"seq":8', '"seq":9');
    await expectFound(
      changed((all) => all.set(manifestKey(DOMAIN, 9), Buffer.from(other))),
      {
        kind: 'manifest-misplaced',
        commit: 9,
        key: manifestKey(DOMAIN, 9),
        words: /commit 9 of domain domain-2/,
      },
    );
  });

  test.each([
    ['a count', { counts: { rows: 99 } }, 'counts-differ', /counts 99 rows/],
    ['a watermark', { lanes: { live: { watermark: 1 } } }, 'watermark-back', /live watermark goes back/],
    ['the gone list', { gone: ['case-1'] }, 'link-broken', /./],
    [
      'a gap',
      { gaps: [{ caseId: 'case-1', cause: 'not-found', since: '2026-01-10T12:00:00.000Z', attempts: 1 }] },
      'counts-differ',
      /names 1 gaps.*counts 0/,
    ],
  ] as const)('%s that was altered is told by the note and by the next link', async (_, change, kind, words) => {
    const manifest = JSON.parse(Buffer.from(bytesOf(MANIFEST_3)).toString());
    const files = changed((all) => all.set(MANIFEST_3, toJsonBytes(merged(manifest, change))));
    await expectFound(
      files,
      { kind: 'note-differs', commit: 3, key: noteKey(DOMAIN, 3), words: /signed by .*the manifest was altered/ },
      { kind: 'link-broken', commit: 4, key: manifestKey(DOMAIN, 4), words: /manifest 3 has the SHA-256/ },
      ...(kind === 'link-broken' ? [] : [{ kind, commit: 3, key: MANIFEST_3, words }]),
    );
  });
});

describe('notes', () => {
  test('a signature that was stripped is said, and the next one covers the commit', async () => {
    const text = Buffer.from(bytesOf(noteKey(DOMAIN, 5))).toString();
    const files = changed((all) => all.set(noteKey(DOMAIN, 5), Buffer.from(text.slice(0, text.indexOf('\n\n') + 2))));
    const { exitCode, domains, limits } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(0);
    expect(domains[0]?.coveredRuns).toEqual([{ first: 5, last: 5 }]);
    expect(limits).toContainEqual({ what: 'unsigned commits', why: expect.stringContaining('Commits 5 of domain-1') });
  });

  test('a signature of another note does not hold here', async () => {
    const [text] = Buffer.from(bytesOf(noteKey(DOMAIN, 5)))
      .toString()
      .split(/(?<=\n\n)/);
    const [, lines] = Buffer.from(bytesOf(noteKey(DOMAIN, 4)))
      .toString()
      .split(/(?<=\n\n)/);
    await expectFound(
      changed((all) => all.set(noteKey(DOMAIN, 5), Buffer.from(`${text}${lines}`))),
      {
        kind: 'signature-wrong',
        commit: 5,
        key: noteKey(DOMAIN, 5),
        words: /does not hold/,
      },
    );
  });

  test('every signature stripped: nothing is contradicted, and nothing says who wrote it', async () => {
    const files = await render(commits);
    const { exitCode, findings } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([
      {
        kind: 'unsigned',
        commit: 1,
        key: noteKey(DOMAIN, 1),
        words: expect.stringContaining('Commits 1 to 8 carry no signature'),
      },
    ]);
  });
});

test('the dictionary and the quarantine object are files like the others', async () => {
  for (const [key, seq] of [
    [fieldsKey(DOMAIN, 1), 1],
    [quarantineKey(DOMAIN, 3), 3],
  ] as const) {
    const text = Buffer.from(bytesOf(key)).toString().replace('domain-1', 'domain-2');
    await expectFound(
      changed((files) => files.set(key, Buffer.from(text))),
      {
        kind: 'object-altered',
        commit: seq,
        key,
        words: /the SHA-256/,
      },
    );
  }
});

function merged(into: Record<string, unknown>, change: object): Record<string, unknown> {
  const result = { ...into };
  for (const [name, value] of Object.entries(change)) {
    const isObject = typeof value === 'object' && !Array.isArray(value);
    result[name] = isObject ? merged((into[name] ?? {}) as Record<string, unknown>, value) : value;
  }
  return result;
}
