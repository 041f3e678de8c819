import { resolve } from 'node:path';
import { parseNote } from '../../../lambda/export/domain/commit-note';
import { type NoteKey, toPem } from '../../../lambda/export/domain/note-keys';
import { clockIn } from '../../timeline/html/times';
import { makePage } from '../../timeline/make-page';
import type { Archive } from '../archive/archive';
import { noteKeyIn } from '../archive/archive-keys';
import { type AddFile, type BagInfo, writeBag } from '../bag/bag';
import { VERIFY_PAGE } from '../bag/verify-page';
import { type AnsweredCase, type AnswerRequest, CASE_EXIT_CODES, type CaseAnswer } from '../case/answer';
import type { FoundCase } from '../case/find-case';
import { type FindingKind, Findings } from '../verify/findings';
import { keysInArchive } from '../verify/trust';
import type { VerifyResult } from '../verify/verify-archive';
import { certificateOf } from './certificate';
import { type CommitOfCase, commitsOfCase } from './commits-of-case';
import { bareWords, type ExtractFacts, factsOf, signersOf } from './facts';

/** What depends on who asks, and not on the archive alone. */
const BY_KEYS: ReadonlySet<FindingKind> = new Set(['no-key', 'unknown-key', 'unsigned', 'signature-wrong']);

/**
 * Writes the extract and adds to the answer what is in it. What no given key has signed, or what could not be bound, is
 * unproven to whoever gets the extract: then a complete case is sound as far as checked. Rejects as `writeBag` and
 * `commitsOfCase` do.
 */
export async function withExtract(
  folder: string,
  request: AnswerRequest,
  answered: AnsweredCase,
): Promise<Pick<AnsweredCase, 'answer' | 'made'>> {
  const { caseId, signal } = request;
  const { archive, found } = answered;
  // The moment that the bag speaks of, and the only one in it that is none of the archive's own.
  const asOf = request.asOf ?? Date.parse(found.commits.at(-1)?.exportedAt ?? '');
  const checked = { ...answered.checked, findings: withoutKeys(answered.checked) };
  const made = await makePage({
    ...{ archive, caseId, found, clock: clockIn('UTC'), names: new Map(), madeAt: asOf, wordsOf: bareWords },
    checked,
  });
  const commits = await commitsOfCase({ archive, caseId, found, signal });
  const notes = await notesOf(archive, found, commits);
  const keys = await keysOf(archive, request.keys, notes);
  const facts = factsOf({ caseId, found, asOf, checked, made, commits, keys });
  const bag = await writeBag(folder, signal, async (add): Promise<BagInfo> => {
    add('CERTIFICATE.md', certificateOf(facts));
    add('VERIFY.md', VERIFY_PAGE);
    add('extract.json', `${JSON.stringify(facts, null, 2)}\n`);
    add('timeline.html', made.html);
    for (const key of keys) add(`keys/${key.id}.pem`, toPem(key));
    for (const commit of commits) addCommit(add, commit);
    if (notes.newest !== null) add('as-of.note', notes.newest);
    return infoOf(facts);
  });
  return { answer: answerWith(answered, { folder: resolve(folder), ...bag }, commits, asOf), made };
}

function addCommit(add: AddFile, { commit, bound }: CommitOfCase): void {
  if (bound === null) return;
  const name = String(commit.seq).padStart(12, '0');
  add(`slices/${name}.jsonl`, bound.slice);
  add(`lists/${name}.txt`, bound.list);
  add(`notes/${name}.note`, bound.note);
}

function answerWith(
  answered: AnsweredCase,
  bag: Omit<NonNullable<CaseAnswer['extract']>, 'unbound' | 'unsigned'>,
  commits: readonly CommitOfCase[],
  asOf: number,
): CaseAnswer {
  const { answer } = answered;
  const unbound = commits.flatMap(({ commit, why }) => (why === null ? [] : [{ commit: commit.seq, why }]));
  const unsigned = commits.filter((each) => !isSigned(each, answered)).map(({ commit }) => commit.seq);
  const isProven = unbound.length === 0 && unsigned.length === 0;
  const verdict: CaseAnswer['verdict'] =
    answer.verdict === 'complete' && !isProven ? 'sound-as-far-as-checked' : answer.verdict;
  const asked = { asOf: new Date(asOf).toISOString(), extract: { ...bag, unbound, unsigned } };
  return { ...answer, ...asked, verdict, exitCode: CASE_EXIT_CODES[verdict] };
}

/** Only of bound commits; the others are named as unbound. */
function isSigned({ bound }: CommitOfCase, { checked }: AnsweredCase): boolean {
  if (bound === null) return true;
  const [domain] = checked.domains;
  return domain !== undefined && domain.trust.judge(parseNote(bound.note), bound.manifest).signedBy.length > 0;
}

/** The same answer, whoever asks. */
function withoutKeys({ findings }: VerifyResult): Findings {
  const others = new Findings();
  for (const finding of findings.kept) if (!BY_KEYS.has(finding.kind)) others.add(finding);
  return others;
}

interface Notes {
  readonly ofCommits: readonly Uint8Array[];
  /** Of the newest commit that has one; null where none has. */
  readonly newest: Uint8Array | null;
}

async function notesOf(archive: Archive, found: FoundCase, commits: readonly CommitOfCase[]): Promise<Notes> {
  const bySeq = new Map(
    commits.flatMap(({ commit, bound }): [number, Uint8Array][] => (bound === null ? [] : [[commit.seq, bound.note]])),
  );
  const ofCommits = [...bySeq.values()];
  // The very newest may not be written yet.
  for (const { seq } of found.commits.slice(-2).reverse()) {
    const newest = bySeq.get(seq) ?? (await archive.get(noteKeyIn(found.partition, seq)))?.bytes;
    if (newest !== undefined) return { ofCommits, newest };
  }
  return { ofCommits, newest: null };
}

/** By id. A key that signed none of the notes says nothing of them. */
async function keysOf(archive: Archive, given: readonly NoteKey[], notes: Notes): Promise<NoteKey[]> {
  const all = [...(await keysInArchive(archive)), ...given];
  const bytes = [...notes.ofCommits, ...(notes.newest === null ? [] : [notes.newest])];
  const signers = bytes.flatMap((note) => signersOf(note, all));
  const byId = new Map(signers.map((key) => [key.id, key]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function infoOf({ domain, asOf, ...facts }: ExtractFacts): BagInfo {
  return [
    ['External-Description', 'What an export of Amazon Connect Cases audit events holds of one case'],
    ['External-Identifier', JSON.stringify(facts.case)],
    ['Bag-Group-Identifier', JSON.stringify(domain)],
    ['Bagging-Date', asOf.slice(0, 10)],
    ['As-Of', asOf],
  ];
}
