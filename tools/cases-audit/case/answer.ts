/**
 * What an archive says of one case, as values: the JSON of `case --json`. Members are added, never renamed or removed,
 * within a version.
 */
import type { NoteKey } from '../../../lambda/export/domain/note-keys';
import type { UserName } from '../../timeline/facts';
import type { Clock } from '../../timeline/html/times';
import { type MadePage, makePage } from '../../timeline/make-page';
import { type Archive, before } from '../archive/archive';
import type { Answer } from '../outcome';
import { FINDING_KINDS, type Finding } from '../verify/findings';
import type { ReadingPlan } from '../verify/reading-plan';
import { type VerifyResult, verifyArchive } from '../verify/verify-archive';
import { counted, isoOf, isoOrNull } from '../words';
import { type CaseRequest, type FoundCase, findCase, type NoRowsError } from './find-case';

const CASE_FORMAT = 'cases-audit-case/v1';

type CaseVerdict = 'complete' | 'contradicted' | 'not-complete' | 'sound-as-far-as-checked';

export const CASE_EXIT_CODES: Readonly<Record<CaseVerdict, number>> = {
  complete: 0,
  contradicted: 1,
  'not-complete': 1,
  'sound-as-far-as-checked': 3,
};

export interface CaseAnswer extends Answer<typeof CASE_FORMAT, CaseVerdict> {
  /** Commits that were exported later are left out; null for all. */
  readonly asOf: string | null;
  readonly case: string;
  /** Null where it was not named and no row says it. */
  readonly domain: string | null;
  readonly events: number;
  readonly rows: number;
  /** Numbers of the commits that hold rows of the case. */
  readonly commits: readonly number[];
  /**
   * Every change of the case that the service showed up to here is on the page, once; null where something stands
   * against that.
   */
  readonly completeAsOf: string | null;
  /** Why not: none iff complete. */
  readonly reasons: readonly string[];
  /** Why it is not complete as of a later time. */
  readonly notLater: readonly string[];
  /** Ids of the keys that were given; without one no signature was looked at. */
  readonly keys: readonly string[];
  /** The checker's, of the domain; up to 1,000 of each kind. */
  readonly findings: readonly Finding[];
  /** The file of the page; null where none was asked for. */
  readonly page: string | null;
  /** The bag; null where none was asked for. */
  readonly extract: ExtractSummary | null;
}

interface ExtractSummary {
  readonly folder: string;
  /** Of the payload. */
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of the bag's tagmanifest-sha256.txt. */
  readonly seal: string;
  /** Commits that say something of the case and whose slice is not in the bag, and why. */
  readonly unbound: readonly { readonly commit: number; readonly why: string }[];
  /** Commits whose own note no given key has signed. */
  readonly unsigned: readonly number[];
}

export interface AnswerRequest extends CaseRequest {
  readonly clock: Clock;
  readonly names: ReadonlyMap<string, UserName>;
  readonly keys: readonly NoteKey[];
  /** Epoch ms. */
  readonly now: number;
}

export interface AnsweredCase {
  readonly answer: CaseAnswer;
  readonly made: MadePage;
  readonly found: FoundCase;
  readonly checked: VerifyResult;
  /** The archive without what came later than asked for. */
  readonly archive: Archive;
}

/** Rejects as `findCase` does. The page is made and not written: `page` and `extract` of the answer are null. */
export async function answerCase(request: AnswerRequest): Promise<AnsweredCase> {
  const { caseId, asOf, keys, clock, names, now } = request;
  const found = await findCase(request);
  const { partition, endsBefore } = found;
  const archive = endsBefore === null ? request.archive : before(request.archive, new Map([[partition, endsBefore]]));
  const checked = await check(request, archive, found);
  const made = await makePage({ archive, caseId, found, checked, clock, names, madeAt: asOf ?? now });
  const verdict = verdictOf(made, checked, keys.length > 0);
  const { timeline, completeness } = made;
  const words = `${counted(timeline.events.length, 'event')}, ${counted(timeline.rowCount, 'row')}, ${statementOf(verdict, made, checked)}`;
  const answer: CaseAnswer = {
    ...headOf(request, verdict, words),
    domain: found.commits.at(-1)?.domainId ?? found.partition,
    events: timeline.events.length,
    rows: timeline.rowCount,
    commits: timeline.commits.map(({ commitSeq }) => commitSeq),
    completeAsOf: isoOrNull(completeness.completeAsOf),
    reasons: completeness.reasons,
    notLater: completeness.limits,
    keys: keys.map(({ id }) => id),
    findings: checked.findings.kept.filter(({ kind }) => keys.length > 0 || kind !== 'no-key'),
    page: null,
    extract: null,
  };
  return { answer, made, found, checked, archive };
}

/** The answer where the archive knows of the case and has no row of it to show: there is no page. */
export function noRows(request: AnswerRequest, error: NoRowsError): CaseAnswer {
  return {
    ...headOf(request, error.reason === 'unread' ? 'sound-as-far-as-checked' : 'not-complete', error.message),
    ...{ domain: request.domain ?? null, events: 0, rows: 0, commits: [], completeAsOf: null },
    ...{ reasons: [error.message], notLater: [], keys: request.keys.map(({ id }) => id) },
    ...{ findings: [], page: null, extract: null },
  };
}

function headOf({ archive, caseId, asOf, now }: AnswerRequest, verdict: CaseVerdict, answer: string) {
  return {
    ...({ format: CASE_FORMAT, verdict, exitCode: CASE_EXIT_CODES[verdict], answer } as const),
    ...{ askedAt: isoOf(now), asOf: isoOrNull(asOf) },
    ...{ archive: { kind: archive.kind, name: archive.name }, case: caseId },
  };
}

/**
 * Every byte is hashed, or its checksum asked for; decoded is only what `findCase` could not decode, so that it is
 * named.
 */
async function check(request: AnswerRequest, archive: Archive, found: FoundCase): Promise<VerifyResult> {
  const { keys, now, signal, onCommit } = request;
  const unsound = new Set(found.unsound.map(({ seq }) => seq));
  const plan: ReadingPlan = {
    words: 'no data',
    isAll: false,
    isNone: unsound.size === 0,
    reads: (seq) => unsound.has(seq),
  };
  return verifyArchive({
    ...{ archive, keys, plan, now, signal, onCommit, mirror: null, checkpoints: null, ledger: false, held: null },
    domain: found.partition,
  });
}

function verdictOf({ completeness }: MadePage, { findings }: VerifyResult, isKeyGiven: boolean): CaseVerdict {
  if (findings.verdict === 'contradicted') return 'contradicted';
  if (completeness.completeAsOf !== null) {
    return isKeyGiven && findings.verdict !== 'sound' ? 'sound-as-far-as-checked' : 'complete';
  }
  const unchecked = new Set(findings.kept.map(({ words }) => words));
  // What could not be looked at says nothing against the case.
  return completeness.reasons.every((reason) => unchecked.has(reason)) && completeness.reasons.length > 0
    ? 'sound-as-far-as-checked'
    : 'not-complete';
}

function statementOf(verdict: CaseVerdict, { completeness }: MadePage, { findings }: VerifyResult): string {
  const { completeAsOf, reasons } = completeness;
  if (completeAsOf === null) {
    return `not proven to be complete, for ${counted(reasons.length, 'reason')} given on the page`;
  }
  const complete = `complete as of ${isoOf(completeAsOf)}`;
  if (verdict !== 'sound-as-far-as-checked') return complete;
  const [first] = findings.kept.filter(({ kind }) => FINDING_KINDS[kind] === 'unchecked');
  return `${complete} as far as checked: ${first?.words ?? ''}`;
}
