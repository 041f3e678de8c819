/** Which keys count: those that the caller pinned, and those that a signed commit introduced during a rotation. */
import { readFileSync } from 'node:fs';
import type { Note } from '../../../lambda/export/domain/commit-note';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { introducedKeys, type NoteKey, parsePublicKeyPem, verifyNote } from '../../../lambda/export/domain/note-keys';
import type { Archive } from '../archive/archive';
import { publicKeysIn } from '../archive/manifests';
import { WrongCallError } from '../outcome';

/** What the signatures of one note prove. */
export interface SignatureFacts {
  /** Ids of trusted keys whose signature holds. */
  readonly signedBy: readonly string[];
  /** Ids of trusted keys under which a signature stands that does not hold. */
  readonly wrong: readonly string[];
  /** Ids of keys that nobody here trusts. They prove nothing, and nothing against the note. */
  readonly unknown: readonly string[];
}

export class Trust {
  readonly #trusted: NoteKey[];
  readonly #introduced = new Set<string>();

  /**
   * @param pinned keys that the caller got another way than from the archive.
   * @param candidates keys from the archive; whole hashes in a signed manifest introduce them.
   * @param introducedBefore SHA-256 of keys that an earlier check saw introduced.
   */
  constructor(
    private readonly pinned: readonly NoteKey[],
    private readonly candidates: readonly NoteKey[],
    introducedBefore: Iterable<string> = [],
  ) {
    this.#trusted = [...pinned];
    const before = new Set(introducedBefore);
    for (const key of candidates) if (before.has(key.sha256)) this.#introduce(key);
  }

  /** Whether the caller pinned any key. */
  get hasKeys(): boolean {
    return this.pinned.length > 0;
  }

  /** Whether a key of this id counts. */
  knows(id: string): boolean {
    return this.#trusted.some((key) => key.id === id);
  }

  get pinnedIds(): readonly string[] {
    return this.pinned.map(({ id }) => id);
  }

  /** SHA-256 of the keys that signed commits introduced, sorted. */
  get introduced(): readonly string[] {
    return [...this.#introduced].sort();
  }

  /** @param manifest whose note's text was found to be that of it; null where it was not: then it introduces nobody. */
  judge(note: Note, manifest: Manifest | null): SignatureFacts {
    if (manifest !== null && manifest.signingKeys !== undefined) {
      for (const key of introducedKeys(note, manifest, this.#trusted, this.candidates)) this.#introduce(key);
    }
    const { signedBy, invalid, unknown } = verifyNote(note, this.#trusted);
    return {
      signedBy: signedBy.map(({ id }) => id),
      wrong: invalid.map(({ keyId }) => keyId),
      unknown: unknown.map(({ keyId }) => keyId),
    };
  }

  #introduce(key: NoteKey): void {
    if (this.#trusted.some(({ sha256 }) => sha256 === key.sha256)) return;
    this.#trusted.push(key);
    this.#introduced.add(key.sha256);
  }
}

/** @throws WrongCallError where a file is no public key. */
export function readKeyFiles(paths: readonly string[]): NoteKey[] {
  return paths.map((path) => {
    try {
      return parsePublicKeyPem(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new WrongCallError(
        `--key ${path} is not usable: ${error instanceof Error ? error.message : String(error)} Expected a PEM file of the signing key, got from its owner and not from the archive.`,
        { cause: error },
      );
    }
  });
}

/** The keys that lie in the archive. What is no key is left out: nothing rests on them alone. */
export async function keysInArchive(archive: Archive): Promise<NoteKey[]> {
  const keys: NoteKey[] = [];
  for await (const { bytes } of publicKeysIn(archive)) {
    try {
      keys.push(parsePublicKeyPem(Buffer.from(bytes).toString('utf8')));
    } catch {
      // Reported by whoever lists the prefix.
    }
  }
  return keys;
}
