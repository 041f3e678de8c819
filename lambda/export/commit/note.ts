/** The note of a commit on its way: signed before COMMIT, published after the manifest. It never holds a commit back. */
import { noteText, parseNote, signatureLine, signedNote } from '../domain/commit-note';
import { SigningError } from '../domain/errors';
import { noteKey, stagedKey } from '../domain/keys';
import type { Manifest } from '../domain/manifest';
import { digestOfText, isSignedBy } from '../domain/note-keys';
import type { NoteSigner, ObjectStore } from '../ports';
import type { RunCounters } from '../run/counters';
import type { Run } from '../run/run';

/** A signature may take so long. With less time left the note goes out unsigned. */
const SIGNING_MS = 8_000;

/**
 * The commit's note with the signatures of all keys that gave one; null if none did. Never rejects: an event that is not exported may be
 * gone for ever, and the next signed note covers this commit, too.
 */
export async function signNote(run: Run, manifest: Manifest, manifestSha256: string): Promise<Uint8Array | null> {
  const { signers } = run.deps;
  if (signers.length === 0) return null;
  const text = noteText(manifest, manifestSha256);
  const signed = await Promise.all(signers.map((signer) => signatureOf(run, signer, text)));
  const lines = signed.filter((line) => line !== null);
  return lines.length === 0 ? null : signedNote(text, lines);
}

async function signatureOf(
  { budget, counters }: Run,
  { name, key, sign }: NoteSigner,
  text: string,
): Promise<string | null> {
  const unsigned = (reason: string) => {
    counters.anomaly('note-unsigned', { keyId: key.id, reason });
    return null;
  };
  if (budget.remainingMs() < SIGNING_MS) return unsigned('no time left');
  try {
    const signature = await sign(digestOfText(text));
    // A key that is not the one whose public half is configured would look like a forgery to whoever checks.
    return isSignedBy(key, text, signature)
      ? signatureLine(name, key.id, signature)
      : unsigned('another key has signed');
  } catch (error) {
    return unsigned(error instanceof SigningError ? error.failure : 'failed');
  }
}

interface NotePublisher {
  readonly domainId: string;
  readonly objects: ObjectStore;
  readonly counters: RunCounters;
}

/**
 * Writes the note where none is: the staged one, if it is still there and says what the manifest does, else an unsigned one, as its
 * text follows from the manifest. Another text that stands there already is left to whoever verifies the archive: nothing of the
 * export depends on a note, and a locked object could not be taken away.
 * @param prefix staging prefix of the commit; null if nothing staged is left.
 */
export async function publishNote(
  { domainId, objects, counters }: NotePublisher,
  prefix: string | null,
  { manifest, sha256 }: { readonly manifest: Manifest; readonly sha256: string },
): Promise<void> {
  const key = noteKey(domainId, manifest.seq);
  const text = noteText(manifest, sha256);
  const isSignedOne = prefix !== null && (manifest.signingKeys ?? []).length > 0;
  const staged = isSignedOne ? await objects.get('work', stagedKey(prefix, key)) : null;
  const note = staged !== null && textOf(staged) === text ? staged : signedNote(text, []);
  if ((await objects.putIfAbsent('archive', key, note)) === 'created') return;
  const found = await objects.get('archive', key);
  if (found === null || textOf(found) !== text) counters.anomaly('note-differs', { seq: manifest.seq });
}

/** Null if the bytes are no note. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return parseNote(bytes).text;
  } catch {
    return null;
  }
}
