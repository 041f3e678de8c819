/** Breaks of what is read and still owed: touches without an event, nulls in the place of fields, changes upstream; and of the table. */
import type { Mutant } from './mutant';

const ITS_OWN_TEST = 'the test has the very answers in which it shows, and the next read that would mend it left out';
const EARLIER_BUILD = 'no world begins with the table of an earlier build';
const ANY_MOMENT = 'the test restores the table to every moment of a publish, a world to one';

export const OWED_MUTANTS: readonly Mutant[] = [
  {
    name: 'A touch that no event explains counts as read',
    file: 'read/record-outcome.ts',
    find: 'const isTouchExplained = !isTouchKnown || isExplained(touched, reading.newest);',
    replace: 'const isTouchExplained = !isTouchKnown || isExplained(touched, Number.POSITIVE_INFINITY);',
    caughtBy: { test: 'test/export/complete/touches.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'A touch that no event explains is accepted at once',
    file: 'read/record-outcome.ts',
    find: 'return readsBefore + 1 < MAX_UNEXPLAINED_READS;',
    replace: 'return readsBefore + 1 < 0 * MAX_UNEXPLAINED_READS;',
    caughtBy: { test: 'test/export/complete/touches.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'A domain without events for its touches pays for every one',
    file: 'read/record-outcome.ts',
    find: '  if (areMostlyUnexplained(open.touches)) {',
    replace: '  if (areMostlyUnexplained(open.touches) && run.fence < 0) {',
    caughtBy: { test: 'test/export/complete/touches.test.ts', because: 'calls are lost, never an event' },
  },
  {
    name: 'A touch that was accepted is paid for again at every check',
    file: 'read/record-outcome.ts',
    find: '  if (record?.unexplained === true && touched <= (record.touched ?? Number.NEGATIVE_INFINITY)) return false;\n',
    replace: '',
    caughtBy: { test: 'test/export/complete/touches.test.ts', because: 'calls are lost, never an event' },
  },
  {
    name: 'Touches that were accepted are not counted',
    file: 'read/record-outcome.ts',
    find: '  if (wasUnexplained === isTouchExplained) {',
    replace: '  if (wasUnexplained === isTouchExplained && run.fence < 0) {',
    caughtBy: { test: 'test/export/complete/touches.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'Fields that came as null are not asked for again',
    file: 'read/read-case.ts',
    find: 'return nulls === 0 && !hasNewNullFields(reading, page.events) ? page',
    replace: 'return nulls === 0 ? page',
    caughtBy: {
      test: 'test/export/complete/null-fields.test.ts',
      because: 'a call is saved, and the field comes later',
    },
  },
  {
    name: 'That fields are missing is not in the commit of their event',
    file: 'read/ingest-page.ts',
    find: '  reading.pending.set(eventKey, { eventKey, positions: nullPositions, length });\n  storePending(run, open, reading);\n',
    replace: '  reading.pending.set(eventKey, { eventKey, positions: nullPositions, length });\n',
    caughtBy: { test: 'test/export/read/one-commit.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'Fields that come at last are left out',
    file: 'read/ingest-page.ts',
    find: '    if (mark !== undefined && reading.pending.has(one.key)) await complete(run, open, reading, one);\n',
    replace: '',
    caughtBy: { test: 'test/export/complete/null-fields.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'A case whose fields are missing counts as read',
    file: 'read/record-outcome.ts',
    find: "  if (reading.pending.size > 0) owe(run, open, reading, 'null-field');\n  else if (",
    replace: '  if (',
    caughtBy: { test: 'test/export/complete/null-fields.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'An event whose fields are missing is not kept as it came',
    file: 'read/ingest-page.ts',
    find: "  if (flattened.nullPositions.length > 0) return 'fields that came as null at every asking';\n",
    replace: '',
    caughtBy: { test: 'test/export/complete/null-fields.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'The first of two answers counts, whatever it lacks',
    file: 'read/ingest-page.ts',
    find: 'return events.toSorted((a, b) => lackOf(a) - lackOf(b));',
    replace: 'return [...events];',
    caughtBy: { test: 'test/export/complete/null-fields.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'That fields are missing is forgotten when the case fails for another cause',
    file: 'domain/retry-list.ts',
    find: 'pending: pending ?? previous?.pending ?? [],',
    replace: 'pending: pending ?? [],',
    caughtBy: { test: 'test/export/domain/retry-touches.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'What changed upstream is not noticed',
    file: 'read/record-outcome.ts',
    find: '  noteChanges(run.counters, open, reading);\n',
    replace: '',
    caughtBy: { test: 'test/export/complete/changed-upstream.test.ts', because: 'rows that were published stay' },
  },
  {
    name: 'Two contents under one id are not noticed',
    file: 'read/ingest-page.ts',
    find: '  if (!isSame) noteTwoContents(counters, open, reading);\n',
    replace: '',
    caughtBy: { test: 'test/export/complete/changed-upstream.test.ts', because: 'rows that were published stay' },
  },
  {
    name: 'A case without a record has no ids, though the table is of an earlier build',
    file: 'read/reading.ts',
    find: '!run.published.state.idsHaveRecords || record !== undefined',
    replace: 'record !== undefined',
    caughtBy: { test: 'test/export/read/owing.test.ts', because: EARLIER_BUILD },
  },
  {
    name: 'Ids are written without a record',
    file: 'read/ingest-page.ts',
    find: '  keepRecord(open, reading);\n',
    replace: '',
    caughtBy: { test: 'test/export/read/one-commit.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'A restored table that lacks part of the ledger is not noticed',
    file: 'commit/publish.ts',
    find: 'state.applied < head.seq && state.redone !== head.sha256) throw',
    replace: 'state.applied < 0) throw',
    caughtBy: { test: 'test/export/commit/restored-table.test.ts', because: ANY_MOMENT },
  },
  {
    name: 'The ledger is called written before it is',
    file: 'commit/publish.ts',
    find: '  await applyRedoLog(publisher,',
    replace: '  await checkpoints.markRedone(domainId, head);\n  await applyRedoLog(publisher,',
    caughtBy: { test: 'test/export/complete/restored.test.ts', because: ANY_MOMENT },
  },
  {
    name: 'The retry list is not counted against STATE',
    file: 'commit/recover.ts',
    find: '  if (isCounted && published.openRetries.size !== state.openRetries) throw otherRetries(run, state.openRetries);\n',
    replace: '',
    caughtBy: { test: 'test/export/complete/restored.test.ts', because: ANY_MOMENT },
  },
  {
    name: 'Rows beyond the head are not looked for',
    file: 'commit/recover.ts',
    find: ', ...rowKeysBeyond(domainId, state, now)];',
    replace: '];',
    caughtBy: { test: 'test/export/commit/recover.test.ts', because: ANY_MOMENT },
  },
  {
    name: 'Two runs of one fence stage under one prefix',
    file: 'run/published.ts',
    find: 'this.#stagings = firstStaging(runId);',
    replace: 'this.#stagings = runId.length * 0;',
    caughtBy: { test: 'test/export/commit/staging-prefix.test.ts', because: ANY_MOMENT },
  },
  {
    name: 'A run goes by the wall clock',
    file: 'run/run.ts',
    find: 'now: () => startedAt + Math.floor(clock.monotonic() - startedAtMonotonic),',
    replace: 'now: () => clock.now() + 0 * (startedAt + startedAtMonotonic),',
    caughtBy: { test: 'test/export/complete/clocks.test.ts', because: ITS_OWN_TEST },
  },
  {
    name: 'Years before 100 are read as of the twentieth century',
    file: 'aws/time-formats.ts',
    find: `  const localMs = Date.parse(local);
  // JavaScript reads 30 February as 1 March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) {`,
    replace: `  const localMs = Date.parse(local.replace(/^00/, '19'));
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(4) !== local.slice(4)) {`,
    caughtBy: { test: 'test/export/aws/time-formats.test.ts', because: 'events of these worlds come as values' },
  },
];
