/** `cases-audit status`: the command line. */
import { Command } from 'commander';
import { openPlaces, type PlaceOptions, withArchiveOptions } from '../archive/places';
import type { Console } from '../console';
import { InterruptedError } from '../outcome';
import { statusReport } from './report';
import { statusOf } from './status';

interface StatusOptions extends PlaceOptions {
  readonly domain?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit status --offline ./archive
  cases-audit status --stack CaseAuditExport --json

Exit codes: 0 shown · 1 no commit · 2 wrong call · 3 could not look · 130 interrupted
`;

/** @param console where lines go, and how the command's end is told. */
export function statusCommand(console: Console): Command {
  return withArchiveOptions(
    new Command('status').description(
      'Shows how far an export has come: newest commit, lag of each lane, scan, gaps, quarantine, note.',
    ),
  )
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-status/v1)', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: StatusOptions) => {
      console.exit(await status(options, console));
    });
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function status(options: StatusOptions, console: Console): Promise<number> {
  const { archive } = await openPlaces(options, console);
  const { signal } = console;
  const answer = await statusOf({ archive, domain: options.domain, now: console.now(), signal });
  if (signal.aborted) throw new InterruptedError();
  console.out(`${options.json ? JSON.stringify(answer, null, 2) : statusReport(answer, console)}\n`);
  return answer.exitCode;
}
