/** Breaks of what is read and still owed: touches without an event, nulls in the place of fields, changes upstream; and of the table. */
import { byTest, type Mutant } from './mutant';

const ITS_OWN_TEST = 'the test has the very answers in which it shows, and the next read that would mend it left out';
const EARLIER_BUILD = 'no world begins with the table of an earlier build';
const ANY_MOMENT = 'the test restores the table to every moment of a publish, a world to one';

export const OWED_MUTANTS: readonly Mutant[] = [
  ...byTest('read/record-outcome.ts', 'test/export/complete/touches.test.ts', ITS_OWN_TEST, {
    'A touch that no event explains counts as read': [
      'const isTouchExplained = !isTouchKnown || isExplained(touched, reading.attempt.newest);',
      'const isTouchExplained = !isTouchKnown || isExplained(touched, Number.POSITIVE_INFINITY);',
    ],
    'A touch that no event explains is accepted at once': [
      'return readsBefore + 1 < MAX_UNEXPLAINED_READS;',
      'return readsBefore + 1 < 0 * MAX_UNEXPLAINED_READS;',
    ],
    'A domain without events for its touches pays for every one': [
      '  if (areMostlyUnexplained(open.touches)) {',
      '  if (areMostlyUnexplained(open.touches) && run.fence < 0) {',
      'calls are lost, never an event',
    ],
    'A touch that was accepted is paid for again at every check': [
      '  if (record?.unexplained === true && touched <= (record.touched ?? Number.NEGATIVE_INFINITY)) return false;\n',
      '',
      'calls are lost, never an event',
    ],
    'Touches that were accepted are not counted': [
      '  if (wasUnexplained === isTouchExplained) {',
      '  if (wasUnexplained === isTouchExplained && run.fence < 0) {',
    ],
  }),
  ...byTest('read/record-outcome.ts', 'test/export/complete/null-fields.test.ts', ITS_OWN_TEST, {
    'A case whose fields are missing counts as read': [
      "  if (reading.pending.size > 0) owe(run, open, reading, 'null-field');\n  else if (",
      '  if (',
    ],
  }),
  ...byTest('read/record-outcome.ts', 'test/export/complete/changed-upstream.test.ts', {
    'What changed upstream is not noticed': [
      '  noteChanges(run.counters, open, reading);\n',
      '',
      'rows that were published stay',
    ],
  }),
  ...byTest('read/read-case.ts', 'test/export/complete/null-fields.test.ts', {
    'Fields that came as null are not asked for again': [
      'return nulls === 0 && !hasNewNullFields(reading, page.events) ? page',
      'return nulls === 0 ? page',
      'a call is saved, and the field comes later',
    ],
  }),
  ...byTest('read/ingest-page.ts', 'test/export/read/one-commit.test.ts', ITS_OWN_TEST, {
    'That fields are missing is not in the commit of their event': [
      '  reading.pending.set(eventKey, { eventKey, positions: nullPositions, length });\n  storePending(run, open, reading);\n',
      '  reading.pending.set(eventKey, { eventKey, positions: nullPositions, length });\n',
    ],
    'Ids are written without a record': ['  keepRecord(open, reading);\n', ''],
  }),
  ...byTest('read/ingest-page.ts', 'test/export/complete/null-fields.test.ts', ITS_OWN_TEST, {
    'Fields that come at last are left out': [
      '    if (mark !== undefined && reading.pending.has(one.key)) await complete(run, open, reading, one);\n',
      '',
    ],
    'An event whose fields are missing is not kept as it came': [
      "  if (flattened.nullPositions.length > 0) return 'fields that came as null at every asking';\n",
      '',
    ],
    'The first of two answers counts, whatever it lacks': [
      'return events.toSorted((a, b) => lackOf(a) - lackOf(b));',
      'return [...events];',
    ],
  }),
  ...byTest('read/ingest-page.ts', 'test/export/complete/changed-upstream.test.ts', 'rows that were published stay', {
    'Two contents under one id are not noticed': ['  if (!isSame) noteTwoContents(counters, open, reading);\n', ''],
  }),
  ...byTest('domain/retry-list.ts', 'test/export/domain/retry-touches.test.ts', ITS_OWN_TEST, {
    'That fields are missing is forgotten when the case fails for another cause': [
      'pending: pending ?? previous?.pending ?? [],',
      'pending: pending ?? [],',
    ],
  }),
  ...byTest('read/reading.ts', 'test/export/read/owing.test.ts', EARLIER_BUILD, {
    'A case without a record has no ids, though the table is of an earlier build': [
      '!run.published.state.idsHaveRecords || record !== undefined',
      'record !== undefined',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/commit/restored-table.test.ts', ANY_MOMENT, {
    'A restored table that lacks part of the ledger is not noticed': [
      'state.applied < head.seq && state.redone !== head.sha256) throw',
      'state.applied < 0) throw',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/complete/restored.test.ts', ANY_MOMENT, {
    'The ledger is called written before it is': [
      '  await applyRedoLog(publisher,',
      '  await checkpoints.markRedone(domainId, head);\n  await applyRedoLog(publisher,',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/complete/restored.test.ts', ANY_MOMENT, {
    'The retry list is not counted against STATE': [
      '  if (isCounted && published.openRetries.size !== state.openRetries) throw otherRetries(run, state.openRetries);\n',
      '',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/commit/recover.test.ts', ANY_MOMENT, {
    'Rows beyond the head are not looked for': [', ...rowKeysBeyond(domainId, state, now)];', '];'],
  }),
  ...byTest('run/published.ts', 'test/export/commit/staging-prefix.test.ts', ANY_MOMENT, {
    'Two runs of one fence stage under one prefix': [
      'this.#stagings = firstStaging(runId);',
      'this.#stagings = runId.length * 0;',
    ],
  }),
  ...byTest('run/run.ts', 'test/export/complete/clocks.test.ts', ITS_OWN_TEST, {
    'A run goes by the wall clock': [
      'now: () => startedAt + Math.floor(clock.monotonic() - startedAtMonotonic),',
      'now: () => clock.now() + 0 * (startedAt + startedAtMonotonic),',
    ],
  }),
  ...byTest('aws/wire-formats.ts', 'test/export/aws/time-formats.test.ts', 'events of these worlds come as values', {
    'Years before 100 are read as of the twentieth century': [
      `  const localMs = Date.parse(local);
  // JavaScript reads 30 February as 1 March.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) {`,
      `  const localMs = Date.parse(local.replace(/^00/, '19'));
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(4) !== local.slice(4)) {`,
    ],
  }),
];
