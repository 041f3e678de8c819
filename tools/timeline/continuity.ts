import { type ChangeRow, isCaseChange } from './facts';

/** Events are named by their number, from 1. `after` null: no earlier event gave the field a value. */
export interface Break {
  readonly after: number | null;
}

/**
 * Changes of the case's own fields whose old value is not what the change before left: a change between them is probably missing.
 * `events`: in order, each with its rows. Where two events change a field in the same millisecond their order is not known, so
 * neither they nor the change behind them are judged. Related items are left out: no event says which comment it is about.
 */
export function findBreaks(events: readonly (readonly ChangeRow[])[]): Map<ChangeRow, Break> {
  const changes = events.flatMap((rows, index) => rows.flatMap((row) => changeIn(row, index + 1)));
  const breaks = new Map<ChangeRow, Break>();
  for (const [, ofField] of groupBy(changes, ({ fieldId }) => fieldId)) {
    const byTime = groupBy(ofField, ({ row }) => String(row.performedAt));
    const isTied = ({ row, event }: FieldChange) =>
      byTime.get(String(row.performedAt))?.some((other) => other.event !== event) ?? false;
    for (const [index, change] of ofField.entries()) {
      const before = ofField[index - 1];
      if (isTied(change) || (before !== undefined && isTied(before))) continue;
      if (!joins(before?.row, change.row)) breaks.set(change.row, { after: before?.event ?? null });
    }
  }
  return breaks;
}

interface FieldChange {
  readonly fieldId: string;
  readonly row: ChangeRow;
  readonly event: number;
}

function changeIn(row: ChangeRow, event: number): FieldChange[] {
  return row.fieldId === null || !isCaseChange(row) ? [] : [{ fieldId: row.fieldId, row, event }];
}

function joins(before: ChangeRow | undefined, row: ChangeRow): boolean {
  const left = before === undefined ? NOTHING : sideOf(before.newType, before.newValue);
  return left === sideOf(row.oldType, row.oldValue);
}

const NOTHING = 'nothing';

/** An event may name a field without a value as `empty` or leave its old side out. */
function sideOf(type: string | null, value: string | null): string {
  return type === null || type === 'empty' ? NOTHING : JSON.stringify([type, value]);
}

/** Groups in the order of their first items, each in the order of the items. (`Map.groupBy` is not in Node 20.) */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
