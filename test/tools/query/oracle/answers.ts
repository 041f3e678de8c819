/** What every view and every query must answer, by its name. */
import { readQueries, readViews } from '../../../../lib/athena/sql-files';
import { groupBy, type Row } from './canonical';
import { changes } from './changes';
import * as commits from './commits';
import * as debts from './debts';
import { fieldDictionary, optionLabels, templateNames } from './dictionary';
import type { Facts } from './facts';
import * as oddities from './oddities';
import * as questions from './questions';
import * as reports from './reports';
import { currentFields, fieldVersions, statusPeriods } from './versions';

type Answer = (facts: Facts, ...parameters: string[]) => readonly Row[];

export const VIEW_ANSWERS: Readonly<Record<string, Answer>> = {
  case_milestones: reports.caseMilestones,
  changes,
  current_fields: currentFields,
  export_commits: commits.exportCommits,
  export_debt_cases: debts.exportDebtCases,
  export_debts: debts.exportDebts,
  export_gaps: commits.exportGaps,
  field_dictionary: fieldDictionary,
  field_versions: fieldVersions,
  option_labels: optionLabels,
  status_periods: statusPeriods,
  template_names: templateNames,
};

export const QUERY_ANSWERS: Readonly<Record<string, Answer>> = {
  'backlog-by-day': (facts, first = '', last = '') => questions.backlogByDay(facts, first, last),
  'bulk-edits': (facts, least = '') => oddities.bulkEdits(facts, least),
  'bulk-edits-by-user': (facts, least = '') => oddities.bulkEditsByUser(facts, least),
  'case-as-of': (facts, caseId = '', instant = '') => reports.caseAsOf(facts, caseId, instant),
  'case-timeline': (facts, caseId = '') => reports.caseTimeline(facts, caseId),
  'changes-by-day': (facts, first = '', last = '') => reports.changesByDay(facts, first, last),
  'changes-by-field': (facts, first = '', last = '') => reports.changesByField(facts, first, last),
  'changes-by-person': (facts, who = '', first = '', last = '') => questions.changesByPerson(facts, who, first, last),
  'changes-by-role': (facts, first = '', last = '') => reports.changesByRole(facts, first, last),
  'changes-by-user': (facts, first = '', last = '') => reports.changesByUser(facts, first, last),
  'changes-of-fields': (facts, fields = '', first = '', last = '') =>
    questions.changesOfFields(facts, fields, first, last),
  'changes-outside-hours': questions.changesOutsideHours,
  'closed-and-approved-alike': questions.closedAndApprovedAlike,
  'continuity-breaks': oddities.continuityBreaks,
  'current-values': reports.currentValues,
  duplicates: oddities.duplicates,
  'edits-after-close': (facts, first = '', last = '') => reports.editsAfterClose(facts, first, last),
  'field-completion': (facts, first = '', last = '') => questions.fieldCompletion(facts, first, last),
  'field-history': commits.fieldHistory,
  'first-response': (facts, first = '', last = '') => reports.firstResponse(facts, first, last),
  freshness: commits.freshness,
  'handle-time-by-team': (facts, first = '', last = '') => questions.handleTimeByTeam(facts, first, last),
  'latest-changes': reports.latestChanges,
  'legal-hold': (facts, field = '', value = '') => questions.legalHold(facts, field, value),
  'open-debts': debts.openDebts,
  'open-gaps': commits.openGaps,
  'period-complete': (facts, last = '') => debts.periodComplete(facts, last),
  reassignments: (facts, first = '', last = '') => reports.reassignments(facts, first, last),
  'reopen-rate': (facts, first = '', last = '') => questions.reopenRate(facts, first, last),
  'reopened-cases': reports.reopenedCases,
  'rows-per-commit': commits.rowsPerCommit,
  'sla-outcomes': (facts, metBy = '', first = '', last = '') => questions.slaOutcomes(facts, metBy, first, last),
  'time-in-status': reports.timeInStatus,
  'unknown-kinds': oddities.unknownKinds,
};

/** One thing to ask, and what must come. */
export interface ExpectedAnswer {
  readonly kind: 'view' | 'query';
  readonly name: string;
  /** A query's statement with `?`, as of `facts.now` (`asOf`); of a view a SELECT of all. */
  readonly sql: string;
  /** In the order of the `?`. */
  readonly parameters: readonly string[];
  /** In any order, unless the statement sorts: see `sortedRows`. */
  readonly rows: readonly Row[];
}

/** Every view and every query, each query with several values of its parameters. Throws where an answer is not known. */
export function expectedAnswers(facts: Facts): ExpectedAnswer[] {
  const views = readViews().map(({ name }): ExpectedAnswer => {
    return {
      kind: 'view',
      name,
      sql: `SELECT * FROM ${name}`,
      parameters: [],
      rows: answerOf(VIEW_ANSWERS, name)(facts),
    };
  });
  const values = parameterValues(facts);
  const queries = readQueries().flatMap(({ name, body, parameters }) => {
    const names = parameters.map((parameter) => parameter.name).join(' ');
    const choices = parameters.length === 0 ? [[]] : values[names];
    if (choices === undefined) throw new Error(`${name}: no values are known for the parameters ${names}`);
    return choices.map((chosen): ExpectedAnswer => {
      const rows = answerOf(QUERY_ANSWERS, name)(facts, ...chosen);
      return { kind: 'query', name, sql: asOf(body, facts.now), parameters: chosen, rows };
    });
  });
  return [...views, ...queries];
}

/** The statement with its clock stopped. */
function asOf(sql: string, epochMs: number): string {
  const text = new Date(epochMs).toISOString();
  return sql
    .replaceAll('current_date', `DATE '${text.slice(0, 10)}'`)
    .replaceAll('localtimestamp', `TIMESTAMP '${text.replace('T', ' ').replace('Z', '')}'`);
}

function answerOf(answers: Readonly<Record<string, Answer>>, name: string): Answer {
  const answer = answers[name];
  if (answer === undefined) throw new Error(`${name}: the oracle does not know what it must answer`);
  return answer;
}

/** By the names of a query's parameters: everything and something. */
function parameterValues(facts: Facts): Record<string, string[][]> {
  const versions = fieldVersions(facts);
  const times = versions.map((version) => String(version['valid_from'])).sort();
  const [first = '', middle = '', last = ''] = [times[0], times[times.length >> 1], times.at(-1)];
  const day = (time: string) => time.slice(0, 10);
  const instant = (time: string) => time.replace('T', ' ').replace('Z', '');
  const busiest = groupBy(changes(facts), (row) => row['case_id'])
    .sort((a, b) => b.length - a.length)
    .slice(0, 3)
    .map((rows) => String(rows[0]?.['case_id']));
  const inTwoDomains = groupBy(changes(facts), (row) => row['case_id'])
    .filter((rows) => new Set(rows.map((row) => row['domain_id'])).size > 1)
    .map((rows) => String(rows[0]?.['case_id']));
  const inTie = versions.filter((version) => Number(version['changes_at_once']) > 1).slice(0, 5);
  const days = [day(first), day(last)];
  return {
    'approval_field approval_value first_day last_day': [
      ['vip', 'true', ...days],
      ['Priority', 'Low', ...days],
      ['status', 'Closed', ...days],
      ['status', 'Closed', day(last), day(last)],
      ['no such field', 'closed', ...days],
    ],
    'field value': [
      ['Remark', 'x'],
      ['note', 'x'],
      ['priority', 'High'],
      ['status', 'Active'],
      ['status', 'closed'],
    ],
    'fields first_day last_day': [
      ['note,Amount', ...days],
      ['status', ...days],
      ['Remark', day(middle), day(middle)],
      ['no such field', ...days],
    ],
    'met_by_value first_day last_day': [
      ['closed', ...days],
      ['Low', ...days],
      ['closed', day(last), day(last)],
    ],
    'person first_day last_day': [
      ['Ann "the" Lee, Jr.', ...days],
      ['Ann Lee', ...days],
      ['routing, "rules"', ...days],
      ['crm-sync', ...days],
      [String(facts.users[1]?.arn), ...days],
      [String(facts.users[1]?.arn), day(middle), day(middle)],
    ],
    'zone first_day last_day opens closes': [
      // Summer time on the southern half of the earth.
      ['Australia/Sydney', ...days, '9', '17'],
      ['Europe/Berlin', ...days, '0', '24'],
      ['America/St_Johns', ...days, '9', '17'],
      ['Pacific/Kiritimati', ...days, '7', '07'],
      ['UTC', day(middle), day(middle), '14', '15'],
    ],
    case_id: [...busiest, ...inTwoDomains, 'no such case'].map((caseId) => [caseId]),
    'case_id instant': [
      ...[first, middle, last].map((time) => [busiest[0] ?? '', instant(time)]),
      ...inTwoDomains.map((caseId) => [caseId, instant(last)]),
      ...inTie.map((version) => [String(version['case_id']), instant(String(version['valid_from']))]),
    ],
    'first_day last_day': [
      [day(first), day(last)],
      [day(middle), day(middle)],
    ],
    last_day: [['2001-12-31'], [day(first)], [day(last)], ['2999-12-31']],
    least_cases: [['1'], ['10']],
  };
}
