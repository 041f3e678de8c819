/** Breaks of the commit: stage, COMMIT, publish, recover. */
import { bySeed, byTest, type Mutant } from './mutant';
import { having } from './worlds';

export const COMMIT_MUTANTS: readonly Mutant[] = [
  ...bySeed('commit/commit.ts', {
    'A batch is published before COMMIT': [
      '  const { head, isSigned } = await stageCommit(run, commit);\n',
      `  const { head, isSigned } = await stageCommit(run, commit);
  await publish(run, head).catch(() => undefined);\n`,
    ],
    'A refused COMMIT is taken for one that was made': [
      "  if (answer === 'refused') throw",
      "  if (answer === 'refused' && commit.seq < 0) throw",
    ],
  }),
  ...byTest('commit/commit.ts', 'test/export/regressions.test.ts', {
    'Commits go on after one that failed': [
      '  if (open.commitFailure !== null) throw open.commitFailure.reason;\n',
      '',
      'the conditions of COMMIT refuse what follows; only the error that is reported would be another',
    ],
  }),
  ...byTest('commit/commit.ts', 'test/export/promises.test.ts', {
    'The export date is that of the clock, though it may go back': [
      'return last !== null && last > today ? last : today;',
      'return today;',
      'the days of the worlds begin at noon, and no clock is off by so much that another date is shown',
    ],
  }),
  ...bySeed('commit/commit.ts', {
    'The anchor counts on half-read cases that STATE does not hold': [
      '    halfRead: toSave,\n    lastExportDate',
      '    halfRead: toSave.slice(0, 1),\n    lastExportDate',
    ],
    'The manifest does not name the one before it': [
      'previousSha256: state.head?.sha256 ?? null,',
      'previousSha256: null,',
    ],
    'A quarantined event is not written to quarantine': [
      '  if (batch.quarantine.length === 0 && batch.replayed.length === 0) return null;\n',
      '  if (batch.quarantine.length >= 0) return null;\n',
    ],
  }),
  ...bySeed('commit/publish.ts', {
    'The manifest is published first': [
      '  for (const object of manifest.objects) {',
      `  await putFinal(objects, manifestKey(domainId, head.seq), manifestBytes);
  for (const object of manifest.objects) {`,
    ],
    'Heads are written before the ids that they speak for': [
      '  await allOf([\n    () => checkpoints.putEventIds(domainId, ids),',
      `  await allOf(redo.heads.map((record) => () => checkpoints.putCaseRecord(domainId, record)));
  await allOf([\n    () => checkpoints.putEventIds(domainId, ids),`,
    ],
    'A commit is marked as applied before the ledger has it': [
      '  await applyRedoLog(publisher,',
      '  await checkpoints.markApplied(domainId, head.seq);\n  await applyRedoLog(publisher,',
    ],
    'Redo takes the export date from the clock instead of the manifest': [
      'await putFinal(objects, object.key, await',
      `await putFinal(objects, object.key.replace(/export_date=[0-9-]+/, () => {
      const { clock } = publisher as unknown as { clock: { now(): number } };
      return 'export_date=' + new Date(clock.now()).toISOString().slice(0, 10);
    }), await`,
    ],
    'Bytes that stand at a final key are not compared': [
      'if (found !== null && sha256(found) === sha256(bytes)) return;',
      'if (found !== null) return;',
      having('s3.other-bytes'),
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/commit/publish.test.ts', {
    'The bytes of a staged object are not compared': [
      '  if (found === expectedSha256) return bytes;\n',
      '  if (found !== "") return bytes;\n',
      'in no world does anybody write other bytes to the staging prefix',
    ],
    'A staged object that is gone counts as published': [
      '    if (!(error instanceof StagedObjectMissing)) throw error;\n',
      '    if (error instanceof StagedObjectMissing) return;\n    if (error !== null) throw error;\n',
      'the check of the end of the chain stops the run then; this is the second lock',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/regressions.test.ts', {
    'The manifest before is not looked for in the archive': [
      '  await checkPrevious(publisher, manifest);\n',
      '',
      'in no world is the bucket switched between two commits of one run',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/commit/note.test.ts', 'the next signed note covers what this one lacks', {
    'A commit whose staged objects are gone is applied without its note': [
      '  await publishNote(publisher, null, { manifest: parsed, sha256: head.sha256 });\n',
      '',
    ],
  }),
  ...bySeed('commit/publish.ts', {
    'A commit that was made and not published is not recovered': [
      '  if (!isWhole) await publish(publisher, head);\n',
      '',
    ],
    'The end of the chain is not compared with the archive': [
      '  await checkEndOfChain(publisher, recovered, now);\n',
      '',
      having('dynamodb.table-restored'),
    ],
  }),
  ...bySeed('domain/batch.ts', {
    'A batch takes more rows than its limit': [
      '    if (this.#rows + event.changes.length > this.limits.maxRows) return false;\n',
      '',
    ],
  }),
  ...byTest('domain/batch.ts', 'test/export/domain/batch.test.ts', {
    'A batch takes more bytes than its limit': [
      'return this.#bytes + event.bytes <= this.limits.maxBytes;',
      'return true;',
      'what the batch estimates an event to take cannot be told from a published object',
    ],
  }),
  ...byTest('export.ts', 'test/export/cases-failures.test.ts', 'every simulated domain exists', {
    'The first attempt at a domain that does not exist leaves a commit': [
      ' && !isUnheardOf(run)) await commitWhatIsNew(run);',
      ') await commitWhatIsNew(run);',
    ],
  }),
  ...byTest('commit/stage.ts', 'test/export/commit/note.test.ts', 'the next signed note covers what this one lacks', {
    'A signature of another key goes into the note': [
      'return isSignedBy(key, text, signature)',
      'return signature.length > 0',
    ],
    'A signature that fails holds the commit back': [
      "    return unsigned(error instanceof SigningError ? error.failure : 'failed');\n",
      '    throw error;\n',
    ],
    'A staged note is published whatever it says': [
      'const note = staged !== null && textOf(staged) === text ? staged',
      'const note = staged !== null ? staged',
    ],
  }),
];
