/** What the benchmarks share: numbers on the command line, tables, medians, and files below a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../tools/read-arguments';

/** Pace of a run that is not to wait for the quota. */
export const FAST = ratesOf(10_000);

/** The same rate for each operation that the exporter paces, as variables of the function. */
export function ratesOf(rps: number): Readonly<Record<string, string>> {
  return { SEARCH_CASES_RPS: `${rps}`, AUDIT_EVENTS_RPS: `${rps}`, RELATED_ITEMS_RPS: `${rps}` };
}

/** A number on the command line: its default, and what it may be. */
type NumberOption = readonly [byDefault: number, from: number, to: number];

/**
 * The command line: numbers with a default and bounds, and texts, which may be left out.
 * @throws Error for what is not known or out of bounds.
 */
export function readOptions<N extends string, T extends string = never>(
  numbers: Readonly<Record<N, NumberOption>>,
  ...texts: readonly T[]
): Readonly<Record<N, number>> & Readonly<Partial<Record<T, string>>> {
  const names = [...Object.keys(numbers), ...texts];
  const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const read = Object.entries<NumberOption>(numbers).map(([name, [byDefault, from, to]]) => {
    const text = values[name];
    return [name, text === undefined ? byDefault : wholeNumber(`--${name}`, String(text), from, to)];
  });
  return { ...values, ...Object.fromEntries(read) };
}

/** Prints the head of a Markdown table. */
export function tableHead(...columns: readonly string[]): void {
  console.log(`| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}`);
}

/** Prints a row of it. */
export function tableRow(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

/** The middle one; of an even number, half the sum of the two. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return ((sorted[middle] ?? Number.NaN) + (sorted[(sorted.length - 1) >> 1] ?? Number.NaN)) / 2;
}

/** Writes a file, and its folder where it is not there. */
export function writeBelow(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
