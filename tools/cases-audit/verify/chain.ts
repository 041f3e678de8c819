/** Walks the manifests of a domain from the first to the last: numbers, links, notes, and whether each makes sense after the other. */

import { parseNote, parseNoteText } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import { MANIFEST, type Manifest } from '../../../lambda/export/domain/manifest';
import { sha256 as sha256Of } from '../../../lambda/export/domain/stored-form';
import { manifestKeyIn, noteKeyIn } from '../archive/archive-keys';
import { readStoredManifest } from '../archive/manifests';
import type { FetchedCommit } from './commit-stream';
import type { Expiry } from './expiry';
import type { FindingKind, Reporter } from './findings';
import { checkLoneNote, checkNote } from './note-check';
import { carryOf, problemsAfter, problemsOfOne, type SenseProblem } from './sense';
import type { Signatures } from './signatures';
import type { Carry } from './state-file';
import type { Trust } from './trust';

/** Numbers named one by one; a longer run is named by its ends. */
const MAX_NAMED = 100;

/** A commit whose manifest could be read, with what the one before handed on; null where that could not be read, or is none. */
export interface ChainedCommit {
  readonly seq: number;
  readonly sha256: string;
  readonly manifest: Manifest;
  readonly before: Carry | null;
  /** It is the very next number after `before`, or the first. */
  readonly isNext: boolean;
}

/** Findings that stand at the note of their commit, as those do whose names begin so. */
const OF_NOTES: ReadonlySet<FindingKind> = new Set(['signature-wrong', 'rollback', 'fork']);

interface LooseNote {
  readonly seq: number;
  readonly hasNote: boolean;
  readonly hasMirrorNote: boolean;
}

export class Chain {
  /** The last commit that was read: its hash is known, and its facts, if it is a manifest. */
  #hash: { readonly seq: number; readonly sha256: string } | null;
  #carry: Carry | null;
  #expected: number;
  #noteMissing: number | null = null;
  #hasNotes: boolean;
  #mirrored = 0;
  readonly #loose: LooseNote[] = [];
  /** Commits whose manifest stands and could not be read: what they list is not known. */
  readonly #unread = new Set<number>();

  constructor(
    private readonly partition: string,
    from: Carry | null,
    private readonly trust: Trust,
    private readonly signatures: Signatures,
    private readonly reporter: Reporter,
    private readonly expiry: Expiry,
    private readonly form: typeof MANIFEST = MANIFEST,
  ) {
    this.#carry = from;
    this.#hash = from;
    this.#expected = (from?.seq ?? 0) + 1;
    this.#hasNotes = from?.hasNotes ?? false;
  }

  /** The newest commit whose manifest could be read. */
  get newest(): Carry | null {
    return this.#carry;
  }

  /** The highest number at which a manifest stands, readable or not. */
  get highest(): number {
    return this.#expected - 1;
  }

  /** Whether a later check may go on after this commit: all that there is to say of it has been said. */
  isSettledAt(seq: number): boolean {
    return this.#carry?.seq === seq && this.#noteMissing === null;
  }

  /** Whether a manifest stands at this number and says nothing, as it could not be read. */
  isUnread(seq: number): boolean {
    return this.#unread.has(seq);
  }

  /** The highest number of which a mirror's note was held against ours. */
  get mirroredThrough(): number {
    return this.#mirrored;
  }

  /** Null where no manifest could be read at this number. */
  step(fetched: FetchedCommit): ChainedCommit | null {
    const { seq, manifest: bytes, note, mirrorNote } = fetched;
    if (bytes === null) {
      if (this.#expired(fetched)) return null;
      this.#loose.push({ seq, hasNote: note !== null, hasMirrorNote: mirrorNote !== null });
      return null;
    }
    this.#reach(seq);
    if (bytes === 'unread') {
      this.#hash = null;
      this.#carry = null;
      this.#unread.add(seq);
      return null;
    }
    const sha256 = sha256Of(bytes);
    const read = readStoredManifest(manifestKeyIn(this.partition, seq), bytes, this.form);
    const manifest = 'problem' in read ? null : read;
    this.#mirror(seq, sha256, mirrorNote);
    this.#note(seq, { manifest, sha256 }, note);
    const before = this.#carry?.seq === seq - 1 ? this.#carry : null;
    const hashBefore = this.#hash?.seq === seq - 1 ? this.#hash.sha256 : null;
    this.#hash = { seq, sha256 };
    if ('problem' in read) {
      this.#carry = null;
      this.#unread.add(seq);
      this.#at(seq, {
        kind: read.isNewer ? 'newer-version' : 'manifest-unreadable',
        words: `Manifest ${seq} cannot be read: ${read.problem} Its SHA-256 is ${sha256}.`,
      });
      return null;
    }
    this.#link(read, seq, hashBefore);
    for (const problem of problemsOfOne(read, this.partition, seq)) this.#at(seq, problem);
    if (before !== null) for (const problem of problemsAfter(before, read)) this.#at(seq, problem);
    this.expiry.saw(read.exportedAt);
    this.#carry = { ...carryOf(read, sha256, this.#hasNotes), seq };
    return { seq, sha256, manifest: read, before, isNext: seq === 1 || before !== null };
  }

  /** Goes on to this number: what was left open before it is reported. */
  #reach(seq: number): void {
    for (const loose of this.#loose.splice(0)) this.#reportLoose(loose);
    this.#number(seq);
    if (this.#noteMissing !== null) this.#reportMissingNote(this.#noteMissing);
    this.#noteMissing = null;
  }

  /** Whether the manifest has expired. The chain then goes on through its note, which holds the manifest's hash. */
  #expired({ seq, note, mirrorNote }: FetchedCommit): boolean {
    if (note === null || note === 'unread') return false;
    const lone = checkLoneNote(seq, this.partition, note, this.trust);
    if (lone === null || !this.expiry.takeCommit(seq, lone.lines)) return false;
    this.#reach(seq);
    const { lines, problems, signatures } = lone;
    for (const problem of problems) this.#at(seq, problem);
    const before = this.#hash?.seq === seq - 1 ? this.#hash.sha256 : null;
    if (before !== null && lines.previous !== before) {
      this.#at(seq, {
        kind: 'link-broken',
        words: `Note ${seq} says that manifest ${seq - 1} had the SHA-256 ${lines.previous}; it had ${before}. One of the two was altered.`,
      });
    }
    this.#hash = { seq, sha256: lines.manifest };
    this.#carry = null;
    this.#hasNotes = true;
    this.#mirror(seq, lines.manifest, mirrorNote);
    this.signatures.commit(seq, lines.exported, signatures);
    return true;
  }

  #at(seq: number, { kind, words, key }: SenseProblem): void {
    const own = kind.startsWith('note') || OF_NOTES.has(kind) ? noteKeyIn : manifestKeyIn;
    this.reporter.add(kind, { commit: seq, key: key ?? own(this.partition, seq) }, words);
  }

  #number(seq: number): void {
    const [first, last] = [this.#expected, seq - 1];
    this.#expected = seq + 1;
    const named = Math.min(last, first + MAX_NAMED - 1);
    for (let missing = first; missing <= named; missing += 1) {
      this.#at(missing, {
        kind: 'manifest-missing',
        words: `Manifest ${missing} is missing: the next one there is ${seq}. Without it nothing proves that commit ${missing} is what was written.`,
      });
    }
    if (named < last) {
      this.#at(named + 1, { kind: 'manifest-missing', words: `Manifests ${named + 1} to ${last} are missing, too.` });
    }
  }

  #link({ previousSha256 }: Manifest, seq: number, before: string | null): void {
    if (seq === 1 && previousSha256 !== null) {
      this.#at(seq, { kind: 'link-broken', words: 'Manifest 1 names a manifest before it: the first one names none.' });
    } else if (seq > 1 && previousSha256 === null) {
      this.#at(seq, {
        kind: 'link-broken',
        words: `Manifest ${seq} names no manifest before it: only the first one may.`,
      });
    } else if (before !== null && previousSha256 !== before) {
      this.#at(seq, {
        kind: 'link-broken',
        words: `Manifest ${seq} says that manifest ${seq - 1} has the SHA-256 ${previousSha256}; it has ${before}. One of the two was altered.`,
      });
    }
  }

  #note(seq: number, manifest: { manifest: Manifest | null; sha256: string }, note: FetchedCommit['note']): void {
    const exportedAt = manifest.manifest?.exportedAt ?? new Date(0).toISOString();
    if (note === null || note === 'unread') {
      // Written after the manifest: of the newest commit it may be on its way.
      const isExpected = this.#hasNotes || manifest.manifest?.cases !== undefined;
      if (note === null && isExpected) this.#noteMissing = seq;
      this.signatures.commit(seq, exportedAt, null);
      return;
    }
    this.#hasNotes = true;
    const { problems, signatures } = checkNote(seq, note, manifest, this.trust);
    for (const problem of problems) this.#at(seq, problem);
    const isSame = manifest.manifest !== null && !problems.some(({ kind }) => kind === 'note-differs');
    this.signatures.commit(seq, exportedAt, isSame ? signatures : signatures && { ...signatures, signedBy: [] });
  }

  #reportMissingNote(seq: number): void {
    this.#at(seq, {
      kind: 'note-missing',
      words: `Note ${seq} is missing: every commit has one. It was deleted, or left out of the copy.`,
    });
  }

  /**
   * Notes at whose number no manifest stands. Those beyond the newest manifest may be of commits that were made while this check ran: the
   * caller asks the archive again. Call it once, at the end.
   */
  async finish(hasManifestNow: (seq: number) => Promise<boolean>): Promise<void> {
    for (const loose of this.#loose) if (!(await hasManifestNow(loose.seq))) this.#reportLoose(loose);
  }

  #reportLoose({ seq, hasNote, hasMirrorNote }: LooseNote): void {
    if (hasNote) {
      this.#at(seq, {
        kind: 'note-without-manifest',
        words: `Note ${seq} stands without its manifest, which is written first: the manifest was deleted.`,
      });
    }
    if (hasMirrorNote) {
      this.#at(seq, {
        kind: 'rollback',
        words: `ROLLBACK: the mirror holds note ${seq}, and the archive has no manifest ${seq}. What it proved was taken away.`,
      });
    }
    // Hidden, and left to its age by whoever lists keys: without a note nothing tells that.
    if (!hasNote && !hasMirrorNote && this.expiry.isOn) {
      this.#at(seq, {
        kind: 'delete-marker',
        words: `Manifest ${seq} was deleted, and no note says that it is old enough to have expired.`,
      });
    }
  }

  #mirror(seq: number, sha256: string, mirrorNote: FetchedCommit['mirrorNote']): void {
    if (mirrorNote === null || mirrorNote === 'unread') return;
    this.#mirrored = seq;
    try {
      const held = parseNoteText(parseNote(mirrorNote).text).manifest;
      if (held === sha256) return;
      this.#at(seq, {
        kind: 'fork',
        words: `FORK: the mirror's note ${seq} is of a manifest with the SHA-256 ${held}, and ours has ${sha256}. The archive was rewritten from there on, or before.`,
      });
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      this.#at(seq, { kind: 'note-unreadable', words: `The mirror's note ${seq}: ${error.message}` });
    }
  }
}
