/** The answer of `cases-audit recheck` as values: the JSON of `--json`. Members are added, never renamed or removed, within a version. */
import type { Limit } from '../outcome';
import type { ExcuseKind } from './claim';
import type { Contradiction } from './compare';
import type { UnreadCause } from './history';
import { CONFIDENCE, type Odds, oddsOf } from './sample';

export const RECHECK_FORMAT = 'cases-audit-recheck/v1';

type RecheckVerdict = 'agrees' | 'differs' | 'agrees-as-far-as-checked';

const EXIT_CODES: Readonly<Record<RecheckVerdict, number>> = { agrees: 0, differs: 1, 'agrees-as-far-as-checked': 3 };

/** Cases of one frame: a sample says something of the cases it was drawn from, and of no others. */
export interface Frame {
  /** `chosen`: named by the caller · `archive`: those it has an event of · `service-only`: those that only the search shows */
  readonly frame: 'chosen' | 'archive' | 'service-only';
  /** Cases to draw from; of `chosen`, those that were named. */
  readonly population: number;
  readonly drawn: number;
  /** Read whole and without a contradiction. */
  readonly clean: number;
  readonly differing: number;
  readonly gone: number;
  /** Of those that were drawn: not read, or not whole. */
  readonly unread: number;
  /** Null where cases were chosen, where one differs, and where none is clean. */
  readonly odds: (Odds & { readonly confidence: number }) | null;
}

export interface RecheckAnswer {
  readonly format: typeof RECHECK_FORMAT;
  readonly verdict: RecheckVerdict;
  readonly exitCode: number;
  /** One sentence. */
  readonly answer: string;
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly archive: { readonly kind: 'folder' | 'bucket'; readonly name: string };
  readonly domain: string;
  /** The domain that the service was asked for. */
  readonly casesDomain: string;
  /** What the archive claims, as of its newest manifest; null without one. ISO 8601, UTC. */
  readonly claim: {
    readonly commit: number;
    readonly exportedAt: string;
    readonly changesUntil: string | null;
    readonly relatedItemsUntil: string | null;
    readonly exportFrom: string | null;
  } | null;
  /** Null where cases were chosen. */
  readonly seed: string | null;
  readonly frames: readonly Frame[];
  /** What the service's search showed; null where nobody asked it. */
  readonly search: {
    readonly cases: number;
    /** Places that came as null. */
    readonly hidden: number;
    /** Cases that the archive has nothing of, and need not have. */
    readonly setApart: readonly { readonly kind: ExcuseKind; readonly cases: number }[];
  } | null;
  /** Of both sides, held against each other. */
  readonly compared: { readonly events: number; readonly rows: number };
  readonly contradictions: readonly Contradiction[];
  /** Events that differ without a contradiction. */
  readonly excused: readonly { readonly kind: ExcuseKind; readonly events: number }[];
  /** Cases that the service answers with 404: deleted, with their history. `isNoted`: the archive says so, too. */
  readonly gone: readonly { readonly caseId: string; readonly isNoted: boolean }[];
  /** `caseId` is null where it is no case that could not be read. */
  readonly unread: readonly Unread[];
  readonly calls: {
    readonly perSecond: number;
    readonly SearchCases: number;
    readonly GetCaseAuditEvents: number;
    readonly throttled: number;
  };
  /** What this answer does not say, and why. */
  readonly limits: readonly Limit[];
}

export interface Unread {
  readonly caseId: string | null;
  readonly cause: UnreadCause | 'not-found' | 'archive';
  /** What is so, and what to do. */
  readonly words: string;
}

/** Words for whatever could not be read. No value of a case. */
export const UNREAD_WORDS: Readonly<Record<UnreadCause | 'not-found', string>> = {
  denied:
    'No permission, or no credentials: allow cases:GetCaseAuditEvents on the domain and its cases, and cases:SearchCases on the domain, to whoever calls.',
  throttled: 'The service turned away every attempt: others use the quota. Try again later, or with a lower --pace.',
  unavailable: 'No answer came. Check the Region and the endpoint, and try again.',
  refused: 'The service refused the request. Check the domain and the id.',
  malformed: 'The answer could not be decoded, or lacks its list. Try again; if it stays, ask AWS.',
  'no-progress': 'Tokens or pages lead nowhere. Try again; if it stays, ask AWS.',
  incomplete:
    'An event came as null, or without its fields, at both readings: what is missing in the answer says nothing.',
  hidden: 'The search has nulls in place of cases: whether the archive has those is not known. Try again.',
  stopped: 'Nothing more was sent: too many failed in a row, or the service asked for a long pause. Try again later.',
  'not-found':
    'There is no such case, neither in the archive nor in the service: check the id, the domain and the Region.',
};

/** Adds the odds: only where not one of those that were looked at differs. */
export function frameOf(counts: Omit<Frame, 'odds'>): Frame {
  const { frame, population, clean, differing } = counts;
  const says = frame !== 'chosen' && differing === 0 && clean > 0;
  return { ...counts, odds: says ? { confidence: CONFIDENCE, ...oddsOf(population, clean) } : null };
}

/** The verdict, from what was found. Where nothing could be held against anything, nothing agrees. */
export function verdictOf(
  found: Pick<RecheckAnswer, 'contradictions' | 'unread' | 'compared'>,
): Pick<RecheckAnswer, 'verdict' | 'exitCode'> {
  const isWhole = found.unread.length === 0 && found.compared.events > 0;
  const verdict =
    found.contradictions.length > 0 ? 'differs' : isWhole ? ('agrees' as const) : 'agrees-as-far-as-checked';
  return { verdict, exitCode: EXIT_CODES[verdict] };
}

export const LIMITS: RecheckAnswer['limits'] = [
  {
    what: 'deleted cases',
    why: 'A case that the service no longer has cannot be read again: neither a false row about it nor one that is missing shows.',
  },
  {
    what: 'hashes and signatures',
    why: 'No hash, note or signature is checked: cases-audit verify does that. Files that no manifest names are not read.',
  },
  {
    what: 'labels',
    why: 'Names, types and namespaces of fields, and the template, are those of the day of export: they are not compared.',
  },
  {
    what: 'one decoder',
    why: 'Answers are turned into rows by the code that the exporter uses: an error in it makes the same error twice and does not show.',
  },
  {
    what: 'what the service hides',
    why: 'Whatever the service does not show to this caller, in a search or a history, is compared with nothing.',
  },
];
