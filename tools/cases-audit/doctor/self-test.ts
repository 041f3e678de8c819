/**
 * `doctor --after-deploy`: what a new deployment must be able to do, tried once. It starts what schedules start anyway, and the one thing
 * that must be denied changes nothing where it is not.
 */
import { randomUUID } from 'node:crypto';
import { describeError, errorName } from '../../../lambda/export/aws/store-failures';
import type { Execution, Invocation } from './account';
import { type Check, check, failed, type Judged, passed, unknown } from './check';
import { CHECKS } from './checks';
import type { Examination } from './examination';
import { functionOf, NOT_NAMED } from './questions';

/** These look at the newest commit, so they come after one was awaited. */
const AFTER_COMMIT = new Set(['archive-read', 'table', 'settings', 'note', 'athena']);
const POLL_MS = 5_000;

/** How a domain's first run went. */
interface FirstRun {
  /** Null while it has not ended. */
  readonly invocation: Invocation | { readonly failure: unknown } | null;
  /** Numbers of the newest commit, 0 for none; the second null until a new one is seen. */
  readonly before: number;
  readonly after: number | null;
}

const FIRST_RUNS: readonly Check[] = [
  check({
    name: 'run',
    finds: 'The function of the domain runs, invoked with the event of its schedule.',
    permission: 'lambda:InvokeFunction',
    toDo: 'See failed-runs in the runbook; the message says what came and what was expected.',
    per: 'domain',
    needs: runOf,
    ask: firstRunOf,
    judge: judgeRun,
  }),
  check({
    name: 'commit',
    finds: 'A commit appears in the archive after that.',
    permission: 's3:ListBucketVersions',
    toDo: 'See no-invocation and failed-runs in the runbook; a longer --wait if the run goes on.',
    per: 'domain',
    needs: runOf,
    ask: firstRunOf,
    judge: judgeCommit,
  }),
];

const LAST: readonly Check[] = [
  check({
    name: 'daily-check',
    finds: 'The function that checks the archive every day comes to its end and finds no contradiction.',
    permission: 'lambda:InvokeFunction',
    toDo: 'Contradicted: archive-contradicted in the runbook. An error: verify-overdue.',
    per: 'account',
    needs: ({ names }) =>
      names.verifyFunction === null ? 'The stack has no daily check.' : { name: names.verifyFunction },
    ask: ({ account, waiting }, { name }) => account.invoke(name, {}, waiting),
    judge: judgeDailyCheck,
  }),
  check({
    name: 'refresh',
    finds: 'The refresh of the curated table starts and succeeds.',
    permission: 'states:ListExecutions, states:StartExecution and states:DescribeExecution',
    toDo: 'See curated-failed in the runbook.',
    per: 'account',
    needs: ({ names }) => (names.refresh === null ? 'The stack has no curated table.' : { arn: names.refresh }),
    ask: async (examination, { arn }) => {
      const execution = await examination.account.startRefresh(arn);
      let found = await examination.account.execution(execution);
      while (found.status === 'RUNNING' && (await examination.pause(POLL_MS))) {
        found = await examination.account.execution(execution);
      }
      return found;
    },
    judge: judgeRefresh,
  }),
  check({
    name: 'delete-denied',
    finds: 'A delete in the archive is denied by the policy of the bucket, whatever you may do elsewhere.',
    permission: 's3:DeleteObjectVersion',
    toDo: 'Are you the break-glass role, or was the stack made to delete its data? Else `cdk deploy --revert-drift`.',
    per: 'account',
    needs: ({ names }) => (names.bucket === null ? NOT_NAMED.bucket : { bucket: names.bucket }),
    /*
     * Where the guard is missing, this must not be what proves it. The key has never existed, as it holds a new random id. The version is
     * named: a delete without one would leave a delete marker in a bucket with versions, also at a key that is not there. And `null` is the
     * one version id that every bucket understands: it means the object written while there were no versions, which a key that never
     * existed has not. So a delete that is allowed finds nothing, answers 204 and leaves nothing. No write can be that harmless: even with
     * `If-None-Match` it would create an object where the key is free.
     */
    ask: async ({ account }, { bucket }) => {
      try {
        await account.deleteNullVersion(bucket, `doctor/${randomUUID()}`);
        return { denied: false, words: '' };
      } catch (error) {
        if (errorName(error) !== 'AccessDenied') throw error;
        return { denied: true, words: error instanceof Error ? error.message : '' };
      }
    },
    judge: judgeDelete,
  }),
];

/** The checks of `doctor` and the self-test, in their order: what a commit is needed for comes after it. */
export const SELF_TEST: readonly Check[] = [
  ...CHECKS.filter(({ name }) => !AFTER_COMMIT.has(name) && name !== 'clock'),
  ...FIRST_RUNS,
  ...CHECKS.filter(({ name }) => AFTER_COMMIT.has(name)),
  ...LAST,
  ...CHECKS.filter(({ name }) => name === 'clock'),
];

/** Those that only the self-test has. */
export const SELF_TEST_ALONE: readonly Check[] = [...FIRST_RUNS, ...LAST];

function runOf(examination: Examination, domainId: string) {
  if (examination.archive === null) return NOT_NAMED.bucket;
  return functionOf(examination, domainId);
}

function firstRunOf(examination: Examination, { name }: { readonly name: string }, domainId: string) {
  return examination.once(`run of ${domainId}`, () => firstRun(examination, name, domainId));
}

/** Ends with a new commit, with the failure of the run, or when the wait is over. The run itself goes on for as long as it takes. */
async function firstRun(examination: Examination, name: string, domainId: string): Promise<FirstRun> {
  const before = await newestSeq(examination, domainId);
  let invocation: FirstRun['invocation'] = null;
  examination.account.invoke(name, { domainId }, examination.waiting).then(
    (answer) => {
      invocation = answer;
    },
    (failure: unknown) => {
      invocation = { failure };
    },
  );
  for (;;) {
    const goesOn = await examination.pause(POLL_MS);
    const seq = await newestSeq(examination, domainId);
    if (seq > before) return { invocation, before, after: seq };
    if (!goesOn || hasFailed(invocation)) return { invocation, before, after: null };
  }
}

async function newestSeq(examination: Examination, domainId: string): Promise<number> {
  examination.forgetNewest(domainId);
  return (await examination.newest(domainId))?.manifest.seq ?? 0;
}

function hasFailed(invocation: FirstRun['invocation']): boolean {
  if (invocation === null) return false;
  return 'failure' in invocation || invocation.error !== null;
}

const GOOD_ENDS = new Set(['complete', 'continues', 'busy']);

/** Pure. A run that has committed runs, whether it has ended or not. */
export function judgeRun({ invocation, after }: FirstRun): Judged {
  if (invocation !== null && 'failure' in invocation) {
    if (after !== null) return passed('A run has committed; its answer did not arrive.');
    return isDeniedBy(invocation.failure)
      ? unknown('No permission: allow lambda:InvokeFunction to whoever runs this.')
      : unknown(`The function could not be invoked (${describeError(invocation.failure)}).`);
  }
  if (invocation?.error) return failed(`The run ended with an error: ${invocation.error}`);
  if (invocation !== null) {
    const { word } = invocation;
    return GOOD_ENDS.has(word ?? '')
      ? passed(`The run answered "${word}".`)
      : failed(`The run answered "${word ?? 'something else'}", expected complete, continues or busy.`);
  }
  return after === null ? unknown('The run has not ended yet.') : passed('The run has committed, and goes on.');
}

function isDeniedBy(error: unknown): boolean {
  return errorName(error) === 'AccessDeniedException';
}

/** Pure. */
function judgeCommit({ before, after, invocation }: FirstRun): Judged {
  if (after !== null) return passed(`Commit ${after} has appeared${before === 0 ? '' : ` after commit ${before}`}.`);
  if (hasFailed(invocation)) return failed('No commit has appeared, as the run failed.');
  return unknown(`No commit has appeared yet${before === 0 ? '' : ` after commit ${before}`}: the wait is over.`);
}

/** Pure. */
function judgeDailyCheck({ error, word }: Invocation): Judged {
  if (error !== null) return failed(`The check ended with an error: ${error}`);
  if (word === 'sound') return passed('The check finds the archive sound.');
  if (word === 'sound-as-far-as-checked') return passed('The check finds the archive sound as far as it can look.');
  return failed(`The check finds the archive ${word ?? 'something else'}.`);
}

/** Pure. */
function judgeRefresh({ status, cause }: Execution): Judged {
  if (status === 'SUCCEEDED') return passed('The refresh has succeeded.');
  if (status === 'RUNNING') return unknown('The refresh has started and goes on: the wait is over.');
  return failed(`The refresh ended as ${status}${cause === null ? '' : `: ${cause}`}.`);
}

/** Pure. Whoever may delete nowhere learns nothing of the bucket's policy. */
function judgeDelete({ denied, words }: { readonly denied: boolean; readonly words: string }): Judged {
  if (!denied) return failed('A delete was not denied. It found nothing, so nothing was changed.');
  if (/explicit deny in a resource-based policy/.test(words))
    return passed('The policy of the bucket denies a delete.');
  return unknown(
    'A delete was denied, perhaps only because you may delete nowhere: the answer does not name the policy.',
  );
}
