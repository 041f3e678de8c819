/** `cases-audit case`: the command line. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { fileNameOf, type MadePage } from '../../timeline/make-page';
import { archiveCommand, keyOption, openPlaces, type PlaceOptions } from '../archive/places';
import { checkBagFolder } from '../bag/bag';
import { type Console, underProgress } from '../console';
import { withExtract } from '../extract/extract';
import { InterruptedError, WrongCallError } from '../outcome';
import { endOf } from '../period/period';
import { readKeyFiles } from '../verify/trust';
import { type AnswerRequest, answerCase, type CaseAnswer, noRows } from './answer';
import { NoRowsError } from './find-case';
import { caseWords, clockOf, pageFile, savePage, usersOf } from './page';

interface CaseOptions extends PlaceOptions {
  readonly domain?: string;
  readonly out?: string;
  readonly extract?: string;
  readonly asOf?: string;
  readonly timeZone?: string;
  readonly users?: string;
  readonly key: readonly string[];
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit case 4711 --offline ./archive --key audit-key.pem
  cases-audit case 4711 --stack CaseAuditExport --as-of 2026-03-31 --extract ./case-4711 --key audit-key.pem

Exit codes: 0 complete · 1 contradicted, or not complete · 2 wrong call, or no such case · 3 not proven as far as checked · 130 interrupted
`;

/** @param console where lines go, and how the command's end is told. */
export function caseCommand(console: Console): Command {
  return archiveCommand(
    'case',
    'Makes the page of one case: every event, old and new values, who, whether it is complete, and what proves it.',
    EXAMPLES,
  )
    .argument('<id>', 'the case')
    .option('--domain <id>', 'needed if the case is in several domains')
    .option('--out <file>', 'the page (default: <id>.timeline.html, here)')
    .option('--extract <dir>', 'a bag to hand over: slices, lists, notes, keys, page, VERIFY.md, CERTIFICATE.md')
    .option('--as-of <time>', 'leave out what was exported later: a day, all of it, or a moment in UTC')
    .addOption(keyOption())
    .option('--time-zone <zone>', 'of the page, such as Europe/Berlin (default: UTC)')
    .option('--users <csv>', 'CSV file of user_arn,name,team, or a folder of such files')
    .option('--json', 'the answer as JSON (cases-audit-case/v1)', false)
    .action(async (caseId: string, options: CaseOptions) => console.exit(await showCase(caseId, options, console)));
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function showCase(caseId: string, options: CaseOptions, console: Console): Promise<number> {
  const wantsPage = options.extract === undefined || options.out !== undefined;
  const page = wantsPage ? pageFile(options.out ?? fileNameOf(caseId)) : null;
  if (options.extract !== undefined) checkExtract(options.extract, options);
  const request = await requestOf(caseId, options, console);
  const { answer, made } = await underProgress(console, 'commits', (onCommit) =>
    answerOf({ ...request, onCommit }, options.extract),
  );
  // A bag that stands is made, and said.
  if (console.signal.aborted && answer.extract === null) throw new InterruptedError();
  if (page !== null && made !== null) savePage(page, made.html);
  const done = { ...answer, page: made === null ? null : page };
  console.out(options.json ? `${JSON.stringify(done, null, 2)}\n` : caseWords(done));
  return done.exitCode;
}

async function answerOf(
  request: AnswerRequest,
  extract: string | undefined,
): Promise<{ readonly answer: CaseAnswer; readonly made: MadePage | null }> {
  try {
    const answered = await answerCase(request);
    return extract === undefined ? answered : await withExtract(extract, request, answered);
  } catch (error) {
    if (error instanceof NoRowsError) return { answer: noRows(request, error), made: null };
    throw error;
  }
}

/** The other side has to be able to make it again: nothing of it may come from this machine. */
function checkExtract(folder: string, { users, timeZone }: CaseOptions): void {
  checkBagFolder(folder);
  if (users === undefined && timeZone === undefined) return;
  throw new WrongCallError(
    '--extract makes a page that anybody can make again from the archive; expected no --users and no --time-zone beside it. Make a page of your own without --extract.',
  );
}

async function requestOf(caseId: string, options: CaseOptions, console: Console): Promise<AnswerRequest> {
  const now = console.now();
  const asOf = options.asOf === undefined ? null : asOfMoment(options.asOf, now);
  const clock = clockOf(options.timeZone ?? 'UTC');
  const keys = readKeyFiles(options.key);
  const { archive } = await openPlaces(options, console);
  const isOwn = archive.kind === 'folder' && options.extract === undefined;
  const names = usersOf(options.users, isOwn ? join(archive.name, '../work-area/users') : null);
  const { signal } = console;
  return { archive, caseId, domain: options.domain, asOf, clock, names, keys, now, signal, onCommit: () => undefined };
}

function asOfMoment(text: string, now: number): number {
  // A day is meant as a whole, a moment with itself.
  const end = endOf(text, '--as-of');
  const moment = text.includes('T') ? end : end - 1;
  if (moment <= now) return moment;
  throw new WrongCallError(
    `--as-of is ${text}, which is not over yet; expected a day or a moment that is, so that nothing of it can still come.`,
  );
}
