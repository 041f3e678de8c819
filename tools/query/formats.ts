import Table from 'cli-table3';
import type { QueryResult } from './field-changes';

export const FORMATS = ['table', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** Text that is longer is cut in a table, with an ellipsis; the other formats show it whole. */
const MAX_CELL = 60;
const NO_VALUE = '–';

/** The result as text without a line end behind it. `width`: characters that a table may take. */
export function formatResult(result: QueryResult, format: Format, width: number): string {
  switch (format) {
    case 'csv':
      return asCsv(result);
    case 'json':
      return JSON.stringify(result.objects, null, 2);
    case 'table': {
      const count = result.rows.length;
      const size = `${count.toLocaleString('en-US')} row${count === 1 ? '' : 's'}`;
      return count === 0 ? size : `${asTable(result, width)}\n${size}`;
    }
  }
}

/**
 * The result as a table, numbers to the right; where it is wider than `width` characters, as one block a row instead.
 * Null is shown as a dash, and no character of a value moves the cursor.
 */
export function asTable(result: QueryResult, width: number): string {
  const table = new Table({
    head: result.columns.map(({ name }) => name),
    colAligns: result.columns.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of result.rows) table.push(row.map((value) => shorten(cellText(value))));
  const text = table.toString();
  const [firstLine = ''] = text.split('\n', 1);
  return firstLine.length <= width ? text : asBlocks(result);
}

function asBlocks({ columns, rows }: QueryResult): string {
  const nameWidth = Math.max(...columns.map(({ name }) => name.length));
  const blockOf = (row: QueryResult['rows'][number], index: number) => [
    `── row ${index + 1} ${'─'.repeat(Math.max(0, nameWidth - 6))}`,
    ...columns.map(({ name }, at) => `${name.padEnd(nameWidth)}  ${shorten(cellText(row[at] ?? null))}`),
  ];
  return rows.flatMap(blockOf).join('\n');
}

function cellText(value: QueryResult['rows'][number][number]): string {
  if (value === null) return NO_VALUE;
  return String(value)
    .replaceAll(/\r?\n/g, ' ⏎ ')
    .replaceAll(/\p{Cc}/gu, '�');
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_CELL ? text : `${characters.slice(0, MAX_CELL - 1).join('')}…`;
}

/** RFC 4180 with a header line. Null is an empty field, an empty text is `""`. */
function asCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => csvField(name)), ...rows.map((row) => row.map(csvField))];
  return lines.map((line) => line.join(',')).join('\r\n');
}

function csvField(value: unknown): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
