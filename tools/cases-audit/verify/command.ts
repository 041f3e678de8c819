/** `cases-audit verify`: the command line, and what it does with the checker's answer. */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { archiveCommand, checkPlace, keyOption, openPlaces, type PlaceOptions } from '../archive/places';
import { type Console, printAnswer, underProgress } from '../console';
import { WrongCallError } from '../outcome';
import { readingPlan } from './reading-plan';
import { report } from './report';
import { readStateFile, replaceStateFile } from './state-file';
import { summarize, type VerifySummary } from './summary';
import { readKeyFiles } from './trust';
import { heldDomainOf, type VerifyRequest, type VerifyResult, verifyArchive } from './verify-archive';

interface VerifyOptions extends PlaceOptions {
  readonly key: readonly string[];
  readonly state?: string;
  readonly readData?: string;
  readonly ledger: boolean;
  readonly expirationDays?: number;
  readonly domain?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit verify --offline ./archive --key audit-key.pem
  cases-audit verify --stack CaseAuditExport --key audit-key.pem --state held.json --mirror s3://notes-mirror

Exit codes: 0 sound · 1 contradicted · 2 wrong call · 3 sound as far as checked, but something could not be · 130 interrupted
`;

/** @throws WrongCallError unless it is a whole number of days. */
function days(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new WrongCallError(
    `--expiration-days is "${text}"; expected the days of archiveExpirationDays, a whole number from 1.`,
  );
}

/** @param console where lines go, and how the command's end is told. */
export function verifyCommand(console: Console): Command {
  return archiveCommand(
    'verify',
    'Checks that an archive is what was written: chain, notes and signatures, files, rows, versions and locks.',
    EXAMPLES,
  )
    .option('--table <name>', 'the checkpoint table, to compare its head with the newest commit')
    .addOption(keyOption())
    .option(
      '--state <file>',
      'left by the last check: only newer commits are read, and a lack of earlier ones is a rollback; replaced after success',
    )
    .option('--mirror <s3://bucket>', 'a bucket that holds copies of the notes')
    .option(
      '--read-data <which>',
      'decode rows: all, none, 5% (a random share) or 2/7 (a part); default: all with --offline, else none',
    )
    .option('--ledger', 'compare every event id of the table with the rows; reads all data', false)
    .option(
      '--expiration-days <days>',
      'the archive deletes objects of this age (archiveExpirationDays): they are not checked, and no contradiction',
      days,
    )
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-verify/v1)', false)
    .action(async (options: VerifyOptions) => console.exit(await verify(options, console)));
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError. */
async function verify(options: VerifyOptions, console: Console): Promise<number> {
  const request = await requestOf(options, console);
  const result = await underProgress(console, 'commits', (onCommit) => verifyArchive({ ...request, onCommit }));
  const summary = summarize(request, result);
  const exitCode = printAnswer(console, summary, options.json, report);
  if (options.state !== undefined) keepState(options.state, request, result, summary, console);
  return exitCode;
}

async function requestOf(options: VerifyOptions, console: Console): Promise<VerifyRequest> {
  const { offline, ledger, domain } = options;
  checkPlace(options);
  const plan = readingPlan(options.readData ?? (offline !== undefined || ledger ? 'all' : 'none'), () =>
    randomBytes(8).toString('hex'),
  );
  if (ledger && !plan.isAll)
    throw new WrongCallError(
      '--ledger holds ids against all rows; expected --read-data all beside it, or none of the two.',
    );
  const keys = readKeyFiles(options.key);
  const held = options.state === undefined ? null : readStateFile(options.state);
  const places = await openPlaces(options, console);
  if (ledger && places.checkpoints === null)
    throw new WrongCallError('--ledger asks the table; expected --stack <name> or --table <name> beside it.');
  const { signal } = console;
  return {
    ...places,
    keys,
    plan,
    ledger,
    domain,
    held,
    expirationDays: options.expirationDays ?? null,
    now: console.now(),
    signal,
    onCommit: () => undefined,
  };
}

/** Only after success: nothing contradicts, and whatever could not be checked concerns signatures alone, which a later one covers. */
function keepState(
  path: string,
  request: VerifyRequest,
  result: VerifyResult,
  summary: VerifySummary,
  console: Console,
): void {
  if (!result.findings.isWhollyRead) {
    console.err(`${path} was left as it is: it keeps what the last sound check found.\n`);
    return;
  }
  const domains = Object.fromEntries(
    result.domains.flatMap((checked) => {
      const held = heldDomainOf(checked);
      return held === null ? [] : [[checked.partition, held]];
    }),
  );
  replaceStateFile(path, { checkedAt: summary.checkedAt, domains: { ...request.held?.domains, ...domains } });
}
