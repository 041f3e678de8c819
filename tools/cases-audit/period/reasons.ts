/** Why a period is not complete, in plain words: one reason for each member of `judgePeriod`'s answer that stands against it. */
import { historyOf, type PeriodAnswer } from '../../../lambda/export/domain/completeness';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { counted, isoOf } from '../words';
import type { DomainRecord } from './gather';

/** The names are part of the JSON format and never change. */
type ReasonCode =
  | 'no-manifests'
  | 'manifest-unreadable'
  | 'newer-version'
  | 'watermark-behind'
  | 'history-unfinished'
  | 'no-account'
  | 'history-cut'
  | 'cases-not-found'
  | 'debts'
  | 'quarantine'
  | 'rows-differ'
  | 'holes-in-chain'
  | 'denied'
  | 'unavailable';

export interface Reason {
  readonly code: ReasonCode;
  /** What is so, and what to do. */
  readonly words: string;
}

/** @param until end of the period, epoch ms, exclusive. Empty iff the answer is complete and every manifest was read. */
export function reasonsOf(answer: PeriodAnswer, record: DomainRecord, until: number): Reason[] {
  const unread = record.unread.map(({ seq, problem, isNewer }): Reason => {
    if (!isNewer) return { code: 'manifest-unreadable', words: `Manifest ${seq} cannot be read: ${problem}` };
    const words = `Manifest ${seq} is of a later version: ${problem} Use a newer cases-audit.`;
    return { code: 'newer-version', words };
  });
  const { newest } = record;
  if (newest !== null) return [...unread, ...ofNewest(answer, record, newest, until)];
  const words =
    'There is no manifest that can be read: nothing says what was exported, so nothing proves that it is complete. Copy the whole bucket, and look whether the export runs.';
  return [...unread, { code: 'no-manifests', words }];
}

function ofNewest(answer: PeriodAnswer, record: DomainRecord, newest: Manifest, until: number): Reason[] {
  const reasons: Reason[] = [];
  const add = (isSo: boolean, code: ReasonCode, words: () => string) => {
    if (isSo) reasons.push({ code, words: words() });
  };
  const { historyFrom, casesNotFound } = answer;
  add(!answer.watermarkPassed, 'watermark-behind', () => watermarkWords(newest, until));
  add(!answer.historyFinished, 'history-unfinished', () => historyWords(newest));
  add(!answer.accountKept, 'no-account', () => {
    return 'The newest manifest is of a version that kept no account of what it had not read, so it proves nothing. Deploy a newer version.';
  });
  add(historyFrom !== null, 'history-cut', () => {
    return `The export leaves out cases that were last changed before ${timeWords(historyFrom)} (EXPORT_FROM). Remove the setting to have them read.`;
  });
  add((casesNotFound ?? 0) > 0, 'cases-not-found', () => {
    return `The last scan over all cases found ${counted(casesNotFound ?? 0, 'case')} fewer than the service counts. The next scan looks again.`;
  });
  add(answer.debts > 0, 'debts', () => {
    return `${counted(answer.debts, 'case')} ${answer.debts === 1 ? 'is' : 'are'} found and not completely read, and what is missing may lie before the end of the period: see the gaps.`;
  });
  add(answer.openQuarantine > 0, 'quarantine', () => {
    return `${counted(answer.openQuarantine, 'event')} could not be turned into rows and ${answer.openQuarantine === 1 ? 'waits' : 'wait'} in quarantine. Replay them with a version that can (cases-audit replay).`;
  });
  add(answer.commitsWithOtherRows > 0, 'rows-differ', () => rowWords(answer, record));
  add(answer.holesInChain > 0, 'holes-in-chain', () => {
    return `The chain of manifests has ${counted(answer.holesInChain, 'hole')}: numbers are missing, or a link is not that of a chain. cases-audit verify names them.`;
  });
  return reasons;
}

function watermarkWords({ lanes: { live, related } }: Manifest, until: number): string {
  return `The lanes have not come past the end of the period (${isoOf(until)}) together: the live lane has seen everything up to ${timeWords(live.provenUntil)}, the lane of related items up to ${timeWords(related.watermark)}. Ask again later, or for an earlier end.`;
}

function historyWords(newest: Manifest): string {
  const { reached } = historyOf(newest);
  const far = reached === null ? 'It has not come past its first page' : `It has come to cases made ${isoOf(reached)}`;
  return `No scan over all cases has finished since the export keeps an account of what it has not read. ${far}. Wait for its end.`;
}

function rowWords({ commitsWithOtherRows }: PeriodAnswer, { rowFiles: { missing, unnamed } }: DomainRecord): string {
  const causes = [
    ...(missing > 0 ? [`${counted(missing, 'row file')} missing or of another size`] : []),
    ...(unnamed > 0 ? [`${counted(unnamed, 'row file')} that no manifest names (a commit under way leaves one)`] : []),
  ];
  const why = causes.length === 0 ? 'counts and files of a manifest disagree' : causes.join(', ');
  return `${counted(commitsWithOtherRows, 'commit')} ${commitsWithOtherRows === 1 ? 'has' : 'have'} more or fewer rows than the manifest counts: ${why}. cases-audit verify names them.`;
}

function timeWords(time: number | null): string {
  return time === null ? 'no time yet' : isoOf(time);
}
