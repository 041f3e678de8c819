/** What a check is: a row of a table, with its question to AWS apart from the judgement of the answer. */
import { describeError, errorName, isDenied } from '../../../lambda/export/aws/store-failures';
import { ArchiveError } from '../archive/archive';
import { WRONG as WRONG_PLACE } from '../archive/aws-errors';
import { InterruptedError } from '../outcome';
import type { Examination } from './examination';

/**
 * `failed`: it is not as it must be. `unknown`: it could not be checked, which says nothing against it. `not-asked`: the call names
 * nothing to check.
 */
export type Outcome = 'passed' | 'failed' | 'unknown' | 'not-asked';

export interface Judged {
  readonly outcome: Outcome;
  /** What was found, in one sentence. */
  readonly words: string;
}

export const passed = (words: string): Judged => ({ outcome: 'passed', words });
export const failed = (words: string): Judged => ({ outcome: 'failed', words });
export const unknown = (words: string): Judged => ({ outcome: 'unknown', words });
const notAsked = (words: string): Judged => ({ outcome: 'not-asked', words });

/** What a check is made of. `Needed` is what its question takes from the call, `Fact` what AWS answers. */
interface CheckParts<Needed, Fact> {
  readonly name: string;
  /** What it finds out, for the documentation. */
  readonly finds: string;
  /** The permission that the question needs. */
  readonly permission: string;
  /** What to do about a cross. */
  readonly toDo: string;
  /** Once in all, or once per domain. */
  readonly per: 'account' | 'domain';
  /** What the call names for it; a text says what is not named. */
  readonly needs: (examination: Examination, domainId: string) => Needed | string;
  /** The only part that talks to AWS. */
  readonly ask: (examination: Examination, needed: Needed, domainId: string) => Promise<Fact>;
  /** Pure. */
  readonly judge: (fact: Fact, needed: Needed) => Judged;
}

export interface Check extends Omit<CheckParts<never, never>, 'needs' | 'ask' | 'judge'> {
  /** Rejects with InterruptedError alone. */
  run(examination: Examination, domainId: string): Promise<Judged>;
}

/** A row of a table of checks. */
export function check<Needed extends object, Fact>(parts: CheckParts<Needed, Fact>): Check {
  const { needs, ask, judge, ...row } = parts;
  return {
    ...row,
    async run(examination, domainId) {
      const needed = needs(examination, domainId);
      if (typeof needed === 'string') return notAsked(needed);
      try {
        return judge(await ask(examination, needed, domainId), needed);
      } catch (error) {
        if (examination.signal.aborted) throw new InterruptedError();
        return judgeError(error, row.permission);
      }
    },
  };
}

/** Errors that say by themselves what is wrong, and that no permission or second try would mend. */
const WRONG: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(WRONG_PLACE).map(([name, [wrong]]) => [name, wrong])),
  InvalidClientTokenId: 'AWS does not know the access key',
  UnrecognizedClientException: 'AWS does not know the access key',
  InvalidRequestException: 'the service refuses what is asked',
  EntityNotFoundException: 'the catalog has no such database or table',
  NotFoundException: 'there is no such key',
  StateMachineDoesNotExist: 'there is no such state machine',
  ResourceNotFoundException: 'there is no such resource',
};

/** Pure. No permission is no evidence, for or against; what is missing is. */
function judgeError(error: unknown, permission: string): Judged {
  if (error instanceof ArchiveError) return unknown(error.message);
  const name = errorName(error);
  // Of the archive's own reader: its message names what is wrong.
  if (name === 'WrongCallError') return failed((error as Error).message);
  if (name === 'QueryFailedError') return failed((error as Error).message);
  const wrong = WRONG[name];
  // Further lines are hints for whoever writes programs.
  const described = describeError(error).split('\n')[0];
  if (wrong !== undefined) return failed(`${wrong[0]?.toUpperCase()}${wrong.slice(1)} (${described}).`);
  if (/region is missing/i.test(describeError(error))) return failed('No Region is set: give --region.');
  if (isDenied(error)) return unknown(`No permission: allow ${permission} to whoever runs this.`);
  return unknown(`It could not be asked (${described}). Try again.`);
}
