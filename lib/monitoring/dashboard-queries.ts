/** Logs Insights queries over the log lines of the function, a command a line. */

/** How far each domain's sweep is, from the last line of a run. */
export const SWEEP_QUERY = [
  'fields @timestamp, domainId',
  'filter message = "run ended"',
  'stats latest(sweepNumber) as sweep, latest(sweepPurpose) as purpose, latest(sweepUpTo) as upTo, ' +
    'latest(sweepCasesRead) as casesRead, latest(sweepFinished) as finished, latest(@timestamp) as lastRun by domainId',
] as const;

/** What each finished check found that no other lane had. */
export const MISSED_QUERY = [
  'fields @timestamp, domainId, number, purpose, casesRead, eventsMissed',
  'filter message = "sweep finished"',
  'sort @timestamp desc',
  'limit 20',
] as const;
