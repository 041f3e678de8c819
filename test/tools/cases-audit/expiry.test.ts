/**
 * Promise: what an archive has lost to its own term is no contradiction once the caller names the term, and never reads as sound: it ends with
 * 3, and says what is gone. Whatever is gone and too young for it contradicts, whoever deleted it.
 */
import { fieldChangesKey, fieldsKey, manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import type { Finding } from '../../../tools/cases-audit/verify/findings';
import type { VerifySummary } from '../../../tools/cases-audit/verify/summary';
import { answerOf, cli } from './command-line';
import { storesOfFile } from './local-stores';
import { DOMAIN, type Files } from './signed-archive';
import { expectFound, finding, type ModelChange, soundArchiveOfFile } from './sound-archive';
import { DAY } from './tampering';

const archive = soundArchiveOfFile();
const { changed, folderOf, forged, keyFile, stateFile, textOf, verify, without } = archive;
const stores = storesOfFile();
/** Commits 1 to 4 are older than a day. */
const NOW = Date.UTC(2026, 0, 11, 16, 30);
const TERM = ['--expiration-days', '1'];

afterEach(() => jest.restoreAllMocks());

const isExpired = (key: string, upTo: number) =>
  /^(field_changes|manifests|quarantine)\//.test(key) && Number(/(\d{12})\.\w+$/.exec(key)?.[1]) <= upTo;
/** As the lifecycle leaves it: notes, dictionaries and public keys stay. */
const expired = (upTo: number, files: Files = archive.sound): Files =>
  new Map([...files].filter(([key]) => !isExpired(key, upTo)));
const check = (files: Files, args: string[] = TERM, now = NOW) => verify(files, { args, now });
const ofManifests = (words: RegExp) => finding('expired', 1, manifestKey(DOMAIN, 1), words);
const byAnotherRun: ModelChange = (all) => {
  for (const { manifest } of all) manifest.runId = 'other';
};

test('without the term every missing manifest contradicts', async () => {
  const { exitCode, findings } = await check(expired(4), []);
  expect(exitCode).toBe(1);
  const missing = findings.filter(({ kind }) => kind === 'manifest-missing');
  expect(missing.map(({ commit }) => commit)).toEqual([1, 2, 3, 4]);
});

test('with the term they have expired: the verdict is 3, and the chain goes on through their notes', async () => {
  const { exitCode, verdict, proven, findings, domains } = await check(expired(4));
  expect({ exitCode, verdict }).toEqual({ exitCode: 3, verdict: 'sound-as-far-as-checked' });
  expect(findings).toEqual([
    ofManifests(/The manifests of commits 1 to 4 are gone, as the archive lets objects expire after 1 day /),
    // Nothing but its manifest says what a dictionary has to hold.
    expect.objectContaining({ kind: 'expired', commit: 1, key: fieldsKey(DOMAIN, 1) }),
  ]);
  expect(domains).toMatchObject([{ commits: 4, expired: { commits: 4, through: 4 }, signed: { commit: 8 } }]);
  expect(proven).toContain('4 older commits expired, and are not among them');
});

test('an archive of which all has expired is never sound', async () => {
  const { exitCode, findings, domains } = await check(expired(8), TERM, NOW + 3_600_000 * 9);
  expect(exitCode).toBe(3);
  expect(findings).toContainEqual(ofManifests(/commits 1 to 8 are gone/));
  expect(domains).toMatchObject([{ commits: 0, newest: null, expired: { commits: 8 } }]);
});

test('an archive in which nothing has expired yet is sound', async () => {
  expect(await check(archive.sound, ['--expiration-days', '365'])).toMatchObject({
    exitCode: 0,
    domains: [{ expired: null }],
  });
});

describe('what is gone and no older than the term contradicts', () => {
  test('a manifest', async () => {
    expectFound(await check(expired(5)), finding('manifest-missing', 5, manifestKey(DOMAIN, 5), /./));
  });

  test('the newest manifests, whose notes are left', async () => {
    const files = expired(4);
    for (const seq of [7, 8]) files.delete(manifestKey(DOMAIN, seq));
    const { exitCode, findings } = await check(files);
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'note-without-manifest', commit: 7 }));
  });

  test('a file of rows; an older one has expired', async () => {
    const checkWithout = (seq: number) => check(without(fieldChangesKey(DOMAIN, DAY, seq)));
    const words = expect.stringContaining('Files that the manifests of commit 2');
    expect(await checkWithout(2)).toMatchObject({ exitCode: 3, findings: [{ kind: 'expired', commit: 2, words }] });
    expect(await checkWithout(7)).toMatchObject({ exitCode: 1, findings: [{ kind: 'object-missing', commit: 7 }] });
  });

  test('a dictionary at any age, as none expires', async () => {
    const { exitCode, findings } = await check(without(fieldsKey(DOMAIN, 1)));
    expect({ exitCode, findings }).toMatchObject({ exitCode: 1, findings: [{ kind: 'object-missing', commit: 1 }] });
  });
});

describe('the note of what has expired', () => {
  const lineOf = (seq: number, name: string, value: string): Files => {
    const text = textOf(noteKey(DOMAIN, seq)).replace(new RegExp(`^${name} .*$`, 'm'), `${name} ${value}`);
    return changed((files) => files.set(noteKey(DOMAIN, seq), Buffer.from(text.slice(0, text.indexOf('\n\n') + 2))));
  };

  const gone = (files: Files, key: string) => new Map([...files].filter(([each]) => each !== key));
  const [NOTE_4, hash] = [noteKey(DOMAIN, 4), 'a'.repeat(64)];
  const counted = (from: string) => from.replace('gaps 0', 'gaps 1').replace('gaps 2', 'gaps 1');

  test.each<[string, () => Files, Partial<Finding>]>([
    ['has to be there', () => gone(expired(4), noteKey(DOMAIN, 3)), { kind: 'manifest-missing', commit: 3 }],
    [
      'has to lead to the next commit',
      () => expired(4, lineOf(4, 'manifest', hash)),
      { kind: 'link-broken', commit: 5, key: manifestKey(DOMAIN, 5) },
    ],
    [
      'has to follow from the one before',
      () => expired(4, lineOf(4, 'previous', hash)),
      { kind: 'link-broken', commit: 4, words: expect.stringContaining('Note 4 says') },
    ],
    ['has to be of this commit', () => expired(4, lineOf(4, 'commit', '3')), { kind: 'manifest-missing', commit: 4 }],
    [
      'does not make a recent commit an old one',
      () => gone(expired(4, lineOf(7, 'exported', '2025-01-10T19:00:00.000Z')), manifestKey(DOMAIN, 7)),
      { kind: 'manifest-missing', commit: 7 },
    ],
    [
      'has to bear out its signature',
      () => expired(4).set(NOTE_4, Buffer.from(counted(textOf(NOTE_4)))),
      { kind: 'signature-wrong', commit: 4, key: NOTE_4 },
    ],
  ])('%s', async (_, files, contradiction) => {
    const { exitCode, findings } = await check(files());
    expect(exitCode).toBe(1);
    const first = findings.find(({ kind }) => kind === contradiction.kind);
    expect(first).toMatchObject(contradiction);
  });
});

test('rows of a commit that has expired are named, as nothing proves them any more', async () => {
  const key = fieldChangesKey(DOMAIN, DAY, 2);
  const { exitCode, findings } = await check(expired(4).set(key, Buffer.from('anything')));
  expect(exitCode).toBe(3);
  expect(findings).toContainEqual(finding('expired', 2, key, /nothing says any more/));
});

describe('a state file', () => {
  const stateOf4 = async () => {
    const state = stateFile();
    const upTo4 = await forged((all) => all.splice(4));
    await verify(upTo4, { args: ['--state', state], now: Date.UTC(2026, 0, 10, 16, 30) });
    return state;
  };

  test('whose commit has expired since is no ROLLBACK, and goes on from the newest', async () => {
    const state = await stateOf4();
    const first = await check(expired(4), [...TERM, '--state', state]);
    expect(first).toMatchObject({ exitCode: 3, domains: [{ since: 1, expired: { commits: 4 } }] });
    expect(first.findings.map(({ kind }) => kind)).toEqual(['expired', 'expired']);
    expect(await check(expired(4), [...TERM, '--state', state])).toMatchObject({ domains: [{ since: 9 }] });
  });

  test('whose commit is gone before its term is a ROLLBACK, and so is one whose note is another', async () => {
    const state = await stateOf4();
    const early = await check(expired(4), ['--expiration-days', '2', '--state', state]);
    expect(early.findings).toContainEqual(expect.objectContaining({ kind: 'rollback', commit: 4 }));
    const others = await check(expired(4, await forged(byAnotherRun)), [...TERM, '--state', state]);
    expect(others).toMatchObject({ exitCode: 1 });
    expect(others.findings).toContainEqual(expect.objectContaining({ kind: 'rollback', commit: 4 }));
  });
});

describe('in a bucket', () => {
  async function bucketOf(files: Files): Promise<string> {
    // When the exporter put them.
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 10, 16));
    const bucket = await stores.bucketOf(files);
    clock.mockRestore();
    return bucket;
  }
  const online = (bucket: string, ...args: string[]) =>
    answerOf<VerifySummary>(['verify', '--bucket', bucket, '--key', keyFile(archive.signer), ...args], { now: NOW });
  const expire = (bucket: string, upTo: number) => {
    for (const key of archive.sound.keys()) if (isExpired(key, upTo)) stores.s3.remove(bucket, key);
  };

  test('delete markers of the lifecycle are no contradiction, and those of anything younger are', async () => {
    const bucket = await bucketOf(archive.sound);
    expire(bucket, 4);
    expect((await online(bucket, ...TERM)).findings.map(({ kind, commit }) => [kind, commit])).toEqual([
      ['expired', 1],
      ['expired', 1],
    ]);
    expect((await online(bucket)).findings).toContainEqual(expect.objectContaining({ kind: 'delete-marker' }));
    stores.s3.remove(bucket, fieldChangesKey(DOMAIN, DAY, 7));
    const { exitCode, findings } = await online(bucket, ...TERM);
    expect(exitCode).toBe(1);
    expect(findings[0]).toMatchObject({ kind: 'object-missing', commit: 7 });
  });

  test('a hidden manifest without a note is not taken for expired', async () => {
    const bucket = await bucketOf(without(noteKey(DOMAIN, 8)));
    stores.s3.remove(bucket, manifestKey(DOMAIN, 8));
    const { exitCode, findings } = await online(bucket, ...TERM);
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'delete-marker', commit: 8 }));
  });

  test('rows put later at the number of a commit that has expired are foreign', async () => {
    const bucket = await bucketOf(expired(4));
    const key = fieldChangesKey(DOMAIN, '2020-01-01', 2);
    stores.s3.put(bucket, key, Buffer.from('forged'));
    const { exitCode, findings } = await online(bucket, ...TERM);
    expect(exitCode).toBe(1);
    expect(findings[0]).toMatchObject({ kind: 'foreign-key', commit: 2, key });
  });

  test('a mirror that agrees is no ROLLBACK, one that does not is a FORK', async () => {
    const notes = (files: Files) => new Map([...files].filter(([key]) => key.startsWith('notes/')));
    const bucket = await bucketOf(expired(4));
    const same = await bucketOf(notes(archive.sound));
    expect((await online(bucket, ...TERM, '--mirror', `s3://${same}`)).exitCode).toBe(3);
    const other = await bucketOf(notes(await forged(byAnotherRun)));
    const { exitCode, findings } = await online(bucket, ...TERM, '--mirror', `s3://${other}`);
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'fork', commit: 3, key: noteKey(DOMAIN, 3) }));
  });
});

test.each(['0', '-1', '1.5', 'a year'])('a term of %j is a wrong call', async (days) => {
  const words = /expected the days of archiveExpirationDays, a whole number from 1/;
  const ended = await cli(['verify', '--offline', folderOf(archive.sound), '--expiration-days', days]);
  expect(ended).toMatchObject({ code: 2, err: expect.stringMatching(words) });
});
