/** What the queries of service, staff and law should answer: backlog, SLAs, handle time, completion, duties, holds. */
import { type Cell, groupBy, maxText, minText, pick, type Row, rounded, timeCell } from './canonical';
import { changes } from './changes';
import type { Facts } from './facts';
import { caseMilestones, cells, changesWithin, DAY_MS, HOUR_MS, summary, within } from './reports';
import { currentFields, fieldVersions, ms, statusPeriods, watermark } from './versions';

const sameCase = (a: Row, b: Row) => a['case_id'] === b['case_id'] && a['domain_id'] === b['domain_id'];
const ofCase = (row: Row) => [row['domain_id'], row['case_id']];
const share = (part: number, whole: number) => rounded((100 * part) / whole);
const hasFields = (row: Row) => row['is_case_change'] === true || row['related_item_type'] === 'Custom';
const names = (row: Row, field: string) => row['field_id'] === field || row['current_field_name'] === field;

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function slaOutcomes(facts: Facts, metBy: string, firstDay: string, lastDay: string): Row[] {
  const ofSlas = changes(facts).filter((row) => row['related_item_type'] === 'Sla');
  const made = groupBy(
    ofSlas.filter((row) => row['event_type'] === 'RelatedItem.Created'),
    (row) => [row['domain_id'], row['case_id'], row['event_id']],
  );
  const isWithin = within(firstDay, lastDay);
  return made.flatMap((rows) => {
    const [first = {}] = rows;
    if (!isWithin(first['performed_time'])) return [];
    const member = (id: string) => rows.find((row) => row['field_id'] === id)?.['new_value'] ?? null;
    const began = ms(first['performed_time']);
    const target = ISO_TIME.test(String(member('targetTime'))) ? Date.parse(String(member('targetTime'))) : null;
    const fieldId = member('fieldId');
    const met = metAt(facts, first, { began, fieldId, metBy });
    const siblings = made.filter(([other = {}]) => sameCase(other, first));
    const statuses = ofSlas.filter((row) => sameCase(row, first) && row['field_id'] === 'status');
    return {
      ...pick(first, ['domain_id', 'case_id', 'template_name']),
      sla_name: member('name'),
      sla_field_id: fieldId,
      began_time: timeCell(began),
      target_time: timeCell(target),
      met_time: timeCell(met),
      outcome: outcomeOf(target, fieldId === null ? undefined : met, watermark(facts, first['domain_id'] ?? null)),
      hours_allowed: target === null ? null : rounded((target - began) / HOUR_MS),
      hours_taken: met === null ? null : rounded((met - began) / HOUR_MS),
      reported_status: siblings.length > 1 ? null : (latest(statuses)?.['new_value'] ?? null),
    };
  });
}

function metAt(
  facts: Facts,
  sla: Row,
  { began, fieldId, metBy }: { readonly began: number; readonly fieldId: Cell; readonly metBy: string },
): number | null {
  const reached = fieldVersions(facts)
    .filter((version) => sameCase(version, sla) && version['field_id'] === fieldId)
    .filter((version) => version['value'] === metBy || version['display'] === metBy)
    .filter((version) => version['valid_until'] === null || ms(version['valid_until']) > began)
    .map((version) => Math.max(ms(version['valid_from']), began));
  return reached.length === 0 ? null : Math.min(...reached);
}

/** `met` undefined: nobody knows which field meets it. */
function outcomeOf(target: number | null, met: number | null | undefined, limit: number | null): string {
  if (target === null || met === undefined) return 'unknown';
  if (met !== null) return met <= target ? 'met' : 'missed';
  return limit !== null && limit >= target ? 'missed' : 'running';
}

function latest(rows: readonly Row[]): Row | undefined {
  const key = (row: Row) =>
    `${row['performed_time']} ${row['event_id']} ${String(row['field_index']).padStart(6, '0')}`;
  return [...rows].sort((a, b) => (key(a) < key(b) ? 1 : -1))[0];
}

/** Day by day, each case asked what its status was when the day ended. */
export function backlogByDay(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const lives = groupBy(statusPeriods(facts), ofCase).map((periods) =>
    [...periods].sort((a, b) => ms(a['valid_from']) - ms(b['valid_from'])),
  );
  const today = Math.floor(facts.now / DAY_MS) * DAY_MS;
  const first = Math.max(Date.parse(firstDay), today - 3_650 * DAY_MS);
  const last = Math.min(Date.parse(lastDay), today);
  const days = Array.from({ length: Math.max(0, (last - first) / DAY_MS + 1) }, (_, index) => first + index * DAY_MS);
  return days.map((day) => {
    const end = day + DAY_MS;
    const counts = { opened: 0, closed: 0, reopened: 0 };
    const ages: number[] = [];
    for (const periods of lives) {
      periods.forEach((period, index) => {
        if (ms(period['valid_from']) < day || ms(period['valid_from']) >= end) return;
        const before = periods[index - 1]?.['is_closed'];
        if (before === undefined) counts.opened += 1;
        if (period['is_closed'] && before !== true) counts.closed += 1;
        if (!period['is_closed'] && before === true) counts.reopened += 1;
      });
      const atEnd = periods.findLast((period) => ms(period['valid_from']) < end);
      if (atEnd !== undefined && !atEnd['is_closed']) ages.push(end - ms(periods[0]?.['valid_from']));
    }
    const between = (from: number, to: number) =>
      ages.filter((age) => age > from * DAY_MS && age <= to * DAY_MS).length;
    const { average, median, p90, longest } = summary(ages, DAY_MS);
    return {
      day: new Date(day).toISOString().slice(0, 10),
      ...counts,
      backlog: ages.length,
      up_to_1_day: between(-1, 1),
      up_to_7_days: between(1, 7),
      up_to_30_days: between(7, 30),
      older: between(30, Number.POSITIVE_INFINITY),
      average_days: average,
      median_days: median,
      p90_days: p90,
      oldest_days: longest,
    };
  });
}

export function handleTimeByTeam(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const isWithin = within(firstDay, lastDay);
  const finished = caseMilestones(facts).filter((row) => row['is_closed'] && isWithin(row['last_closed_time']));
  const handled = finished.flatMap((subject) => {
    const open = statusPeriods(facts).filter((period) => sameCase(period, subject) && !period['is_closed']);
    const shifts = fieldVersions(facts)
      .filter((version) => sameCase(version, subject) && version['field_id'] === 'assigned_user')
      .filter((version) => version['value_type'] === 'userArn');
    const times = shifts.flatMap((shift) =>
      open.flatMap((period) => {
        const from = Math.max(ms(shift['valid_from']), ms(period['valid_from']));
        const ends = [shift['valid_until'], period['valid_until']].flatMap((end) => (end === null ? [] : ms(end)));
        const length = Math.min(...ends) - from;
        return length > 0 ? [{ team: teamOf(facts, shift['value'] ?? null), length }] : [];
      }),
    );
    return groupBy(times, ({ team }) => team).map((own) => ({
      team: own[0]?.team ?? null,
      length: own.reduce((sum, { length }) => sum + length, 0),
    }));
  });
  return groupBy(handled, ({ team }) => team).map((own) => {
    const { average, median, p90, longest } = summary(
      own.map(({ length }) => length),
      HOUR_MS,
    );
    const hours = { average_hours: average, median_hours: median, p90_hours: p90, longest_hours: longest };
    return { team: own[0]?.team ?? null, cases: own.length, ...hours };
  });
}

function teamOf({ users }: Facts, arn: Cell): string | null {
  return minText(users.flatMap((user) => (user.arn === arn && user.team !== '' ? [user.team] : [])));
}

export function reopenRate(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const isWithin = within(firstDay, lastDay);
  const closed = caseMilestones(facts).filter((row) => isWithin(row['first_closed_time']));
  return groupBy(closed, (row) => row['template_name']).map((rows) => {
    const times = rows.map((row) => Number(row['reopen_count']));
    const reopened = times.filter((count) => count > 0).length;
    return {
      template_name: rows[0]?.['template_name'] ?? null,
      cases_closed: rows.length,
      cases_reopened: reopened,
      percent_reopened: share(reopened, rows.length),
      times_reopened: times.reduce((sum, count) => sum + count, 0),
      open_now: rows.filter((row) => row['is_closed'] === false).length,
    };
  });
}

export function changesByPerson(facts: Facts, person: string, firstDay: string, lastDay: string): Row[] {
  return changesWithin(facts, firstDay, lastDay)
    .filter((row) => row['performed_by'] === person || row['performed_by_user_arn'] === person)
    .filter((row) => row['performed_by_kind'] !== 'iam')
    .map((row) => ({
      ...pick(row, ['performed_time', 'domain_id', 'case_id', 'event_type', 'related_item_type', 'field_name']),
      ...pick(row, ['old_display', 'new_display', 'performed_by', 'performed_by_role', 'event_id']),
    }));
}

export function fieldCompletion(facts: Facts, firstDay: string, lastDay: string): Row[] {
  const isWithin = within(firstDay, lastDay);
  const opened = caseMilestones(facts).filter((row) => isWithin(row['created_time']));
  return groupBy(opened, (row) => [row['domain_id'], row['template_name']]).flatMap((cases) => {
    const values = currentFields(facts).filter((value) => cases.some((subject) => sameCase(subject, value)));
    return groupBy(values, (value) => value['field_id']).map((own) => {
      const filled = own.filter((value) => value['value_type'] !== 'empty' && value['value'] !== '').length;
      return {
        ...pick(cases[0] ?? {}, ['domain_id', 'template_name']),
        field_name: maxText(cells(own, 'field_name')),
        cases: cases.length,
        filled,
        percent_filled: share(filled, cases.length),
        cleared: own.length - filled,
      };
    });
  });
}

export function changesOutsideHours(facts: Facts, ...asked: readonly string[]): Row[] {
  const [zone = '', firstDay = '', lastDay = '', opens = '', closes = ''] = asked;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  return changesWithin(facts, firstDay, lastDay)
    .filter((row) => row['performed_by_kind'] === 'user')
    .map((row): Row => {
      const parts = new Map(clock.formatToParts(ms(row['performed_time'])).map(({ type, value }) => [type, value]));
      return { ...row, local_day: parts.get('weekday') ?? null, local_hour: Number(parts.get('hour')) };
    })
    .filter((row) => {
      const isWeekend = row['local_day'] === 'Sat' || row['local_day'] === 'Sun';
      return isWeekend || Number(row['local_hour']) < Number(opens) || Number(row['local_hour']) >= Number(closes);
    })
    .map((row) => ({
      ...pick(row, ['performed_time', 'local_day', 'local_hour', 'case_id', 'event_type', 'related_item_type']),
      ...pick(row, ['field_name', 'old_display', 'new_display', 'performed_by', 'performed_by_team']),
    }));
}

export function closedAndApprovedAlike(facts: Facts, ...asked: readonly string[]): Row[] {
  const [field = '', value = '', firstDay = '', lastDay = ''] = asked;
  const ofCases = changes(facts).filter((row) => row['is_case_change'] && row['performed_by_user_arn'] !== null);
  const approvals = ofCases
    .filter((row) => names(row, field))
    .filter((row) => row['new_value'] === value || row['new_display'] === value);
  const isWithin = within(firstDay, lastDay);
  return ofCases
    .filter((row) => row['field_id'] === 'status' && row['new_value'] === 'closed' && isWithin(row['performed_time']))
    .flatMap((closing) =>
      approvals
        .filter((row) => sameCase(row, closing))
        .filter((row) => row['performed_by_user_arn'] === closing['performed_by_user_arn'])
        .map((approval) => ({
          ...pick(closing, ['domain_id', 'case_id', 'performed_by', 'performed_by_team']),
          approved_time: approval['performed_time'] ?? null,
          field_name: approval['field_name'] ?? null,
          approval: approval['new_display'] ?? null,
          closed_time: closing['performed_time'] ?? null,
        })),
    );
}

export function changesOfFields(facts: Facts, fields: string, firstDay: string, lastDay: string): Row[] {
  const chosen = fields.split(',');
  return changesWithin(facts, firstDay, lastDay)
    .filter((row) => hasFields(row) && chosen.some((field) => names(row, field)))
    .map((row) => ({
      ...pick(row, ['performed_time', 'domain_id', 'case_id', 'event_type', 'related_item_type', 'old_display']),
      ...pick(row, ['new_display', 'performed_by', 'performed_by_team', 'performed_by_role']),
      field_name: row['current_field_name'] ?? null,
    }));
}

export function legalHold(facts: Facts, field: string, value: string): Row[] {
  const sides = ['old_value', 'new_value', 'old_display', 'new_display'];
  const held = changes(facts)
    .filter((row) => hasFields(row) && names(row, field))
    .filter((row) => sides.some((side) => row[side] === value));
  return groupBy(held, ofCase).map((naming) => {
    const [subject = {}] = naming;
    const rows = changes(facts).filter((row) => sameCase(row, subject));
    const milestone = caseMilestones(facts).find((row) => sameCase(row, subject)) ?? {};
    return {
      ...pick(milestone, ['domain_id', 'case_id', 'template_name', 'created_time', 'status', 'last_change_time']),
      changes: rows.length,
      first_named_time: minText(cells(naming, 'performed_time')),
      last_named_time: maxText(cells(naming, 'performed_time')),
      commits: new Set(cells(rows, 'commit_seq')).size,
      first_export_date: minText(cells(rows, 'export_date')),
      last_export_date: maxText(cells(rows, 'export_date')),
    };
  });
}
