/** How a command ends: the words and the exit codes that every command shares. */

/** The verdict as a word, as `--json` carries it. */
export type Verdict = 'sound' | 'contradicted' | 'sound-as-far-as-checked' | 'interrupted';

/** Exit codes by verdict. 2 is a wrong call: nothing was checked. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  sound: 0,
  contradicted: 1,
  'sound-as-far-as-checked': 3,
  interrupted: 130,
};

export const WRONG_CALL = 2;

/** The call cannot be carried out as it was written: the message says what came, what was expected and what to do. */
export class WrongCallError extends Error {
  override readonly name = 'WrongCallError';
}

/** Somebody pressed Ctrl-C: the command ends, and has changed nothing. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';

  constructor() {
    super('Interrupted: nothing was changed.');
  }
}

/** What an answer begins with, as `--json` carries it. Members are added, never renamed or removed, within a version. */
export interface Answer<Format extends string, Verdict extends string> {
  readonly format: Format;
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** One sentence. */
  readonly answer: string;
  /** ISO 8601, UTC. */
  readonly askedAt: string;
  readonly archive: { readonly kind: 'folder' | 'bucket'; readonly name: string };
}

/** @param now epoch ms. */
export function headOf<Format extends string, Verdict extends string>(
  format: Format,
  verdict: Verdict,
  exitCodes: Readonly<Record<Verdict, number>>,
  answer: string,
  { archive, now }: { readonly archive: Answer<Format, Verdict>['archive']; readonly now: number },
): Answer<Format, Verdict> {
  const { kind, name } = archive;
  const askedAt = new Date(now).toISOString();
  return { format, verdict, exitCode: exitCodes[verdict], answer, askedAt, archive: { kind, name } };
}

/** What an answer does not say, and why. */
export interface Limit {
  readonly what: string;
  readonly why: string;
}
