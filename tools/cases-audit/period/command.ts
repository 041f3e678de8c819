/** `cases-audit coverage`: the command line. */
import { Command } from 'commander';
import { openPlaces, type PlaceOptions, withArchiveOptions } from '../archive/places';
import type { Console } from '../console';
import { InterruptedError } from '../outcome';
import { progressOn } from '../progress';
import { coverageOf } from './coverage';
import { periodOf } from './period';
import { coverageReport } from './report';

interface CoverageOptions extends PlaceOptions {
  readonly from?: string;
  readonly until?: string;
  readonly domain?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit coverage --offline ./archive --until 2026-03-31
  cases-audit coverage --stack CaseAuditExport --from 2026-01-01 --until 2026-03-31 --json

Exit codes: 0 complete · 1 not complete · 2 wrong call · 3 could not look · 130 interrupted
No byte of a row is read and no hash is checked: cases-audit verify does that.
`;

/** @param console where lines go, and how the command's end is told. */
export function coverageCommand(console: Console): Command {
  return withArchiveOptions(
    new Command('coverage').description(
      'Says whether everything up to the end of a period is exported, and if not, why and what is missing.',
    ),
  )
    .option('--from <time>', 'first day of the period, or a moment in UTC (default: the beginning)')
    .option('--until <time>', 'last day of the period, all of it, or the moment at which it ends (default: yesterday)')
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-coverage/v1)', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: CoverageOptions) => {
      console.exit(await coverage(options, console));
    });
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function coverage(options: CoverageOptions, console: Console): Promise<number> {
  const now = console.now();
  const period = periodOf(options, now);
  const { archive } = await openPlaces(options, console);
  const progress = progressOn(console, 'commits');
  const { signal } = console;
  try {
    const onCommit = (domain: string, seq: number) => progress.tick(domain, seq);
    const answer = await coverageOf({ archive, period, domain: options.domain, now, signal, onCommit });
    progress.stop();
    if (signal.aborted) throw new InterruptedError();
    console.out(`${options.json ? JSON.stringify(answer, null, 2) : coverageReport(answer, console)}\n`);
    return answer.exitCode;
  } finally {
    progress.stop();
  }
}
