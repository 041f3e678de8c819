/** How far an export has come, as values: the JSON of `status --json`. Members are added, never renamed or removed, within a version. */
import { parseNote } from '../../../lambda/export/domain/commit-note';
import { IntegrityError } from '../../../lambda/export/domain/errors';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { type Archive, ArchiveError } from '../archive/archive';
import { noteKeyIn } from '../archive/archive-keys';
import { isUnread, manifestIn, newestBelow, partitionsOf } from '../archive/manifests';
import { type GapSum, gapsIn, type LaneTimes, lanesOf } from '../archive/progress';
import { type Answer, headOf } from '../outcome';
import { counted } from '../words';

const STATUS_FORMAT = 'cases-audit-status/v1';

/** `no-commit`: a domain, or the whole archive, has none. `unknown`: something could not be read, or only by a newer version. */
type StatusVerdict = 'known' | 'no-commit' | 'unknown';

const STATUS_EXIT_CODES: Readonly<Record<StatusVerdict, number>> = { known: 0, 'no-commit': 1, unknown: 3 };

/** Lags are counted to `askedAt`. */
export interface StatusAnswer extends Answer<typeof STATUS_FORMAT, StatusVerdict> {
  readonly domains: readonly DomainStatus[];
}

export interface DomainStatus {
  readonly domain: string;
  readonly verdict: StatusVerdict;
  /** Why nothing is known; null where it is. */
  readonly problem: string | null;
  readonly newest: NewestCommit | null;
}

/** All of it as of the newest commit. */
export interface NewestCommit {
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
export interface NoteStatus {
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
export async function statusOf(request: StatusRequest): Promise<StatusAnswer> {
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
