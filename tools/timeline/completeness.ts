/** Whether a page may say "complete", and as of when. Pure: from the manifests and what checking them found. */
import type { CaseQuarantine, CommitFacts, DomainEvidence } from './facts';

export interface Completeness {
  /** Every change of the case that the service showed up to here is on the page; null if something stands against that. */
  readonly completeAsOf: number | null;
  /** Why not: sentences, none if complete. */
  readonly reasons: readonly string[];
  /** Related items that were added; null if nothing proves them. */
  readonly relatedItemsAsOf: number | null;
  /** Related items that were edited or deleted, which only a sweep finds: when the last finished one began. */
  readonly itemEditsAsOf: number | null;
}

/** `seqs`: commits that hold rows of the case. */
export function judge(
  caseId: string,
  seqs: readonly number[],
  evidence: DomainEvidence,
  quarantine: CaseQuarantine,
): Completeness {
  const { commits, problems } = evidence;
  const newest = commits.at(-1);
  const reasons = [
    ...problems,
    ...unsealed(seqs, newest),
    ...(newest === undefined ? [] : reasonsOfCase(caseId, newest)),
    ...(quarantine.open === 0
      ? []
      : [`${counted(quarantine.open, 'event')} of the case could not be turned into rows and wait in quarantine.`]),
    ...goneReasons(caseId, seqs, commits),
    ...(newest === undefined ? [] : reasonsOfLanes(newest)),
  ];
  const finished = commits.filter(({ sweep }) => sweep !== null && sweep.finishedAt !== null);
  return {
    completeAsOf: reasons.length > 0 ? null : (newest?.liveWatermark ?? null),
    reasons,
    relatedItemsAsOf: newest?.relatedWatermark ?? null,
    itemEditsAsOf: finished.at(-1)?.sweep?.startedAt ?? null,
  };
}

function unsealed(seqs: readonly number[], newest: CommitFacts | undefined): string[] {
  return seqs
    .filter((seq) => newest !== undefined && seq > newest.seq)
    .map((seq) => `Rows of commit ${seq} are here, and its manifest is not yet.`);
}

function reasonsOfCase(caseId: string, newest: CommitFacts): string[] {
  const gap = newest.gaps.get(caseId);
  return [
    ...(gap === undefined
      ? []
      : [
          `The case could not be read to its end since ${gap.since} (${gap.cause}, ${counted(gap.attempts, 'attempt')}): an open gap.`,
        ]),
    ...(newest.halfRead.has(caseId) ? ['Only the first pages of the case’s history have been read so far.'] : []),
  ];
}

function goneReasons(caseId: string, seqs: readonly number[], commits: readonly CommitFacts[]): string[] {
  const gone = commits.findLast((commit) => commit.gone.has(caseId));
  // Rows of a later commit: it was found again.
  if (gone === undefined || seqs.some((seq) => seq > gone.seq)) return [];
  return [
    `The service did not know the case any more at commit ${gone.seq} (${gone.exportedAt}): it was deleted there. Changes between its last reading and that cannot be read any more.`,
  ];
}

function reasonsOfLanes({ liveWatermark, sweep }: CommitFacts): string[] {
  const isHistoryOpen = sweep === null || (sweep.isHistory && sweep.finishedAt === null);
  return [
    ...(isHistoryOpen ? ['The history of the domain is still being read: its first sweep is not finished.'] : []),
    ...(liveWatermark === null ? ['No pass over the latest changes has been finished yet.'] : []),
  ];
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
