/** What a check came to, as values: the JSON of `verify --json`. Members are added, never renamed or taken away, within a version. */
import { EXIT_CODES, type Limit, type Verdict } from '../outcome';
import { counted } from '../words';
import type { Finding, FindingKind } from './findings';
import type { ReadingPlan } from './reading-plan';
import type { CheckedDomain, VerifyRequest, VerifyResult } from './verify-archive';

const SUMMARY_FORMAT = 'cases-audit-verify/v1';

export interface VerifySummary {
  readonly format: typeof SUMMARY_FORMAT;
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** One sentence. */
  readonly proven: string;
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly archive: { readonly kind: 'folder' | 'bucket'; readonly name: string };
  /** Ids of the keys that were given. */
  readonly keys: readonly string[];
  readonly domains: readonly DomainSummary[];
  /** Those that contradict first, then by domain and commit; up to 1,000 of each kind. */
  readonly findings: readonly Finding[];
  /** All of them, also those beyond 1,000 of a kind. */
  readonly findingCounts: Readonly<Partial<Record<FindingKind, number>>>;
  /** What this check did not look at, or cannot see. */
  readonly limits: readonly Limit[];
}

interface DomainSummary {
  readonly domain: string;
  /** First commit of this check; those before were checked earlier. */
  readonly since: number;
  readonly commits: number;
  readonly newest: { readonly commit: number; readonly manifestSha256: string; readonly exportedAt: string } | null;
  /** The newest commit that a given key, or one that it introduced, has signed. */
  readonly signed: { readonly commit: number; readonly exportedAt: string; readonly keyIds: readonly string[] } | null;
  /** Commits without a signature of their own that a later one covers; the first hundred runs. */
  readonly coveredRuns: readonly { readonly first: number; readonly last: number }[];
  /** Commits whose manifests the archive's own term has deleted, and the highest of them; null without any. */
  readonly expired: { readonly commits: number; readonly through: number } | null;
  /** Objects whose hash was held against their manifest, and their bytes. */
  readonly objects: { readonly checked: number; readonly bytes: number };
  readonly rows: { readonly commits: number; readonly decoded: number };
}

export function summarize(request: VerifyRequest, { findings, domains, protection }: VerifyResult): VerifySummary {
  const { verdict } = findings;
  return {
    format: SUMMARY_FORMAT,
    verdict,
    exitCode: EXIT_CODES[verdict],
    proven: provenBy(verdict, findings.kept, domains),
    checkedAt: new Date(request.now).toISOString(),
    archive: { kind: request.archive.kind, name: request.archive.name },
    keys: request.keys.map(({ id }) => id),
    domains: domains.map(domainSummary),
    findings: findings.kept,
    findingCounts: Object.fromEntries(findings.counts),
    limits: limitsOf(request, domains, protection),
  };
}

function domainSummary({
  domain,
  since,
  commits,
  newest,
  signed,
  coveredRuns,
  objects,
  bytes,
  data,
  expiry,
}: CheckedDomain): DomainSummary {
  return {
    domain,
    since,
    commits,
    newest: newest && { commit: newest.seq, manifestSha256: newest.sha256, exportedAt: newest.exportedAt },
    signed: signed && { commit: signed.seq, exportedAt: signed.exportedAt, keyIds: signed.keyIds },
    coveredRuns,
    expired: expiry.commits === 0 ? null : { commits: expiry.commits, through: expiry.through },
    objects: { checked: objects, bytes },
    rows: { commits: data.commits, decoded: data.rows },
  };
}

function provenBy(verdict: Verdict, findings: readonly Finding[], domains: readonly CheckedDomain[]): string {
  const commits = domains.reduce((sum, domain) => sum + domain.commits, 0);
  const checked = `${counted(commits, 'commit')} of ${counted(domains.length, 'domain')}`;
  if (verdict === 'contradicted') {
    const [first] = findings;
    return `${checked} checked, and the archive is not what was written: ${first?.words ?? ''}`;
  }
  const signed = domains.flatMap((domain) => (domain.signed === null ? [] : [domain.signed.seq]));
  const expired = domains.reduce((sum, { expiry }) => sum + expiry.commits, 0);
  const left =
    expired === 0
      ? ''
      : `; ${counted(expired, 'older commit')} expired, and ${expired === 1 ? 'is' : 'are'} not among them`;
  const whole = `${checked}: every manifest follows from the one before, and every file is what its manifest says${left}`;
  if (signed.length < domains.length) return `${whole}; no signature that counts says who wrote them.`;
  const through =
    domains.length === 1 ? `commit ${signed[0]?.toLocaleString('en-US')}` : 'the newest signed commit of each';
  return `${whole}; a signature vouches for all of it through ${through}.`;
}

function limitsOf(request: VerifyRequest, domains: readonly CheckedDomain[], protection: VerifyResult['protection']) {
  const { archive, plan, held, mirror, checkpoints, ledger } = request;
  const rows = domains.flatMap(domainLimits);
  const add = (what: string, why: string) => rows.push({ what, why });
  if (domains.some(({ since }) => since > 1)) {
    add(
      'earlier commits',
      `They were checked up to ${held?.checkedAt}, and only the last of them was looked at again. Without --state all are.`,
    );
  }
  if (!plan.isAll) add('rows', planWords(plan, archive.kind));
  if (archive.kind === 'folder') {
    add(
      'versions',
      'A folder keeps no versions, delete markers and locks: only a check of the bucket itself sees them.',
    );
  } else if (protection.lockDays === null) {
    add('locks', 'The bucket locks nothing by itself: whoever may write may write again, and signatures alone tell.');
  }
  if (held === null && mirror === null) {
    add(
      'what was taken away',
      'Newest commits that are gone leave no trace here: hold a state file (--state) or a mirror (--mirror) against the archive.',
    );
  }
  if (checkpoints === null) add('the table', 'The checkpoint table was not asked (--stack or --table).');
  else if (!ledger) add('the ledger', 'Ids that were put into the table were not looked for (--ledger).');
  add('the source', 'Whether Amazon Connect Cases shows the same: a check of the archive cannot know.');
  return rows;
}

function planWords(plan: ReadingPlan, kind: string): string {
  if (!plan.isNone) return `Decoded was ${plan.words}.`;
  const how = kind === 'folder' ? 'by their hash' : 'by the checksum that the store took at upload';
  return `Files were checked ${how}; no row was decoded (--read-data).`;
}

function domainLimits({ domain, coveredRuns, newest, mirroredThrough, data }: CheckedDomain): Limit[] {
  const limits: Limit[] = [];
  const add = (what: string, why: string) => limits.push({ what, why });
  const runs = coveredRuns.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`));
  if (runs.length > 0) {
    const which = `Commits ${runs.join(', ')} of ${domain}`;
    add('unsigned commits', `${which} carry no signature of their own: the next signed one covers them.`);
  }
  const [first] = data.unexplainedGaps;
  if (first !== undefined) {
    const which = `${counted(data.unexplainedGaps.length, 'gap')} of ${domain} closed, as of commit ${first.seq} on`;
    add('closed gaps', `${which}, without rows that were read here: only the table's retry list says why.`);
  }
  if (mirroredThrough > 0 && mirroredThrough < (newest?.seq ?? 0)) {
    add('the mirror', `Its newest note of ${domain} is ${mirroredThrough}.`);
  }
  return limits;
}
