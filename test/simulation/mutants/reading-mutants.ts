/** Breaks of the reading of a case, of the retry list, and of an invocation's end. */
import type { Mutant } from './mutant';
import { all, having, lively, smallPages } from './worlds';

const LOOK_AT_LEDGER =
  '  for (const id of storedIds(await run.deps.checkpoints.readEventIds(run.domainId, caseId))) known.set(id, UNSEEN);\n';

const CLOSE_IF_PAID =
  '  if (touched >= (open.retryOf(caseId)?.touched ?? Number.POSITIVE_INFINITY)) open.closeRetry(caseId);\n';

export const READING_MUTANTS: readonly Mutant[] = [
  {
    name: 'Events of the open batch do not count as known',
    file: 'read/reading.ts',
    find: '  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);\n',
    replace: '',
  },
  {
    name: 'Events of the ledger do not count as known',
    file: 'read/reading.ts',
    find: LOOK_AT_LEDGER,
    replace: '',
  },
  {
    name: 'The ledger is read before the open batch, so that a commit between hides events from both',
    file: 'read/reading.ts',
    find: LOOK_AT_LEDGER,
    replace: `  known.clear();
${LOOK_AT_LEDGER}  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);\n`,
    caughtBy: {
      test: 'test/export/read/read-case.test.ts',
      because: 'the commit has to fall between the answer to one read of the table and its arrival',
    },
  },
  {
    name: 'An event is new by its time instead of its id',
    file: 'read/ingest-page.ts',
    find: '    const mark = reading.known.get(one.id);\n',
    replace: `    const isLater = Number(one.event.performedTime) > (reading.task.record?.touched ?? Number.NEGATIVE_INFINITY);
    const mark = isLater ? undefined : (reading.known.get(one.id) ?? UNSEEN);\n`,
  },
  {
    name: 'An event that comes twice on a page is taken twice',
    file: 'read/ingest-page.ts',
    find: '  reading.known.set(ledgerId(eventKey(event)), markOf(digest));\n',
    replace: '',
  },
  {
    name: 'A case is read to its first page only',
    file: 'read/read-case.ts',
    find: '    if (page.nextToken === undefined) return;\n',
    replace: "    if (page.nextToken !== '') return;\n",
  },
  {
    name: 'A page with a null counts as complete',
    file: 'read/read-case.ts',
    find: 'reading.incomplete = countNulls(again.events) > 0;',
    replace: 'reading.incomplete = false;',
    worlds: all(
      ({ rates }) => (rates['cases.null-element'] ?? 0) >= 0.05,
      ({ pageSize, cases }) => pageSize.getCaseAuditEvents <= 2 && cases >= 8,
    ),
  },
  {
    name: 'That a half-read case is incomplete is forgotten',
    file: 'read/reading.ts',
    find: '    incomplete: partial?.incomplete ?? false,\n',
    replace: '    incomplete: false,\n',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'the null has to be on a page before the end of an invocation and never come right',
    },
  },
  {
    name: 'An event without its list of fields counts as seen',
    file: 'read/ingest-page.ts',
    find: '    reading.incomplete = true;\n    return false;\n',
    replace: '    return false;\n',
    worlds: having('cases.missing-list'),
  },
  {
    name: 'An answer without its list counts as empty',
    file: 'aws/cases-api.ts',
    find: '      if (!Array.isArray(value)) {\n',
    replace: '      if (value === undefined || value === null) return [];\n      if (!Array.isArray(value)) {\n',
    caughtBy: {
      test: 'test/export/aws/cases-api.wire.test.ts',
      because: 'the list has to be missing at every asking of one read, and the case not to be read again',
    },
  },
  {
    name: 'A half-read case goes on from its token, though it was touched again',
    file: 'read/reading.ts',
    find: 'return partial.touched >= touched && partial.firstPageAt',
    replace: 'return partial.firstPageAt',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'the token has to outlive the change that moved the pages before it',
    },
  },
  {
    name: 'A half-read case goes on from its token, though a sweep began after it',
    file: 'read/reading.ts',
    find: ' && partial.firstPageAt >= (readSince ?? Number.NEGATIVE_INFINITY)',
    replace: ' && (readSince ?? 0) >= 0',
    caughtBy: {
      test: 'test/export/read/read-case.test.ts',
      because:
        'one seed in seven thousand had an event that came late, below the pages that were read, in just that while',
    },
  },
  {
    name: 'A case is called read as of the end of its first page, not the begin',
    file: 'read/read-case.ts',
    find: 'reading.firstPageAt ??= run.time.correct(askedAt);',
    replace: 'reading.firstPageAt ??= run.time.correct(Math.max(askedAt, run.deps.clock.now()));',
    worlds: lively,
  },
  {
    name: 'A case is called read as of its last page, not the first',
    file: 'read/read-case.ts',
    find: 'reading.firstPageAt ??= run.time.correct(askedAt);',
    replace: 'reading.firstPageAt = run.time.correct(askedAt);',
  },
  {
    name: 'An audit token that repeats is followed for ever',
    file: 'read/read-case.ts',
    find: '    if (reading.tokensSeen.has(page.nextToken)) restart(run, reading);\n    else advance',
    replace: '    advance',
    caughtBy: {
      test: 'test/export/cases-faults.test.ts',
      because:
        'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    },
  },
  {
    name: 'A case whose tokens lead nowhere is read again and again',
    file: 'read/read-case.ts',
    find: '  if (reading.restarts > 0 && !reading.newSinceRestart) throw new NoProgress();\n',
    replace: '',
    caughtBy: {
      test: 'test/export/cases-faults.test.ts',
      because:
        'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    },
  },
  {
    name: 'A refused token is taken for a refused case',
    file: 'read/read-case.ts',
    find: "    if (isTokenRefused(error, reading.token)) return 'token-lost';\n",
    replace: '',
    caughtBy: {
      test: 'test/export/cases-faults.test.ts',
      because: 'the case is on the retry list then, and read from its first page when it is due',
    },
  },
  {
    name: 'One case is read twice at once',
    file: 'read/read-all.ts',
    find: 'Promise.resolve(before?.catch(() => undefined)).then(() => readCase(run, task));',
    replace: 'Promise.resolve(before === task).then(() => readCase(run, task));',
    worlds: all(lively, smallPages),
  },
  {
    name: 'A case is gone at its first 404',
    file: 'domain/retry-list.ts',
    find: 'return previous?.notFoundSince != null &&',
    replace: 'return previous?.notFoundSince == null ||',
    caughtBy: {
      test: 'test/export/read/is-gone.test.ts',
      because: 'a search has to show the case no more, and a case that is found again comes alive again',
    },
  },
  {
    name: 'A case that could not be read is not put on the retry list',
    file: 'read/record-outcome.ts',
    find: '  open.putRetry(park(retry,',
    replace: "  if (cause === 'not-found') open.putRetry(park(retry,",
  },
  {
    name: 'An entry of the retry list is closed by a read that failed',
    file: 'read/record-outcome.ts',
    find: "  if (outcome.kind === 'failed') owe(",
    replace: `  const isNew = open.retryOf(reading.task.caseId) === undefined;
  if (outcome.kind === 'failed' && (isNew || outcome.cause === 'not-found')) owe(`,
    worlds: having('cases.null-element', 'cases.missing-list', 'cases.undecodable-page'),
  },
  {
    name: 'An entry of the retry list is not closed when its case has been read',
    file: 'read/record-outcome.ts',
    find: CLOSE_IF_PAID,
    replace: '',
  },
  {
    name: 'An entry of the retry list is closed though its case was touched after the read',
    file: 'read/record-outcome.ts',
    find: CLOSE_IF_PAID,
    replace: '  open.closeRetry(caseId);\n',
    caughtBy: {
      test: 'test/export/read/read-case.test.ts',
      because: 'another lane has to find the case within its read',
    },
  },
  {
    name: 'A case on the retry list does not keep what touched it since',
    file: 'find/select.ts',
    find: '  if (isChanged) open.putRetry(seen);\n',
    replace: '',
  },
  {
    name: 'Poison is dropped',
    file: 'read/ingest-page.ts',
    find: '  const added = toNewEvent(run.counters, reading, one, flattened);\n',
    replace: `  if (flattened.kind === 'poison') return false;
  const added = toNewEvent(run.counters, reading, one, flattened);\n`,
    worlds: having('cases.poison-event'),
  },
  {
    name: 'The budget never ends',
    file: 'run/budget.ts',
    find: '    if (left > 0) return left;\n',
    replace: '    if (left > -1e12) return Math.max(60_000, left);\n',
    caughtBy: {
      test: 'test/export/run/budget.test.ts',
      because: 'the simulated process is ended by its own time',
    },
  },
  {
    name: 'No time is kept in reserve for the last commit',
    file: 'run/budget.ts',
    find: 'const left = this.remainingMs() - this.#reserveMs;',
    replace: 'const left = this.remainingMs() - 0 * this.#reserveMs;',
    caughtBy: {
      test: 'test/export/run/budget.test.ts',
      because: 'what is not committed in time is read again, so nothing is lost or doubled',
    },
  },
  {
    name: 'A call that does not answer has no time limit',
    file: 'run/calls.ts',
    find: 'void this.clock.sleep(Math.min(CALL_LIMIT_MS, longestMs), answered.signal).then(abort);',
    replace: 'void this.clock.sleep(1e12 + longestMs, answered.signal).then(abort);',
    caughtBy: {
      test: 'test/export/run/calls.test.ts',
      because: 'the end of the reading time ends such a call, too',
    },
  },
  {
    name: 'The lease is not released',
    file: 'run/invocation.ts',
    find: '    await releaseLease(checkpoints, counters, { domainId, fence: run.fence });\n',
    replace: '    await releaseLease(checkpoints, counters, { domainId, fence: -1 });\n',
  },
  {
    name: 'However many invocations die, no case is noted before it is read',
    file: 'read/poison-case.ts',
    find: 'return run.deaths >= MAX_HALVINGS;',
    replace: 'return run.deaths >= 1e9 * MAX_HALVINGS;',
    caughtBy: {
      test: 'test/export/read/poison-case.test.ts',
      because: 'at the end of every world no case is deadly any more, and is read',
    },
  },
  {
    name: 'The case that killed the process is not parked',
    file: 'read/poison-case.ts',
    find: '  if (tried === null || run.deaths === 0) return;\n',
    replace: '  if (tried === null || run.deaths >= 0) return;\n',
    caughtBy: {
      test: 'test/export/read/poison-case.test.ts',
      because: 'at the end of every world no case is deadly any more, and is read',
    },
  },
];
