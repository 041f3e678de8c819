/** What the queries should answer that look for what must not be there: missing events, doubled rows, unknown kinds, bulk edits. */
import { type Cell, countDistinct, groupBy, maxText, minText, pick, type Row, timeCell } from './canonical';
import { changes } from './changes';
import type { Facts } from './facts';
import { cells, HOUR_MS, roleOf } from './reports';
import { ms, state, stepsOfFields } from './versions';

/**
 * A step is a path if every value but its beginning and its end is come to as often as it is left; it joins up if it begins
 * where the step before may have ended. A step that leads round in a circle may begin and end at any of its values.
 */
export function continuityBreaks(facts: Facts): Row[] {
  return stepsOfFields(facts).flatMap((steps) => {
    let possible = new Set(['']);
    return steps.flatMap(({ changes: rows }, index) => {
      const olds = rows.map((row) => state(row, 'old'));
      const news = rows.map((row) => state(row, 'new'));
      const balance = new Map<string, number>();
      for (const value of news) balance.set(value, (balance.get(value) ?? 0) + 1);
      for (const value of olds) balance.set(value, (balance.get(value) ?? 0) - 1);
      const starts = [...balance].filter(([, count]) => count < 0).map(([value]) => value);
      const uneven = [...balance.values()].reduce((total, count) => total + Math.abs(count), 0);
      // One beginning and one end, or a circle.
      const isPath = uneven === 0 || (uneven === 2 && starts.length === 1);
      const joins = (uneven === 0 ? olds : starts).some((value) => possible.has(value));
      const final = news.filter((value) => !olds.includes(value));
      possible = new Set(final.length > 0 ? final : news);
      if (isPath && joins) return [];
      const before = steps[index - 1];
      return [
        {
          ...pick(rows[0] ?? {}, ['domain_id', 'case_id']),
          field_name: minText(cells(rows, 'current_field_name')),
          after_time: timeCell(before?.at),
          before_time: timeCell(steps[index]?.at),
          value_before: before === undefined ? null : minText(cells(before.changes, 'new_display')),
          old_value_found: minText(cells(rows, 'old_display')),
          performed_by: minText(cells(rows, 'performed_by')),
          changes_at_once: rows.length,
          event_id: minText(cells(rows, 'event_id')),
        },
      ];
    });
  });
}

/** None: an event that the service has once is in one row set. */
export function duplicates(): Row[] {
  return [];
}

const KNOWN_VALUES = ['string', 'double', 'boolean', 'userArn', 'empty'];
const KNOWN_EVENTS = [
  'Case.Created',
  'Case.Updated',
  'RelatedItem.Created',
  'RelatedItem.Updated',
  'RelatedItem.Deleted',
];
const KNOWN_ITEMS = ['Contact', 'Comment', 'File', 'Sla', 'ConnectCase', 'Custom'];

export function unknownKinds(facts: Facts): Row[] {
  const found = changes(facts).flatMap((row) => {
    const kinds: [string, Cell][] = [];
    const add = (what: string, kind: Cell | undefined, known: readonly string[]) => {
      if (typeof kind === 'string' && !known.includes(kind)) kinds.push([what, kind]);
    };
    add('old value', row['old_value_type'], KNOWN_VALUES);
    add('new value', row['new_value_type'], KNOWN_VALUES);
    add('event', row['event_type'], KNOWN_EVENTS);
    add('related item', row['related_item_type'], KNOWN_ITEMS);
    if (row['performed_by_kind'] === 'other') {
      kinds.push(['user', Object.keys(JSON.parse(String(row['performed_by'])) as object)[0] ?? null]);
    }
    return kinds.map(([what, kind]) => ({ what, kind, row }));
  });
  return groupBy(found, ({ what, kind }) => [what, kind]).map((group) => {
    const rows = group.map(({ row }) => row);
    return {
      what: group[0]?.what ?? null,
      kind: group[0]?.kind ?? null,
      changes: rows.length,
      cases: countDistinct(cells(rows, 'case_id')),
      first_time: minText(cells(rows, 'performed_time')),
      last_time: maxText(cells(rows, 'performed_time')),
      example_case_id: minText(cells(rows, 'case_id')),
    };
  });
}

/** By role alone. */
export function bulkEdits(facts: Facts, leastCases: string): Row[] {
  const byRoleAlone = changes(facts).filter((row) => row['performed_by_kind'] === 'iam');
  return bulks(byRoleAlone, (row) => ({ role: roleOf(row) }), leastCases);
}

export function bulkEditsByUser(facts: Facts, leastCases: string): Row[] {
  const named = changes(facts).filter((row) => row['performed_by_kind'] !== null && row['performed_by_kind'] !== 'iam');
  const whoOf = (row: Row) => pick(row, ['performed_by', 'performed_by_team', 'performed_by_kind']);
  return bulks(named, whoOf, leastCases);
}

/** Whoever changed so many cases within one hour of the clock. */
function bulks(all: readonly Row[], whoOf: (row: Row) => Row, leastCases: string): Row[] {
  const hourOf = (row: Row) => Math.floor(ms(row['performed_time']) / HOUR_MS) * HOUR_MS;
  return groupBy(all, (row) => [hourOf(row), row['performed_by_user_arn'], whoOf(row)])
    .map((rows) => ({
      hour: timeCell(hourOf(rows[0] ?? {})),
      ...whoOf(rows[0] ?? {}),
      cases: countDistinct(cells(rows, 'case_id')),
      events: countDistinct(cells(rows, 'event_id')),
      changes: rows.length,
      fields: countDistinct(cells(rows, 'field_id')),
    }))
    .filter(({ cases }) => cases >= Number(leastCases));
}
