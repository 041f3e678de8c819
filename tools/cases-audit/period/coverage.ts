/** Whether a period is complete, as values: the JSON of `coverage --json`. Members are added, never renamed or removed, within a version. */
import { judgePeriod } from '../../../lambda/export/domain/completeness';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { type Archive, ArchiveError } from '../archive/archive';
import { partitionsOf } from '../archive/manifests';
import { type GapSum, gapsIn, type LaneTimes, lanesOf } from '../archive/progress';
import { type Answer, headOf, type Limit } from '../outcome';
import { counted, isoOf, isoOrNull } from '../words';
import { type DomainRecord, type GatherRequest, gather, type RowFiles } from './gather';
import type { Period } from './period';
import { type Reason, reasonsOf } from './reasons';

const COVERAGE_FORMAT = 'cases-audit-coverage/v1';

/** `unknown`: something could not be read, or only by a newer version. */
type CoverageVerdict = 'complete' | 'not-complete' | 'unknown';

const COVERAGE_EXIT_CODES: Readonly<Record<CoverageVerdict, number>> = {
  complete: 0,
  'not-complete': 1,
  unknown: 3,
};

export interface CoverageAnswer extends Answer<typeof COVERAGE_FORMAT, CoverageVerdict> {
  /** ISO 8601, UTC; `from` inclusive, null for everything; `until` exclusive. */
  readonly period: { readonly from: string | null; readonly until: string };
  readonly domains: readonly DomainCoverage[];
  /** What this answer does not say, and why. */
  readonly limits: readonly Limit[];
}

interface DomainCoverage {
  readonly domain: string;
  readonly verdict: CoverageVerdict;
  /** None iff complete. */
  readonly reasons: readonly Reason[];
  /** By the same rule everything recorded before is exported, whatever the period; null where nothing is. */
  readonly completeUntil: string | null;
  /** Manifests that were read. */
  readonly commits: number;
  readonly newest: { readonly commit: number; readonly exportedAt: string } | null;
  /** How far each lane has come, as of the newest commit; null without one. */
  readonly lanes: LaneTimes | null;
  /** Cases found and not completely read as of the newest commit, also those that miss nothing of the period. */
  readonly gaps: readonly GapSum[];
  readonly openQuarantine: number;
  readonly rowFiles: RowFiles;
  /** Cases whose newest touch no event explains. Counted, and no obstacle. */
  readonly unexplainedTouches: number;
}

interface CoverageRequest extends Pick<GatherRequest, 'signal' | 'onCommit'> {
  readonly archive: Archive;
  readonly period: Period;
  /** One domain by its id; undefined for all. */
  readonly domain: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * An archive without any domain is not complete.
 * Rejects with WrongCallError where there is no such domain, with InterruptedError, and with ArchiveError where domains cannot be listed.
 */
export async function coverageOf(request: CoverageRequest): Promise<CoverageAnswer> {
  const { archive, period, domain: wanted } = request;
  const domains: DomainCoverage[] = [];
  for (const partition of await partitionsOf(archive, wanted)) domains.push(await domainCoverage(request, partition));
  const verdict = verdictOf(domains);
  return {
    ...headOf(COVERAGE_FORMAT, verdict, COVERAGE_EXIT_CODES, answerWords(verdict, domains, period), request),
    period: { from: isoOrNull(period.from), until: isoOf(period.until) },
    domains,
    limits: LIMITS,
  };
}

/** One definite no is the answer; without one, what could not be looked at leaves it open. */
function verdictOf(domains: readonly DomainCoverage[]): CoverageVerdict {
  const verdicts = new Set(domains.map(({ verdict }) => verdict));
  if (verdicts.has('not-complete') || domains.length === 0) return 'not-complete';
  return verdicts.has('unknown') ? 'unknown' : 'complete';
}

async function domainCoverage(request: CoverageRequest, partition: string): Promise<DomainCoverage> {
  try {
    return judge(partition, await gather({ ...request, partition }), request.period);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return { ...NOTHING, domain: partition, reasons: [{ code: error.reason, words: error.message }] };
  }
}

const NOTHING: Omit<DomainCoverage, 'domain' | 'reasons'> = {
  verdict: 'unknown',
  completeUntil: null,
  commits: 0,
  newest: null,
  lanes: null,
  gaps: [],
  openQuarantine: 0,
  rowFiles: { missing: 0, unnamed: 0, ofPeriod: 0, rowsAtMost: 0 },
  unexplainedTouches: 0,
};

function judge(partition: string, record: DomainRecord, { until }: Period): DomainCoverage {
  const { newest, unread, rowFiles } = record;
  const answer = judgePeriod(withNewest(record), record.rowsByCommit, until);
  const reasons = reasonsOf(answer, record, until);
  const isOpen = unread.some(({ isNewer }) => isNewer);
  return {
    domain: newest?.domainId ?? partition,
    verdict: isOpen ? 'unknown' : answer.isComplete && reasons.length === 0 ? 'complete' : 'not-complete',
    reasons,
    completeUntil: unread.length > 0 ? null : completeUntil(record),
    commits: record.manifests.length,
    newest: newest && { commit: newest.seq, exportedAt: newest.exportedAt },
    lanes: newest && lanesOf(newest),
    gaps: newest === null ? [] : gapsIn(newest, until),
    openQuarantine: answer.openQuarantine,
    rowFiles,
    unexplainedTouches: answer.unexplainedTouches,
  };
}

/** The latest end for which the rule says complete: what the lanes have passed, or the first thing that is owed before that. */
function completeUntil(record: DomainRecord): string | null {
  const bounds = [
    record.manifests.reduce((far, { lanes }) => Math.max(far, passedBy(lanes)), Number.NEGATIVE_INFINITY),
    ...(record.newest?.debts ?? []).map(({ missingFrom }) => missingFrom ?? Number.NEGATIVE_INFINITY),
  ];
  const bound = Math.min(...bounds);
  if (!Number.isFinite(bound)) return null;
  return judgePeriod(withNewest(record), record.rowsByCommit, bound).isComplete ? isoOf(bound) : null;
}

function passedBy({ live, related }: Manifest['lanes']): number {
  return Math.min(live.provenUntil ?? Number.NEGATIVE_INFINITY, related.watermark ?? Number.NEGATIVE_INFINITY);
}

function withNewest({ manifests, newest }: DomainRecord): readonly Manifest[] {
  return newest === null ? manifests : [...manifests.slice(0, -1), newest];
}

function answerWords(verdict: CoverageVerdict, domains: readonly DomainCoverage[], { until }: Period): string {
  const all = counted(domains.length, 'domain');
  if (domains.length === 0) {
    return 'The archive has no domain and no manifest: nothing says what was exported, so nothing is complete.';
  }
  const everything = `everything that the service had recorded before ${isoOf(until)}`;
  if (verdict === 'complete') return `${all}: ${everything} is exported, each event once.`;
  const count = domains.filter((domain) => domain.verdict === verdict).length;
  const [first] = domains.find((domain) => domain.verdict === verdict)?.reasons ?? [];
  const why = first?.words ?? '';
  if (verdict === 'unknown') return `${count} of ${all} could not be looked at: ${why}`;
  return `${count} of ${all} ${count === 1 ? 'does' : 'do'} not prove that ${everything} is exported: ${why}`;
}

const LIMITS: CoverageAnswer['limits'] = [
  {
    what: 'bytes',
    why: 'No byte of a row was read and no hash was checked: rows are counted as the manifests count them, of files that are there in their size. cases-audit verify checks the bytes.',
  },
  {
    what: 'the beginning',
    why: 'The rule looks at everything before the end of the period: --from narrows only the row files that are counted.',
  },
  {
    what: 'related items',
    why: 'Edits and deletions of comments and other related items move nothing that a search shows: only a later scan over all cases finds them.',
  },
];
