/** Breaks of an operator's two ways out: the void commit, and the replay of quarantine. */
import { bySeed, byTest, type Mutant } from './mutant';
import { having } from './worlds';

export const OPERATOR_MUTANTS: readonly Mutant[] = [
  ...bySeed('operate/void.ts', {
    'A commit is voided without sealing its final keys': [
      'const visible = await claimFinalKeys(run, rowFiles, voided);',
      `await rowFiles;
  const visible = { objects: [], events: [], rows: 0, run: null, quarantined: 0, openQuarantined: 0 };
  if (run.fence < 0) await claimFinalKeys(run, rowFiles, voided);`,
      having('s3.staged-gone'),
    ],
    'A void commit writes over the ledger of the commit that it replaces': [
      'const FIRST_PART = 500_000;',
      'const FIRST_PART = 0;',
      having('s3.staged-gone'),
    ],
    'A void commit keeps no word of the events that are visible': [
      'for (const { caseId, eventKey } of events) ids',
      'for (const { caseId, eventKey } of events.slice(0, 0)) ids',
      having('s3.staged-gone'),
    ],
  }),
  ...byTest('operate/void.ts', 'test/export/operate/void-commit.test.ts', {
    'A void commit does not take the lanes back': [
      'lanes: knowsHalfRead ? lanes : withoutAnchors(lanes),',
      'lanes: knowsHalfRead ? run.published.state.lanes : withoutAnchors(lanes),',
      'the overlap of the next pass, or the next sweep, finds nearly everything again',
    ],
  }),
  ...byTest('operate/void.ts', 'test/export/upgrade.test.ts', {
    'A void commit forgets the cases that were half-read': [
      'previous?.manifest.halfRead ?? [], visible',
      'previous?.manifest.halfRead?.slice(0, 0) ?? [], visible',
      'the void has to fall into an invocation that ended within a case',
    ],
  }),
  ...byTest('operate/void.ts', 'test/export/complete/voided.test.ts', {
    'A void commit owes fields that came in the very commit that it replaces': [
      'filter((event) => !isCompleted(entry.caseId, event));',
      'filter(() => true);',
      'a field has to come as null and then come in one commit, whose redo log is lost',
    ],
  }),
  ...byTest('operate/replay.ts', 'test/export/operate/replay.test.ts', 'in no world is quarantine replayed', {
    'A replay forgets what was replayed before': [
      '    for (const event of later) replayed.add(identity(event.quarantinedIn, event));\n',
      '',
    ],
  }),
  ...byTest('commit/publish.ts', 'test/export/commit/recover.test.ts', {
    'Rows of a first commit that was begun yesterday are not seen by a table that was made anew': [
      'lastExportDate === null ? today - (MAX_DAYS_BEYOND - 1) * DAY_MS : ',
      'lastExportDate === null ? today : ',
      'the first commit of a domain has to be killed while it is published, and its table to be set back to nothing on another day',
    ],
  }),
];
