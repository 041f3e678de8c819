/** `cases-audit pack`: the command line. */
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { archiveCommand, keyOption, openPlaces, type PlaceOptions } from '../archive/places';
import { checkBagFolder } from '../bag/bag';
import { type Console, underProgress } from '../console';
import { periodOf } from '../period/period';
import { readingPlan } from '../verify/reading-plan';
import { readKeyFiles } from '../verify/trust';
import { counted, printable } from '../words';
import { makePack, type PackAnswer } from './pack';

interface PackOptions extends PlaceOptions {
  readonly from?: string;
  readonly until?: string;
  readonly withRows: boolean;
  readonly domain?: string;
  readonly key: readonly string[];
  readonly readData?: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  cases-audit pack ./audit-2026 --offline ./archive --key audit-key.pem --with-rows
  cases-audit pack ./audit-q1 --stack CaseAuditExport --key audit-key.pem --from 2026-01-01 --until 2026-03-31

Exit codes: 0 sound · 1 contradicted · 2 wrong call · 3 sound as far as checked · 130 interrupted
`;

/** @param console where lines go, and how the command's end is told. */
export function packCommand(console: Console): Command {
  return archiveCommand(
    'pack',
    'Makes a bag to take along: manifests, notes, keys, the verdict of verify, coverage, and which code made it.',
    EXAMPLES,
  )
    .argument('<dir>', 'new folder for the bag')
    .option('--from <time>', 'first day of the period, or a moment in UTC (default: the beginning)')
    .option('--until <time>', 'last day of the period, all of it, or the moment at which it ends (default: yesterday)')
    .option('--with-rows', 'files of rows, quarantine and field names, too; of rows those of the period', false)
    .addOption(keyOption())
    .option('--read-data <which>', 'as verify takes it (default: all with --offline, else none)')
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-pack/v1)', false)
    .action(async (folder: string, options: PackOptions) => console.exit(await pack(folder, options, console)));
}

/** Answers with the exit code. Rejects as `makePack` does. */
async function pack(folder: string, options: PackOptions, console: Console): Promise<number> {
  const { from, until, offline, domain, withRows } = options;
  const now = console.now();
  const period = periodOf(options, now);
  checkBagFolder(folder);
  const seed = () => randomBytes(8).toString('hex');
  const plan = readingPlan(options.readData ?? (offline === undefined ? 'none' : 'all'), seed);
  const keys = readKeyFiles(options.key);
  const { archive } = await openPlaces(options, console);
  const { signal } = console;
  const isPeriodGiven = from !== undefined || until !== undefined;
  const what = { archive, folder, domain, keys, plan, period, isPeriodGiven, withRows };
  const answer = await underProgress(console, 'so far', (onCommit) => makePack({ ...what, now, signal, onCommit }));
  console.out(options.json ? `${JSON.stringify(answer, null, 2)}\n` : packWords(answer));
  return answer.exitCode;
}

const COVERAGE_WORDS = { complete: 'complete', 'not-complete': 'not complete', unknown: 'not known' };

function packWords({ answer, verdict, coverage, period, folder, files, seal, domains }: PackAnswer): string {
  return [
    `${verdict}: ${printable(answer)}`,
    `Coverage until ${period.until}: ${COVERAGE_WORDS[coverage]}.`,
    ...domains.map(({ domain, commits, notes, rowFiles, rowFilesLeftOut }) => {
      const rows = `${counted(rowFiles, 'file')} of rows, ${rowFilesLeftOut.toLocaleString('en-US')} left out`;
      return `  ${printable(domain)} · ${counted(commits, 'manifest')} · ${counted(notes, 'note')} · ${rows}`;
    }),
    `${counted(files, 'file')}:\n  ${relative(process.cwd(), folder)}`,
    `Seal (SHA-256 of its tagmanifest-sha256.txt; write it down):\n  ${seal}`,
    '',
  ].join('\n');
}
