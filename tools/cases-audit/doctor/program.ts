/** What `cases-audit doctor` does. A file of its own when built, loaded only by that command, for the clients that it brings. */
import { storesAt } from '../archive/aws';
import { type Console, underProgress } from '../console';
import { InterruptedError, WrongCallError } from '../outcome';
import { readKeyFiles } from '../verify/trust';
import type { Account } from './account';
import { accountOf, pause } from './aws';
import { doctorReport, examine } from './doctor';
import { Examination } from './examination';
import { configOf, type DoctorOptions, domainsOf, namesOf, outputsOrNone } from './places';

/**
 * Answers with the exit code. Rejects with WrongCallError, InterruptedError.
 * @param change replaces the account of a test.
 */
export async function doctor(
  options: DoctorOptions,
  console: Console,
  change: (account: Account) => Account = (account) => account,
): Promise<number> {
  const waitMs = minutesOf(options.wait) * 60_000;
  if (options.stack === undefined && options.bucket === undefined && options.function === undefined)
    throw new WrongCallError(
      'Nothing to look at was named; expected --stack <name>, --bucket or --function. Try --help.',
    );
  if (options.function !== undefined && options.domain === undefined)
    throw new WrongCallError('--function names an exporter; expected --domain <id> beside it.');
  const examination = await examinationOf(options, console, waitMs, change);
  try {
    const answer = await underProgress(console, 'checks', (onCheck) =>
      examine({ examination, afterDeploy: options.afterDeploy, onCheck }),
    );
    console.out(`${options.json ? JSON.stringify(answer, null, 2) : doctorReport(answer, console)}\n`);
    return answer.exitCode;
  } catch (error) {
    if (error instanceof InterruptedError && options.afterDeploy)
      console.err('What was started goes on, as if its schedule had started it.\n');
    throw error;
  }
}

async function examinationOf(
  options: DoctorOptions,
  console: Console,
  waitMs: number,
  change: (account: Account) => Account,
): Promise<Examination> {
  const pinned = readKeyFiles(options.key);
  const config = configOf(options.config, console.now());
  const { signal, now, env } = console;
  const account = change(accountOf(options, env, { signal, now }));
  const names = namesOf(options, await outputsOrNone(account, options.stack));
  const stores = storesAt({ ...names, mirror: null }, options, env);
  const found = await domainsOf({ names, account, archive: stores.archive }, options.domain, config);
  return new Examination({
    account,
    names,
    ...stores,
    ...found,
    config,
    pinned,
    now,
    signal,
    waitUntil: now() + waitMs,
    sleep: pause,
  });
}

function minutesOf(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new WrongCallError(`--wait is "${text}", expected a whole number of minutes, such as 20.`);
}
