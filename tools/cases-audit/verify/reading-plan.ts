/** Of which commits the bytes are read and decoded: `--read-data all|none|5%|n/t`. */
import { createHash } from 'node:crypto';
import { WrongCallError } from '../outcome';

export interface ReadingPlan {
  /** As it is said to people. */
  readonly words: string;
  readonly isAll: boolean;
  readonly isNone: boolean;
  reads(seq: number): boolean;
}

/**
 * `5%` draws commits by a seed that nobody knew before; `2/7` takes the second of seven parts, so that seven checks read everything.
 * @throws WrongCallError for anything else.
 */
export function readingPlan(text: string, newSeed: () => string): ReadingPlan {
  if (text === 'all') return { words: 'the data of every commit', isAll: true, isNone: false, reads: () => true };
  if (text === 'none') return { words: 'no data', isAll: false, isNone: true, reads: () => false };
  return share(text, newSeed) ?? part(text) ?? refuse(text);
}

function share(text: string, newSeed: () => string): ReadingPlan | null {
  const [, digits] = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text) ?? [];
  const percent = Number(digits);
  if (digits === undefined || percent <= 0 || percent > 100) return null;
  const seed = newSeed();
  const limit = (percent / 100) * 2 ** 32;
  return {
    words: `the data of about ${percent} % of the commits, drawn by the seed ${seed}`,
    isAll: percent === 100,
    isNone: false,
    reads: (seq) => createHash('sha256').update(`${seed}/${seq}`).digest().readUInt32BE() < limit,
  };
}

function part(text: string): ReadingPlan | null {
  const [, n, t] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (n === undefined || t === undefined || n < 1 || n > t) return null;
  return {
    words: `the data of part ${n} of ${t} of the commits`,
    isAll: t === 1,
    isNone: false,
    reads: (seq) => seq % t === n - 1,
  };
}

function refuse(text: string): never {
  throw new WrongCallError(
    `--read-data is "${text}"; expected all, none, a share such as 5%, or a part such as 2/7 (the second of seven).`,
  );
}
