/** Up to which commit a trusted key vouches for the chain, and which commits no signature of their own covers. */
import { noteKeyIn } from '../archive/archive-keys';
import type { FindingKind, Reporter } from './findings';
import type { SignedThrough } from './state-file';
import type { SignatureFacts, Trust } from './trust';

/** The age of the newest signature beyond which what follows it counts as not checked. */
const MAX_UNSIGNED_MS = 3_600_000;
const MAX_RUNS = 100;

/** Commits in a row without a signature of a trusted key. */
export interface UnsignedRun {
  readonly first: number;
  readonly last: number;
}

export class Signatures {
  #through: SignedThrough | null;
  #open: UnsignedRun | null = null;
  readonly #runs: UnsignedRun[] = [];
  readonly #unknown = new Set<string>();
  #hasNotes = false;

  /** @param before where an earlier check ended: its newest signature, and its last commit; null for a check from the start. */
  constructor(
    private readonly trust: Trust,
    before: { readonly signed: SignedThrough | null; readonly last: number } | null,
  ) {
    // A key that counted then and does not now vouches for nothing.
    const signed = before?.signed ?? null;
    this.#through = signed?.keyIds.some((id) => trust.knows(id)) ? signed : null;
    const first = (this.#through?.seq ?? 0) + 1;
    if (before !== null && first <= before.last) this.#open = { first, last: before.last };
  }

  get through(): SignedThrough | null {
    return this.#through;
  }

  /** Runs that a later signature covers by the chain; the first hundred. */
  get coveredRuns(): readonly UnsignedRun[] {
    return this.#runs;
  }

  /** @param facts null where there is no note that could be read, or none whose text is that of the manifest. */
  commit(seq: number, exportedAt: string, facts: SignatureFacts | null): void {
    if (facts !== null) this.#hasNotes = true;
    for (const id of facts?.unknown ?? []) if (this.#unknown.size < MAX_RUNS) this.#unknown.add(id);
    const signedBy = facts?.signedBy ?? [];
    if (signedBy.length === 0) {
      this.#open = { first: this.#open?.first ?? seq, last: seq };
      return;
    }
    if (this.#open !== null && this.#runs.length < MAX_RUNS) this.#runs.push(this.#open);
    this.#open = null;
    this.#through = { seq, exportedAt, keyIds: signedBy };
  }

  /** Says what the signatures leave open: never a contradiction, as a key may have been forgotten. */
  finish(partition: string, now: number, reporter: Reporter): void {
    const open = this.#open;
    const finding = open && this.#findingOf(open, now);
    if (open && finding)
      reporter.add(finding[0], { commit: open.first, key: noteKeyIn(partition, open.first) }, finding[1]);
  }

  /** Null for what is signed late and not too late. */
  #findingOf({ first, last }: UnsignedRun, now: number): readonly [FindingKind, words: string] | null {
    const others = [...this.#unknown].sort().join(', ');
    if (!this.trust.hasKeys) {
      const there = this.#hasNotes && others !== '' ? `The notes are signed by ${others}` : 'No signature was found';
      const toDo = "Get the public key from the archive's owner, not from the archive, and give its PEM file by --key.";
      return ['no-key', `${there}, and no --key was given: the chain is whole, and nothing says who made it. ${toDo}`];
    }
    const through = this.#through;
    if (through !== null && now - Date.parse(through.exportedAt) <= MAX_UNSIGNED_MS) return null;
    const commits = first === last ? `Commit ${first} carries` : `Commits ${first} to ${last} carry`;
    if (others !== '') {
      const ids = this.trust.pinnedIds.join(', ');
      const toDo = 'If the owner confirms one of them, give its PEM file by --key.';
      return [
        'unknown-key',
        `${commits} no signature of a given key (${ids}). Signatures of other keys are there: ${others}. ${toDo}`,
      ];
    }
    const since = through === null ? 'there is none before' : `the newest one before is of ${through.exportedAt}`;
    const toDo =
      'the next signed commit will cover them. If none comes, whoever signs has lost the key or the permission.';
    return ['unsigned', `${commits} no signature of a given key, and ${since}: ${toDo}`];
  }
}
