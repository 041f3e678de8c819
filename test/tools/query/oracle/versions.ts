/** Values of fields over time, by replaying each case's changes from the first to the last. */
import { type Cell, compareText, groupBy, pick, type Row, timeCell } from './canonical';
import { changes } from './changes';
import type { Facts } from './facts';
import { once } from './once';

/** Epoch ms of a time cell; NaN of null. */
export function ms(cell: Cell | undefined): number {
  return Date.parse(String(cell));
}

/** All changes of one field of one case in one millisecond. */
interface Step {
  readonly at: number;
  readonly changes: readonly Row[];
}

/** The steps of every field of every case, each list by time. */
export function stepsOfFields(facts: Facts): Step[][] {
  const ofCases = changes(facts).filter((row) => row['is_case_change'] && row['field_id'] !== null);
  return groupBy(ofCases, (row) => [row['domain_id'], row['case_id'], row['field_id']]).map((rows) =>
    groupBy(rows, (row) => row['performed_time'])
      .map((together) => ({ at: ms(together[0]?.['performed_time']), changes: together }))
      .sort((a, b) => a.at - b.at),
  );
}

/** A value to be compared: none and an empty one are the same. */
export function state(row: Row, which: 'old' | 'new'): string {
  const type = row[`${which}_value_type`];
  return type === null || type === 'empty' ? '' : `${type}:${row[`${which}_value`]}`;
}

/** The change that set the value in which the step ended. */
function lastOf(step: Step): Row {
  const olds = new Set(step.changes.map((row) => state(row, 'old')));
  const final = step.changes.filter((row) => !olds.has(state(row, 'new')));
  const [last] = [...(final.length > 0 ? final : step.changes)].sort(
    (a, b) =>
      compareText(String(b['event_id']), String(a['event_id'])) || Number(b['field_index']) - Number(a['field_index']),
  );
  if (last === undefined) throw new Error('a step without changes');
  return last;
}

export const fieldVersions = once((facts: Facts): readonly Row[] =>
  stepsOfFields(facts).flatMap((steps) =>
    steps.map((step, index) => {
      const last = lastOf(step);
      return {
        ...pick(last, ['domain_id', 'case_id', 'template_name', 'field_id', 'field_type', 'event_id']),
        field_name: last['current_field_name'] ?? null,
        display: last['new_display'] ?? null,
        valid_from: timeCell(step.at),
        valid_until: timeCell(steps[index + 1]?.at),
        set_by: last['performed_by'] ?? null,
        set_by_team: last['performed_by_team'] ?? null,
        number: last['new_number'] ?? null,
        is_true: last['new_boolean'] ?? null,
        time: last['new_time'] ?? null,
        value_type: last['new_value_type'] ?? null,
        value: last['new_value'] ?? null,
        changes_at_once: step.changes.length,
      };
    }),
  ),
);

export function currentFields(facts: Facts): Row[] {
  return fieldVersions(facts)
    .filter((version) => version['valid_until'] === null)
    .map(({ valid_from, valid_until, changes_at_once, ...version }) => ({ ...version, set_time: valid_from ?? null }));
}

/** The live watermark of each domain, epoch ms. */
export function watermark(facts: Facts, domainId: Cell): number | null {
  const manifests = facts.domains.find((domain) => domain.domainId === domainId)?.manifests ?? [];
  const watermarks = manifests.flatMap(({ lanes }) => lanes.live.watermark ?? []);
  return watermarks.length === 0 ? null : Math.max(...watermarks);
}

export function statusPeriods(facts: Facts): Row[] {
  return fieldVersions(facts)
    .filter((version) => version['field_id'] === 'status')
    .map((version) => {
      const from = ms(version['valid_from']);
      const limit = watermark(facts, version['domain_id'] ?? null);
      const soFar = limit === null ? null : Math.max(limit - from, 0);
      const milliseconds = version['valid_until'] === null ? soFar : ms(version['valid_until']) - from;
      return {
        ...pick(version, [
          'domain_id',
          'case_id',
          'template_name',
          'valid_from',
          'valid_until',
          'set_by',
          'set_by_team',
        ]),
        status: version['display'] ?? null,
        status_value: version['value'] ?? null,
        is_closed: version['value'] === 'closed',
        milliseconds,
        hours: milliseconds === null ? null : milliseconds / 3_600_000,
      };
    });
}
