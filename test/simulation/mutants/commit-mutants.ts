/** Breaks of the commit: stage, COMMIT, publish, recover. */
import type { Mutant } from './mutant';
import { having } from './worlds';

export const COMMIT_MUTANTS: readonly Mutant[] = [
  {
    name: 'A batch is published before COMMIT',
    file: 'commit/commit.ts',
    find: '  const { head, isSigned } = await stageCommit(run, commit);\n',
    replace: `  const { head, isSigned } = await stageCommit(run, commit);
  await publish(publisherOf(run), head).catch(() => undefined);\n`,
  },
  {
    name: 'A refused COMMIT is taken for one that was made',
    file: 'commit/commit.ts',
    find: "  if (answer === 'refused') throw",
    replace: "  if (answer === 'refused' && commit.seq < 0) throw",
  },
  {
    name: 'Commits go on after one that failed',
    file: 'commit/commit.ts',
    find: '  if (open.commitFailure !== null) throw open.commitFailure.reason;\n',
    replace: '',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'the conditions of COMMIT refuse what follows; only the error that is reported would be another',
    },
  },
  {
    name: 'The export date is that of the clock, though it may go back',
    file: 'commit/plan.ts',
    find: 'return last !== null && last > today ? last : today;',
    replace: 'return today;',
    caughtBy: {
      test: 'test/export/promises.test.ts',
      because: 'the days of the worlds begin at noon, and no clock is off by so much that another date is shown',
    },
  },
  {
    name: 'The anchor counts on half-read cases that STATE does not hold',
    file: 'commit/plan.ts',
    find: '    halfRead,\n    lastExportDate',
    replace: '    halfRead: halfRead.slice(0, 1),\n    lastExportDate',
  },
  {
    name: 'The manifest does not name the one before it',
    file: 'commit/plan.ts',
    find: 'previousSha256: state.head?.sha256 ?? null,',
    replace: 'previousSha256: null,',
  },
  {
    name: 'A quarantined event is not written to quarantine',
    file: 'commit/plan.ts',
    find: '  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;\n',
    replace: '  if (batch.quarantine.length >= 0) return null;\n',
  },
  {
    name: 'The manifest is published first',
    file: 'commit/publish.ts',
    find: '  for (const object of manifest.objects) {',
    replace: `  await putFinal(objects, manifestKey(domainId, head.seq), manifestBytes);
  for (const object of manifest.objects) {`,
  },
  {
    name: 'Heads are written before the ids that they speak for',
    file: 'commit/publish.ts',
    find: '  await allOf([\n    () => checkpoints.putEventIds(domainId, ids),',
    replace: `  await allOf(redo.heads.map((record) => () => checkpoints.putCaseRecord(domainId, record)));
  await allOf([\n    () => checkpoints.putEventIds(domainId, ids),`,
  },
  {
    name: 'A commit is marked as applied before the ledger has it',
    file: 'commit/publish.ts',
    find: '  await applyRedoLog(publisher,',
    replace: '  await checkpoints.markApplied(domainId, head.seq);\n  await applyRedoLog(publisher,',
  },
  {
    name: 'Redo takes the export date from the clock instead of the manifest',
    file: 'commit/publish.ts',
    find: 'await putFinal(objects, object.key, await',
    replace: `await putFinal(objects, object.key.replace(/export_date=[0-9-]+/, () => {
      const { clock } = publisher as unknown as { clock: { now(): number } };
      return 'export_date=' + new Date(clock.now()).toISOString().slice(0, 10);
    }), await`,
  },
  {
    name: 'Bytes that stand at a final key are not compared',
    file: 'commit/publish.ts',
    find: 'if (found !== null && sha256(found) === sha256(bytes)) return;',
    replace: 'if (found !== null) return;',
    worlds: having('s3.other-bytes'),
  },
  {
    name: 'The bytes of a staged object are not compared',
    file: 'commit/publish.ts',
    find: '  if (found === expectedSha256) return bytes;\n',
    replace: '  if (found !== "") return bytes;\n',
    caughtBy: {
      test: 'test/export/commit/publish.test.ts',
      because: 'in no world does anybody write other bytes to the staging prefix',
    },
  },
  {
    name: 'A staged object that is gone counts as published',
    file: 'commit/publish.ts',
    find: '    if (!(error instanceof StagedObjectMissing)) throw error;\n',
    replace: '    if (error instanceof StagedObjectMissing) return;\n    if (error !== null) throw error;\n',
    caughtBy: {
      test: 'test/export/commit/publish.test.ts',
      because: 'the check of the end of the chain stops the run then; this is the second lock',
    },
  },
  {
    name: 'The manifest before is not looked for in the archive',
    file: 'commit/publish.ts',
    find: '  await checkPrevious(publisher, manifest);\n',
    replace: '',
    caughtBy: {
      test: 'test/export/regressions.test.ts',
      because: 'in no world is the bucket switched between two commits of one run',
    },
  },
  {
    name: 'A commit that was made and not published is not recovered',
    file: 'commit/recover.ts',
    find: '  if (!isWhole) await publish(publisher, head);\n',
    replace: '',
  },
  {
    name: 'The end of the chain is not compared with the archive',
    file: 'commit/recover.ts',
    find: '  await checkEndOfChain(publisher, recovered, now);\n',
    replace: '',
    worlds: having('dynamodb.table-restored'),
  },
  {
    name: 'A batch takes more rows than its limit',
    file: 'domain/batch.ts',
    find: '    if (this.#rows + event.changes.length > this.limits.maxRows) return false;\n',
    replace: '',
  },
  {
    name: 'A batch takes more bytes than its limit',
    file: 'domain/batch.ts',
    find: 'return this.#bytes + event.bytes <= this.limits.maxBytes;',
    replace: 'return true;',
    caughtBy: {
      test: 'test/export/domain/batch.test.ts',
      because: 'what the batch estimates an event to take cannot be told from a published object',
    },
  },
  {
    name: 'The first attempt at a domain that does not exist leaves a commit',
    file: 'export.ts',
    find: ' && !isUnheardOf(run)) await commitWhatIsNew(run);',
    replace: ') await commitWhatIsNew(run);',
    caughtBy: {
      test: 'test/export/cases-failures.test.ts',
      because: 'every simulated domain exists',
    },
  },
  {
    name: 'A signature of another key goes into the note',
    file: 'commit/note.ts',
    find: 'return isSignedBy(key, text, signature)',
    replace: 'return signature.length > 0',
    caughtBy: { test: 'test/export/commit/note.test.ts', because: 'the next signed note covers what this one lacks' },
  },
  {
    name: 'A signature that fails holds the commit back',
    file: 'commit/note.ts',
    find: "    return unsigned(error instanceof SigningError ? error.failure : 'failed');\n",
    replace: '    throw error;\n',
    caughtBy: { test: 'test/export/commit/note.test.ts', because: 'the next signed note covers what this one lacks' },
  },
  {
    name: 'A staged note is published whatever it says',
    file: 'commit/note.ts',
    find: 'const note = staged !== null && textOf(staged) === text ? staged',
    replace: 'const note = staged !== null ? staged',
    caughtBy: { test: 'test/export/commit/note.test.ts', because: 'the next signed note covers what this one lacks' },
  },
  {
    name: 'A commit whose staged objects are gone is applied without its note',
    file: 'commit/publish.ts',
    find: '  await publishNote(publisher, null, { manifest: parsed, sha256: head.sha256 });\n',
    replace: '',
    caughtBy: { test: 'test/export/commit/note.test.ts', because: 'the next signed note covers what this one lacks' },
  },
];
