import { resolve } from 'node:path';
import { parseNote } from '../../../lambda/export/domain/commit-note';
import {
  type AnsweredCase,
  type AnswerRequest,
  CASE_EXIT_CODES,
  type CaseVerdict,
  type ExtractSummary,
} from '../case/answer';
import type { CommitOfCase } from './commits-of-case';
import { newestMoment, writeExtract } from './extract';

/**
 * Writes the extract and adds to the answer what is in it. What no given key has signed, or what could not be bound, is
 * unproven to whoever gets the extract: then a complete case is sound as far as checked. Rejects as `writeExtract`
 * does.
 */
export async function withExtract(
  folder: string,
  { caseId, asOf, keys, signal }: AnswerRequest,
  answered: AnsweredCase,
): Promise<Pick<AnsweredCase, 'answer' | 'made'>> {
  const { archive, found, checked, answer } = answered;
  const moment = asOf ?? newestMoment(found);
  const { bag, commits, made } = await writeExtract(folder, {
    ...{ archive, caseId, found, checked, keys, signal },
    asOf: moment,
  });
  const extract: ExtractSummary = {
    folder: resolve(folder),
    ...bag,
    unbound: commits.flatMap(({ commit, why }) => (why === null ? [] : [{ commit: commit.seq, why }])),
    unsigned: commits.filter((each) => !isSigned(each, answered)).map(({ commit }) => commit.seq),
  };
  const isProven = extract.unbound.length === 0 && extract.unsigned.length === 0;
  const verdict: CaseVerdict = answer.verdict === 'complete' && !isProven ? 'sound-as-far-as-checked' : answer.verdict;
  const asked = { asOf: new Date(moment).toISOString(), extract };
  return { answer: { ...answer, ...asked, verdict, exitCode: CASE_EXIT_CODES[verdict] }, made };
}

/** Only of bound commits; the others are named as unbound. */
function isSigned({ bound }: CommitOfCase, { checked }: AnsweredCase): boolean {
  if (bound === null) return true;
  const [domain] = checked.domains;
  return domain !== undefined && domain.trust.judge(parseNote(bound.note), bound.manifest).signedBy.length > 0;
}
