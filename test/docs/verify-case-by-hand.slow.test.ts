/** Promise: with a note, a list, a slice and a key that came another way, one case is proven by hand, without any other case. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseDigests, caseSalt, digestList, sliceOf } from '../../lambda/export/domain/case-slice';
import { noteKey } from '../../lambda/export/domain/keys';
import { DOMAIN, newSigner } from '../tools/cases-audit/signed-archive';
import { at } from '../tools/cases-audit/sound-archive';
import { type ByHand, byHandOfFile, PAGE, sh } from './by-hand';

const { archive, script } = byHandOfFile();
const { bytesOf, keyFile, scratch, signer } = archive;
const stranger = newSigner('somebody-else');

describe('one case', () => {
  interface Handed {
    note: Uint8Array;
    list: string;
    slice: Uint8Array;
  }

  function handed(seq: number, caseId: string): Handed {
    const { rows, quarantine, seed } = at(archive.commits, seq);
    const list = digestList(caseDigests({ domainId: DOMAIN, seq, seed }, rows, quarantine?.events).values()).text;
    const header = { domainId: DOMAIN, commitSeq: seq, caseId, salt: caseSalt(seed, caseId) };
    const raw = (quarantine?.events ?? []).filter((event) => event.caseId === caseId).map(({ event }) => event);
    const slice = sliceOf(
      header,
      rows.filter(({ case_id }) => case_id === caseId),
      raw,
    );
    return { note: bytesOf(noteKey(DOMAIN, seq)), list, slice };
  }

  function check(files: Handed, key = signer): ByHand {
    const folder = scratch.emptyFolder();
    const paths = (['note', 'list', 'slice'] as const).map((name) => {
      writeFileSync(join(folder, name), files[name]);
      return join(folder, name);
    });
    return sh([script('case'), ...paths, keyFile(key)]);
  }

  const altered = (slice: Uint8Array, from: string | RegExp, to: string) =>
    Buffer.from(Buffer.from(slice).toString().replace(from, to));

  test('is what was signed, with rows and with a quarantined event', () => {
    expect(check(handed(1, 'case-1'))).toEqual({
      code: 0,
      out: expect.stringContaining('commit 1 said this of case case-1'),
    });
    const { caseId } = at(archive.commits, 3).quarantine?.events[0] ?? {};
    expect(check(handed(3, String(caseId)))).toMatchObject({ code: 0 });
  });

  test.each<[string, (files: Handed) => void, RegExp]>([
    ['a value altered', (files) => (files.slice = altered(files.slice, 'Case.Created', 'Case.Forged')), /altered/],
    ['a row dropped', (files) => (files.slice = altered(files.slice, /\n[^\n]*\n$/, '\n')), /altered/],
    ['the case swapped', (files) => (files.slice = altered(files.slice, /case-1/g, 'case-2')), /altered/],
    ['the salt changed', (files) => (files.slice = altered(files.slice, /"salt":"./, '"salt":"0')), /altered/],
    ['a slice of another commit', (files) => (files.slice = handed(2, 'case-2').slice), /of another commit/],
    ['a digest added to the list', (files) => (files.list = `${'0'.repeat(64)}\n${files.list}`), /not the list/],
    ['a digest taken out', (files) => (files.list = files.list.slice(65)), /not the list/],
    ['a list out of order', (files) => (files.list = `${files.list}${files.list.slice(0, 65)}`), /not in order/],
    ['a list cut off', (files) => (files.list = files.list.slice(0, -1)), /./],
    ['a list with words', (files) => (files.list += 'word\n'), /no digest/],
    ['the note of another commit', (files) => (files.note = bytesOf(noteKey(DOMAIN, 2))), /not the list/],
    ['the note altered', (files) => (files.note = altered(files.note, 'half-read 0', 'half-read 1')), /does not hold/],
    [
      'the list in the note altered',
      (files) => (files.note = altered(files.note, /cases \d+/, 'cases 9')),
      /does not hold/,
    ],
  ])('%s', (_, change, words) => {
    const files = handed(1, 'case-1');
    change(files);
    expect(check(files)).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  test('with another key it is unproven, never forged', () => {
    expect(check(handed(1, 'case-1'), stranger)).toEqual({ code: 3, out: expect.stringMatching(/^UNPROVEN/) });
  });

  test('a file that is not there is a wrong call', () => {
    const none = join(scratch.emptyFolder(), 'none');
    expect(existsSync(none)).toBe(false);
    expect(sh([script('case'), none, none, none, PAGE])).toMatchObject({ code: 2 });
  });
});
