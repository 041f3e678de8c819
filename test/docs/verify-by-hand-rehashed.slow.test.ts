/**
 * Promise: by hand, as by the verifier, whoever makes all hashes anew and cannot sign proves nothing, a rotation introduces the second key,
 * and a note that was kept tells what even the key's holder changed.
 */
import { fieldChangesKey, manifestKey, noteKey } from '../../lambda/export/domain/keys';
import { readText } from '../../lib/text-file';
import { commitKeyOf } from '../../tools/cases-audit/archive/archive-keys';
import {
  copyOf,
  DOMAIN,
  type Files,
  type ModelCommit,
  newSigner,
  type RenderOptions,
  render,
  rowFile,
  type Signer,
  save,
} from '../tools/cases-audit/signed-archive';
import { byHandOfFile, PAGE, type Prepared } from './by-hand';

const DAY = '2026-01-10';
const stranger = newSigner('somebody-else');

const hand = byHandOfFile();
const { signer, scratch, verify } = hand;
let prepared: Prepared;
let commits: ModelCommit[];
let sound: Files;

beforeAll(async () => {
  prepared = await hand.prepare();
  ({ commits, sound } = prepared);
});

const agreed = (files: Files, signers?: readonly Signer[]) => hand.agreed(prepared, files, signers);
const byHand = (files: Files, env?: Record<string, string>) => hand.byHand(prepared, files, [signer], env);
function changed(change: (files: Files) => void): Files {
  const files = new Map(sound);
  change(files);
  return files;
}

const bytesOf = (key: string) => sound.get(key) as Uint8Array;
const textOf = (key: string) => Buffer.from(bytesOf(key)).toString();

describe('keys', () => {
  test('without any, with a wrong one, and with a second that signed nothing', async () => {
    expect(await agreed(sound, [])).toMatchObject({ code: 3 });
    expect(await agreed(sound, [stranger])).toMatchObject({ code: 3 });
    expect(await agreed(sound, [signer, stranger])).toMatchObject({ code: 0 });
  });

  test('a rotation: what is signed by both introduces the second, which then vouches alone', async () => {
    const files = await render(commits, {
      signers: (seq) => (seq < 3 ? [signer] : seq < 6 ? [signer, stranger] : [stranger]),
    });
    expect(await agreed(files)).toMatchObject({ code: 0 });
  });

  test('a line that a stranger put below a note of ours introduces nobody', async () => {
    const files = await render(commits, { signers: (seq) => [seq < 4 ? signer : stranger] });
    const theirs = await render(commits, { signers: () => [stranger] });
    const [, line] = Buffer.from(theirs.get(noteKey(DOMAIN, 3)) as Uint8Array)
      .toString()
      .split('\n\n');
    const key = noteKey(DOMAIN, 3);
    files.set(key, Buffer.from(Buffer.from(files.get(key) as Uint8Array).toString() + line));
    expect(await agreed(files)).toMatchObject({ code: 3 });
  });
});

type Change = (commits: ModelCommit[]) => void;
const at = (all: ModelCommit[], seq: number) => all[seq - 1] as ModelCommit;

function forged(change: Change, options: RenderOptions): Promise<Files> {
  const copy = copyOf(commits);
  change(copy);
  return render(copy, options);
}

const alterRow: Change = (all) => {
  (at(all, 2).rows[0] as ModelCommit['rows'][number]).event_type = 'Case.Forged';
};

const REHASHED: readonly (readonly [string, Change, number])[] = [
  [
    'a row dropped',
    (all) => {
      at(all, 2).rows.shift();
      at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, rows: 1 };
    },
    2,
  ],
  ['a row altered', alterRow, 2],
  [
    'the seed changed',
    (all) => {
      at(all, 2).seed = Buffer.alloc(32);
    },
    2,
  ],
  [
    'a count altered',
    (all) => {
      at(all, 2).manifest.counts = { ...at(all, 2).manifest.counts, casesRead: 99 };
    },
    2,
  ],
  [
    'the dictionary altered',
    (all) => {
      at(all, 1).fields = { ...at(all, 1).fields, templates: null };
    },
    1,
  ],
];

describe.each(REHASHED)('%s, and all hashes made anew', (_, change, first) => {
  test('with the old signatures, without any, and signed by a stranger', async () => {
    expect(await agreed(await forged(change, { signaturesOf: sound }))).toMatchObject({ code: 1 });
    for (const others of [[], [stranger]]) {
      const files = await forged(change, { signers: (seq) => (seq < first ? [signer] : others) });
      const { code, out } = await agreed(files);
      expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(`commits ${first} to 8 of ${DOMAIN}`) });
    }
  });

  test('signed with our own key: a note that was kept tells', async () => {
    const files = await forged(change, { signers: () => [signer] });
    expect(byHand(files)).toMatchObject({ code: 0 });
    expect(byHand(files, { HELD: heldNotes() })).toEqual({
      code: 1,
      out: expect.stringContaining('FORK'),
    });
  });
});

function heldNotes(): string {
  const held = scratch.emptyFolder();
  save(new Map([[`domain_id=${DOMAIN}/000000000008.note`, bytesOf(noteKey(DOMAIN, 8))]]), held);
  return held;
}

test('the newest commits gone without a trace: a note that was kept tells, and agrees with what was written', async () => {
  const files = changed((all) => {
    for (const key of all.keys()) if ((commitKeyOf(key)?.seq ?? 0) >= 7) all.delete(key);
  });
  expect(await agreed(files)).toMatchObject({ code: 0 });
  const env = { HELD: heldNotes() };
  expect(byHand(files, env)).toEqual({ code: 1, out: expect.stringContaining('ROLLBACK') });
  expect(byHand(sound, env)).toMatchObject({ code: 0 });
});

test('a row altered, with hashes left, is found by the file', async () => {
  const copy = copyOf(commits);
  alterRow(copy);
  const { manifest, rows, seed } = at(copy, 2);
  const key = fieldChangesKey(DOMAIN, DAY, 2);
  const bytes = await rowFile(rows, manifest, seed);
  const { code, out } = await agreed(changed((files) => files.set(key, bytes)));
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(key) });
});

test('what only decoded rows show passes by hand, as the page says, and not the verifier', async () => {
  const casesOf = new Map(
    commits.map(({ manifest: { seq } }) => [seq, JSON.parse(textOf(manifestKey(DOMAIN, seq))).cases] as const),
  );
  const files = await forged(alterRow, { signers: () => [signer], casesOf });
  expect(byHand(files)).toMatchObject({ code: 0 });
  expect(await verify(files, { signers: [signer] })).toMatchObject({ exitCode: 1 });
  expect(readText(PAGE)).toContain('It does not decode rows.');
});
