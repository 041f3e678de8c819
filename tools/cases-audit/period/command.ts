/** `cases-audit coverage`: the command line. */
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { archiveCommand, openPlaces, type PlaceOptions } from '../archive/places';
import type { LaneTimes } from '../archive/progress';
import { type Console, printAnswer, underProgress } from '../console';
import { gapLines, type Headline, limitsTable, scanWords, tableOf } from '../reports';
import { counted, printable } from '../words';
import { type CoverageAnswer, coverageOf } from './coverage';
import { periodOf } from './period';

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
  return archiveCommand(
    'coverage',
    'Says whether everything up to the end of a period is exported, and if not, why and what is missing.',
    EXAMPLES,
  )
    .option('--from <time>', 'first day of the period, or a moment in UTC (default: the beginning)')
    .option('--until <time>', 'last day of the period, all of it, or the moment at which it ends (default: yesterday)')
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-coverage/v1)', false)
    .action(async (options: CoverageOptions) => console.exit(await coverage(options, console)));
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function coverage(options: CoverageOptions, console: Console): Promise<number> {
  const now = console.now();
  const period = periodOf(options, now);
  const { archive } = await openPlaces(options, console);
  const { signal } = console;
  const answer = await underProgress(console, 'commits', (onCommit) =>
    coverageOf({ archive, period, domain: options.domain, now, signal, onCommit }),
  );
  return printAnswer(console, answer, options.json, coverageReport);
}

const HEADLINES: Readonly<Record<CoverageAnswer['verdict'], Headline>> = {
  complete: ['green', '✓', 'Complete.'],
  'not-complete': ['red', '✗', 'Not complete.'],
  unknown: ['yellow', '?', 'Not known.'],
};

/** Lines of at most `width` characters where words allow it. */
function coverageReport(
  { verdict, answer, domains, limits }: CoverageAnswer,
  { width, hasColors }: Pick<Console, 'width' | 'hasColors'>,
): string {
  const colors = picocolors.createColors(hasColors);
  const [color, sign, word] = HEADLINES[verdict];
  return [
    `${colors[color](sign)} ${colors.bold(word)} ${printable(answer)}`,
    '',
    ...domains.flatMap((domain) => [...domainLines(domain, width, colors), '']),
    colors.bold('What this answer does not say'),
    limitsTable(limits, width),
  ].join('\n');
}

function domainLines(
  domain: CoverageAnswer['domains'][number],
  width: number,
  colors: ReturnType<typeof picocolors.createColors>,
) {
  const { verdict, reasons, completeUntil, commits, newest, lanes, gaps, rowFiles } = domain;
  const [color, sign] = HEADLINES[verdict];
  const parts = [
    newest === null
      ? 'no commit'
      : `${counted(commits, 'commit')}, the newest ${newest.commit} of ${newest.exportedAt}`,
    completeUntil === null ? 'complete up to no time' : `complete up to ${completeUntil}`,
    `at most ${counted(rowFiles.rowsAtMost, 'row')} of the period`,
  ];
  return [
    `${colors[color](sign)} ${colors.bold(printable(domain.domain))}`,
    ...parts.map((part) => colors.dim(`  ${part}`)),
    ...(reasons.length === 0
      ? []
      : [
          'Why not',
          tableOf(
            ['reason', 'what is so, what to do'],
            reasons.map(({ code, words }) => [code, words]),
            width,
          ),
        ]),
    ...(lanes === null ? [] : ['How far each lane has come', tableOf([], laneRows(lanes), width)]),
    ...(gaps.length === 0 ? [] : ['Found and not completely read', ...gapLines(gaps, width)]),
  ];
}

function laneRows({ live, related, history, sweep }: LaneTimes): string[][] {
  return [
    ['live', `${live.provenUntil ?? 'no pass has seen the end of the list yet'}`],
    ['related items', related.watermark ?? 'not yet searched to the end'],
    ['history', history.isFinished ? 'read to its end' : `not finished; reached ${history.reached ?? 'no time yet'}`],
    ...(sweep === null ? [] : [['scan', scanWords(sweep)]]),
  ];
}
