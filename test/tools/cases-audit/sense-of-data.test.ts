/**
 * Promise: a commit's file of rows, its manifest and the manifest before it say the same of number, run, time and place; whatever does not
 * is named with its commit and key, also where every hash and signature fits.
 */
import { fieldChangesKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
import {
  copyOf,
  DOMAIN,
  type Files,
  type ModelCommit,
  newSigner,
  type RenderOptions,
  render,
  rowFile,
} from './signed-archive';
import { at, expectFound, finding, inManifest, type ModelChange, soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile();
const { casesOf, changed, forged, manifestOf, signer, textOf, verify } = archive;
const ROWS = fieldChangesKey(DOMAIN, DAY, 1);
const [MANIFEST_1, MANIFEST_8] = [manifestKey(DOMAIN, 1), manifestKey(DOMAIN, 8)];

/** Signed, with these options. */
const rendered = (options: RenderOptions) => render(archive.commits, { signers: () => [signer], ...options });

describe('the file of rows', () => {
  type Rows = ModelCommit['rows'];

  test.each<[string, Partial<Manifest>, (rows: Rows) => Rows, RegExp]>([
    ['another number of rows', {}, (rows) => rows.slice(1), /holds 4 rows, and its manifest says 5/],
    ['another domain', { domainId: 'domain-2' }, (rows) => rows, /calls itself one of domain domain-2/],
    ['another day', { exportDate: '2026-01-09' }, (rows) => rows, /calls itself one of 2026-01-09, .* says 2026-01-10/],
    ['another commit', { seq: 9 }, (rows) => rows, /holds 5 rows that name another commit/],
    ['another run', { runId: 'run-9' }, (rows) => rows, /holds 5 rows of another run or time than run-domain-1-1 at/],
    ['another time', { exportedAt: '2026-01-10T13:00:00.001Z' }, (rows) => rows, /holds 5 rows of another run or time/],
    ['rows out of order', {}, (rows) => rows.toReversed(), /is not sorted by time/],
    [
      'another time range',
      {},
      (rows) => rows.map((row) => ({ ...row, performed_time: new Date(row.performed_time.getTime() - 1) })),
      /goes from .*999Z to .*, and its manifest says .*000Z to/,
    ],
  ])('that holds %s than its manifest says', async (_, own, change, words) => {
    const { manifest, rows, seed } = at(copyOf(archive.commits), 1);
    const bytes = await rowFile(change(rows), { ...manifest, ...own }, seed);
    const files = await rendered({ replaced: new Map([[ROWS, bytes]]), casesOf: casesOf() });
    expectFound(await verify(files), finding('rows-differ', 1, ROWS, words));
  });

  test('whose list of cases cannot be made again, as its seed is gone or another than that of its quarantine', async () => {
    const { manifest, rows } = at(archive.commits, 1);
    const bytes = await rowFile(rows, manifest, null);
    const { findings } = await verify(await rendered({ replaced: new Map([[ROWS, bytes]]), casesOf: casesOf() }));
    const words = /no seed of its case digests is there/;
    expect(findings).toContainEqual(finding('cases-differ', 1, MANIFEST_1, words));
  });

  test('that is not there, though the manifest lists cases', async () => {
    const casesOf8 = new Map([[8, { count: 1, sha256: 'a'.repeat(64) }]]);
    expectFound(
      await verify(await rendered({ casesOf: casesOf8 })),
      finding('cases-differ', 8, MANIFEST_8, /lists 1 cases, and it holds none/),
    );
  });
});

describe('a manifest that is signed, and says what cannot be', () => {
  const from3 = (all: Parameters<ModelChange>[0]) => {
    for (const { manifest } of all.slice(2)) manifest.openQuarantine = 0;
  };
  const live5 = (change: Partial<Manifest['lanes']['live']>) =>
    inManifest(5, ({ lanes }) => ({ lanes: { ...lanes, live: { ...lanes.live, ...change } } }));

  test.each<[string, ModelChange, FindingKind, number, RegExp]>([
    [
      'an export date ahead of its own time',
      inManifest(8, { exportDate: '2026-01-11' }),
      'date-back',
      8,
      /so its export date is 2026-01-10; it says 2026-01-11/,
    ],
    [
      'quarantined events, and no quarantine object',
      (all) => Object.assign(at(all, 3), { quarantine: null }),
      'counts-differ',
      3,
      /counts quarantined events, and lists no quarantine object/,
    ],
    [
      'more open events than its quarantine object leaves open',
      from3,
      'quarantine-differs',
      3,
      /counts 0 events in quarantine; with 0 before it and what its quarantine object says there are 1/,
    ],
    [
      'a live watermark that goes back',
      live5({ watermark: null }),
      'watermark-back',
      5,
      /live watermark goes back from .* to nothing/,
    ],
    ['what it proves going back', live5({ provenUntil: 0 }), 'watermark-back', 5, /proven watermark goes back/],
  ])('%s', async (_, change, kind, commit, words) => {
    expectFound(await verify(await forged(change)), finding(kind, commit, manifestKey(DOMAIN, commit), words));
  });

  test('an event replayed that is not open where it was quarantined', async () => {
    const files = await forged((all) => {
      const [event] = at(all, 3).quarantine?.events ?? [];
      const replayed = [{ quarantinedIn: 3, caseId: event?.caseId ?? '', eventKey: 'event-of-nobody' }];
      at(all, 7).quarantine = { events: [], replayed };
      inManifest(7, ({ counts }) => ({ counts: { ...counts, replayed: 1 } }))(all);
      for (const { manifest } of all.slice(6)) manifest.openQuarantine = 0;
    });
    const words = 'Commit 7 replays an event of commit 3 that is not open in quarantine there.';
    expect((await verify(files)).findings).toEqual([finding('quarantine-differs', 7, manifestKey(DOMAIN, 7), words)]);
  });

  test('the same object twice', async () => {
    const key = fieldChangesKey(DOMAIN, DAY, 8);
    const [object] = manifestOf(7).objects;
    const objects = [1, 2].map(() => ({ ...object, key }) as Manifest['objects'][number]);
    const { findings } = await verify(withManifest(8, { objects }));
    expect(findings).toContainEqual(finding('object-misplaced', 8, key, `Manifest 8 lists ${key} twice.`));
  });
});

/** Other members in a manifest that is signed: its hash is another then. */
function withManifest(seq: number, members: Partial<Manifest>): Files {
  const bytes = Buffer.from(JSON.stringify({ ...manifestOf(seq), ...members }));
  return changed((files) => files.set(manifestKey(DOMAIN, seq), bytes));
}

describe('the ends of a link', () => {
  test.each([
    [
      'the first manifest names none before it',
      1,
      sha256(Buffer.from('another archive')),
      'Manifest 1 names a manifest before it: the first one names none.',
    ],
    ['every other names one', 8, null, 'Manifest 8 names no manifest before it: only the first one may.'],
  ])('%s', async (_, seq, previousSha256, words) => {
    const { findings } = await verify(withManifest(seq, { previousSha256 }));
    expect(findings).toContainEqual(finding('link-broken', seq, manifestKey(DOMAIN, seq), words));
  });
});

test('a quarantine object of another domain, with the hash that its manifest names', async () => {
  const key = quarantineKey(DOMAIN, 3);
  const replaced = new Map([[key, Buffer.from(textOf(key).replace(DOMAIN, 'domain-2'))]]);
  const words = 'The quarantine object of commit 3 is none of this domain and commit.';
  expectFound(await verify(await rendered({ replaced })), finding('quarantine-differs', 3, key, words));
});

test('the note of another manifest vouches for nothing, and introduces no key', async () => {
  const stranger = newSigner('somebody-else');
  const files = withManifest(8, { signingKeys: [signer.key.sha256, stranger.key.sha256] });
  files.set(`notes/keys/${stranger.key.id}.pem`, Buffer.from(stranger.pem));
  const { exitCode, findings, domains } = await verify(files);
  expect(exitCode).toBe(1);
  expect(findings[0]).toMatchObject({ kind: 'note-differs', commit: 8, key: noteKey(DOMAIN, 8) });
  expect(domains[0]?.signed?.commit).toBe(7);
});
