import { stagingPrefix } from '../domain/keys';
import { sha256 } from '../domain/manifest';
import type { CommitHead, CommittedState, DomainState, RetryEntry } from '../domain/state';

/** What a commit leaves behind, as far as the run goes on from it. */
interface Committed {
  readonly seq: number;
  readonly state: CommittedState;
  readonly openRetries: ReadonlyMap<string, RetryEntry>;
}

/**
 * What is stored, as of the last commit: STATE, the retry list, and whether a commit still waits to be published. Only commits and
 * recovery change it; what the next commit will change is in the open batch and the lanes.
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
    // Ids are written by commits alone.
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

  /** A commit was made that is not wholly published. */
  get hasUnpublishedCommit(): boolean {
    return this.#hasUnpublishedCommit;
  }

  /** Where the bytes of a commit are staged: a prefix that no other commit has, of this run or of another. */
  newStagingPrefix(seq: number): string {
    this.#stagings += 1;
    return stagingPrefix(this.domainId, seq, this.#state.fence, this.#stagings);
  }

  /** COMMIT was made, and nothing of it is published so far. */
  committed(): void {
    this.#hasUnpublishedCommit = true;
  }

  /** The commit is wholly published, and the run goes on from it. */
  adopt({ seq, state, openRetries }: Committed, head: CommitHead): void {
    this.recovered({ ...this.#state, ...state, head, applied: seq });
    this.#openRetries = openRetries;
  }

  /** The last commit of the runs before is wholly published. */
  recovered(state: DomainState): void {
    this.#state = state;
    this.#hasUnpublishedCommit = false;
  }

  /** Open entries of the retry list as the table holds them. */
  learnRetries(entries: Iterable<RetryEntry>): void {
    this.#openRetries = new Map([...this.#openRetries, ...[...entries].map((entry) => [entry.caseId, entry] as const)]);
  }
}

/** A table that was restored hands out its fences again: two runs of one fence must not stage under one prefix. */
function firstStaging(runId: string): number {
  return Number.parseInt(sha256(Buffer.from(runId)).slice(0, 8), 16);
}
