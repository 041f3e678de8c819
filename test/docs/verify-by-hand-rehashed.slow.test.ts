/**
 * Promise: by hand, as by the verifier, whoever makes all hashes anew and cannot sign proves nothing, a rotation introduces the second key,
 * and a note that was kept tells what even the key's holder changed.
 */
import { fieldChangesKey, manifestKey, noteKey } from '../../lambda/export/domain/keys';
import { readText } from '../../lib/text-file';
import { saveFiles } from '../support/scratch';
import { copyOf, DOMAIN, type Files, newSigner, render, rowFile } from '../tools/cases-audit/signed-archive';
import { at } from '../tools/cases-audit/sound-archive';
import { alterRow, DAY, filesOfCommits, isOfCommit, MODEL_CHANGES } from '../tools/cases-audit/tampering';
import { byHandOfFile, PAGE } from './by-hand';

const { agreed, archive, ...hand } = byHandOfFile();
const { bytesOf, forged, scratch, signer } = archive;
const stranger = newSigner('somebody-else');
const byHand = (files: Files, env?: Record<string, string>) => hand.byHand(files, [signer], env);

describe('keys', () => {
  test('without any, with a wrong one, and with a second that signed nothing', async () => {
    expect(await agreed(archive.sound, [])).toMatchObject({ code: 3 });
    expect(await agreed(archive.sound, [stranger])).toMatchObject({ code: 3 });
    expect(await agreed(archive.sound, [signer, stranger])).toMatchObject({ code: 0 });
  });

  test('a rotation: what is signed by both introduces the second, which then vouches alone', async () => {
    const files = await render(archive.commits, {
      signers: (seq) => (seq < 3 ? [signer] : seq < 6 ? [signer, stranger] : [stranger]),
    });
    expect(await agreed(files)).toMatchObject({ code: 0 });
  });

  test('a line that a stranger put below a note of ours introduces nobody', async () => {
    const files = await render(archive.commits, { signers: (seq) => [seq < 4 ? signer : stranger] });
    const theirs = await render(archive.commits, { signers: () => [stranger] });
    const key = noteKey(DOMAIN, 3);
    const textIn = (from: Files) => Buffer.from(from.get(key) as Uint8Array).toString();
    files.set(key, Buffer.from(textIn(files) + textIn(theirs).split('\n\n')[1]));
    expect(await agreed(files)).toMatchObject({ code: 3 });
  });
});

/** By hand no row is decoded: one that is there twice has a sound file, as the page says. */
const SEEN_BY_HAND = MODEL_CHANGES.filter(([what]) => what !== 'a row doubled');

describe.each(SEEN_BY_HAND)('%s, and all hashes made anew', (_, change, first) => {
  test('with the old signatures, without any, and signed by a stranger', async () => {
    expect(await agreed(await forged(change, { signaturesOf: archive.sound }))).toMatchObject({ code: 1 });
    for (const others of [[], [stranger]]) {
      const files = await forged(change, { signers: (seq) => (seq < first ? [signer] : others) });
      const { code, out } = await agreed(files);
      const unproven = new RegExp(`commits ${first} to \\d of ${DOMAIN} `);
      expect({ code, out }).toEqual({ code: 3, out: expect.stringMatching(unproven) });
    }
  });

  test('signed with our own key: a note that was kept tells', async () => {
    const files = await forged(change);
    expect(byHand(files)).toMatchObject({ code: 0 });
    const word = files.has(manifestKey(DOMAIN, 8)) ? 'FORK' : 'ROLLBACK';
    expect(byHand(files, { HELD: heldNotes() })).toEqual({ code: 1, out: expect.stringContaining(word) });
  });
});

function heldNotes(): string {
  const held = scratch.emptyFolder();
  saveFiles(held, new Map([[`domain_id=${DOMAIN}/000000000008.note`, bytesOf(noteKey(DOMAIN, 8))]]));
  return held;
}

test('the newest commits gone without a trace: a note that was kept tells, and agrees with what was written', async () => {
  const files = archive.without(...filesOfCommits(archive.sound).filter(isOfCommit(7, 8)));
  expect(await agreed(files)).toMatchObject({ code: 0 });
  const env = { HELD: heldNotes() };
  expect(byHand(files, env)).toEqual({ code: 1, out: expect.stringContaining('ROLLBACK') });
  expect(byHand(archive.sound, env)).toMatchObject({ code: 0 });
});

test('a row altered, with hashes left, is found by the file', async () => {
  const copy = copyOf(archive.commits);
  alterRow(copy);
  const { manifest, rows, seed } = at(copy, 2);
  const key = fieldChangesKey(DOMAIN, DAY, 2);
  const bytes = await rowFile(rows, manifest, seed);
  const { code, out } = await agreed(archive.changed((files) => files.set(key, bytes)));
  expect({ code, out }).toEqual({ code: 1, out: expect.stringContaining(key) });
});

test('what only decoded rows show passes by hand, as the page says, and not the verifier', async () => {
  const files = await forged(alterRow, { signers: () => [signer], casesOf: archive.casesOf() });
  expect(byHand(files)).toMatchObject({ code: 0 });
  expect(await archive.verify(files)).toMatchObject({ exitCode: 1 });
  expect(readText(PAGE)).toContain('It does not decode rows.');
});
