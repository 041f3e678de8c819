/** Breaks of what keeps sick cases from harming the others, and of the pace of calls. */
import { byTest, type Mutant } from './mutant';

const NO_LOSS = 'nothing is lost or proven falsely: the run ends, or takes its time, and the test counts both';
const ITS_OWN_TEST = 'the test has the very order of failures in which it shows';

export const SICK_MUTANTS: readonly Mutant[] = [
  ...byTest('run/failure-watch.ts', 'test/export/run/failure-watch.test.ts', ITS_OWN_TEST, {
    'Some sick cases end the run: no canary is asked': [
      "    if (hasCanary && (await this.#askCanaries(failure)) !== 'fails') return inARow.clear();\n",
      '',
    ],
    'One case that fails often counts as many': [
      'this.#inARow.set(failure, inARow.add(caseId));',
      "this.#inARow.set(failure, inARow.add([caseId, inARow.size].join(' ')));",
    ],
    'Cases that are owed already count for the breaker': ['    if (isOwed) return;\n', ''],
    'A canary that is sick itself speaks for the service': [
      "      if (answer !== 'fails') return answer;\n",
      '      if (caseId) return answer;\n',
    ],
  }),
  ...byTest('export.ts', 'test/export/sick-cases/few-cases.test.ts', NO_LOSS, {
    'A service that denies everything is taken for a few sick cases': ['  await run.watch.conclude();\n', ''],
  }),
  ...byTest('export.ts', 'test/export/sick-cases/sick-table.test.ts', NO_LOSS, {
    'A read of the ledger that fails throws away what is complete': [
      'if ((isCasesFailure(error) || error instanceof StoreError) && !isUnheardOf(run)) await',
      'if (isCasesFailure(error) && !(error instanceof StoreError) && !isUnheardOf(run)) await',
    ],
  }),
  ...byTest('read/read-case.ts', 'test/export/sick-cases/one-sick-case.test.ts', NO_LOSS, {
    'A denied case is not parked, but ends the run': [
      '    if (!(error instanceof CasesCallError)) throw error;\n    await run.watch.failed(',
      "    if (!(error instanceof CasesCallError) || error.failure === 'denied') throw error;\n    await run.watch.failed(",
    ],
  }),
  ...byTest('read/read-case.ts', 'test/export/read/is-gone.test.ts', ITS_OWN_TEST, {
    'A case is gone after two 404s, though a search shows it': [
      "    if (page.cases.some((found) => found === null || found.caseId === caseId)) return 'owed';\n",
      '',
    ],
    'A case that may stand further up is taken for gone': [
      "return goesBeyond ? 'lost' : 'owed';",
      "return goesBeyond ? 'gone' : 'owed';",
    ],
    'A case that a search counts and does not show is taken for gone': [
      "return (page.totalCount ?? 0) > page.cases.length ? 'owed' : 'gone';",
      "return 'gone';",
    ],
  }),
  ...byTest('read/read-case.ts', 'test/export/read/owing.test.ts', NO_LOSS, {
    'A case of many pages has no share': ['if (pages >= run.maxPagesPerCase || reading.task', 'if (reading.task'],
  }),
  ...byTest('read/read-case.ts', 'test/export/read/barren-pages.test.ts', NO_LOSS, {
    'Pages that show nothing new are followed for ever': [
      '    if (barrenPages >= MAX_BARREN_PAGES) throw new NoProgress();\n',
      '',
    ],
  }),
  ...byTest('run/calls.ts', 'test/export/run/patience.test.ts', NO_LOSS, {
    'A throttled case is tried again without end': [
      "if (failures.throttled >= policy.attempts('throttled') || isTooLong) throw error;",
      'if (isTooLong) throw error;',
    ],
    'The long pause that one case asks for holds all': [
      'isTooLong ? 0 : error.details.retryAfterMs',
      'error.details.retryAfterMs',
    ],
    'A case that asks for a long pause keeps its reader': [
      'if (failures >= policy.attempts(error.failure) || asksForMore(error, policy)) throw error;',
      'if (failures >= policy.attempts(error.failure)) throw error;',
    ],
  }),
  ...byTest('domain/retry-list.ts', 'test/export/find/sweep-doubts.test.ts', ITS_OWN_TEST, {
    'A case is gone after a sweep that showed it': [
      ' && notFoundSince < sweepStartedAt && (sweptAt ?? 0) < sweepStartedAt',
      ' && notFoundSince < sweepStartedAt && (sweptAt ?? 0) >= 0',
    ],
    'A case is gone after a sweep that began before its first 404': [
      ' && notFoundSince < sweepStartedAt && (sweptAt ?? 0) < sweepStartedAt',
      ' && (sweptAt ?? 0) < sweepStartedAt',
    ],
  }),
  ...byTest('domain/retry-list.ts', 'test/export/domain/retry-touches.test.ts', NO_LOSS, {
    'A sick case that is touched again waits out its pause': ['Math.min(entry.notBefore, due)', 'entry.notBefore'],
    'A sick case that is touched every minute is tried every minute': [
      'Math.max(seen.touched + settleMs, (entry.triedAt ?? Number.NEGATIVE_INFINITY) + maxLagMs)',
      'seen.touched + settleMs + 0 * maxLagMs',
    ],
  }),
  ...byTest('find/select.ts', 'test/export/find/sweep-doubts.test.ts', ITS_OWN_TEST, {
    'That a sweep shows a case of the retry list is not kept': [
      '  noteSwept(run, open, caseId, readSince);\n  return true;\n',
      '  return true;\n',
    ],
  }),
  ...byTest('domain/skip.ts', 'test/export/find/sweep-doubts.test.ts', ITS_OWN_TEST, {
    'A case that was gone and is shown again is skipped': ['  if (record.goneAt !== null) return false;\n', ''],
  }),
  ...byTest('run/open-batch.ts', 'test/export/read/owing.test.ts', 'it takes more than sixteen cases of many pages', {
    'A partial read beyond what STATE has room for is left to be forgotten': [
      'if (partial === undefined || !this.toSave.includes(partial)) return false;',
      'if (partial === undefined) return false;',
    ],
  }),
  ...byTest('read/record-outcome.ts', 'test/export/read/owing.test.ts', 'worlds are small', {
    'The retry list is unbounded': [
      '  if (retry === undefined && run.published.openRetries.size >= MAX_OPEN_RETRIES) throw tooManyOwed(run, caseId, cause);\n',
      '',
    ],
  }),
  ...byTest('find/resume.ts', 'test/export/regressions.test.ts', NO_LOSS, {
    'The retry list takes what calls and time it can get': ['const RETRY_SHARE = 0.1;', 'const RETRY_SHARE = 1;'],
  }),
  ...byTest('domain/pacer.ts', 'test/export/domain/pacer.test.ts', NO_LOSS, {
    'A burst is two seconds of the rate, whatever the rate': [
      'this.#burst = Math.min(MAX_BURST, Math',
      'this.#burst = Math.min(1e9 * MAX_BURST, Math',
    ],
  }),
  ...byTest('domain/pacer.ts', 'test/export/domain/pacer-service.test.ts', NO_LOSS, {
    'Each late answer halves the pace once more': ['    if (sentAt <= this.#halvedAt) return;\n', ''],
  }),
  ...byTest('run/names.ts', 'test/export/run/field-names.test.ts', NO_LOSS, {
    'ListFields that fails ends the run': [
      '      if (!(error instanceof CasesCallError)) throw error;\n      this.#noteFailure(error);\n      return null;\n',
      '      throw error;\n',
    ],
  }),
];
