/**
 * Promise: a commit's file of rows, its manifest and the manifest before it say the same of number, run, time and place; whatever does not
 * is named with its commit and key, also where every hash and signature fits.
 */
import { fieldChangesKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
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
const DAY = '2026-01-10';
const ROWS = fieldChangesKey(DOMAIN, DAY, 1);
let commits: ModelCommit[];
let sound: Files;

beforeAll(async () => {
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
});

const at = (all: readonly ModelCommit[], seq: number) => all[seq - 1] as ModelCommit;

function listsOfCases() {
  return new Map(
    commits.map(({ manifest: { seq } }) => {
      const { cases } = JSON.parse(Buffer.from(sound.get(manifestKey(DOMAIN, seq)) as Uint8Array).toString());
      return [seq, cases];
    }),
  );
}

describe('the file of rows', () => {
  type Manifest = ModelCommit['manifest'];
  type Rows = ModelCommit['rows'];

  test.each<[string, Partial<Manifest>, (rows: Rows) => Rows, RegExp]>([
    ['another number of rows', {}, (rows) => rows.slice(1), /holds 4 rows, and its manifest says 5/],
    ['another domain', { domainId: 'domain-2' }, (rows) => rows, /calls itself one of domain domain-2/],
    ['another day', { exportDate: '2026-01-09' }, (rows) => rows, /calls itself one of 2026-01-09, .* says 2026-01-10/],
    ['another commit', { seq: 9 }, (rows) => rows, /holds 5 rows that name another commit/],
    ['another run', { runId: 'run-9' }, (rows) => rows, /holds 5 rows of another run or time than run-1/],
    ['another time', { exportedAt: '2026-01-10T13:00:00.001Z' }, (rows) => rows, /holds 5 rows of another run or time/],
    ['rows out of order', {}, (rows) => rows.toReversed(), /is not sorted by time/],
    [
      'another time range',
      {},
      (rows) => rows.map((row) => ({ ...row, performed_time: new Date(row.performed_time.getTime() - 1) })),
      /goes from .*999Z to .*, and its manifest says .*000Z to/,
    ],
  ])('that holds %s than its manifest says', async (_, own, change, words) => {
    const { manifest, rows, seed } = at(copyOf(commits), 1);
    const bytes = await rowFile(change(rows), { ...manifest, ...own }, seed);
    const files = await render(commits, {
      signers: () => [signer],
      replaced: new Map([[ROWS, bytes]]),
      casesOf: listsOfCases(),
    });
    const { exitCode, findings } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual({
      kind: 'rows-differ',
      domain: DOMAIN,
      commit: 1,
      key: ROWS,
      words: expect.stringMatching(words),
    });
  });

  test('whose list of cases cannot be made again, as its seed is gone or another than that of its quarantine', async () => {
    const { manifest, rows } = at(commits, 1);
    const bytes = await rowFile(rows, manifest, null);
    const options = { signers: () => [signer], replaced: new Map([[ROWS, bytes]]), casesOf: listsOfCases() };
    const { findings } = await verify(await render(commits, options), { signers: [signer] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'cases-differ',
        commit: 1,
        key: manifestKey(DOMAIN, 1),
        words: expect.stringContaining('no seed of its case digests is there'),
      }),
    );
  });

  test('that is not there, though the manifest lists cases', async () => {
    const casesOf = new Map([[8, { count: 1, sha256: 'a'.repeat(64) }]]);
    const { exitCode, findings } = await verify(await render(commits, { signers: () => [signer], casesOf }), {
      signers: [signer],
    });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'cases-differ',
        commit: 8,
        words: expect.stringContaining('lists 1 cases, and it holds none'),
      }),
    );
  });
});

describe('a manifest that is signed, and says what cannot be', () => {
  type Change = (all: ModelCommit[]) => void;

  test.each<[string, Change, FindingKind, number, RegExp]>([
    [
      'an export date ahead of its own time',
      (all) => {
        for (const { manifest } of all.slice(7)) manifest.exportDate = '2026-01-11';
      },
      'date-back',
      8,
      /so its export date is 2026-01-10; it says 2026-01-11/,
    ],
    [
      'quarantined events, and no quarantine object',
      (all) => {
        at(all, 3).quarantine = null;
      },
      'counts-differ',
      3,
      /counts quarantined events, and lists no quarantine object/,
    ],
    [
      'more open events than its quarantine object leaves open',
      (all) => {
        for (const { manifest } of all.slice(2)) manifest.openQuarantine = 0;
      },
      'quarantine-differs',
      3,
      /counts 0 events in quarantine; with 0 before it and what its quarantine object says there are 1/,
    ],
    [
      'a live watermark that goes back',
      (all) => {
        const { lanes } = at(all, 5).manifest;
        at(all, 5).manifest.lanes = { ...lanes, live: { ...lanes.live, watermark: null } };
      },
      'watermark-back',
      5,
      /live watermark goes back from .* to nothing/,
    ],
    [
      'what it proves going back',
      (all) => {
        const { lanes } = at(all, 5).manifest;
        at(all, 5).manifest.lanes = { ...lanes, live: { ...lanes.live, provenUntil: 0 } };
      },
      'watermark-back',
      5,
      /proven watermark goes back/,
    ],
  ])('%s', async (_, change, kind, commit, words) => {
    const copy = copyOf(commits);
    change(copy);
    const { exitCode, findings } = await verify(await render(copy, { signers: () => [signer] }), { signers: [signer] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual({
      kind,
      domain: DOMAIN,
      commit,
      key: manifestKey(DOMAIN, commit),
      words: expect.stringMatching(words),
    });
  });

  test('an event replayed that is not open where it was quarantined', async () => {
    const copy = copyOf(commits);
    const [event] = at(copy, 3).quarantine?.events ?? [];
    const replayed = [{ quarantinedIn: 3, caseId: event?.caseId ?? '', eventKey: 'event-of-nobody' }];
    at(copy, 7).quarantine = { events: [], replayed };
    at(copy, 7).manifest.counts = { ...at(copy, 7).manifest.counts, replayed: 1 };
    for (const { manifest } of copy.slice(6)) manifest.openQuarantine = 0;
    const { findings } = await verify(await render(copy, { signers: () => [signer] }), { signers: [signer] });
    expect(findings).toMatchObject([
      {
        kind: 'quarantine-differs',
        commit: 7,
        key: manifestKey(DOMAIN, 7),
        words: 'Commit 7 replays an event of commit 3 that is not open in quarantine there.',
      },
    ]);
  });

  test('the same object twice', async () => {
    const files = new Map(sound);
    const manifest = JSON.parse(Buffer.from(sound.get(manifestKey(DOMAIN, 8)) as Uint8Array).toString());
    const { objects } = JSON.parse(Buffer.from(sound.get(manifestKey(DOMAIN, 7)) as Uint8Array).toString());
    const key = fieldChangesKey(DOMAIN, DAY, 8);
    const twice = [1, 2].map(() => ({ ...objects[0], key }));
    files.set(manifestKey(DOMAIN, 8), Buffer.from(JSON.stringify({ ...manifest, objects: twice })));
    const { findings } = await verify(files, { signers: [signer] });
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'object-misplaced', commit: 8, key, words: `Manifest 8 lists ${key} twice.` }),
    );
  });
});

describe('the ends of a link', () => {
  const relinked = (seq: number, previousSha256: string | null): Files => {
    const key = manifestKey(DOMAIN, seq);
    const manifest = JSON.parse(Buffer.from(sound.get(key) as Uint8Array).toString());
    return new Map(sound).set(key, Buffer.from(JSON.stringify({ ...manifest, previousSha256 })));
  };

  test('the first manifest names none before it', async () => {
    const { findings } = await verify(relinked(1, sha256(Buffer.from('another archive'))), { signers: [signer] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'link-broken',
        commit: 1,
        key: manifestKey(DOMAIN, 1),
        words: 'Manifest 1 names a manifest before it: the first one names none.',
      }),
    );
  });

  test('every other names one', async () => {
    const { findings } = await verify(relinked(8, null), { signers: [signer] });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'link-broken',
        commit: 8,
        key: manifestKey(DOMAIN, 8),
        words: 'Manifest 8 names no manifest before it: only the first one may.',
      }),
    );
  });
});

test('a quarantine object of another domain, with the hash that its manifest names', async () => {
  const key = quarantineKey(DOMAIN, 3);
  const bytes = Buffer.from(sound.get(key) as Uint8Array)
    .toString()
    .replace(DOMAIN, 'domain-2');
  const replaced = new Map([[key, Buffer.from(bytes)]]);
  const files = await render(commits, { signers: () => [signer], replaced });
  const { exitCode, findings } = await verify(files, { signers: [signer] });
  expect(exitCode).toBe(1);
  expect(findings).toContainEqual(
    expect.objectContaining({
      kind: 'quarantine-differs',
      commit: 3,
      key,
      words: 'The quarantine object of commit 3 is none of this domain and commit.',
    }),
  );
});

test('the note of another manifest vouches for nothing, and introduces no key', async () => {
  const stranger = newSigner('somebody-else');
  const manifest = JSON.parse(Buffer.from(sound.get(manifestKey(DOMAIN, 8)) as Uint8Array).toString());
  const files = new Map(sound);
  files.set(`notes/keys/${stranger.key.id}.pem`, Buffer.from(stranger.pem));
  files.set(
    manifestKey(DOMAIN, 8),
    Buffer.from(JSON.stringify({ ...manifest, signingKeys: [signer.key.sha256, stranger.key.sha256] })),
  );
  const { exitCode, findings, domains } = await verify(files, { signers: [signer] });
  expect(exitCode).toBe(1);
  expect(findings[0]).toMatchObject({ kind: 'note-differs', commit: 8, key: noteKey(DOMAIN, 8) });
  expect(domains[0]?.signed?.commit).toBe(7);
});
