/** One event held against the rows that the archive has of it, column by column. No value leaves this file. */
import type { AuditEvent } from '../../../lambda/export/domain/audit-event';
import { COLUMNS, type FieldChange } from '../../../lambda/export/domain/columns';
import type { FieldDictionary } from '../../../lambda/export/domain/fields';
import { flattenEvent, rawEvent } from '../../../lambda/export/domain/flatten';
import { canonicalJson } from '../../../lambda/export/domain/values';

/** A row as a file holds it: undefined where the file is older than the column. */
export type ArchivedRow = { readonly [C in keyof FieldChange]: FieldChange[C] | undefined } & {
  readonly commit_seq: number;
};

/** An event that the archive keeps raw. */
export interface ArchivedRaw {
  readonly commit: number;
  readonly eventKey: string;
  /** Rows hold it all the same. */
  readonly emitted: boolean;
  readonly event: unknown;
}

/** All that the archive has of one event. */
export interface ArchivedEvent {
  readonly rows: readonly ArchivedRow[];
  readonly raw: readonly ArchivedRaw[];
}

/** What is not alike. `columns`: of `value-differs`; `event` for the event as a whole. */
export interface EventDifference {
  readonly kind: 'value-differs' | 'field-missing' | 'field-unknown';
  readonly fieldId: string | null;
  readonly columns: readonly string[];
}

export interface EventComparison {
  readonly differences: readonly EventDifference[];
  /** A field is null on one of the sides, which says nothing of its value. */
  readonly hasNull: boolean;
  /** The archive has it in quarantine alone, as it is. */
  readonly isQuarantined: boolean;
}

/** What the commit adds; labels as they were at export; and the place among the fields, which is looked at apart. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'exported_at',
  'run_id',
  'commit_seq',
  'field_name',
  'field_type',
  'field_namespace',
  'template_id',
  'field_index',
]);

/** The columns that are held against each other. */
const COMPARED_COLUMNS = COLUMNS.map(({ name }) => name).filter(
  (name) => !NOT_COMPARED.has(name),
) as readonly (keyof FieldChange)[];

const NO_LABELS: FieldDictionary = new Map();
const WHOLE: EventDifference = { kind: 'value-differs', fieldId: null, columns: ['event'] };

/** Null if the service told the event without its list of fields: then there is nothing to hold against anything. */
export function compareEvent(event: AuditEvent, caseId: string, archived: ArchivedEvent): EventComparison | null {
  const flattened = flattenEvent(event, caseId, null, NO_LABELS);
  if (flattened.kind === 'incomplete') return null;
  const raw = canonicalJson(rawEvent(event));
  const rawHasNull = archived.raw.some(({ event: kept }) => hasNullField(kept));
  if (archived.rows.length === 0) {
    const isSame = archived.raw.some(({ event: kept }) => canonicalJson(kept) === raw);
    const hasNull = !isSame && (rawHasNull || hasNullField(rawEvent(event)));
    return { differences: isSame || hasNull ? [] : [WHOLE], hasNull, isQuarantined: isSame };
  }
  if (flattened.kind === 'poison') return { differences: [WHOLE], hasNull: false, isQuarantined: false };
  const nulls = flattened.nullPositions.length;
  const { differences, spared } = compareRows(flattened.rows, archived.rows, { nulls, rawHasNull });
  // Rows hold U+FFFD for what is no text; the raw event tells such texts apart.
  const isRawSame = nulls > 0 || rawHasNull || archived.raw.every(({ event: kept }) => canonicalJson(kept) === raw);
  const all = isRawSame || differences.length > 0 ? differences : [WHOLE];
  return { differences: all, hasNull: spared > 0, isQuarantined: false };
}

function hasNullField(raw: unknown): boolean {
  const fields = typeof raw === 'object' && raw !== null ? (raw as { fields?: unknown }).fields : undefined;
  return Array.isArray(fields) && fields.includes(null);
}

interface Nulls {
  /** How many fields the service tells as null now. */
  readonly nulls: number;
  /** The exporter was told nulls, too. */
  readonly rawHasNull: boolean;
}

function compareRows(expected: readonly FieldChange[], archived: readonly ArchivedRow[], { nulls, rawHasNull }: Nulls) {
  const found = pair(expected, archived);
  const differences: EventDifference[] = [];
  let spared = 0;
  for (const [row, kept] of found.pairs) {
    const columns = COMPARED_COLUMNS.filter((name) => !isSame(row[name], kept[name]));
    // Rows of fields that came as null at first were added later, behind the others.
    const isInPlace = nulls > 0 || rawHasNull || row.field_index === kept.field_index;
    if (!isInPlace) columns.push('field_index');
    if (columns.length > 0) differences.push({ kind: 'value-differs', fieldId: kept.field_id ?? null, columns });
  }
  for (const { field_id: fieldId } of found.missing) {
    if (fieldId === null && nulls > 0) continue;
    if (rawHasNull) spared += 1;
    else differences.push({ kind: 'field-missing', fieldId, columns: [] });
  }
  let mayBeNull = nulls;
  for (const { field_id: fieldId = null } of found.unknown) {
    // All fields came as null at first: such an event has a row without a field.
    if (fieldId === null && rawHasNull) continue;
    if (mayBeNull > 0) {
      mayBeNull -= 1;
      spared += 1;
    } else differences.push({ kind: 'field-unknown', fieldId, columns: [] });
  }
  return { differences, spared };
}

interface Pairs {
  readonly pairs: readonly (readonly [FieldChange, ArchivedRow])[];
  readonly missing: readonly FieldChange[];
  readonly unknown: readonly ArchivedRow[];
}

/** Rows that are alike in everything first, in their order; then those of one field. A field may come twice in an event. */
function pair(expected: readonly FieldChange[], archived: readonly ArchivedRow[]): Pairs {
  const pairs: [FieldChange, ArchivedRow][] = [];
  let left: FieldChange[] = [...expected];
  let unknown = archived.toSorted((a, b) => (a.field_index ?? 0) - (b.field_index ?? 0));
  const take = (fits: (row: FieldChange, kept: ArchivedRow) => boolean) => {
    left = left.filter((row) => {
      const at = unknown.findIndex((kept) => fits(row, kept));
      const kept = unknown[at];
      if (kept === undefined) return true;
      pairs.push([row, kept]);
      unknown = unknown.toSpliced(at, 1);
      return false;
    });
  };
  const isAlike = (row: FieldChange, kept: ArchivedRow) =>
    COMPARED_COLUMNS.every((name) => isSame(row[name], kept[name]));
  take((row, kept) => row.field_index === kept.field_index && isAlike(row, kept));
  take(isAlike);
  take((row, kept) => row.field_id === kept.field_id);
  return { pairs, missing: left, unknown };
}

/** A file that is older than a column says nothing of it. */
function isSame(value: unknown, kept: unknown): boolean {
  if (kept === undefined) return true;
  if (value instanceof Date && kept instanceof Date) return value.getTime() === kept.getTime();
  return Object.is(value, kept);
}
