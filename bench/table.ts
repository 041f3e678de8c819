/**
 * Whether printing an answer takes time in proportion to its rows: each format with some rows and with four times as many, in one
 * process, and the ratio. Exit code 1 if a ratio is more than three times what is proportional.
 *
 *   npx tsx bench/table.ts [--rows 8000]
 */
import type { QueryResult } from '../tools/query/field-changes';
import { FORMATS, formatResult } from '../tools/query/formats';
import { readOptions } from './harness';

const TIMES = 4;
/** Collections of garbage and a busy machine make a proportional format look worse, never like a quadratic one, which takes 16. */
const MAX_RATIO = 3 * TIMES;
const ROUNDS = 3;
const COLUMNS = 40;

const SUBJECTS: readonly (readonly [name: string, print: (answer: QueryResult) => unknown])[] = FORMATS.flatMap(
  (format) =>
    [80, 100_000].map(
      (width) => [`${format}, width ${width}`, (answer: QueryResult) => formatResult(answer, format, width)] as const,
    ),
);

function answerOf(rows: number): QueryResult {
  const columns = Array.from({ length: COLUMNS }, (_, at) => ({ name: `column_${at}`, isNumber: at % 4 === 0 }));
  const values = Array.from({ length: rows }, (_, row) =>
    columns.map(({ isNumber }, at) => (isNumber ? row * at : `text 你好 ${'x'.repeat((row + at) % 50)}`)),
  );
  const objects = values.map((row) => Object.fromEntries(row.map((value, at) => [`column_${at}`, value])));
  return { columns, rows: values, objects };
}

/** The fastest of some rounds, in ms: what the work takes where nothing else is in the way. */
function msOf(print: (answer: QueryResult) => unknown, answer: QueryResult): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    print(answer);
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

function main(): void {
  const { rows } = readOptions({ rows: [8_000, 1, 10_000_000] });
  const answers = [answerOf(rows), answerOf(TIMES * rows)];
  process.stdout.write(`${COLUMNS} columns; ${rows} rows and ${TIMES * rows}, ms, ratio (${TIMES} is proportional)\n`);
  for (const [name, print] of SUBJECTS) {
    const [few, many] = answers.map((answer) => msOf(print, answer)) as [number, number];
    const ratio = many / few;
    process.stdout.write(
      `${name.padEnd(26)} ${few.toFixed(0).padStart(7)} ${many.toFixed(0).padStart(7)} ${ratio.toFixed(1).padStart(6)}\n`,
    );
    if (ratio > MAX_RATIO) process.exitCode = 1;
  }
}

main();
