/** The same lines of code in two files. */
import type { CodeLine, FileFacts } from './facts';

/** A run of lines that two files have in common. */
export interface Duplicate {
  readonly lines: number;
  readonly places: readonly [Place, Place];
}

interface Place {
  readonly path: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

interface Window {
  readonly file: FileFacts;
  readonly at: number;
}

/** So many equal lines of code make a duplicate; comments and blank lines do not count. */
const WINDOW = 6;

/** Each run of at least six equal lines in two different files, as long as it goes. Types, imports and data alone may be alike. */
export function duplicatesAmong(files: readonly FileFacts[]): Duplicate[] {
  const found: Duplicate[] = [];
  for (const windows of equalWindows(files)) {
    for (const [index, one] of windows.entries()) {
      for (const other of windows.slice(index + 1)) {
        if (one.file === other.file || goesOnBefore(one, other)) continue;
        found.push({ lines: lengthOf(one, other), places: [placeOf(one), placeOf(other)] });
      }
    }
  }
  return found;
}

function equalWindows(files: readonly FileFacts[]): Window[][] {
  const byText = new Map<string, Window[]>();
  for (const file of files) {
    for (let at = 0; at + WINDOW <= file.code.length; at += 1) {
      const lines = file.code.slice(at, at + WINDOW);
      if (!hasLogic(lines)) continue;
      const text = lines.map((line) => line.text).join('\n');
      byText.set(text, [...(byText.get(text) ?? []), { file, at }]);
    }
  }
  return [...byText.values()].filter((windows) => windows.length > 1);
}

/** The windows one line before are equal too, so that these belong to a duplicate that is found there. */
function goesOnBefore(one: Window, other: Window): boolean {
  if (one.at === 0 || one.file.code[one.at - 1]?.text !== other.file.code[other.at - 1]?.text) return false;
  return hasLogic(one.file.code.slice(one.at - 1, one.at - 1 + WINDOW));
}

function hasLogic(lines: readonly CodeLine[]): boolean {
  return lines.some((line) => line.hasLogic);
}

function lengthOf(one: Window, other: Window): number {
  const lineOf = ({ file, at }: Window, offset: number): CodeLine | undefined => file.code[at + offset];
  let length = WINDOW;
  while (lineOf(one, length) !== undefined && lineOf(one, length)?.text === lineOf(other, length)?.text) length += 1;
  return length;
}

function placeOf({ file, at }: Window): Place {
  return { path: file.path, line: file.code[at]?.line ?? 0 };
}
