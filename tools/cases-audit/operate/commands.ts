/** `cases-audit void` and `cases-audit replay`: the command lines. What is done is the function's own code. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { ExportAnswer } from '../../../lambda/export/run/invocation';
import type { Console } from '../console';
import { EXIT_CODES, WrongCallError } from '../outcome';

const TASK_FORMAT = 'cases-audit-task/v1';

interface TaskOptions {
  readonly domain: string;
  readonly seq?: string;
  readonly json: boolean;
}

const NEEDS = `
Needs EXPORT_BUCKET, CHECKPOINT_TABLE and STAGING_BUCKET as the function has them. Its log lines come before the answer.
Exit codes: 0 done · 2 wrong call · 3 could not be done: another run has the lease, or an error · 130 stopped between two runs
`;

/** @param load where the handler comes from; tests give their own. */
export function replayCommand(console: Console, load: () => Handler = loadHandler): Command {
  return new Command('replay')
    .description('Makes the rows of events that an older version could not turn into rows, each once.')
    .requiredOption('--domain <id>', 'id of the Cases domain')
    .option('--json', 'the answer as one line of JSON (cases-audit-task/v1)', false)
    .addHelpText('after', examples('replay --domain d-1', 'replay --domain d-1 --json'))
    .action(async (options: TaskOptions) => {
      const event = { domainId: options.domain, task: 'replay-quarantine' };
      console.exit(await operate(event, options, load(), console));
    });
}

/** @param load where the handler comes from; tests give their own. */
export function voidCommand(console: Console, load: () => Handler = loadHandler): Command {
  return new Command('void')
    .description('Replaces the last commit if it cannot be published because a staged object is gone.')
    .requiredOption('--domain <id>', 'id of the Cases domain')
    .requiredOption('--seq <number>', 'number of the commit to void: head.seq of the table’s STATE item')
    .option('--json', 'the answer as one line of JSON (cases-audit-task/v1)', false)
    .addHelpText('after', examples('void --domain d-1 --seq 17', 'void --domain d-1 --seq 17 --json'))
    .action(async (options: TaskOptions) => {
      const event = { domainId: options.domain, task: 'void-commit', seq: commitOf(options.seq ?? '') };
      console.exit(await operate(event, options, load(), console));
    });
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  cases-audit ${line}\n`).join('')}${NEEDS}`;
}

function commitOf(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  throw new WrongCallError(`--seq is "${text}", expected the number of the commit to void, such as 17.`);
}

/** Answers with the exit code. Rejects with WrongCallError for what the function refuses as a wrong call. */
async function operate(
  event: { readonly domainId: string; readonly task: string },
  { json }: TaskOptions,
  handler: Handler,
  console: Console,
): Promise<number> {
  const runs: ExportAnswer[] = [];
  const { status } = await refusing(() =>
    runTask(event, handler, {
      answer: (answer) => {
        runs.push(answer);
        if (!json) console.out(`${JSON.stringify(answer)}\n`);
      },
      isStopped: () => console.signal.aborted,
    }),
  );
  const [verdict, exitCode, words] = ENDS[status] ?? ENDS_DONE;
  if (json) console.out(`${JSON.stringify({ format: TASK_FORMAT, ...event, verdict, exitCode, runs })}\n`);
  if (words !== '') console.err(`${words}\n`);
  return exitCode;
}

type End = readonly [verdict: 'done' | 'busy' | 'stopped', exitCode: number, words: string];
const ENDS_DONE: End = ['done', 0, ''];
const ENDS: Readonly<Record<string, End>> = {
  busy: ['busy', 3, 'Another run has the lease. Try again when it has ended (15 minutes at most).'],
  continues: ['stopped', EXIT_CODES.interrupted, 'Stopped between two runs: what is done stays. Call again to go on.'],
};

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The bundle has classes of its own: only their names are shared.
    if (error instanceof Error && error.name === 'InvalidInputError') {
      throw new WrongCallError(error.message, { cause: error });
    }
    throw error;
  }
}

/** The function's own handler. */
export type Handler = (
  event: unknown,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<ExportAnswer>;

const MAX_RUN_MS = 15 * 60_000;

/** Beside the built command line, and as its sources see it. */
const PLACES = ['lambda/export/index.js', '../../../dist/lambda/export/index.js'];

/** @throws WrongCallError where the bundle is not built. */
export function loadHandler(places: readonly string[] = PLACES.map((place) => join(__dirname, place))): Handler {
  const bundle = places.find((place) => existsSync(place));
  if (bundle === undefined) {
    throw new WrongCallError(
      'The bundle of the function is not here: expected lambda/export/index.js beside cases-audit.js, as the package has it. Install the package, or build it first: npm run build',
    );
  }
  // biome-ignore lint/style/noCommonJs: the bundle is a file that is built, and may be missing.
  return (require(bundle) as { handler: Handler }).handler;
}

/**
 * Runs the task until nothing of it is left, another run has the lease, or somebody says stop between two runs.
 * Rejects with what the function throws: InvalidInputError for what does not fit the state of the export.
 * @returns the last answer.
 */
export async function runTask(
  event: Readonly<Record<string, unknown>>,
  handler: Handler,
  on: { readonly answer: (answer: ExportAnswer) => void; readonly isStopped?: () => boolean },
): Promise<ExportAnswer> {
  for (;;) {
    const endsAt = Date.now() + MAX_RUN_MS;
    const answer = await handler(event, { getRemainingTimeInMillis: () => endsAt - Date.now() });
    on.answer(answer);
    if (answer.status !== 'continues' || on.isStopped?.() === true) return answer;
  }
}
