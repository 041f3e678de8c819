/** Breaks of an operator's two ways out: the void commit, and the replay of quarantine. */
import type { Mutant } from './mutant';
import { having } from './worlds';

export const OPERATOR_MUTANTS: readonly Mutant[] = [
  {
    name: 'A commit is voided without sealing its final keys',
    file: 'operate/void.ts',
    find: 'const visible = await claimFinalKeys(run, rowFiles, voided);',
    replace: `await rowFiles;
  const visible = { objects: [], events: [], rows: 0, run: null, quarantined: 0, openQuarantined: 0 };
  if (run.fence < 0) await claimFinalKeys(run, rowFiles, voided);`,
    worlds: having('s3.staged-gone'),
  },
  {
    name: 'A void commit does not take the lanes back',
    file: 'operate/void.ts',
    find: 'lanes: knowsHalfRead ? lanes : withoutAnchors(lanes),',
    replace: 'lanes: knowsHalfRead ? run.published.state.lanes : withoutAnchors(lanes),',
    caughtBy: {
      test: 'test/export/operate/void-commit.test.ts',
      because: 'the overlap of the next pass, or the next sweep, finds nearly everything again',
    },
  },
  {
    name: 'A void commit writes over the ledger of the commit that it replaces',
    file: 'operate/void.ts',
    find: 'const FIRST_PART = 500_000;',
    replace: 'const FIRST_PART = 0;',
    worlds: having('s3.staged-gone'),
  },
  {
    name: 'A void commit keeps no word of the events that are visible',
    file: 'operate/void.ts',
    find: 'for (const { caseId, eventKey } of events) ids',
    replace: 'for (const { caseId, eventKey } of events.slice(0, 0)) ids',
    worlds: having('s3.staged-gone'),
  },
  {
    name: 'A void commit forgets the cases that were half-read',
    file: 'operate/void.ts',
    find: '(previous?.manifest.halfRead ?? []).map(',
    replace: '(previous?.manifest.halfRead.slice(0, 0) ?? []).map(',
    caughtBy: {
      test: 'test/export/upgrade.test.ts',
      because: 'the void has to fall into an invocation that ended within a case',
    },
  },
  {
    name: 'A replay forgets what was replayed before',
    file: 'operate/replay.ts',
    find: '    for (const event of later) replayed.add(identity(event.quarantinedIn, event));\n',
    replace: '',
    caughtBy: {
      test: 'test/export/operate/replay.test.ts',
      because: 'in no world is quarantine replayed',
    },
  },
  {
    name: 'A void commit owes fields that came in the very commit that it replaces',
    file: 'operate/void.ts',
    find: 'filter((event) => !isCompleted(lastFieldIndexes, entry.caseId, event));',
    replace: 'filter(() => true);',
    caughtBy: {
      test: 'test/export/complete/voided.test.ts',
      because: 'a field has to come as null and then come in one commit, whose redo log is lost',
    },
  },
  {
    name: 'Rows of a first commit that was begun yesterday are not seen by a table that was made anew',
    file: 'commit/recover.ts',
    find: 'lastExportDate === null ? today - (MAX_DAYS_BEYOND - 1) * DAY_MS : ',
    replace: 'lastExportDate === null ? today : ',
    caughtBy: {
      test: 'test/export/commit/recover.test.ts',
      because:
        'the first commit of a domain has to be killed while it is published, and its table to be set back to nothing on another day',
    },
  },
];
