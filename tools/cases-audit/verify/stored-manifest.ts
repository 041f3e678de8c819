/** A manifest as a checker reads it: whatever the bytes hold, the answer is a manifest or a problem, never a crash. */
import { noteText } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { MANIFEST, type Manifest } from '../../../lambda/export/domain/manifest';
import { readStored } from '../../../lambda/export/domain/stored-form';

/** Why bytes are no manifest to this version of the checker. */
interface Unread {
  readonly problem: string;
  /** They are of a later version of the format, which says nothing against them. */
  readonly isNewer: boolean;
}

/** The manifest in these bytes, or what is wrong with them. A time that no clock shows is wrong, too. */
export function readStoredManifest(key: string, bytes: Uint8Array, form = MANIFEST): Manifest | Unread {
  try {
    const manifest = readStored(form, key, bytes);
    noteText(manifest, '');
    return manifest;
  } catch (error) {
    if (error instanceof IntegrityError) return { problem: error.message, isNewer: isNewer(bytes, form.version) };
    if (error instanceof RangeError)
      return { problem: `The manifest ${key} holds a time that no clock shows.`, isNewer: false };
    throw error;
  }
}

function isNewer(bytes: Uint8Array, known: number): boolean {
  try {
    const { version } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { version?: unknown };
    return Number.isInteger(version) && (version as number) > known;
  } catch {
    return false;
  }
}
