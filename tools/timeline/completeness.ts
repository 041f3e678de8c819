/** Whether a page may say "complete", and as of when. Pure: from the manifests and what checking them found. */

import { earlier } from '../../lambda/export/domain/times';
import { wordsOf } from '../cases-audit/archive/progress';
import { counted } from '../cases-audit/words';
import type { CaseQuarantine, CommitFacts, DebtSum, DomainEvidence } from './facts';

export interface Completeness {
  /** Every change of the case that the service showed up to here is on the page; null if something stands against that. */
  readonly completeAsOf: number | null;
  /** Why not: sentences, none if complete. */
  readonly reasons: readonly string[];
  /** Why it is not complete as of a later time: sentences. */
  readonly limits: readonly string[];
  /** Related items that were added; null if nothing proves them. */
  readonly relatedItemsAsOf: number | null;
  /** Related items that were edited or deleted, which only a sweep finds: when the last finished one that read the case began. */
  readonly itemEditsAsOf: number | null;
  /** Cases of the domain whose newest touch no event explains: no obstacle, and worth knowing. */
  readonly unexplainedTouches: number;
}

/** What the rows say of the case. */
interface CaseOnPage {
  readonly caseId: string;
  /** Commits that hold rows of it. */
  readonly seqs: readonly number[];
  /** Its latest change that is none of a related item; null if there is none. */
  readonly changedAt: number | null;
}

/** Says complete only where `judgePeriod` would, but for what cannot concern this case. */
export function judge(subject: CaseOnPage, evidence: DomainEvidence, quarantine: CaseQuarantine): Completeness {
  const { caseId, seqs } = subject;
  const { commits, problems } = evidence;
  const newest = commits.at(-1);
  const unnamed = newest === undefined ? [] : unnamedDebts(caseId, newest);
  const ofNewest = (reasonsOf: (commit: CommitFacts) => string[]) => (newest === undefined ? [] : reasonsOf(newest));
  const reasons = [
    ...problems,
    ...unsealed(seqs, newest),
    ...ofNewest((commit) => reasonsOfCase(caseId, commit)),
    ...changedReasons(caseId, commits),
    ...(quarantine.open === 0
      ? []
      : [`${counted(quarantine.open, 'event')} of the case could not be turned into rows and wait in quarantine.`]),
    ...goneReasons(caseId, seqs, commits),
    ...ofNewest(reasonsOfLanes),
    ...ofNewest(reasonsOfAccount),
    ...ofNewest((commit) => leftOut(subject, commit)),
    ...unnamed.flatMap(({ missingFrom, sentence }) => (missingFrom === null ? [sentence] : [])),
  ];
  const watermark = newest === undefined ? null : earlier(newest.liveProvenUntil, newest.relatedWatermark);
  const limits = unnamed.filter(
    ({ missingFrom }) => missingFrom !== null && watermark !== null && missingFrom < watermark,
  );
  const bounds = [watermark, ...limits.map(({ missingFrom }) => missingFrom)].filter((bound) => bound !== null);
  return {
    completeAsOf: reasons.length > 0 || bounds.length === 0 ? null : Math.min(...bounds),
    reasons,
    limits: limits.map(({ sentence }) => sentence),
    relatedItemsAsOf: newest?.relatedWatermark ?? null,
    itemEditsAsOf: itemEditsAsOf(subject, commits),
    unexplainedTouches: newest?.unexplainedTouches ?? 0,
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
          `The case could not be read to its end since ${gap.since} (${gap.cause}, ${counted(gap.attempts, 'attempt')}): an open gap. It ${wordsOf(gap.cause)}.`,
        ]),
    ...(newest.halfRead.has(caseId) ? ['Only the first pages of the case’s history have been read so far.'] : []),
  ];
}

function changedReasons(caseId: string, commits: readonly CommitFacts[]): string[] {
  const seqs = commits.flatMap(({ seq, changedUpstream }) => (changedUpstream.has(caseId) ? [seq] : []));
  if (seqs.length === 0) return [];
  return [
    `The service changed its history of the case after it was exported, as commit ${seqs.join(', ')} found: an event reads differently there now, or is gone. The page shows what the service said first.`,
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

function reasonsOfLanes({ liveProvenUntil, relatedWatermark, sweep }: CommitFacts): string[] {
  return [
    ...(isHistoryOpen(sweep)
      ? [
          `The history of the domain is still being read: its ${(sweep?.number ?? 1) === 1 ? 'first sweep' : 'sweep for an earlier start'} is not finished.`,
        ]
      : []),
    ...(liveProvenUntil === null ? ['No pass over the latest changes has come to the end of the list yet.'] : []),
    ...(relatedWatermark === null
      ? ['Related items were never looked through to the end: comments may be missing.']
      : []),
  ];
}

function isHistoryOpen(sweep: CommitFacts['sweep']): boolean {
  return sweep === null || (sweep.isHistory && sweep.finishedAt === null);
}

function reasonsOfAccount({ debts, history, sweep }: CommitFacts): string[] {
  if (debts === null) {
    return ['The newest manifest is of a version that kept no account of what it had not read, so it proves nothing.'];
  }
  if (history === null) {
    return isHistoryOpen(sweep)
      ? []
      : ['No scan over all cases has been finished since the export keeps an account of what it has not read.'];
  }
  const { casesNotFound } = history;
  if (casesNotFound === null || casesNotFound === 0) return [];
  return [
    `The last scan over all cases found ${counted(casesNotFound, 'case')} fewer than the service counts. Nothing says that what it did not show was none of this case.`,
  ];
}

/** A case that was changed at or after EXPORT_FROM is exported with its whole history. */
function leftOut({ changedAt }: CaseOnPage, { history, sweep }: CommitFacts): string[] {
  const exportFrom = history?.exportFrom ?? sweep?.exportFrom ?? null;
  if (exportFrom === null || (changedAt !== null && changedAt >= exportFrom)) return [];
  return [
    `The export leaves out cases that were last changed before ${new Date(exportFrom).toISOString()} (EXPORT_FROM), and this page shows no change of the case since.`,
  ];
}

/** Debts whose cases the manifest does not all name: this case may be among them. */
function unnamedDebts(caseId: string, newest: CommitFacts): { missingFrom: number | null; sentence: string }[] {
  return debtsFor(caseId, newest)
    .filter(({ unnamed }) => unnamed > 0)
    .map(({ unnamed, cause, since, missingFrom }) => {
      const whose = `${counted(unnamed, 'case')} of the domain ${unnamed === 1 ? 'is' : 'are'} owed since ${new Date(since).toISOString()} (${cause}), and the manifest does not name ${unnamed === 1 ? 'it' : 'them'}`;
      const sentence =
        missingFrom === null
          ? `${whose}: this may be one.`
          : `${whose}: if this is one, something recorded since ${new Date(missingFrom).toISOString()} may be missing.`;
      return { missingFrom, sentence };
    });
}

function itemEditsAsOf({ changedAt }: CaseOnPage, commits: readonly CommitFacts[]): number | null {
  const reads = commits.flatMap(({ sweep }) => {
    if (sweep === null || sweep.finishedAt === null) return [];
    const isLeftOut = sweep.exportFrom !== null && (changedAt === null || changedAt < sweep.exportFrom);
    return isLeftOut ? [] : [sweep.startedAt];
  });
  return reads.at(-1) ?? null;
}

/** The debts of one cause, as far as they can concern the case of a page. */
export interface DebtOnPage extends DebtSum {
  /** Why, in plain words. */
  readonly words: string;
  /** The manifest names the case among them. */
  readonly isNamed: boolean;
  /** How many of them the manifest does not name: the case may be one of these. */
  readonly unnamed: number;
}

/** Every debt of a commit, as its manifest has them. Empty where nothing is owed, and where no account is kept. */
export function debtsFor(caseId: string, { debts, gaps, halfRead, waiting }: CommitFacts): DebtOnPage[] {
  const beside = new Map([
    ['partly-read', halfRead],
    ['waiting', waiting],
  ]);
  return (debts ?? []).map((debt) => {
    const named = [...(beside.get(debt.cause) ?? idsOf(gaps, debt.cause))];
    return {
      ...debt,
      words: wordsOf(debt.cause),
      isNamed: named.includes(caseId),
      unnamed: Math.max(0, debt.cases - named.length),
    };
  });
}

function idsOf(gaps: CommitFacts['gaps'], cause: string): string[] {
  return [...gaps].flatMap(([caseId, gap]) => (gap.cause === cause ? [caseId] : []));
}
