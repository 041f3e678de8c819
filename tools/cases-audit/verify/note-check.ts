/** A commit's note, held against its manifest. */
import {
  type Note,
  type NoteLines,
  noteText,
  parseNote,
  parseNoteText,
} from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import type { SenseProblem } from './sense';
import type { SignatureFacts, Trust } from './trust';

interface NoteCheck {
  readonly problems: readonly SenseProblem[];
  /** Null where there is no note that could be read. */
  readonly signatures: SignatureFacts | null;
}

/**
 * @param manifest null where it could not be read: then only the note's signatures are looked at.
 * @param manifestSha256 of the manifest's bytes, whatever they hold; null where there are none.
 */
export function checkNote(
  seq: number,
  bytes: Uint8Array,
  { manifest, sha256 }: { readonly manifest: Manifest | null; readonly sha256: string | null },
  trust: Trust,
): NoteCheck {
  let note: Note;
  try {
    note = parseNote(bytes);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { problems: [{ kind: 'note-unreadable', words: `Note ${seq}: ${words}` }], signatures: null };
  }
  const difference = manifest === null || sha256 === null ? null : differenceOf(note.text, manifest, sha256);
  const signatures = trust.judge(note, difference === null ? manifest : null);
  const problems: SenseProblem[] = [];
  if (difference !== null) problems.push({ kind: 'note-differs', words: differenceWords(seq, difference, signatures) });
  problems.push(...wrongSignatures(seq, signatures));
  return { problems, signatures };
}

/** A note whose manifest is not there. Null where it cannot be read, or is of another commit or domain. */
export function checkLoneNote(
  seq: number,
  partition: string,
  bytes: Uint8Array,
  trust: Trust,
): {
  readonly lines: NoteLines;
  readonly problems: readonly SenseProblem[];
  readonly signatures: SignatureFacts;
} | null {
  try {
    const note = parseNote(bytes);
    const lines = parseNoteText(note.text);
    if (lines.domain !== partition || lines.commit !== String(seq)) return null;
    const signatures = trust.judge(note, null);
    return { lines, problems: wrongSignatures(seq, signatures), signatures };
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}

function wrongSignatures(seq: number, { wrong }: SignatureFacts): SenseProblem[] {
  if (wrong.length === 0) return [];
  return [
    {
      kind: 'signature-wrong',
      words: `The signature of note ${seq} under the key ${wrong.join(', ')} does not hold: the note or the signature was altered.`,
    },
  ];
}

function differenceWords(seq: number, difference: string, { signedBy }: SignatureFacts): string {
  const signed =
    signedBy.length > 0 ? ` The note is signed by ${signedBy.join(', ')}, so the manifest was altered.` : '';
  return `Note ${seq} and manifest ${seq} do not say the same: ${difference}.${signed}`;
}

/** Null where the note's text is the function of the manifest that it has to be. */
function differenceOf(text: string, manifest: Manifest, sha256: string): string | null {
  const expected = noteText(manifest, sha256);
  if (text === expected) return null;
  try {
    const [found, wanted] = [parseNoteText(text), parseNoteText(expected)];
    const names = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((name) => found[name] !== wanted[name]);
    const [name] = names;
    if (name === undefined) return 'the text differs';
    return `line "${name}" is "${found[name]}" in the note, and the manifest makes it "${wanted[name]}"${names.length > 1 ? ` (also ${names.slice(1).join(', ')})` : ''}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
