/** `cases-audit status`: the command line. */
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { archiveCommand, openPlaces, type PlaceOptions } from '../archive/places';
import { type Console, printAnswer } from '../console';
import { gapLines, scanWords, tableOf } from '../reports';
import { counted, printable } from '../words';
import { type DomainStatus, type NewestCommit, type NoteStatus, type StatusAnswer, statusOf } from './status';

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
  return archiveCommand(
    'status',
    'Shows how far an export has come: newest commit, lag of each lane, last scan over all cases, gaps, quarantine, note.',
    EXAMPLES,
  )
    .option('--domain <id>', 'one domain alone')
    .option('--json', 'the answer as JSON (cases-audit-status/v1)', false)
    .action(async (options: StatusOptions) => console.exit(await status(options, console)));
}

/** Answers with the exit code. Rejects with WrongCallError, InterruptedError, ArchiveError. */
async function status(options: StatusOptions, console: Console): Promise<number> {
  const { archive } = await openPlaces(options, console);
  const { signal } = console;
  const answer = await statusOf({ archive, domain: options.domain, now: console.now(), signal });
  return printAnswer(console, answer, options.json, statusReport);
}

/** Lines of at most `width` characters where words allow it. */
function statusReport(
  { verdict, answer, domains }: StatusAnswer,
  { width, hasColors }: Pick<Console, 'width' | 'hasColors'>,
): string {
  const colors = picocolors.createColors(hasColors);
  const sign = verdict === 'known' ? colors.green('✓') : verdict === 'unknown' ? colors.yellow('?') : colors.red('✗');
  const lines = domains.flatMap((domain) => ['', colors.bold(printable(domain.domain)), ...domainLines(domain, width)]);
  return [`${sign} ${printable(answer)}`, ...lines].join('\n');
}

function domainLines({ problem, newest }: DomainStatus, width: number): string[] {
  if (newest === null) return [printable(problem ?? '')];
  return [tableOf([], rowsOf(newest), width), ...(newest.gaps.length === 0 ? [] : gapLines(newest.gaps, width))];
}

function rowsOf(newest: NewestCommit): string[][] {
  const { commit, exportedAt, ageSeconds, lanes, lagSeconds, openQuarantine, unexplainedTouches, note } = newest;
  const { history, sweep, live, related } = lanes;
  return [
    ['newest commit', `${commit} of ${exportedAt}, ${agoWords(ageSeconds)} ago`],
    ['live', laneWords(live.watermark, lagSeconds.live)],
    ['related items', laneWords(related.watermark, lagSeconds.related)],
    ['history', history.isFinished ? 'read to its end' : `not finished; reached ${history.reached ?? 'no time yet'}`],
    ['scan', sweep === null ? 'none yet' : scanWords(sweep)],
    ['gaps', gapWords(newest)],
    ['quarantine', openQuarantine === 0 ? 'empty' : `${counted(openQuarantine, 'event')} that no row holds`],
    [
      'touches',
      unexplainedTouches === 0
        ? 'all explained'
        : `${counted(unexplainedTouches, 'case')} with a touch that no event explains`,
    ],
    ['note', noteWords(note)],
  ];
}

function laneWords(watermark: string | null, lag: number | null): string {
  return watermark === null || lag === null ? 'no watermark yet' : `watermark ${watermark}, ${agoWords(lag)} behind`;
}

function gapWords({ accountKept, gaps }: NewestCommit): string {
  if (!accountKept) return 'this version keeps no account: deploy a newer one';
  const cases = gaps.reduce((sum, gap) => sum + gap.cases, 0);
  return cases === 0 ? 'none' : `${counted(cases, 'case')} found and not completely read`;
}

function noteWords({ state, keyIds }: NoteStatus): string {
  if (state === 'signed') return `signed under ${keyIds.join(', ')}; cases-audit verify checks the signature`;
  if (state === 'unsigned') return 'unsigned: a later signed note covers it';
  return state === 'missing' ? 'missing: the commit may be under way' : 'cannot be read: cases-audit verify says why';
}

/** `40 s`, `12 min`, `5 h`, `3 d`. */
function agoWords(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
