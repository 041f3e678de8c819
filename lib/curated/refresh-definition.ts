/**
 * How the curated table is kept: a state machine in the Amazon States Language with JSONata. `${Name}` is filled in by
 * CloudFormation, `{name}` within a statement when it runs.
 *
 *   one at a time → (rebuild: drop) → schema changes → each domain: merge rows, then commits, until nothing is left
 *   → views told how far the table of commits is → (weekly: optimize, vacuum)
 *
 * Whatever fails can be started again: every step first asks where things stand. A domain that fails keeps no other
 * from being merged; the execution fails at its end.
 */

import { fillIn } from '../athena/sql-files';
import { type CuratedStatements, readCuratedStatements } from './curated-statements';
import { commitVariables, findFirsts, freeViews, narrowViews } from './refresh-commits';
import { domainStates } from './refresh-domain';
import { askCatalog, choice, jsonata, type Machine, query, type State, sdk, substituted } from './refresh-states';

/** Options of the definition. */
interface RefreshOptions {
  /** Includes retired domains. */
  readonly domains: readonly string[];
  readonly firstExportDate: string;
  /** A MERGE takes at most this many rows, unless one commit has more: far below the half hour that Athena allows. */
  readonly rowsPerMerge?: number;
  /** So many manifests a MERGE reads at most, each a file: half an hour is enough at 30 a second, and Athena reads hundreds. */
  readonly commitsPerMerge?: number;
}

const COMMITS_PER_MERGE = 50_000;
const ROWS_PER_MERGE = 10_000_000;
/** A first fill of many years continues in the next execution. */
const MAX_SECONDS = 12 * 3600;
const WAIT_SECONDS = 120;

/** The state machine. Its input may say `rebuild` or `maintain`. */
export function refreshDefinition(
  { domains, firstExportDate, rowsPerMerge = ROWS_PER_MERGE, commitsPerMerge = COMMITS_PER_MERGE }: RefreshOptions,
  statements: CuratedStatements = readCuratedStatements(),
): Machine {
  const filled = filledIn(statements, firstExportDate, rowsPerMerge);
  return {
    Comment: 'Keeps the curated table of the audit export.',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: MAX_SECONDS,
    StartAt: 'ReadInput',
    States: {
      ReadInput: {
        Type: 'Pass',
        Assign: {
          rebuild: jsonata('$states.input.rebuild = true'),
          maintain: jsonata('$states.input.maintain = true'),
          position: filled.position,
          next: filled.next,
          merge: filled.merge,
          ...commitVariables(filled, { domains, commitsPerMerge }),
        },
        Next: 'FindOthers',
      },
      ...oneAtATime(),
      Rebuild: choice([['$rebuild', 'FreeManifests']], 'AskCommits'),
      ...freeViews('ChangeSchema', 'Freed'),
      Freed: choice([['$rebuild', 'Drop']], 'ChangeSchema'),
      Drop: query(filled.drop, { Next: 'DropCommits' }),
      DropCommits: query(filled.dropCommits, { Next: 'ChangeSchema' }),
      ChangeSchema: schemaChanges(filled),
      ...findFirsts('RefreshDomains'),
      RefreshDomains: {
        Type: 'Map',
        // A literal list shows the domains to a reader of the definition.
        Items: [...domains],
        MaxConcurrency: 1,
        ItemProcessor: { StartAt: 'Domain', States: domainStates() },
        Assign: {
          answers: jsonata('$states.result'),
          failed: jsonata("[$states.result[status = 'failed'].domainId]"),
        },
        Next: 'AskAllHeld',
      },
      ...narrowViews('$answers', 'Maintain'),
      Maintain: choice([['$maintain', 'Optimize']], 'Verdict'),
      // Never beside a merge: it would rewrite the files that the merge reads, and one of the two would fail.
      Optimize: query(filled.optimize, { Next: 'Vacuum' }),
      Vacuum: query(filled.vacuum, { Next: 'OptimizeCommits' }),
      OptimizeCommits: query(filled.optimizeCommits, { Next: 'VacuumCommits' }),
      VacuumCommits: query(filled.vacuumCommits, { Next: 'Verdict' }),
      Verdict: choice([['$count($failed) > 0', 'Incomplete']], 'Refreshed'),
      Incomplete: {
        Type: 'Fail',
        Error: 'DomainsFailed',
        Cause: jsonata("'Not refreshed: ' & $join($failed, ', ')"),
      },
      Refreshed: { Type: 'Succeed' },
    },
  };
}

/**
 * Concurrent executions would be correct and wasteful, because every statement guards against them. An execution that
 * only refreshes leaves the work to the one before it; the others wait for their turn.
 */
function oneAtATime(): Record<string, State> {
  return {
    FindOthers: sdk('sfn:listExecutions', {
      Arguments: {
        StateMachineArn: jsonata('$states.context.StateMachine.Id'),
        StatusFilter: 'RUNNING',
        MaxResults: 100,
      },
      Assign: { older: jsonata(OLDER) },
      Next: 'Alone',
    }),
    Alone: choice(
      [
        ['$older = 0', 'Rebuild'],
        ['$rebuild or $maintain', 'WaitForOther'],
      ],
      'LeftToOther',
    ),
    WaitForOther: { Type: 'Wait', Seconds: WAIT_SECONDS, Next: 'FindOthers' },
    LeftToOther: { Type: 'Succeed', Comment: 'The execution before this one is still at it.' },
  };
}

/** Executions that began before this one. An execution missing from the list is the newest. */
const OLDER = `(
  $me := $states.context.Execution.Id;
  $began := $states.result.Executions[ExecutionArn = $me].StartDate;
  $count($states.result.Executions[ExecutionArn != $me and
    ($not($exists($began)) or StartDate < $began or (StartDate = $began and ExecutionArn < $me))])
)`;

function schemaChanges({ schemaChanges }: CuratedStatements): State {
  return {
    Type: 'Map',
    Items: schemaChanges.map(({ name, applied: { table, column = '' }, statement }) => ({
      name,
      table,
      column,
      statement,
    })),
    MaxConcurrency: 1,
    ItemProcessor: {
      StartAt: 'AskIfApplied',
      States: {
        AskIfApplied: askCatalog(
          { DatabaseName: substituted('Database'), Name: jsonata('$states.input.table') },
          { statement: jsonata('$states.input.statement') },
          { applied: jsonata(HAS_COLUMN) },
          'Applied',
        ),
        Applied: choice([['$applied', 'NothingToChange']], 'Change'),
        NothingToChange: { Type: 'Pass', Output: {}, End: true },
        Change: query(jsonata('$statement'), { Output: {}, End: true }),
      },
    },
    Next: 'FindFirsts',
  };
}

/** Without a column, asks for the table itself. */
const HAS_COLUMN =
  "$states.input.column = '' or $states.input.column in $states.result.Table.StorageDescriptor.Columns.Name";

/** What is known at deployment; the rest stays open as `{name}`. */
function filledIn(
  { schemaChanges, ...statements }: CuratedStatements,
  firstExportDate: string,
  rowsPerMerge: number,
): CuratedStatements {
  const known: Readonly<Record<string, string>> = {
    location: substituted('CuratedLocation'),
    commits_location: substituted('CommitsLocation'),
    archive: `s3://${substituted('ArchiveBucket')}/`,
    first_export_date: firstExportDate,
    most_rows: String(rowsPerMerge),
  };
  const filled = (sql: string) =>
    fillIn(sql, { ...known, ...Object.fromEntries(OPEN.map((name) => [name, `{${name}}`])) });
  return {
    ...(Object.fromEntries(Object.entries(statements).map(([name, sql]) => [name, filled(sql)])) as typeof statements),
    schemaChanges: schemaChanges.map((change) => ({ ...change, statement: filled(change.statement) })),
  };
}

const OPEN = [
  ...['domain_id', 'last_date', 'last_commit', 'newest_published', 'until_date', 'until_commit'],
  ...['firsts', 'held', 'until', 'held_name', 'until_name', 'before', 'since'],
] as const;
