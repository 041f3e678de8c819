import type { RetryEntry } from '../domain/case-items';
import { stagingPrefix } from '../domain/keys';
import type { CommitHead, CommittedState, DomainState } from '../domain/state';
import { sha256 } from '../domain/stored-form';

/** The result of a commit that the run continues from. */
interface Committed {
  readonly seq: number;
  readonly state: CommittedState;
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
}

/**
 * The stored state as of the last commit: STATE, the retry list, and whether a commit still waits to be published. Only
 * commits and recovery change it; changes for the next commit are in the open batch and the lanes.
 */
export class Published {
  #state: DomainState;
  #openRetries: ReadonlyMap<string, RetryEntry> = new Map();
  #hasUnpublishedCommit: boolean;
  #stagings: number;

  constructor(
    private readonly domainId: string,
    runId: string,
    state: DomainState,
  ) {
    // Only commits write ids.
    this.#state = { ...state, idsHaveRecords: state.idsHaveRecords || state.head === null };
    this.#hasUnpublishedCommit = state.head !== null && state.applied < state.head.seq;
    this.#stagings = firstStaging(runId);
  }

  get state(): DomainState {
    return this.#state;
  }

  /** Open entries of the retry list by case; empty until recovery has read them. */
  get openRetries(): ReadonlyMap<string, RetryEntry> {
    return this.#openRetries;
  }

  /** Whether a commit was made that is not wholly published. */
  get hasUnpublishedCommit(): boolean {
    return this.#hasUnpublishedCommit;
  }

  /** Returns the prefix for the staged bytes of a commit, which no other commit has, of this run or of another. */
  newStagingPrefix(seq: number): string {
    this.#stagings += 1;
    return stagingPrefix(this.domainId, seq, this.#state.fence, this.#stagings);
  }

  /** Notes that COMMIT was made, and nothing of it is published so far. */
  committed(): void {
    this.#hasUnpublishedCommit = true;
  }

  /** Notes that the commit is wholly published; the run continues from it. */
  adopt({ seq, state, openRetries }: Committed, head: CommitHead): void {
    this.recovered({ ...this.#state, ...state, head, applied: seq });
    this.#openRetries = openRetries;
  }

  /** Notes that the last commit of earlier runs is wholly published. */
  recovered(state: DomainState): void {
    this.#state = state;
    this.#hasUnpublishedCommit = false;
  }

  /** Takes the open entries of the retry list from the table. */
  learnRetries(entries: Iterable<RetryEntry>): void {
    this.#openRetries = new Map([...this.#openRetries, ...[...entries].map((entry) => [entry.caseId, entry] as const)]);
  }
}

/** A restored table hands out its fences again: two runs with one fence must not stage under one prefix. */
function firstStaging(runId: string): number {
  return Number.parseInt(sha256(Buffer.from(runId)).slice(0, 8), 16);
}
