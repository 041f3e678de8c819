/** What the queries over changes should answer. */
import { type Cell, compareText, countDistinct, groupBy, maxText, minText, pick, type Row, rounded } from './canonical';
import { changes } from './changes';
import type { Facts } from './facts';
import { once } from './once';
import { fieldVersions, ms, state, statusPeriods } from './versions';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** From the first day's beginning to the last day's end, UTC. */
export function within(firstDay: string, lastDay: string): (time: Cell | undefined) => boolean {
  const from = Date.parse(`${firstDay}T00:00:00Z`);
  const to = Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS;
  return (time) => ms(time) >= from && ms(time) < to;
}

export function changesWithin(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const isWithin = within(firstDay, lastDay);
  return changes(facts).filter((row) => isWithin(row['performed_time']));
}

export const cells = (rows: readonly Row[], column: string): Cell[] => rows.map((row) => row[column] ?? null);

function byTime(a: Row, b: Row): number {
  return (
    ms(a['performed_time']) - ms(b['performed_time']) ||
    compareText(String(a['case_id']), String(b['case_id'])) ||
    compareText(String(a['event_id']), String(b['event_id'])) ||
    Number(a['field_index']) - Number(b['field_index'])
  );
}

export function latestChanges(facts: Facts): Row[] {
  const since = facts.now - DAY_MS;
  const sinceDay = new Date(since).toISOString().slice(0, 10);
  return changes(facts)
    .filter((row) => String(row['export_date']) >= sinceDay && ms(row['performed_time']) >= since)
    .sort((a, b) => ms(b['performed_time']) - ms(a['performed_time']) || byTime(a, b))
    .slice(0, 200)
    .map((row) => ({
      ...pick(row, ['performed_time', 'case_id', 'event_type', 'related_item_type', 'field_name', 'old_display']),
      ...pick(row, ['new_display', 'performed_by', 'performed_by_team']),
    }));
}

export function currentValues(facts: Facts): Row[] {
  return fieldVersions(facts)
    .filter((version) => version['valid_until'] === null)
    .map((version) => ({
      ...pick(version, ['domain_id', 'case_id', 'template_name', 'field_name', 'display', 'set_by']),
      set_time: version['valid_from'] ?? null,
    }));
}

export function caseAsOf(facts: Facts, caseId: string, instant: string): Row[] {
  const at = Date.parse(`${instant.replace(' ', 'T')}Z`);
  return fieldVersions(facts)
    .filter((version) => version['case_id'] === caseId && ms(version['valid_from']) <= at)
    .filter((version) => version['valid_until'] === null || ms(version['valid_until']) > at)
    .map((version) => ({
      ...pick(version, ['domain_id', 'field_name', 'display', 'set_by']),
      set_time: version['valid_from'] ?? null,
      replaced_time: version['valid_until'] ?? null,
    }));
}

export function caseTimeline(facts: Facts, caseId: string): Row[] {
  return changes(facts)
    .filter((row) => row['case_id'] === caseId)
    .map((row) => ({
      ...pick(row, ['performed_time', 'event_type', 'related_item_type', 'field_name', 'old_display', 'new_display']),
      ...pick(row, ['performed_by', 'performed_by_team', 'performed_by_role', 'event_id']),
    }));
}

export function changesByUser(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const groups = groupBy(changesWithin(facts, firstDay, lastDay), (row) => [
    row['performed_by'],
    row['performed_by_team'],
    row['performed_by_kind'],
    row['performed_by_user_arn'],
  ]);
  return groups.map((rows) => {
    const ofStatus = rows.filter((row) => row['is_case_change'] && row['field_id'] === 'status');
    return {
      ...pick(rows[0] ?? {}, ['performed_by', 'performed_by_team', 'performed_by_kind']),
      changes: rows.length,
      events: countDistinct(cells(rows, 'event_id')),
      cases: countDistinct(cells(rows, 'case_id')),
      status_changes: ofStatus.length,
      closings: ofStatus.filter((row) => row['new_value'] === 'closed').length,
      last_change_time: maxText(cells(rows, 'performed_time')),
    };
  });
}

export const roleOf = (row: Row): Cell => row['performed_by_role'] ?? row['performed_by_iam_principal_arn'] ?? null;

export function changesByRole(facts: Facts, firstDay: string, lastDay: string): Row[] {
  return groupBy(changesWithin(facts, firstDay, lastDay), roleOf).map((rows) => ({
    role: roleOf(rows[0] ?? {}),
    changes: rows.length,
    events: countDistinct(cells(rows, 'event_id')),
    cases: countDistinct(cells(rows, 'case_id')),
    events_without_user: countDistinct(
      cells(
        rows.filter((row) => row['performed_by_kind'] === 'iam'),
        'event_id',
      ),
    ),
    first_change_time: minText(cells(rows, 'performed_time')),
    last_change_time: maxText(cells(rows, 'performed_time')),
  }));
}

export function changesByDay(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const dayOf = (row: Row) => String(row['performed_time']).slice(0, 10);
  return groupBy(changesWithin(facts, firstDay, lastDay), dayOf).map((rows) => ({
    day: dayOf(rows[0] ?? {}),
    changes: rows.length,
    events: countDistinct(cells(rows, 'event_id')),
    cases: countDistinct(cells(rows, 'case_id')),
    users: countDistinct(cells(rows, 'performed_by_user_arn')),
    cases_created: countDistinct(
      cells(
        rows.filter((row) => row['event_type'] === 'Case.Created'),
        'case_id',
      ),
    ),
  }));
}

export function changesByField(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const rows = changesWithin(facts, firstDay, lastDay).filter(
    (row) => row['is_case_change'] && row['event_type'] !== 'Case.Created' && row['field_id'] !== null,
  );
  return groupBy(rows, (row) => [row['domain_id'], row['field_id'], row['current_field_name']]).map((group) => ({
    field_name: group[0]?.['current_field_name'] ?? null,
    changes: group.length,
    cases: countDistinct(cells(group, 'case_id')),
    times_cleared: group.filter((row) => row['new_value_type'] === 'empty').length,
    last_change_time: maxText(cells(group, 'performed_time')),
  }));
}

export function timeInStatus(facts: Facts): Row[] {
  return groupBy(statusPeriods(facts), (period) => period['status']).map((periods) => {
    const lengths = periods.flatMap((period) =>
      period['milliseconds'] === null ? [] : Number(period['milliseconds']),
    );
    return {
      status: periods[0]?.['status'] ?? null,
      periods: periods.length,
      cases: countDistinct(cells(periods, 'case_id')),
      still_in_it: periods.filter((period) => period['valid_until'] === null).length,
      ...inHours(lengths),
    };
  });
}

export const caseMilestones = once((facts: Facts): readonly Row[] => {
  const statuses = statusPeriods(facts).filter((period) => period['valid_until'] === null);
  return groupBy(changes(facts), (row) => [row['domain_id'], row['case_id']]).map((rows) => {
    const { domain_id, case_id } = pick(rows[0] ?? {}, ['domain_id', 'case_id']);
    const created = rows.filter((row) => row['event_type'] === 'Case.Created');
    const ofStatus = rows.filter((row) => row['is_case_change'] && row['field_id'] === 'status');
    const closed = ofStatus.filter((row) => row['new_value'] === 'closed');
    const [response] = rows.filter(isResponse).sort(byTime);
    const status = statuses.find((each) => each['domain_id'] === domain_id && each['case_id'] === case_id);
    const createdTime = minText(cells(created, 'performed_time'));
    const responseTime = response?.['performed_time'] ?? null;
    const firstClosedTime = minText(cells(closed, 'performed_time'));
    return {
      domain_id,
      case_id,
      template_name: maxText(cells(rows, 'template_name')),
      created_time: createdTime,
      created_by: minText(cells(created, 'performed_by')),
      first_response_time: responseTime,
      first_response_by: response?.['performed_by'] ?? null,
      first_response_team: response?.['performed_by_team'] ?? null,
      hours_to_first_response: hoursBetween(createdTime, responseTime),
      first_closed_time: firstClosedTime,
      last_closed_time: maxText(cells(closed, 'performed_time')),
      hours_to_first_close: hoursBetween(createdTime, firstClosedTime),
      reopen_count: ofStatus.filter((row) => row['old_value'] === 'closed' && row['new_value'] !== 'closed').length,
      status: status?.['status'] ?? null,
      is_closed: status?.['is_closed'] ?? null,
      last_change_time: maxText(cells(rows, 'performed_time')),
      changes: rows.length,
    };
  });
});

function isResponse(row: Row): boolean {
  const isAnswer = row['related_item_type'] === 'Comment' || row['related_item_type'] === 'Contact';
  return row['event_type'] === 'RelatedItem.Created' && isAnswer && row['performed_by_kind'] === 'user';
}

function hoursBetween(from: Cell, to: Cell): number | null {
  return from === null || to === null ? null : (ms(to) - ms(from)) / HOUR_MS;
}

/**
 * Rounded, in units of so many ms; null of none. Median and 90th percentile by nearest rank: the least length that half, or nine in
 * ten, of the lengths do not exceed.
 */
export function summary(lengths: readonly number[], unitMs: number) {
  const sorted = [...lengths].sort((a, b) => a - b);
  const inUnits = (length: number | undefined) => (length === undefined ? null : rounded(length / unitMs));
  const rank = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1];
  return {
    average: sorted.length === 0 ? null : rounded(mean(sorted) / unitMs),
    median: inUnits(rank(50)),
    p90: inUnits(rank(90)),
    longest: inUnits(sorted.at(-1)),
  };
}

function inHours(lengths: readonly number[]): Row {
  const { average, median, p90, longest } = summary(lengths, HOUR_MS);
  return { average_hours: average, median_hours: median, p90_hours: p90, longest_hours: longest };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

export function reopenedCases(facts: Facts): Row[] {
  return caseMilestones(facts)
    .filter((row) => Number(row['reopen_count']) > 0)
    .map((row) => ({
      ...pick(row, ['domain_id', 'case_id', 'template_name', 'reopen_count', 'first_closed_time', 'last_closed_time']),
      ...pick(row, ['status']),
    }));
}

export function firstResponse(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const isWithin = within(firstDay, lastDay);
  const cases = caseMilestones(facts).filter((row) => isWithin(row['created_time']));
  return groupBy(cases, (row) => row['template_name']).map((rows) => {
    const answered = rows.filter((row) => row['first_response_time'] !== null);
    const waits = answered.map((row) => ms(row['first_response_time']) - ms(row['created_time']));
    return {
      template_name: rows[0]?.['template_name'] ?? null,
      cases: rows.length,
      answered: answered.length,
      ...inHours(waits),
      shortest_hours: waits.length === 0 ? null : rounded(Math.min(...waits) / HOUR_MS),
    };
  });
}

export function reassignments(facts: Facts, firstDay: string, lastDay: string): Row[] {
  return changesWithin(facts, firstDay, lastDay)
    .filter((row) => row['is_case_change'] && state(row, 'old') !== '')
    .filter((row) => row['field_id'] === 'assigned_user' || row['field_id'] === 'assigned_queue')
    .map((row) => ({
      ...pick(row, ['performed_time', 'case_id', 'field_name', 'performed_by', 'performed_by_team']),
      assigned_before: row['old_display'] ?? null,
      assigned_after: row['new_display'] ?? null,
    }));
}

export function editsAfterClose(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const closed = statusPeriods(facts).filter((period) => period['is_closed']);
  return changesWithin(facts, firstDay, lastDay).flatMap((row) =>
    closed
      .filter((period) => period['case_id'] === row['case_id'] && period['domain_id'] === row['domain_id'])
      .filter((period) => ms(row['performed_time']) > ms(period['valid_from']))
      .filter((period) => period['valid_until'] === null || ms(row['performed_time']) < ms(period['valid_until']))
      .map((period) => ({
        ...pick(row, ['performed_time', 'case_id', 'event_type', 'related_item_type', 'field_name', 'old_display']),
        ...pick(row, ['new_display', 'performed_by', 'performed_by_team']),
        closed_time: period['valid_from'] ?? null,
      })),
  );
}
