/** How far an export has come as of a commit, as its manifest says: each lane, and the cases that are found and not completely read. */
import { historyOf } from '../../../lambda/export/domain/completeness';
import { concerns } from '../../../lambda/export/domain/debts';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { isoOf, isoOrNull } from '../words';

/** Times are ISO 8601, UTC; null for what was not reached yet. */
export interface LaneTimes {
  readonly live: {
    readonly watermark: string | null;
    /** Watermark of the last pass that saw the end of the list: what counts for completeness. */
    readonly provenUntil: string | null;
  };
  readonly related: { readonly watermark: string | null };
  /** The scan over all cases that is under way or was last; null before the first. */
  readonly sweep: SweepTimes | null;
  readonly history: {
    /** A scan over all cases has finished under the account of debts. */
    readonly isFinished: boolean;
    /** Cases made before are come by. */
    readonly reached: string | null;
    /** EXPORT_FROM: cases last changed before it are left out. */
    readonly exportFrom: string | null;
    /** Null if the service gave no count. */
    readonly casesNotFound: number | null;
  };
}

interface SweepTimes {
  /** 1 is the backfill. */
  readonly number: number;
  readonly purpose: 'history' | 'check';
  readonly startedAt: string;
  /** It goes on from the cases made here. */
  readonly resumePoint: string | null;
  readonly finishedAt: string | null;
  readonly casesFound: number;
  readonly casesRead: number;
  /** Of all cases, at its first page; null if the service gave none. */
  readonly totalCount: number | null;
}

export function lanesOf(manifest: Pick<Manifest, 'lanes' | 'history'>): LaneTimes {
  const { live, related, sweep } = manifest.lanes;
  const { isFinished, reached, from, casesNotFound } = historyOf(manifest);
  const proof = sweep?.finishedAt === null ? null : manifest.history;
  return {
    live: { watermark: isoOrNull(live.watermark), provenUntil: isoOrNull(live.provenUntil) },
    related: { watermark: isoOrNull(related.watermark) },
    sweep: sweep && {
      number: sweep.number,
      purpose: sweep.purpose,
      startedAt: new Date(sweep.startedAt).toISOString(),
      resumePoint: isoOrNull(sweep.anchor),
      finishedAt: isoOrNull(sweep.finishedAt),
      // The lane counts up to its resume point, where the last cases of a finished scan are; its proof counts all of them.
      casesFound: proof?.sweepNumber === sweep.number ? proof.casesFound : sweep.casesFound,
      casesRead: sweep.casesRead,
      totalCount: sweep.totalCount,
    },
    history: { isFinished, reached: isoOrNull(reached), exportFrom: isoOrNull(from), casesNotFound },
  };
}

/** Cases that are owed for one cause. */
export interface GapSum {
  readonly cause: string;
  /** Said of a case: "it …". */
  readonly words: string;
  readonly cases: number;
  /** How many of them were never read whole; null if the manifest keeps no account. */
  readonly neverRead: number | null;
  /** Since when the oldest is owed, ISO 8601; null if the manifest does not say. */
  readonly since: string | null;
  /** Everything recorded before is exported, ISO 8601; null: anything may be missing. */
  readonly missingFrom: string | null;
  /** Something of the period may be missing for it. */
  readonly isOfPeriod: boolean;
  /** Those that the manifest names, the oldest where it has no room for all; `since` is null where it names none, as of half-read cases. */
  readonly named: readonly { readonly caseId: string; readonly since: string | null }[];
}

/** By cause, as of a commit. @param until end of the period, epoch ms, exclusive. */
export function gapsIn(manifest: Manifest, until = Number.POSITIVE_INFINITY): GapSum[] {
  const named = namedIn(manifest);
  if (manifest.debts === undefined) return [...named].map(([cause, cases]) => unaccounted(cause, cases));
  return manifest.debts.map((debt) => ({
    cause: debt.cause,
    words: wordsOf(debt.cause),
    cases: debt.cases,
    neverRead: debt.neverRead,
    since: isoOf(debt.since),
    missingFrom: debt.missingFrom === null ? null : isoOf(debt.missingFrom),
    isOfPeriod: concerns(debt, until),
    named: named.get(debt.cause) ?? [],
  }));
}

type NamedCase = GapSum['named'][number];

function namedIn({ gaps, halfRead = [], waiting = [] }: Manifest): Map<string, NamedCase[]> {
  const named = new Map<string, NamedCase[]>();
  const add = (cause: string, caseId: string, since: string | null) => {
    const cases = named.get(cause) ?? [];
    cases.push({ caseId, since });
    named.set(cause, cases);
  };
  for (const { cause, caseId, since } of gaps) add(cause, caseId, since);
  for (const { caseId } of halfRead) add('partly-read', caseId, null);
  for (const { caseId, since } of waiting) add('waiting', caseId, isoOf(since));
  return named;
}

function unaccounted(cause: string, named: readonly NamedCase[]): GapSum {
  const [since = null] = named.flatMap((one) => one.since ?? []).sort();
  return {
    cause,
    words: wordsOf(cause),
    cases: named.length,
    neverRead: null,
    since,
    missingFrom: null,
    isOfPeriod: true,
    named,
  };
}

/** A cause in plain words; one that this version does not know is its own. */
export function wordsOf(cause: string): string {
  return WORDS[cause] ?? cause;
}

/** Said of a case: "it …". */
const WORDS: Readonly<Record<string, string>> = {
  waiting: 'was changed so lately that the service may not show all of it yet',
  waited: 'was changed lately, and no search has shown it again since',
  'partly-read': 'is read in part: its first pages are exported, the rest is not',
  'not-shown': 'was counted by a search of the service that never showed it',
  'not-found': 'is not known to the service, though a search showed it: deleted, or not there yet',
  malformed: 'got an answer that cannot be read',
  incomplete: 'has an event that came without its content at every asking',
  'null-field': 'has an event of which a field came as null at every asking',
  'no-progress': 'has pages that lead nowhere',
  unavailable: 'gets errors from the service at every asking',
  refused: 'is refused by the service as a wrong request',
  denied: 'may not be read by the exporter',
  throttled: 'is turned away by the service at every asking',
  unexplained: 'was touched at a time that no event explains yet',
  fatal: 'ended the exporter’s process while it was read',
  voided: 'lost its last pages with a commit that an operator voided',
};
