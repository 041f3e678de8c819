/** Signs the note of a commit before COMMIT and publishes it after the manifest. A note never holds a commit back. */
import { noteText, parseNote, signatureLine, signedNote } from '../domain/commit-note';
import { SigningError } from '../domain/errors';
import { noteKey, stagedKey } from '../domain/keys';
import type { Manifest } from '../domain/manifest';
import { digestOfText, isSignedBy } from '../domain/note-keys';
import type { NoteSigner, ObjectStore } from '../ports';
import type { RunCounters } from '../run/counters';
import type { Run } from '../run/run';

/** Time limit of a signature. With less time left the note goes out unsigned. */
const SIGNING_MS = 8_000;

/**
 * Builds the commit's note with the signatures of all keys that answered; null if none did. Never rejects: an event
 * that is not exported may be lost for ever, and the next signed note covers this commit, too.
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
    // A signature of another key than the configured one would look like a forgery to a verifier.
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
 * Writes the note where none exists: the staged one, if it remains and matches the manifest, else an unsigned one,
 * whose text follows from the manifest. A different text at that key is left to whoever verifies the archive: the
 * export does not depend on notes, and a locked object could not be removed.
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

/** Returns null if the bytes are not a note. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return parseNote(bytes).text;
  } catch {
    return null;
  }
}
