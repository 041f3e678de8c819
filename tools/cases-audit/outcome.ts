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
