/** `cases-audit status`: how far an export has come, as values (the JSON of `--json`) and for people. */

import type { Command } from 'commander';
import picocolors from 'picocolors';
import { parseNote } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { type Archive, ArchiveError } from '../archive/archive';
import { noteKeyIn } from '../archive/archive-keys';
import { isUnread, manifestIn, newestBelow, partitionsOf } from '../archive/manifests';
import { archiveCommand, openPlaces, type PlaceOptions } from '../archive/places';
import { type GapSum, gapsIn, type LaneTimes, lanesOf } from '../archive/progress';
import { type Console, printAnswer } from '../console';
import { type Answer, headOf } from '../outcome';
import { gapLines, scanWords, tableOf } from '../reports';
import { counted, printable } from '../words';

const STATUS_FORMAT = 'cases-audit-status/v1';

/** `no-commit`: a domain, or the whole archive, has none. `unknown`: something could not be read, or only by a newer version. */
type StatusVerdict = 'known' | 'no-commit' | 'unknown';

const STATUS_EXIT_CODES: Readonly<Record<StatusVerdict, number>> = { known: 0, 'no-commit': 1, unknown: 3 };

/** Lags are counted to `askedAt`. */
export interface StatusAnswer extends Answer<typeof STATUS_FORMAT, StatusVerdict> {
  readonly domains: readonly DomainStatus[];
}

interface DomainStatus {
  readonly domain: string;
  readonly verdict: StatusVerdict;
  /** Why nothing is known; null where it is. */
  readonly problem: string | null;
  readonly newest: NewestCommit | null;
}

/** All of it as of the newest commit. */
interface NewestCommit {
  readonly commit: number;
  readonly exportedAt: string;
  /** Seconds between then and now. */
  readonly ageSeconds: number;
  readonly lanes: LaneTimes;
  /** Seconds between a lane's watermark and now; null where it has none. */
  readonly lagSeconds: { readonly live: number | null; readonly related: number | null };
  /** False for manifests of builds that kept no account of what they had not read: their gaps prove nothing. */
  readonly accountKept: boolean;
  readonly gaps: readonly GapSum[];
  readonly openQuarantine: number;
  /** Cases whose newest touch no event explains. */
  readonly unexplainedTouches: number;
  readonly note: NoteStatus;
}

/** The note of the newest commit. A signature's key is named, and not checked. */
interface NoteStatus {
  readonly state: 'signed' | 'unsigned' | 'missing' | 'unreadable';
  readonly keyIds: readonly string[];
}

interface StatusRequest {
  readonly archive: Archive;
  /** One domain by its id; undefined for all. */
  readonly domain: string | undefined;
  /** Epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Reads one manifest and one note of each domain.
 * Rejects with WrongCallError where there is no such domain, with InterruptedError, and with ArchiveError where domains cannot be listed.
 */
async function statusOf(request: StatusRequest): Promise<StatusAnswer> {
  const { archive, domain: wanted } = request;
  const domains: DomainStatus[] = [];
  for (const partition of await partitionsOf(archive, wanted)) domains.push(await domainStatus(request, partition));
  const verdict = verdictOf(domains);
  return { ...headOf(STATUS_FORMAT, verdict, STATUS_EXIT_CODES, answerWords(domains), request), domains };
}

function verdictOf(domains: readonly DomainStatus[]): StatusVerdict {
  const verdicts = new Set(domains.map(({ verdict }) => verdict));
  if (verdicts.has('no-commit') || domains.length === 0) return 'no-commit';
  return verdicts.has('unknown') ? 'unknown' : 'known';
}

function answerWords(domains: readonly DomainStatus[]): string {
  if (domains.length === 0) return 'The archive has no domain and no commit: nothing was exported to it.';
  const problems = domains.filter(({ problem }) => problem !== null);
  const [first] = problems;
  if (first === undefined) return `${counted(domains.length, 'domain')}, as of the newest commit of each.`;
  return `${problems.length} of ${counted(domains.length, 'domain')} cannot be shown: ${first.problem}`;
}

async function domainStatus(request: StatusRequest, partition: string): Promise<DomainStatus> {
  const without = (verdict: StatusVerdict, problem: string) => ({ domain: partition, verdict, problem, newest: null });
  const { archive, now, signal } = request;
  try {
    const seq = await newestBelow(archive, `manifests/domain_id=${partition}/`, signal);
    const found = seq === 0 ? null : await manifestIn(archive, partition, seq);
    if (found === null) return without('no-commit', `${partition} has no manifest: no commit was made, or it is gone.`);
    if (isUnread(found))
      return without('unknown', `Its newest manifest, ${found.seq}, cannot be read: ${found.problem}`);
    const note = await noteOf(archive, partition, found.seq);
    return { domain: found.domainId, verdict: 'known', problem: null, newest: newestCommit(found, note, now) };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return without('unknown', error.message);
  }
}

function newestCommit(manifest: Manifest, note: NoteStatus, now: number): NewestCommit {
  const { live, related } = manifest.lanes;
  const lag = (time: number | null) => (time === null ? null : secondsBetween(time, now));
  return {
    commit: manifest.seq,
    exportedAt: manifest.exportedAt,
    ageSeconds: secondsBetween(Date.parse(manifest.exportedAt), now),
    lanes: lanesOf(manifest),
    lagSeconds: { live: lag(live.watermark), related: lag(related.watermark) },
    accountKept: manifest.debts !== undefined,
    gaps: gapsIn(manifest),
    openQuarantine: manifest.openQuarantine,
    unexplainedTouches: manifest.unexplainedTouches ?? 0,
    note,
  };
}

function secondsBetween(from: number, to: number): number {
  return Math.round((to - from) / 1000);
}

async function noteOf(archive: Archive, partition: string, seq: number): Promise<NoteStatus> {
  const stored = await archive.get(noteKeyIn(partition, seq));
  if (stored === null) return { state: 'missing', keyIds: [] };
  try {
    const keyIds = [...new Set(parseNote(stored.bytes).signatures.map(({ keyId }) => keyId))];
    return { state: keyIds.length > 0 ? 'signed' : 'unsigned', keyIds };
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    return { state: 'unreadable', keyIds: [] };
  }
}

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
