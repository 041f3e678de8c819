/** What the reports of several commands share: tables as wide as the console, in which nothing of an archive steers a terminal. */
import Table from 'cli-table3';
import type picocolors from 'picocolors';
import type { GapSum, LaneTimes } from './archive/progress';
import type { Limit } from './outcome';
import { counted, printable, wrap } from './words';

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

/** How a verdict begins: a sign in its colour, and a word. */
export type Headline = readonly [color: 'green' | 'red' | 'yellow', sign: string, word: string];

/** Sign, word and sentence in lines of at most `width` characters. */
export function headlineOf(
  [color, sign, word]: Headline,
  sentence: string,
  width: number,
  colors: ReturnType<typeof picocolors.createColors>,
): string {
  // Wrapped before it has colours, whose characters take no room.
  const wrapped = wrap(`${sign} ${word} ${printable(sentence)}`, width);
  return wrapped.replace(`${sign} ${word}`, `${colors[color](sign)} ${colors.bold(word)}`);
}

/** What an answer does not say, and why. */
export function limitsTable(limits: readonly Limit[], width: number): string {
  const rows = limits.map(({ what, why }) => [what, why]);
  return tableOf([], rows, width);
}

const MAX_NAMED = 25;

/** How far the scan over all cases is. */
export function scanWords(sweep: NonNullable<LaneTimes['sweep']>): string {
  const { number, purpose, startedAt, finishedAt, resumePoint, casesFound, totalCount } = sweep;
  const found = totalCount === null ? counted(casesFound, 'case') : `${casesFound} of ${counted(totalCount, 'case')}`;
  const end = finishedAt === null ? `under way, at ${resumePoint ?? 'its first page'}` : `finished ${finishedAt}`;
  return `number ${number} (${purpose}), begun ${startedAt}, ${end}, ${found} found`;
}

/** Each cause, and below it the cases that the manifest names. */
export function gapLines(gaps: readonly GapSum[], width: number): string[] {
  const rows = gaps.map(({ cause, since, cases, neverRead, missingFrom, words }) => {
    const never = neverRead === null || neverRead === 0 ? '' : `, ${neverRead} never read whole`;
    const missing = missingFrom === null ? 'anything may be missing' : `missing may be what came since ${missingFrom}`;
    return [cause, since ?? '', `${counted(cases, 'case')}${never}: each ${words}; ${missing}.`];
  });
  const named = gaps.flatMap((gap) => gap.named.map(({ caseId, since }) => [gap.cause, since ?? '', caseId]));
  const shown = named.slice(0, MAX_NAMED);
  const unnamed = gaps.reduce((sum, { cases }) => sum + cases, 0) - named.length;
  return [
    tableOf(['cause', 'since', 'how many, why'], rows, width),
    ...(shown.length === 0 ? [] : [tableOf(['cause', 'since', 'case'], shown, width)]),
    ...(named.length > shown.length
      ? [`… and ${counted(named.length - shown.length, 'more case')}: --json lists them.`]
      : []),
    ...(unnamed > 0 ? [`… and ${counted(unnamed, 'case')} that the manifest does not name.`] : []),
  ];
}
