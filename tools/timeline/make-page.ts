import { createHash } from 'node:crypto';
import type { Archive } from '../cases-audit/archive/archive';
import type { FoundCase } from '../cases-audit/case/find-case';
import type { Finding } from '../cases-audit/verify/findings';
import type { VerifyResult } from '../cases-audit/verify/verify-archive';
import { type Completeness, judge } from './completeness';
import { evidenceOf, readDictionary, readQuarantine } from './evidence';
import type { UserName } from './facts';
import { renderPage } from './html/page';
import type { Clock } from './html/times';
import { buildTimeline, type Timeline } from './model';

interface PageInput {
  readonly archive: Archive;
  readonly caseId: string;
  readonly found: FoundCase;
  /** What the one checker says of the domain. */
  readonly checked: VerifyResult;
  readonly clock: Clock;
  readonly names: ReadonlyMap<string, UserName>;
  /** Epoch ms. */
  readonly madeAt: number;
  /** Makes the sentence of a problem; its own words by default. */
  readonly wordsOf?: (finding: Finding) => string;
}

export interface MadePage {
  readonly html: string;
  readonly timeline: Timeline;
  readonly completeness: Completeness;
}

/**
 * The page of a case. The same input and archive give the same bytes. Rejects with ArchiveError where the store refuses
 * or fails.
 */
export async function makePage(input: PageInput): Promise<MadePage> {
  const { archive, caseId, found, checked, clock, names, madeAt, wordsOf } = input;
  const { partition, commits, rows } = found;
  const evidence = evidenceOf(partition, commits, checked, wordsOf);
  const timeline = buildTimeline(caseId, rows, await readDictionary(archive, commits), names);
  const quarantine = await readQuarantine(archive, commits, caseId);
  const seqs = timeline.commits.map(({ commitSeq }) => commitSeq);
  const completeness = judge({ caseId, seqs, changedAt: timeline.changedAt }, evidence, quarantine);
  const html = renderPage({ timeline, evidence, quarantine, completeness, clock, madeAt });
  return { html, timeline, completeness };
}

/** `<caseId>.timeline.html`; an id that is no plain file name is cut and made distinct by a hash. */
export function fileNameOf(caseId: string): string {
  const plain = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(caseId);
  const hash = createHash('sha256').update(caseId).digest('hex').slice(0, 16);
  const readable = caseId.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60);
  return `${plain ? caseId : `${readable}-${hash}`}.timeline.html`;
}
