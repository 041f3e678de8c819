/** Rows in a form that is the same whoever answered: DuckDB, Trino or the oracle. */

/** Times are ISO 8601 text with milliseconds, days YYYY-MM-DD. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** The rows sorted by all their cells: for comparisons that leave the order out. Neither argument is changed. */
export function sortedRows(rows: readonly Row[]): Row[] {
  return rows
    .map((row) => ({ row, key: JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))) }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ row }) => row);
}

/** Epoch ms, or null, as a cell. */
export function timeCell(epochMs: number | null | undefined): Cell {
  return epochMs === null || epochMs === undefined ? null : new Date(epochMs).toISOString();
}

/** `2026-01-31 10:00:00.123`, with any number of decimals up to six, as DuckDB and Trino print a timestamp, as a cell. */
export function timeCellOfText(text: string): Cell {
  const [, day, time = '00:00:00', decimals = ''] =
    /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}))?(?:\.(\d+))?/.exec(text) ?? [];
  if (day === undefined) throw new Error(`not a timestamp: ${text}`);
  if (/[1-9]/.test(decimals.slice(3))) throw new Error(`a timestamp that is not whole milliseconds: ${text}`);
  return `${day}T${time}.${decimals.slice(0, 3).padEnd(3, '0')}Z`;
}

/** As databases compare text: by the bytes of its UTF-8. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Least text; null of none. */
export function minText(texts: readonly Cell[]): string | null {
  return texts
    .filter((text) => typeof text === 'string')
    .reduce<string | null>((least, text) => {
      return least === null || compareText(text, least) < 0 ? text : least;
    }, null);
}

/** Greatest text; null of none. */
export function maxText(texts: readonly Cell[]): string | null {
  return texts
    .filter((text) => typeof text === 'string')
    .reduce<string | null>((most, text) => {
      return most === null || compareText(text, most) > 0 ? text : most;
    }, null);
}

/** Two decimals, halves up. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function groupBy<T>(list: readonly T[], keyOf: (element: T) => unknown): T[][] {
  const groups = new Map<string, T[]>();
  for (const element of list) {
    const key = JSON.stringify(keyOf(element));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  return [...groups.values()];
}

export function countDistinct(values: readonly Cell[]): number {
  return new Set(values.filter((value) => value !== null)).size;
}

/** The columns of a row, in this order. Throws for a column that the row lacks. */
export function pick<Name extends string>(row: Row, names: readonly Name[]): Record<Name, Cell> {
  return Object.fromEntries(
    names.map((name) => {
      const cell = row[name];
      if (cell === undefined) throw new Error(`no column ${name}`);
      return [name, cell];
    }),
  ) as Record<Name, Cell>;
}
