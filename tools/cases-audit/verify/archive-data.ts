/** What only the whole archive's data can tell: rows that come twice, quarantine that adds up, gaps that left, ids for the ledger. */
import { ledgerId } from '../../../lambda/export/domain/case-items';
import { manifestKeyIn } from '../archive/archive-keys';
import type { ChainedCommit } from './chain';
import type { CommitData } from './commit-data';
import type { Reporter } from './findings';
import { SeenOnce } from './seen-once';
import { leftGaps } from './sense';

/** A case that left the gaps, and no row, no gone list says why: only a closed entry of the retry list can. */
interface UnexplainedGap {
  readonly seq: number;
  readonly caseId: string;
}

const MAX_UNEXPLAINED = 10_000;

export class ArchiveData {
  readonly #rows = new SeenOnce();
  /** Events by what the ledger knows of them; null where nobody will ask. */
  readonly events: SeenOnce | null;
  /** Quarantined events that no row holds, by commit, case and event; null once a commit was not read. */
  #open: Set<string> | null = new Set();
  readonly unexplainedGaps: UnexplainedGap[] = [];
  commits = 0;
  rows = 0;

  constructor(
    private readonly reporter: Reporter,
    private readonly partition: string,
    options: { readonly forLedger: boolean; readonly fromTheStart: boolean },
  ) {
    this.events = options.forLedger ? new SeenOnce() : null;
    if (!options.fromTheStart) this.#open = null;
  }

  /** Commits in the order of their numbers, each once; data is null where it was not read. */
  add(commit: ChainedCommit, data: CommitData | null): void {
    this.#gaps(commit, data);
    if (data === null) {
      // What a commit without quarantine holds is known without its data.
      if (commit.manifest.objects.some(({ key }) => key.startsWith('quarantine/'))) this.#open = null;
      return;
    }
    this.commits += 1;
    this.rows += data.rows.length;
    for (const { kind, words, key } of data.problems) {
      this.reporter.add(kind, { commit: commit.seq, key: key ?? manifestKeyIn(this.partition, commit.seq) }, words);
    }
    this.#once(commit, data);
    this.#quarantine(commit, data);
  }

  /** Commits before have expired, and with them what they quarantined: replays of it cannot be told from others. */
  forgetOpenQuarantine(): void {
    this.#open = null;
  }

  #once({ seq, manifest }: ChainedCommit, { rows, quarantined }: CommitData): void {
    const key = manifest.objects.find((object) => object.key.startsWith('field_changes/'))?.key ?? null;
    const twice = new Map<number, number>();
    const altered = alteredIds(quarantined);
    for (const row of rows) {
      const first = this.#rows.add(JSON.stringify([row.case_id, row.event_id, row.field_index]), seq);
      if (first !== null) twice.set(first, (twice.get(first) ?? 0) + 1);
      if (!altered.has(JSON.stringify([row.case_id, row.event_id])))
        this.events?.add(ledgerKey(row.case_id, row.event_id), seq);
    }
    for (const { caseId, eventKey } of quarantined) this.events?.add(ledgerKey(caseId, eventKey), seq);
    for (const [first, count] of twice) {
      this.reporter.add(
        'row-twice',
        { commit: seq, key },
        `${count} row${count === 1 ? '' : 's'} of commit ${seq} ${count === 1 ? 'is' : 'are'} in commit ${first}, too: the same case, event and field.`,
      );
    }
  }

  #quarantine({ seq, manifest, before, isNext }: ChainedCommit, data: CommitData): void {
    const place = { commit: seq, key: manifestKeyIn(this.partition, seq) };
    const { openQuarantined } = data;
    if (isNext && openQuarantined !== null) {
      const expected = (before?.openQuarantine ?? 0) + openQuarantined;
      if (expected !== manifest.openQuarantine) {
        this.reporter.add(
          'quarantine-differs',
          place,
          `Manifest ${seq} counts ${manifest.openQuarantine} events in quarantine; with ${before?.openQuarantine ?? 0} before it and what its quarantine object says there are ${expected}.`,
        );
      }
    }
    if (this.#open === null) return;
    for (const { quarantinedIn, caseId, eventKey } of data.replayed) {
      if (this.#open.delete(JSON.stringify([quarantinedIn, caseId, eventKey]))) continue;
      this.reporter.add(
        'quarantine-differs',
        place,
        `Commit ${seq} replays an event of commit ${quarantinedIn} that is not open in quarantine there.`,
      );
    }
    for (const { caseId, eventKey, emitted } of data.quarantined) {
      if (!emitted) this.#open.add(JSON.stringify([seq, caseId, eventKey]));
    }
  }

  #gaps({ seq, manifest, before }: ChainedCommit, data: CommitData | null): void {
    if (before === null) return;
    const left = leftGaps(before, manifest);
    if (left.length === 0) return;
    const cases = new Set([
      ...(data?.rows ?? []).map((row) => row.case_id),
      ...(data?.quarantined ?? []).map((one) => one.caseId),
    ]);
    for (const caseId of left) {
      if (cases.has(caseId) || this.unexplainedGaps.length >= MAX_UNEXPLAINED) continue;
      this.unexplainedGaps.push({ seq, caseId });
    }
  }
}

/** Ids whose rows hold U+FFFD for what is no text: the ledger knows them by the raw id, which quarantine keeps. */
function alteredIds(quarantined: CommitData['quarantined']): ReadonlySet<string> {
  return new Set(
    quarantined
      .filter(({ caseId, eventKey }) => !caseId.isWellFormed() || !eventKey.isWellFormed())
      .map(({ caseId, eventKey }) => JSON.stringify([caseId.toWellFormed(), eventKey.toWellFormed()])),
  );
}

/** How the ledger names an event: its case, and 16 bytes of the hash of its id. */
export function ledgerKey(caseId: string, event: string | { readonly ledgerId: string }): string {
  return `${JSON.stringify(caseId)}#${typeof event === 'string' ? ledgerId(event) : event.ledgerId}`;
}
