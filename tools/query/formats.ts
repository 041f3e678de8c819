/** An answer as text: a table for people, and the formats of programs and spreadsheets. */
import { columnsOf, inCell } from '../shown-text';
import type { QueryResult } from './field-changes';

export const FORMATS = ['table', 'csv', 'excel-csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** Text that is longer is cut in a table, with an ellipsis; the other formats show it whole. */
const MAX_CELL = 60;
/** A table ends after so many lines, about what a terminal keeps to scroll back to; the other formats have every row. */
const MAX_LINES = 1_000;
const NO_VALUE = '–';

type Row = QueryResult['rows'][number];

/** The result as text without a line end behind it. `width`: columns that a table may take. */
export function formatResult(result: QueryResult, format: Format, width: number): string {
  switch (format) {
    case 'csv':
      return asCsv(result);
    case 'excel-csv':
      return asExcelCsv(result);
    case 'json':
      return JSON.stringify(result.objects, null, 2);
    case 'table': {
      const count = result.rows.length;
      const size = `${count.toLocaleString('en-US')} row${count === 1 ? '' : 's'}`;
      if (count === 0) return size;
      const { text, shown } = tableOf(result, width);
      const cut = `, of which the first ${shown.toLocaleString('en-US')} are shown: --format csv and json have all`;
      return `${text}\n${size}${shown < count ? cut : ''}`;
    }
  }
}

/**
 * The result as a table, numbers to the right; where it is wider than `width` columns, as one block per row instead. Null is
 * shown as a dash, and no character of a value moves the cursor. Cut after some 1,000 lines.
 */
export function asTable(result: QueryResult, width: number): string {
  return tableOf(result, width).text;
}

/** Takes time in proportion to what is shown, whatever the result holds besides. */
function tableOf({ columns, rows }: QueryResult, width: number): { text: string; shown: number } {
  const names = columns.map(({ name }) => inCell(name));
  const widths = names.map(columnsOf);
  const shown: string[][] = [];
  const isTooWide = () => widths.reduce((sum, each) => sum + each + 3, 1) > width;
  for (const row of rows.slice(0, MAX_LINES)) {
    const cells = row.map(cellText);
    for (const [at, cell] of cells.entries()) widths[at] = Math.max(widths[at] ?? 0, columnsOf(cell));
    // Nothing is laid out that a table has no place for.
    if (isTooWide()) break;
    shown.push(cells);
  }
  if (isTooWide()) return blocksOf(names, rows);
  const line = (cells: readonly string[], isHead: boolean) =>
    `│ ${cells.map((cell, at) => padded(cell, widths[at] ?? 0, !isHead && columns[at]?.isNumber === true)).join(' │ ')} │`;
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((each) => '─'.repeat(each + 2)).join(middle)}${right}`;
  const lines = [
    rule('┌', '┬', '┐'),
    line(names, true),
    rule('├', '┼', '┤'),
    ...shown.map((row) => line(row, false)),
    rule('└', '┴', '┘'),
  ];
  return { text: lines.join('\n'), shown: shown.length };
}

function blocksOf(names: readonly string[], rows: readonly Row[]): { text: string; shown: number } {
  const shown = rows.slice(0, Math.max(1, Math.floor(MAX_LINES / (names.length + 1))));
  const nameWidth = Math.max(...names.map(columnsOf));
  const lines = shown.flatMap((row, index) => [
    `── row ${index + 1} ${'─'.repeat(Math.max(0, nameWidth - 6))}`,
    ...names.map((name, at) => `${padded(name, nameWidth, false)}  ${cellText(row[at] ?? null)}`),
  ]);
  return { text: lines.join('\n'), shown: shown.length };
}

function padded(text: string, width: number, toTheRight: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - columnsOf(text)));
  return toTheRight ? blanks + text : text + blanks;
}

function cellText(value: Row[number]): string {
  if (value === null) return NO_VALUE;
  // What is cut away need not be looked at; a character may be two units.
  const characters = [...inCell(String(value).slice(0, 2 * MAX_CELL + 2))];
  return characters.length <= MAX_CELL ? characters.join('') : `${characters.slice(0, MAX_CELL - 1).join('')}…`;
}

/** RFC 4180 with a header line, every value as it is. Null is an empty field, an empty text is `""`. */
function asCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => csvField(name)), ...rows.map((row) => row.map(csvField))];
  return lines.map((line) => line.join(',')).join('\r\n');
}

function csvField(value: unknown): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? quoted(text) : text;
}

/** A byte order mark, by which spreadsheets know UTF-8. */
const MARK = '\uFEFF';

/**
 * For a spreadsheet: begins with a byte order mark, every text is quoted, and none is a formula (OWASP, CSV injection). Where a text
 * begins with `=`, `+`, `-`, `@` or their full-width forms, a tab or a line end, also behind blanks and what is unseen, an apostrophe is
 * put before it; likewise behind a line end or another separator within it, as a spreadsheet may split there. Numbers are as they are.
 */
function asExcelCsv({ columns, rows }: QueryResult): string {
  const head = columns.map(({ name }) => quoted(defused(name)));
  const lines = rows.map((row) =>
    row.map((value, at) => {
      if (value === null) return '';
      return columns[at]?.isNumber === true ? String(value) : quoted(defused(String(value)));
    }),
  );
  return MARK + [head, ...lines].map((line) => line.join(',')).join('\r\n');
}

/** Full-width forms become the plain ones in some programs. */
const TRIGGER = String.raw`[=+\-@＝＋－＠]`;
const IGNORED = String.raw`[\s\p{Cc}\p{Cf}\p{Z}"']*`;
const AT_START = new RegExp(`^(?:[\\t\\r\\n]|${IGNORED}${TRIGGER})`, 'u');
const BEHIND_SEPARATOR = new RegExp(`([;|\\t\\r\\n])(?=${IGNORED}${TRIGGER})`, 'gu');

function defused(text: string): string {
  const inner = text.replace(BEHIND_SEPARATOR, "$1'");
  return AT_START.test(text) ? `'${inner}` : inner;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
