/** Promise: what nobody meant to give gets the right exit code of the four, words that say what was expected and what to do, and changes nothing. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestKey, noteKey } from '../../../lambda/export/domain/keys';
import { openFolder } from '../../../tools/cases-audit/archive/folder';
import { copyOf, DOMAIN, exportModel, type Files, type ModelCommit, newSigner, render, save } from './signed-archive';
import { cli, verifierOfFile } from './verify-files';

const { verify, keyFile, folderOf, scratch } = verifierOfFile();
const signer = newSigner();
let commits: ModelCommit[];
let sound: Files;

beforeAll(async () => {
  ({ commits } = await exportModel());
  sound = await render(commits, { signers: () => [signer] });
});

describe('a wrong call ends with 2, and says what was expected', () => {
  const folder = () => scratch.emptyFolder();
  const fileWith = (text: string) => {
    const file = join(folder(), 'file');
    writeFileSync(file, text);
    return file;
  };

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
      () => ['verify', '--offline', folderOf(sound), '--key', fileWith('nothing')],
      /--key .* is not usable: A public key cannot be read/,
    ],
    [
      'a key that is not there',
      () => ['verify', '--offline', folderOf(sound), '--key', '/nowhere.pem'],
      /--key \/nowhere.pem is not usable/,
    ],
    [
      'a share that is none',
      () => ['verify', '--offline', folderOf(sound), '--read-data', '150%'],
      /expected all, none, a share such as 5%/,
    ],
    [
      'a part beyond its parts',
      () => ['verify', '--offline', folderOf(sound), '--read-data', '3/2'],
      /or a part such as 2\/7/,
    ],
    [
      'a state that is none',
      () => ['verify', '--offline', folderOf(sound), '--state', fileWith('{"a":1}')],
      /is no state of an earlier check.*left as it is/,
    ],
    [
      'a domain that is not there',
      () => ['verify', '--offline', folderOf(sound), '--domain', 'other'],
      /There is no domain other in the archive: expected one of domain-1/,
    ],
    [
      'a mirror that is no bucket',
      () => ['verify', '--offline', folderOf(sound), '--mirror', 'notes'],
      /expected s3:\/\/<bucket>/,
    ],
    [
      'a ledger without a table',
      () => ['verify', '--offline', folderOf(sound), '--ledger'],
      /expected --stack <name> or --table <name>/,
    ],
    ['an option that is none', () => ['verify', '--ofline', 'x'], /unknown option '--ofline'/],
    ['a command that is none', () => ['verifi'], /unknown command 'verifi'/],
  ])('%s', async (_, args, words) => {
    const { code, err, out } = await cli(args());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(words);
  });

  test('help is no error, and shows two examples and the exit codes', async () => {
    const { code, out } = await cli(['verify', '--help']);
    expect(code).toBe(0);
    expect(out.match(/cases-audit verify --/g)).toHaveLength(2);
    expect(out).toContain('0 sound · 1 contradicted · 2 wrong call · 3 sound as far as checked');
  });
});

describe('keys', () => {
  test('none given: the chain is whole, and nothing says who made it', async () => {
    const { exitCode, findings } = await verify(sound);
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([
      {
        kind: 'no-key',
        words: expect.stringMatching(new RegExp(`signed by ${signer.key.id}, and no --key was given`)),
      },
    ]);
  });

  test('a wrong one is never read as forgery', async () => {
    const { exitCode, findings } = await verify(sound, { signers: [newSigner()] });
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unknown-key', words: expect.stringContaining(signer.key.id) }]);
  });

  test('the right one beside a wrong one is enough', async () => {
    expect((await verify(sound, { signers: [newSigner(), signer] })).exitCode).toBe(0);
  });

  test('an archive of builds before there were notes is sound as far as checked', async () => {
    const { exitCode, findings } = await verify(await render(commits, { withoutEvidence: true }), {
      signers: [signer],
    });
    expect(exitCode).toBe(3);
    expect(findings).toMatchObject([{ kind: 'unsigned', commit: 1, words: expect.stringContaining('Commits 1 to 8') }]);
  });

  test('the newest commits unsigned for less than an hour are no finding; for longer they are', async () => {
    const tail = await render(commits, { signers: (seq) => (seq < 8 ? [signer] : []) });
    expect((await verify(tail, { signers: [signer], now: Date.UTC(2026, 0, 10, 19, 59) })).exitCode).toBe(0);
    const late = await verify(tail, { signers: [signer], now: Date.UTC(2026, 0, 10, 20, 1) });
    expect(late.exitCode).toBe(3);
    expect(late.findings).toMatchObject([
      {
        kind: 'unsigned',
        commit: 8,
        key: noteKey(DOMAIN, 8),
        words: expect.stringContaining('Commit 8 carries no signature'),
      },
    ]);
  });
});

describe('what an archive may hold is a finding, never a crash', () => {
  test.each<[string, string, (bytes: Buffer) => Buffer, RegExp]>([
    [
      'a truncated note',
      noteKey(DOMAIN, 4),
      (bytes) => bytes.subarray(0, 100),
      /Note 4: The note is malformed: .*cut off/,
    ],
    ['an empty note', noteKey(DOMAIN, 4), () => Buffer.alloc(0), /Note 4: The note is malformed/],
    ['a note that is no text', noteKey(DOMAIN, 4), () => Buffer.from([0xff, 0xfe, 0]), /not UTF-8/],
    [
      'a manifest that is no JSON',
      manifestKey(DOMAIN, 4),
      () => Buffer.from('<html>'),
      /Manifest 4 cannot be read: .* is not JSON \(6 bytes/,
    ],
    ['an empty manifest', manifestKey(DOMAIN, 4), () => Buffer.alloc(0), /Manifest 4 cannot be read/],
    [
      'a manifest that is another kind of JSON',
      manifestKey(DOMAIN, 4),
      () => Buffer.from('[1]'),
      /has no version, expected 1 to 1/,
    ],
    [
      'a manifest with a time that no clock shows',
      manifestKey(DOMAIN, 4),
      (bytes) => Buffer.from(bytes.toString().replace(/"watermark":\d+/, '"watermark":1e300')),
      /lanes\.live\.watermark: Too big/,
    ],
    [
      'a manifest that lists a path out of the archive',
      manifestKey(DOMAIN, 4),
      (bytes) =>
        Buffer.from(
          bytes
            .toString()
            .replace('"objects":[]', `"objects":[{"key":"fields/../../x","sha256":"${'a'.repeat(64)}","bytes":1}]`),
        ),
      /lists fields\/..\/..\/x, which is no place/,
    ],
    [
      'a manifest with a million of digits',
      manifestKey(DOMAIN, 4),
      () => Buffer.from('9'.repeat(1_000_000)),
      /Manifest 4 cannot be read/,
    ],
  ])('%s', async (_, key, change, words) => {
    const files = new Map(sound).set(key, change(Buffer.from(sound.get(key) as Uint8Array)));
    const { exitCode, findings } = await verify(files, { signers: [signer] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(expect.objectContaining({ commit: 4, words: expect.stringMatching(words) }));
    expect(findings.map(({ kind }) => kind)).not.toContain('newer-version');
  });

  test('a manifest of a number far away is named, and not counted up to', async () => {
    const key = manifestKey(DOMAIN, 999_999_999_999);
    const { findings } = await verify(new Map(sound).set(key, sound.get(manifestKey(DOMAIN, 8)) as Uint8Array), {
      signers: [signer],
    });
    expect(findings.filter(({ kind }) => kind === 'manifest-missing').length).toBe(101);
    expect(findings).toContainEqual(
      expect.objectContaining({ words: 'Manifests 109 to 999999999998 are missing, too.' }),
    );
  });

  test('a manifest of a later version of the format is not checked, and is no contradiction', async () => {
    const copy = copyOf(commits);
    for (const { manifest } of copy.slice(7)) manifest.version = 2;
    const { exitCode, findings } = await verify(await render(copy, { signers: () => [signer] }), { signers: [signer] });
    expect(exitCode).toBe(3);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'newer-version',
        commit: 8,
        words: expect.stringContaining('has version 2, expected 1 to 1'),
      }),
    );
  });

  test('a symbolic link is no file of an archive', async () => {
    const folder = folderOf(sound);
    const link = join(folder, `fields/domain_id=${DOMAIN}/000000000002.json`);
    symlinkSync(join(folder, manifestKey(DOMAIN, 1)), link);
    const { code, out } = await cli(['verify', '--offline', folder, '--json', '--key', keyFile(signer)]);
    expect(code).toBe(1);
    expect(out).toContain('is a symbolic link, where an archive has files');
  });
});

test('two domains in one folder are both checked, and --domain checks one', async () => {
  const other = copyOf(commits);
  for (const { manifest, fields } of other) {
    manifest.domainId = 'domain-2';
    if (fields !== null) fields['domainId'] = 'domain-2';
  }
  const files = new Map([...sound, ...(await render(other, { signers: () => [signer] }))]);
  const both = await verify(files, { signers: [signer] });
  expect(both).toMatchObject({
    exitCode: 0,
    domains: [
      { domain: DOMAIN, commits: 8 },
      { domain: 'domain-2', commits: 8 },
    ],
  });
  files.delete(manifestKey('domain-2', 3));
  expect((await verify(files, { signers: [signer], args: ['--domain', DOMAIN] })).exitCode).toBe(0);
  const { findings } = await verify(files, { signers: [signer] });
  expect(findings[0]).toMatchObject({ domain: 'domain-2', commit: 3 });
});

describe('a folder’s name is never a pattern', () => {
  test.each(['case_id=4711', 'run_id=7', '[a-z]*', 'back\\slash', 'what?'])('%s', async (name) => {
    const folder = join(scratch.emptyFolder(), name);
    mkdirSync(folder);
    save(sound, join(folder, 'archive'));
    const { code } = await cli(['verify', '--offline', join(folder, 'archive'), '--key', keyFile(signer)]);
    expect(code).toBe(0);
    expect(openFolder(folder).name).toBe(join(folder, 'archive'));
  });
});

describe('a state file', () => {
  const stateFile = () => join(scratch.emptyFolder(), 'state.json');

  test('is written after success, and then only newer commits are read', async () => {
    const state = stateFile();
    const upTo5 = await render(copyOf(commits).slice(0, 5), { signers: () => [signer] });
    expect(
      (await verify(upTo5, { signers: [signer], args: ['--state', state], now: Date.UTC(2026, 0, 10, 17, 1) }))
        .exitCode,
    ).toBe(0);
    const { exitCode, domains } = await verify(sound, { signers: [signer], args: ['--state', state] });
    expect(exitCode).toBe(0);
    expect(domains).toMatchObject([{ since: 6, commits: 3, newest: { commit: 8 }, signed: { commit: 8 } }]);
    expect(await verify(sound, { signers: [signer], args: ['--state', state] })).toMatchObject({
      exitCode: 0,
      domains: [{ since: 9, commits: 0, newest: { commit: 8 } }],
    });
  });

  test('is left as it is where anything is contradicted', async () => {
    const state = stateFile();
    await verify(sound, { signers: [signer], args: ['--state', state] });
    const before = readFileSync(state);
    const cut = new Map([...sound].filter(([key]) => !key.includes('000000000008')));
    const { exitCode, findings } = await verify(cut, { signers: [signer], args: ['--state', state] });
    expect(exitCode).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'rollback',
        commit: 8,
        words: expect.stringMatching(/^ROLLBACK: the state file holds commit 8/),
      }),
    );
    expect(readFileSync(state)).toEqual(before);
  });

  test('of an unsigned archive tells what was taken away all the same, and stays 3', async () => {
    const state = stateFile();
    const unsigned = await render(commits);
    for (let check = 1; check <= 2; check += 1) {
      expect((await verify(unsigned, { signers: [signer], args: ['--state', state] })).exitCode).toBe(3);
    }
    expect(
      (
        await verify(new Map([...unsigned].filter(([key]) => !key.includes('000000000008'))), {
          args: ['--state', state],
        })
      ).exitCode,
    ).toBe(1);
  });

  test('of a domain that is wholly gone', async () => {
    const state = stateFile();
    await verify(sound, { signers: [signer], args: ['--state', state] });
    const { exitCode, findings } = await verify(new Map([['notes/keys/00000000.pem', Buffer.from(signer.pem)]]), {
      signers: [signer],
      args: ['--state', state],
    });
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ kind: 'rollback', domain: DOMAIN, commit: 8 }]);
  });
});

test('an interrupted check ends with 130, says nothing, and changes nothing', async () => {
  const state = join(scratch.emptyFolder(), 'state.json');
  const controller = new AbortController();
  controller.abort();
  const args = ['verify', '--offline', folderOf(sound), '--key', keyFile(signer), '--state', state];
  const { code, out, err } = await cli(args, { signal: controller.signal });
  expect({ code, out, err }).toEqual({ code: 130, out: '', err: 'Interrupted: nothing was changed.\n' });
  expect(existsSync(state)).toBe(false);
});
