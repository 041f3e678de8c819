/**
 * Promise: whoever can write to an archive and makes all hashes anew cannot make it pass: without the key no signature holds, and where
 * the key itself was misused, a note that somebody else holds tells. What a file says is held against what its manifest says, too.
 */
import type { FieldChange } from '../../../lambda/export/domain/columns';
import { fieldChangesKey, fieldsKey, manifestKey, noteKey, quarantineKey } from '../../../lambda/export/domain/keys';
import type { FindingKind } from '../../../tools/cases-audit/verify/findings';
import { DOMAIN, type Files, newSigner, render } from './signed-archive';
import { at, expectFound, finding, inManifest, type ModelChange, soundArchiveOfFile } from './sound-archive';
import {
  alterQuarantine,
  alterRow,
  alterSeed,
  alterWatermark,
  DAY,
  doubleRow,
  dropRow,
  MODEL_CHANGES,
} from './tampering';

const archive = soundArchiveOfFile();
const { casesOf, forged, signer, verify } = archive;
const stranger = newSigner('somebody-else');
const LATER = { now: Date.UTC(2026, 0, 11) };

describe.each(MODEL_CHANGES)('%s, and all hashes made anew', (_, change, first) => {
  const key = noteKey(DOMAIN, first);

  test('with the old signatures: they do not hold any more', async () => {
    const words = /signature of note \d+ under the key .* does not hold/;
    expectFound(
      await verify(await forged(change, { signaturesOf: archive.sound })),
      finding('signature-wrong', first, key, words),
    );
  });

  test('without signatures from there on: nothing is proven from there on', async () => {
    const files = await forged(change, { signers: (seq) => (seq < first ? [signer] : []) });
    const { exitCode, findings, domains } = await verify(files, LATER);
    const sense = findings.filter(({ kind }) => kind !== 'unsigned');
    expect(exitCode).toBe(sense.length > 0 ? 1 : 3);
    expect(domains[0]?.signed?.commit ?? 0).toBe(first - 1);
    expect(findings).toContainEqual(finding('unsigned', first, key, /no signature of a given key/));
  });

  test('signed by a stranger, whose key lies in the archive: nothing is proven from there on', async () => {
    const files = await forged(change, { signers: (seq) => [seq < first ? signer : stranger] });
    const { findings, domains } = await verify(files, LATER);
    expect(domains[0]?.signed?.commit ?? 0).toBe(first - 1);
    expect(findings).toContainEqual(finding('unknown-key', first, key, new RegExp(stranger.key.id)));
  });

  test('signed with our own key: a note that somebody else holds tells', async () => {
    const args = ['--state', archive.stateFile()];
    await verify(archive.sound, { args });
    const { exitCode, findings } = await verify(await forged(change), { args });
    expect(exitCode).toBe(1);
    expect(findings.filter(({ kind }) => kind === 'fork' || kind === 'rollback')).toMatchObject([
      { commit: 8, key: manifestKey(DOMAIN, 8), words: expect.stringMatching(/FORK|ROLLBACK/) },
    ]);
  });
});

describe('a stranger’s signature line below ours', () => {
  test('introduces nobody, as no signature covers it', async () => {
    // The stranger adds a line to an old note, puts the key into the archive, and signs what was forged later.
    const files = await forged(alterWatermark, { signers: (seq) => [seq < 4 ? signer : stranger] });
    const note = noteKey(DOMAIN, 3);
    const textIn = (from: Files) => Buffer.from(from.get(note) as Uint8Array).toString();
    const theirs = textIn(await render(archive.commits, { signers: () => [stranger] }));
    files.set(note, Buffer.from(textIn(files) + (theirs.split('\n\n')[1] ?? '')));
    expect(await verify(files, LATER)).toMatchObject({ exitCode: 3, domains: [{ signed: { commit: 3 } }] });
  });
});

test('during a rotation a signed manifest introduces the second key, which then vouches alone', async () => {
  const files = await render(archive.commits, {
    signers: (seq) => (seq < 3 ? [signer] : seq < 6 ? [signer, stranger] : [stranger]),
  });
  const { exitCode, domains } = await verify(files);
  expect(exitCode).toBe(0);
  expect(domains[0]?.signed).toMatchObject({ commit: 8, keyIds: [stranger.key.id] });
});

describe('what a manifest says of its data is held against the data, whoever signed', () => {
  const [MANIFEST_1, MANIFEST_2, MANIFEST_3] = [1, 2, 3].map((seq) => manifestKey(DOMAIN, seq)) as [
    string,
    string,
    string,
  ];
  const [MANIFEST_4, MANIFEST_5] = [manifestKey(DOMAIN, 4), manifestKey(DOMAIN, 5)];
  const rowsKey = (seq: number) => fieldChangesKey(DOMAIN, DAY, seq);
  const quarantined = (
    seq: number,
    replayed: readonly { quarantinedIn: number; caseId: string; eventKey: string }[],
  ) => {
    return (all: Parameters<ModelChange>[0]) => Object.assign(at(all, seq), { quarantine: { events: [], replayed } });
  };

  test.each<[string, ModelChange, FindingKind, number, string, RegExp]>([
    [
      'a false count of rows',
      inManifest(2, ({ counts }) => ({ counts: { ...counts, rows: 5 } })),
      'counts-differ',
      2,
      MANIFEST_2,
      /counts 5 rows, and lists files that hold 2/,
    ],
    ['a row altered', alterRow, 'cases-differ', 2, MANIFEST_2, /a row, an event or the seed was altered/],
    [
      'a row dropped',
      (all) => {
        at(all, 1).rows.splice(0, 1);
        inManifest(1, ({ counts }) => ({ counts: { ...counts, rows: 4 } }))(all);
      },
      'cases-differ',
      1,
      MANIFEST_1,
      /it holds 3 cases, and its manifest lists 4/,
    ],
    ['a row doubled', doubleRow, 'row-twice', 7, rowsKey(7), /1 row of commit 7 is in commit 2, too/],
    [
      'a case swapped for another',
      (all) => at(all, 2).rows.forEach((row: FieldChange) => void Object.assign(row, { case_id: 'case-9' })),
      'cases-differ',
      2,
      MANIFEST_2,
      /manifest/,
    ],
    ['the seed changed', alterSeed, 'cases-differ', 2, MANIFEST_2, /the seed was altered/],
    ['a quarantined event altered', alterQuarantine, 'cases-differ', 3, MANIFEST_3, /an event or the seed/],
    [
      'a quarantined event taken out',
      quarantined(3, []),
      'quarantine-differs',
      3,
      quarantineKey(DOMAIN, 3),
      /holds 0 events.*counts 1 and 0/,
    ],
    [
      'an event replayed that nobody kept',
      quarantined(7, [{ quarantinedIn: 3, caseId: 'x', eventKey: 'y' }]),
      'quarantine-differs',
      7,
      quarantineKey(DOMAIN, 7),
      /names 1 as replayed/,
    ],
    [
      'a dictionary of another commit',
      (all) => Object.assign(at(all, 1).fields ?? {}, { seq: 4 }),
      'object-misplaced',
      1,
      fieldsKey(DOMAIN, 1),
      /none of this domain and commit/,
    ],
    [
      'quarantine that does not add up',
      inManifest(5, { openQuarantine: 0 }),
      'quarantine-differs',
      5,
      MANIFEST_5,
      /counts 0 events in quarantine; after 1 before it/,
    ],
    [
      'a watermark that goes back',
      inManifest(5, ({ lanes }) => ({ lanes: { ...lanes, related: { ...lanes.related, watermark: 0 } } })),
      'watermark-back',
      5,
      MANIFEST_5,
      /related watermark goes back/,
    ],
    [
      'an export date that goes back',
      inManifest(4, { exportDate: '2026-01-09' }),
      'date-back',
      4,
      MANIFEST_4,
      /goes back from 2026-01-10 to 2026-01-09/,
    ],
    [
      'a gap that the account does not count',
      inManifest(5, { gaps: [] }),
      'counts-differ',
      5,
      MANIFEST_5,
      /names 0 gaps, and its account of debts counts 1/,
    ],
  ])('%s', async (_, change, kind, commit, key, words) => {
    const files = await forged(change, { signers: () => [signer], casesOf: casesOf() });
    expectFound(await verify(files), finding(kind, commit, key, words));
  });

  test('a gap that vanishes without a word is said: only the table’s retry list could say why', async () => {
    const { exitCode, limits } = await verify(await forged(inManifest(6, { gone: [] })));
    expect(exitCode).toBe(0);
    expect(limits).toContainEqual({ what: 'closed gaps', why: expect.stringContaining('as of commit 6 on') });
  });

  test.each<[string, (bytes: Buffer) => Buffer, RegExp]>([
    [
      'false statistics, which hide rows from a query engine',
      (bytes) => bytes.fill('case-2', bytes.lastIndexOf('case-3'), bytes.lastIndexOf('case-3') + 6),
      /statistics of case_id/,
    ],
    [
      'bytes that are no Parquet and have the right hash',
      () => Buffer.from('PAR1 nothing PAR1'),
      /cannot be read as Parquet/,
    ],
  ])('%s', async (_, change, words) => {
    const replaced = new Map([[rowsKey(2), change(Buffer.from(archive.bytesOf(rowsKey(2))))]]);
    const files = await render(archive.commits, { signers: () => [signer], replaced, casesOf: casesOf() });
    expectFound(await verify(files), finding('rows-differ', 2, rowsKey(2), words));
  });
});

test('an event that the exporter left out from the start is not to be seen in an archive, and a check says so', async () => {
  const { exitCode, limits } = await verify(await forged(dropRow));
  expect(exitCode).toBe(0);
  const why = expect.stringContaining('a check of the archive cannot know');
  expect(limits).toContainEqual({ what: 'the source', why });
});
