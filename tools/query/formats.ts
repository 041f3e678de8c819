import type { QueryResult } from './field-changes';
import { asTable } from './table';

export const FORMATS = ['table', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

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
