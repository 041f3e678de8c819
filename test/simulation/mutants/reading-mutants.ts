/** Breaks of the reading of a case, of the retry list, and of an invocation's end. */
import { bySeed, byTest, type Mutant } from './mutant';
import { all, having, lively, smallPages } from './worlds';

const LOOK_AT_LEDGER =
  '  for (const id of storedIds(await run.deps.checkpoints.readEventIds(run.domainId, caseId))) known.set(id, UNSEEN);\n';

const CLOSE_IF_PAID =
  '  if (touched >= (open.retryOf(caseId)?.touched ?? Number.POSITIVE_INFINITY)) open.closeRetry(caseId);\n';

export const READING_MUTANTS: readonly Mutant[] = [
  ...bySeed('read/reading.ts', {
    'Events of the open batch do not count as known': [
      '  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);\n',
      '',
    ],
    'Events of the ledger do not count as known': [LOOK_AT_LEDGER, ''],
  }),
  ...byTest('read/reading.ts', 'test/export/read/read-case.test.ts', {
    'The ledger is read before the open batch, so that a commit between hides events from both': [
      LOOK_AT_LEDGER,
      `  known.clear();
${LOOK_AT_LEDGER}  for (const id of run.batch.newIds.get(caseId) ?? []) known.set(id, UNSEEN);\n`,
      'the commit has to fall between the answer to one read of the table and its arrival',
    ],
    'A half-read case goes on from its token, though a sweep began after it': [
      ' && partial.firstPageAt >= (readSince ?? Number.NEGATIVE_INFINITY)',
      ' && (readSince ?? 0) >= 0',
      'one seed in seven thousand had an event that came late, below the pages that were read, in just that while',
    ],
  }),
  ...byTest('read/reading.ts', 'test/export/regressions.test.ts', {
    'That a half-read case is incomplete is forgotten': [
      '    incomplete: partial?.incomplete ?? false,\n',
      '    incomplete: false,\n',
      'the null has to be on a page before the end of an invocation and never come right',
    ],
    'A half-read case goes on from its token, though it was touched again': [
      'return partial.touched >= touched && partial.firstPageAt',
      'return partial.firstPageAt',
      'the token has to outlive the change that moved the pages before it',
    ],
  }),
  ...bySeed('read/ingest-page.ts', {
    'An event is new by its time instead of its id': [
      '    const mark = reading.known.get(one.id);\n',
      `    const isLater = Number(one.event.performedTime) > (reading.task.record?.touched ?? Number.NEGATIVE_INFINITY);
    const mark = isLater ? undefined : (reading.known.get(one.id) ?? UNSEEN);\n`,
    ],
    'An event that comes twice on a page is taken twice': [
      '  reading.known.set(ledgerId(eventKey(event)), markOf(digest));\n',
      '',
    ],
    'An event without its list of fields counts as seen': [
      '    reading.attempt.incomplete = true;\n    return false;\n',
      '    return false;\n',
      having('cases.missing-list'),
    ],
    'Poison is dropped': [
      '  const added = toNewEvent(run.counters, reading, one, flattened);\n',
      `  if (flattened.kind === 'poison') return false;
  const added = toNewEvent(run.counters, reading, one, flattened);\n`,
      having('cases.poison-event'),
    ],
  }),
  ...bySeed('read/read-case.ts', {
    'A case is read to its first page only': [
      '    if (page.nextToken === undefined) return;\n',
      "    if (page.nextToken !== '') return;\n",
    ],
    'A page with a null counts as complete': [
      'attempt.incomplete = countNulls(again.events) > 0;',
      'attempt.incomplete = false;',
      all(
        ({ rates }) => (rates['cases.null-element'] ?? 0) >= 0.05,
        ({ pageSize, cases }) => pageSize.getCaseAuditEvents <= 2 && cases >= 8,
      ),
    ],
    'A case is called read as of the end of its first page, not the begin': [
      'reading.attempt.firstPageAt ??= run.time.correct(askedAt);',
      'reading.attempt.firstPageAt ??= run.time.correct(Math.max(askedAt, run.deps.clock.now()));',
      lively,
    ],
    'A case is called read as of its last page, not the first': [
      'reading.attempt.firstPageAt ??= run.time.correct(askedAt);',
      'reading.attempt.firstPageAt = run.time.correct(askedAt);',
    ],
  }),
  ...byTest(
    'read/read-case.ts',
    'test/export/cases-faults.test.ts',
    'no circle of tokens lasts longer than ten minutes of simulated time, and the run ends before its time does',
    {
      'An audit token that repeats is followed for ever': [
        '    if (reading.attempt.tokensSeen.has(page.nextToken)) restart(run, reading);\n    else advance',
        '    advance',
      ],
      'A case whose tokens lead nowhere is read again and again': [
        '  if (reading.restarts > 0 && !reading.attempt.showedNew) throw new NoProgress();\n',
        '',
      ],
      'A refused token is taken for a refused case': [
        "    if (isTokenRefused(error, reading.attempt.token)) return 'token-lost';\n",
        '',
        'the case is on the retry list then, and read from its first page when it is due',
      ],
    },
  ),
  ...byTest('aws/cases-api.ts', 'test/export/aws/cases-api.wire.test.ts', {
    'An answer without its list counts as empty': [
      '  const value = output[name];\n',
      '  const value = output[name] ?? [];\n',
      'the list has to be missing at every asking of one read, and the case not to be read again',
    ],
  }),
  ...bySeed('read/read-case.ts', {
    'One case is read twice at once': [
      'Promise.resolve(before?.catch(() => undefined)).then(() => readCase(run, task));',
      'Promise.resolve(before === task).then(() => readCase(run, task));',
      all(lively, smallPages),
    ],
  }),
  ...byTest('domain/retry-list.ts', 'test/export/read/is-gone.test.ts', {
    'A case is gone at its first 404': [
      'return previous?.notFoundSince != null &&',
      'return previous?.notFoundSince == null ||',
      'a search has to show the case no more, and a case that is found again comes alive again',
    ],
  }),
  ...bySeed('read/record-outcome.ts', {
    'A case that could not be read is not put on the retry list': [
      '  open.putRetry(park(retry,',
      "  if (cause === 'not-found') open.putRetry(park(retry,",
    ],
    'An entry of the retry list is closed by a read that failed': [
      "  if (outcome.kind === 'failed') owe(",
      `  const isNew = open.retryOf(reading.task.caseId) === undefined;
  if (outcome.kind === 'failed' && (isNew || outcome.cause === 'not-found')) owe(`,
      having('cases.null-element', 'cases.missing-list', 'cases.undecodable-page'),
    ],
    'An entry of the retry list is not closed when its case has been read': [CLOSE_IF_PAID, ''],
  }),
  ...byTest('read/record-outcome.ts', 'test/export/read/read-case.test.ts', {
    'An entry of the retry list is closed though its case was touched after the read': [
      CLOSE_IF_PAID,
      '  open.closeRetry(caseId);\n',
      'another lane has to find the case within its read',
    ],
  }),
  ...bySeed('find/select.ts', {
    'A case on the retry list does not keep what touched it since': ['  if (isChanged) open.putRetry(seen);\n', ''],
  }),
  ...byTest('run/budget.ts', 'test/export/run/budget.test.ts', {
    'The budget never ends': [
      '    if (left > 0) return left;\n',
      '    if (left > -1e12) return Math.max(60_000, left);\n',
      'the simulated process is ended by its own time',
    ],
    'No time is kept in reserve for the last commit': [
      'const left = this.remainingMs() - this.#reserveMs;',
      'const left = this.remainingMs() - 0 * this.#reserveMs;',
      'what is not committed in time is read again, so nothing is lost or doubled',
    ],
  }),
  ...byTest('run/calls.ts', 'test/export/run/calls.test.ts', 'the end of the reading time ends such a call, too', {
    'A call that does not answer has no time limit': [
      'void this.clock.sleep(Math.min(CALL_LIMIT_MS, longestMs), answered.signal).then(abort);',
      'void this.clock.sleep(1e12 + longestMs, answered.signal).then(abort);',
    ],
  }),
  ...bySeed('run/invocation.ts', {
    'The lease is not released': [
      '    await releaseLease(checkpoints, counters, { domainId, fence: run.fence });\n',
      '    await releaseLease(checkpoints, counters, { domainId, fence: -1 });\n',
    ],
  }),
  ...byTest(
    'read/read-case.ts',
    'test/export/read/poison-case.test.ts',
    'at the end of every world no case is deadly any more, and is read',
    {
      'However many invocations die, no case is noted before it is read': [
        'return run.deaths >= MAX_HALVINGS;',
        'return run.deaths >= 1e9 * MAX_HALVINGS;',
      ],
      'The case that killed the process is not parked': [
        '  if (tried === null || run.deaths === 0) return;\n',
        '  if (tried === null || run.deaths >= 0) return;\n',
      ],
    },
  ),
];
