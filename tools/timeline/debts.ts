/** What the newest manifest of a domain owes, and whether it can concern a case. Pure. */
import type { CommitFacts, DebtSum } from './facts';

/** The debts of one cause, as far as they can concern the case of a page. */
export interface DebtOnPage extends DebtSum {
  /** Why, in plain words. */
  readonly words: string;
  /** The manifest names the case among them. */
  readonly isNamed: boolean;
  /** How many of them the manifest does not name: the case may be one of these. */
  readonly unnamed: number;
}

/** Every debt of a commit, as its manifest has them. Empty where nothing is owed, and where no account is kept. */
export function debtsFor(caseId: string, { debts, gaps, halfRead, waiting }: CommitFacts): DebtOnPage[] {
  const beside = new Map([
    ['partly-read', halfRead],
    ['waiting', waiting],
  ]);
  return (debts ?? []).map((debt) => {
    const named = [...(beside.get(debt.cause) ?? idsOf(gaps, debt.cause))];
    return {
      ...debt,
      words: wordsOf(debt.cause),
      isNamed: named.includes(caseId),
      unnamed: Math.max(0, debt.cases - named.length),
    };
  });
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

function idsOf(gaps: CommitFacts['gaps'], cause: string): string[] {
  return [...gaps].flatMap(([caseId, gap]) => (gap.cause === cause ? [caseId] : []));
}
