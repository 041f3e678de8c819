/** Breaks of the account and of what is made of it: a debt that is not counted, a proof that is none. */
import { byTest, type Mutant } from './mutant';

const WAITING = 'test/export/complete/waiting.test.ts';
const PASSES = 'test/export/complete/what-a-pass-proves.test.ts';

/** Of tests that end with the answer for a period. */
const AT_ONCE = 'the test brings about at once what takes a rare world, and reads the answer for the period';
const ONE_ANSWER = 'what is made of manifests is one function, whatever happens around it';

export const PROOF_MUTANTS: readonly Mutant[] = [
  ...byTest('find/select.ts', 'test/export/complete/waiting.test.ts', AT_ONCE, {
    'Waiting cases are not owed': [
      '  if (open.retryOf(caseId) === undefined)\n    noteOnList(run, open, { caseId, templateId, touched, lastUpdated, since, missingFrom, neverRead });\n',
      '',
    ],
  }),
  ...byTest('find/select.ts', WAITING, AT_ONCE, {
    'Beyond five hundred waiting cases one is forgotten': [
      'if (!open.waiting.add(waiting)) oweWaiting(run, open, waiting);',
      'open.waiting.add(waiting);',
    ],
  }),
  ...byTest('run/open-batch.ts', 'test/export/run/waiting-cases.test.ts', AT_ONCE, {
    'A case that waits is settled by a read that began before its touch': [
      'if ((this.#cases.get(caseId)?.touched ?? Number.POSITIVE_INFINITY) <= touched) this',
      'if (touched !== null) this',
    ],
  }),
  ...byTest('export.ts', WAITING, AT_ONCE, {
    'A waiting case that is not found again is forgotten': [
      '  if (run.progress.livePassesFinished > 0) await oweUnseen(run);\n',
      '',
    ],
  }),
  ...byTest('find/live.ts', PASSES, AT_ONCE, {
    'A pass of which a page counts a case that none shows proves its watermark': [
      '    if (this.#lastPage.isEndOfList) this.#hidden.add(this.#counts.notShown);\n',
      '',
    ],
    'A pass that did not see the end of the list proves its watermark': [
      'return this.#lastPage?.isEndOfList === true && this.#hidden.cases === 0;',
      'return this.#hidden.cases === 0;',
    ],
    'A pass that something was hidden from proves its watermark': [
      'return this.#lastPage?.isEndOfList === true && this.#hidden.cases === 0;',
      'return this.#lastPage?.isEndOfList === true;',
    ],
  }),
  ...byTest('find/live.ts', 'test/export/complete/searches.test.ts', AT_ONCE, {
    'The watermark passes cases that a search counts and does not show': [
      'isHeld ? this.#hidden.lowest : Number.POSITIVE_INFINITY',
      'Number.POSITIVE_INFINITY',
    ],
    'Cases that the live lane passed unseen are not owed': [
      'if (this.#hidden.cases > 0 && !isHeld) progress',
      'if (this.#hidden.cases < 0) progress',
    ],
  }),
  ...byTest('find/census.ts', 'test/export/complete/searches.test.ts', AT_ONCE, {
    'A place that hides a case is passed at once': [
      'export const MAX_HELD_PASSES = 3;',
      'export const MAX_HELD_PASSES = 0;',
    ],
  }),
  ...byTest('find/related.ts', 'test/export/complete/searches.test.ts', AT_ONCE, {
    'A related item behind a null is not owed': [
      'if (isPassed && walk.hasNulls && !isHeld(walk)) run',
      'if (isPassed && !walk.hasNulls && walk.hasNulls) run',
    ],
  }),
  ...byTest('find/search.ts', 'test/export/find/two-answers.test.ts', {
    'Nulls that are left over are not counted': [
      '      ...page.nullPlaces.map((place) => ({ place, cases: 1 })),\n',
      '',
      'the counts of pages tell of most nulls, and the test leaves them out',
    ],
  }),
  ...byTest('find/census.ts', 'test/export/find/census.test.ts', AT_ONCE, {
    'The count of a sweep is not compared': [
      'return Math.max(hidden, this.#expected - this.casesFound);',
      'return hidden;',
    ],
    'Cases made since a sweep began make up for those that it did not find': [
      'return place <= this.sweep.startedAt && place >= (this',
      'return place >= (this',
    ],
    'A case that a resumed sweep finds again is counted twice': [' && place >= (this.sweep.anchor ?? place);', ';'],
  }),
  ...byTest('find/census.ts', 'test/export/find/sweep-doubts.test.ts', AT_ONCE, {
    'An interrupted sweep forgets what was hidden from it': [
      'this.sweep.casesHidden + this.#hiddenPlaces.filter(isBelow).length,',
      'this.sweep.casesHidden,',
    ],
  }),
  ...byTest('run/lane-progress.ts', 'test/export/find/sweep-doubts.test.ts', AT_ONCE, {
    'What searches hid is forgotten by a sweep that did not find all': [
      'const provesAll = exportFrom === null && (casesNotFound ?? 0) === 0;',
      'const provesAll = exportFrom === null;',
    ],
  }),
  ...byTest('find/sweep.ts', 'test/export/find/sweep-doubts.test.ts', AT_ONCE, {
    'A sweep that leaves cases out takes what it did not show for gone': [
      '    if (exportFrom === null) await giveUpLostCases',
      '    await giveUpLostCases',
    ],
    'A sweep keeps no word of EXPORT_FROM in its proof': [
      'proveHistory({ sweepNumber: number, startedAt, finishedAt, exportFrom, casesFound',
      'proveHistory({ sweepNumber: number, startedAt, finishedAt, exportFrom: null, casesFound',
    ],
  }),
  ...byTest(
    'find/sweep.ts',
    'test/export/upgrade-proof.test.ts',
    'no world begins with the state of an earlier build',
    {
      'A sweep that an earlier build began proves what it kept no account of': [
        '    if (sweep.isAccounted) {',
        '    if (sweep.number > 0) {',
      ],
      'What an earlier build exported is not looked at once more': [
        "  if (history === null) return begin('check');\n",
        '',
      ],
    },
  ),
  ...byTest('domain/completeness.ts', 'test/export/domain/completeness.test.ts', ONE_ANSWER, {
    'EXPORT_FROM is forgotten in the answer': [
      '    from: history?.exportFrom ?? sweep?.exportFrom ?? null,',
      '    from: null,',
    ],
  }),
  ...byTest(
    'domain/completeness.ts',
    'test/export/complete/rows-gone.test.ts',
    'in no world do objects of the archive go',
    {
      'Rows are not counted by commit': [
        'commitsWithOtherRows: otherRows(manifests, rowsByCommit),',
        'commitsWithOtherRows: otherRows(manifests, rowsByCommit) * 0,',
      ],
      'Manifests that are gone are not missed': [
        'return newest - seqs.size + brokenLinks.length;',
        'return 0 * (newest - seqs.size + brokenLinks.length);',
      ],
    },
  ),
  ...byTest('domain/debts.ts', 'test/export/domain/debts.test.ts', ONE_ANSWER, {
    'A debt of which nothing is certain concerns no period': [
      'return missingFrom === null || missingFrom < until;',
      'return missingFrom !== null && missingFrom < until;',
    ],
    'Partly read cases are not owed': [
      "    debts.push({ cause: 'partly-read', since: firstPageAt, missingFrom, neverRead });\n",
      '',
    ],
    'A proof speaks for a case that was touched before it and shows it only now': [
      'const isProven = provenUntil !== null && touched !== null && touched > provenUntil;',
      'const isProven = provenUntil !== null && touched !== null;',
    ],
    'A case that never rests is owed only since it was found last': [
      '  if (record?.waitingSince != null) return { missingFrom: record.owedFrom ?? readFrom, neverRead: false };\n',
      '',
    ],
  }),
  ...byTest('domain/retry-list.ts', 'test/export/domain/retry-touches.test.ts', ONE_ANSWER, {
    'What is missing of an owed case is what the last try found': [
      'missingFrom: previous === undefined ? failed.missingFrom : previous.missingFrom,',
      'missingFrom: failed.missingFrom,',
    ],
  }),
  ...byTest('domain/manifest.ts', 'test/export/sick-cases/many-sick-cases.slow.test.ts', 'worlds are small', {
    'A manifest names every case that is owed, however many': ['    if (bytes > MAX_GAPS_BYTES) break;\n', ''],
  }),
  ...byTest('domain/batch.ts', 'test/export/domain/batch.test.ts', {
    'An event whose fields came at last counts as another event': [
      '    this.events -= 1;\n',
      '',
      'no invariant of the simulation compares events with what manifests count',
    ],
  }),
];
