/** Promise: what nobody meant to give gets the right exit code of the four, words that say what was expected and what to do, and changes nothing. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import { saveFiles } from '../../support/scratch';
import { cli } from './command-line';
import { DOMAIN, type Files, newSigner, render } from './signed-archive';
import { asDomain, finding, inManifest, soundArchiveOfFile } from './sound-archive';
import { isOfCommit } from './tampering';

const archive = soundArchiveOfFile();
const { changed, folderOf, forged, keyFile, scratch, signer, stateFile, verify } = archive;

describe('a wrong call ends with 2, and says what was expected', () => {
  const folder = () => scratch.emptyFolder();
  const fileWith = (text: string) => {
    const file = join(folder(), 'file');
    writeFileSync(file, text);
    return file;
  };

  const offline = (...args: string[]) => ['verify', '--offline', folderOf(archive.sound), ...args];

  test.each<[string, () => string[], RegExp]>([
    ['no archive', () => ['verify'], /No archive was named; expected --offline <dir>/],
    [
      'a folder and a bucket',
      () => ['verify', '--offline', folder(), '--bucket', 'b'],
      /Both a folder and a bucket were named/,
    ],
    [
      'a folder that is not there',
      () => ['verify', '--offline', '/nowhere/at/all'],
      /is no archive: there is no such folder/,
    ],
    [
      'a folder that is empty',
      () => ['verify', '--offline', folder()],
      /it holds nothing; expected a folder with manifests\/domain_id=/,
    ],
    ['a file for a folder', () => ['verify', '--offline', fileWith('x')], /is no archive: it is a file/],
    [
      'a key that is none',
      () => offline('--key', fileWith('nothing')),
      /--key .* is not usable: A public key cannot be read/,
    ],
    ['a key that is not there', () => offline('--key', '/nowhere.pem'), /--key \/nowhere.pem is not usable/],
    ['a share that is none', () => offline('--read-data', '150%'), /expected all, none, a share such as 5%/],
    ['a part beyond its parts', () => offline('--read-data', '3/2'), /or a part such as 2\/7/],
    [
      'a state that is none',
      () => offline('--state', fileWith('{"a":1}')),
      /is no state of an earlier check.*left as it is/,
    ],
    [
      'a domain that is not there',
      () => offline('--domain', 'other'),
      /There is no domain other in the archive: expected one of domain-1/,
    ],
    ['a mirror that is no bucket', () => offline('--mirror', 'notes'), /expected s3:\/\/<bucket>/],
    ['a ledger without a table', () => offline('--ledger'), /expected --stack <name> or --table <name>/],
    ['an option that is none', () => ['verify', '--ofline', 'x'], /unknown option '--ofline'/],
    ['a command that is none', () => ['verifi'], /unknown command 'verifi'/],
  ])('%s', async (_, args, words) => {
    expect(await cli(args())).toEqual({ code: 2, out: '', err: expect.stringMatching(words) });
  });
});

describe('keys', () => {
  test('none given: the chain is whole, and nothing says who made it', async () => {
    const { exitCode, findings } = await verify(archive.sound, { signers: [] });
    expect(exitCode).toBe(3);
    const words = expect.stringMatching(new RegExp(`signed by ${signer.key.id}, and no --key was given`));
    expect(findings).toMatchObject([{ kind: 'no-key', words }]);
  });

  test('a wrong one is never read as forgery', async () => {
    const { exitCode, findings } = await verify(archive.sound, { signers: [newSigner()] });
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unknown-key', words: expect.stringContaining(signer.key.id) }]);
  });

  test('the right one beside a wrong one is enough', async () => {
    expect((await verify(archive.sound, { signers: [newSigner(), signer] })).exitCode).toBe(0);
  });

  test('an archive of builds before there were notes is sound as far as checked', async () => {
    const { exitCode, findings } = await verify(await render(archive.commits, { withoutEvidence: true }));
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unsigned', commit: 1, words: expect.stringContaining('Commits 1 to 8') }]);
  });

  test('the newest commits unsigned for less than an hour are no finding; for longer they are', async () => {
    const tail = await render(archive.commits, { signers: (seq) => (seq < 8 ? [signer] : []) });
    expect((await verify(tail, { now: Date.UTC(2026, 0, 10, 19, 59) })).exitCode).toBe(0);
    const late = await verify(tail, { now: Date.UTC(2026, 0, 10, 20, 1) });
    expect(late.exitCode).toBe(3);
    expect(late.findings).toEqual([finding('unsigned', 8, noteKey(DOMAIN, 8), /Commit 8 carries no signature/)]);
  });
});

describe('what an archive may hold is a finding, never a crash', () => {
  const [NOTE, MANIFEST] = [noteKey(DOMAIN, 4), manifestKey(DOMAIN, 4)];
  const bytes = (text: string) => () => Buffer.from(text);
  const replacing = (from: string | RegExp, to: string) => (before: Buffer) =>
    Buffer.from(before.toString().replace(from, to));
  const outside = `"objects":[{"key":"fields/../../x","sha256":"${'a'.repeat(64)}","bytes":1}]`;

  test.each<[string, string, (before: Buffer) => Buffer, RegExp]>([
    ['a truncated note', NOTE, (note) => note.subarray(0, 100), /Note 4: The note is malformed: .*cut off/],
    ['an empty note', NOTE, bytes(''), /Note 4: The note is malformed/],
    ['a note that is no text', NOTE, () => Buffer.from([0xff, 0xfe, 0]), /not UTF-8/],
    ['a manifest that is no JSON', MANIFEST, bytes('<html>'), /Manifest 4 cannot be read: .* is not JSON \(6 bytes/],
    ['an empty manifest', MANIFEST, bytes(''), /Manifest 4 cannot be read/],
    ['a manifest that is another kind of JSON', MANIFEST, bytes('[1]'), /has no version, expected 1 to 1/],
    [
      'a manifest with a time that no clock shows',
      MANIFEST,
      replacing(/"watermark":\d+/, '"watermark":1e300'),
      /lanes\.live\.watermark: Too big/,
    ],
    [
      'a manifest that lists a path out of the archive',
      MANIFEST,
      replacing('"objects":[]', outside),
      /lists fields\/..\/..\/x, which is no place/,
    ],
    ['a manifest with a million of digits', MANIFEST, bytes('9'.repeat(1_000_000)), /Manifest 4 cannot be read/],
  ])('%s', async (_, key, change, words) => {
    const { exitCode, findings } = await verify(
      changed((files) => files.set(key, change(Buffer.from(archive.bytesOf(key))))),
    );
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ commit: 4, words: expect.stringMatching(words) }));
    expect(findings.map(({ kind }) => kind)).not.toContain('newer-version');
  });

  test('a manifest of a number far away is named, and not counted up to', async () => {
    const newest = archive.bytesOf(manifestKey(DOMAIN, 8));
    const { findings } = await verify(changed((files) => files.set(manifestKey(DOMAIN, 999_999_999_999), newest)));
    expect(findings.filter(({ kind }) => kind === 'manifest-missing').length).toBe(101);
    const words = 'Manifests 109 to 999999999998 are missing, too.';
    expect(findings).toContainEqual(expect.objectContaining({ words }));
  });

  test('a manifest of a later version of the format is not checked, and is no contradiction', async () => {
    const { exitCode, findings } = await verify(await forged(inManifest(8, { version: 2 })));
    expect(exitCode).toBe(3);
    const words = expect.stringContaining('has version 2, expected 1 to 1');
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'newer-version', commit: 8, words }));
  });

  test('a symbolic link is no file of an archive', async () => {
    const folder = folderOf(archive.sound);
    const link = join(folder, `fields/domain_id=${DOMAIN}/000000000002.json`);
    symlinkSync(join(folder, manifestKey(DOMAIN, 1)), link);
    const { code, out } = await cli(['verify', '--offline', folder, '--json', '--key', keyFile(signer)]);
    expect(code).toBe(1);
    expect(out).toContain('is a symbolic link, where an archive has files');
  });
});

test('two domains in one folder are both checked, and --domain checks one', async () => {
  const files = new Map([...archive.sound, ...(await forged(asDomain('domain-2')))]);
  const [first, second] = [
    { domain: DOMAIN, commits: 8 },
    { domain: 'domain-2', commits: 8 },
  ];
  expect(await verify(files)).toMatchObject({ exitCode: 0, domains: [first, second] });
  files.delete(manifestKey('domain-2', 3));
  expect((await verify(files, { args: ['--domain', DOMAIN] })).exitCode).toBe(0);
  const { findings } = await verify(files);
  expect(findings[0]).toMatchObject({ domain: 'domain-2', commit: 3 });
});

describe('a folder’s name is never a pattern', () => {
  test.each(['case_id=4711', 'run_id=7', '[a-z]*', 'back\\slash', 'what?'])('%s', async (name) => {
    const folder = join(scratch.emptyFolder(), name);
    mkdirSync(folder);
    saveFiles(join(folder, 'archive'), archive.sound);
    const { code } = await cli(['verify', '--offline', join(folder, 'archive'), '--key', keyFile(signer)]);
    expect(code).toBe(0);
    expect(openFolder(folder).name).toBe(join(folder, 'archive'));
  });
});

describe('a state file', () => {
  const withoutNewest = (files: Files) => new Map([...files].filter(([key]) => !isOfCommit(8)(key)));

  test('is written after success, and then only newer commits are read', async () => {
    const args = ['--state', stateFile()];
    const upTo5 = await forged((all) => all.splice(5));
    expect((await verify(upTo5, { args, now: Date.UTC(2026, 0, 10, 17, 1) })).exitCode).toBe(0);
    expect(await verify(archive.sound, { args })).toMatchObject({
      exitCode: 0,
      domains: [{ since: 6, commits: 3, newest: { commit: 8 }, signed: { commit: 8 } }],
    });
    expect(await verify(archive.sound, { args })).toMatchObject({
      exitCode: 0,
      domains: [{ since: 9, commits: 0, newest: { commit: 8 } }],
    });
  });

  test('is left as it is where anything is contradicted', async () => {
    const state = stateFile();
    const args = ['--state', state];
    await verify(archive.sound, { args });
    const before = readFileSync(state);
    const { exitCode, findings } = await verify(withoutNewest(archive.sound), { args });
    expect(exitCode).toBe(1);
    const words = expect.stringMatching(/^ROLLBACK: the state file holds commit 8/);
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'rollback', commit: 8, words }));
    expect(readFileSync(state)).toEqual(before);
  });

  test('of an unsigned archive tells what was taken away all the same, and stays 3', async () => {
    const args = ['--state', stateFile()];
    const unsigned = await render(archive.commits);
    for (let check = 1; check <= 2; check += 1) expect((await verify(unsigned, { args })).exitCode).toBe(3);
    expect((await verify(withoutNewest(unsigned), { args, signers: [] })).exitCode).toBe(1);
  });

  test('of a domain that is wholly gone', async () => {
    const args = ['--state', stateFile()];
    await verify(archive.sound, { args });
    const keyAlone = new Map([['notes/keys/00000000.pem', Buffer.from(signer.pem)]]);
    expect(await verify(keyAlone, { args })).toMatchObject({
      exitCode: 1,
      findings: [{ kind: 'rollback', domain: DOMAIN, commit: 8 }],
    });
  });
});

test('an interrupted check ends with 130, says nothing, and changes nothing', async () => {
  const state = stateFile();
  const args = ['verify', '--offline', folderOf(archive.sound), '--key', keyFile(signer), '--state', state];
  const ended = await cli(args, { signal: AbortSignal.abort() });
  expect(ended).toEqual({ code: 130, out: '', err: 'Interrupted: nothing was changed.\n' });
  expect(existsSync(state)).toBe(false);
});
