/** Tables for people, as wide as the console, in which nothing of an archive steers a terminal. */
import Table from 'cli-table3';
import { printable, wrap } from './words';

/**
 * @param head one name for each column; none for a table without a head.
 * @param rows the last column takes what the others leave of `width`, and is wrapped.
 */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const narrow = (rows[0] ?? head).slice(0, -1).map((_, column) => {
    return Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  });
  const taken = narrow.reduce((sum, column) => sum + column + 3, 0);
  const wide = Math.max(20, width - taken - 4);
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true },
    colWidths: [...narrow, wide].map((column) => column + 2),
  });
  for (const row of rows) {
    table.push(row.map((cell, column) => (column < narrow.length ? printable(cell) : wrap(printable(cell), wide))));
  }
  return table.toString();
}
