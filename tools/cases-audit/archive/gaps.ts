/** What a manifest says of cases that are found and not completely read. */
import { concerns } from '../../../lambda/export/domain/debts';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { wordsOf } from '../../timeline/debts';
import { isoOf } from '../words';

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
