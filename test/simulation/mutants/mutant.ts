/** A guard of the exporter, broken on purpose: what shows that something would notice if it were missing. */
import type { Worlds } from './worlds';

export interface Mutant {
  /** The guard that is broken, as a plain sentence. */
  readonly name: string;
  /** Under `lambda/export`. */
  readonly file: string;
  /** Exact text of that file, which holds it exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The search for a seed looks only at these worlds, as no other can show it; at all worlds if left out. */
  readonly worlds?: Worlds;
  /** A Jest file that notices, where no seed can or only a rare one; and why. */
  readonly caughtBy?: { readonly test: string; readonly because: string };
}

/** By the sentence that names a guard: the text that is broken, what it becomes, and what more there is to say. */
type Guards<More extends readonly unknown[]> = Readonly<
  Record<string, readonly [find: string, replace: string, ...More]>
>;

/** Mutants of one file that a seed of the simulation catches, perhaps only in some worlds. */
export function bySeed(file: string, guards: Guards<[worlds?: Worlds]>): readonly Mutant[] {
  return Object.entries(guards).map(([name, [find, replace, worlds]]) => {
    return { name, file, find, replace, ...(worlds && { worlds }) };
  });
}

/** Mutants of one file that one Jest file catches; why a test does is said by each, or for all that say nothing else. */
export function byTest(file: string, test: string, guards: Guards<[because: string]>): readonly Mutant[];
export function byTest(
  file: string,
  test: string,
  because: string,
  guards: Guards<[because?: string]>,
): readonly Mutant[];
export function byTest(
  file: string,
  test: string,
  ...more: [Guards<[string]>] | [string, Guards<[string?]>]
): readonly Mutant[] {
  const [shared, guards] = more.length === 1 ? ['', more[0]] : more;
  return Object.entries(guards).map(([name, [find, replace, because = shared]]) => {
    return { name, file, find, replace, caughtBy: { test, because } };
  });
}

/** A text may be broken only where there is no doubt which place is meant. */
class NotFoundOnce extends Error {
  override readonly name = 'NotFoundOnce';
}

/** @throws NotFoundOnce if the source does not hold `find` exactly once, or would stay as it is. */
export function broken(source: string, { file, find, replace }: Pick<Mutant, 'file' | 'find' | 'replace'>): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new NotFoundOnce(`${file} holds this ${parts.length - 1} times, expected once:\n${find}`);
  if (find === replace) throw new NotFoundOnce(`${file}: the replacement changes nothing:\n${find}`);
  return parts.join(replace);
}
