/**
 * What a check finds, as values. A finding either contradicts the archive or says that something could not be checked; a forgotten
 * key or a missing permission is always of the second sort. Findings hold ids, numbers, keys and hashes, never a value of a case.
 */

import { compareCodeUnits } from '../../../lambda/export/domain/values';
import { ArchiveError } from '../archive/archive';
import type { Verdict } from '../outcome';

/** Every kind, and what it means for the verdict. The names are part of the JSON format and never change. */
export const FINDING_KINDS = {
  'manifest-missing': 'contradicts',
  'manifest-unreadable': 'contradicts',
  'manifest-misplaced': 'contradicts',
  'link-broken': 'contradicts',
  'note-missing': 'contradicts',
  'note-unreadable': 'contradicts',
  'note-differs': 'contradicts',
  'note-without-manifest': 'contradicts',
  'signature-wrong': 'contradicts',
  'object-missing': 'contradicts',
  'object-altered': 'contradicts',
  'object-misplaced': 'contradicts',
  'foreign-key': 'contradicts',
  'second-version': 'contradicts',
  'delete-marker': 'contradicts',
  'rows-differ': 'contradicts',
  'cases-differ': 'contradicts',
  'row-twice': 'contradicts',
  'counts-differ': 'contradicts',
  'date-back': 'contradicts',
  'watermark-back': 'contradicts',
  'gap-vanished': 'contradicts',
  'quarantine-differs': 'contradicts',
  fork: 'contradicts',
  rollback: 'contradicts',
  'table-differs': 'contradicts',
  'ledger-differs': 'contradicts',
  'no-key': 'unchecked',
  'unknown-key': 'unchecked',
  unsigned: 'unchecked',
  unlocked: 'unchecked',
  unfinished: 'unchecked',
  expired: 'unchecked',
  'newer-version': 'unchecked',
  'no-checksum': 'unchecked',
  denied: 'unchecked',
  unavailable: 'unchecked',
} as const satisfies Record<string, 'contradicts' | 'unchecked'>;

export type FindingKind = keyof typeof FINDING_KINDS;

export interface Finding {
  readonly kind: FindingKind;
  /** Null for what belongs to no domain. */
  readonly domain: string | null;
  readonly commit: number | null;
  readonly key: string | null;
  /** What came, what was expected, what to do. */
  readonly words: string;
}

/** Reasons that concern signatures alone: all else was checked. */
export const ABOUT_SIGNATURES: ReadonlySet<FindingKind> = new Set(['no-key', 'unknown-key', 'unsigned']);

/** Nothing but signatures is open, which a later one covers, or what the archive's own term has deleted, which no later check finds again. */
const LETS_STATE_MOVE: ReadonlySet<FindingKind> = new Set([...ABOUT_SIGNATURES, 'expired']);

/** Findings kept of one kind: memory is bounded, whatever was done to an archive. All are counted. */
const MAX_OF_A_KIND = 1_000;

/** Collects findings in the order in which they are made. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<FindingKind, number>();

  add(finding: Finding): void {
    const count = (this.#counts.get(finding.kind) ?? 0) + 1;
    this.#counts.set(finding.kind, count);
    if (count <= MAX_OF_A_KIND) this.#kept.push(finding);
  }

  /** Up to 1,000 of each kind: those that contradict first, then by domain and commit, else in the order in which they were made. */
  get kept(): readonly Finding[] {
    return this.#kept.toSorted(
      (a, b) =>
        rankOf(a) - rankOf(b) || compareCodeUnits(a.domain ?? '', b.domain ?? '') || (a.commit ?? 0) - (b.commit ?? 0),
    );
  }

  /** How many there are of each kind, also those that were not kept. */
  get counts(): ReadonlyMap<FindingKind, number> {
    return this.#counts;
  }

  /** Nothing contradicts, and whatever could not be checked concerns signatures or has expired. */
  get isWhollyRead(): boolean {
    return [...this.#counts.keys()].every((kind) => LETS_STATE_MOVE.has(kind));
  }

  get verdict(): Verdict {
    const classes = new Set([...this.#counts.keys()].map((kind) => FINDING_KINDS[kind]));
    if (classes.has('contradicts')) return 'contradicted';
    return classes.has('unchecked') ? 'sound-as-far-as-checked' : 'sound';
  }
}

function rankOf({ kind }: Finding): number {
  return FINDING_KINDS[kind] === 'contradicts' ? 0 : 1;
}

/** Where a finding belongs. */
interface Place {
  readonly commit?: number | null;
  readonly key?: string | null;
}

/** Reports the findings of one domain, or of none. */
export class Reporter {
  /** The domain's id once a manifest has told it; until then as keys name it. */
  domain: string | null;

  constructor(
    private readonly findings: Findings,
    domain: string | null,
  ) {
    this.domain = domain;
  }

  add(kind: FindingKind, { commit = null, key = null }: Place, words: string): void {
    this.findings.add({ kind, domain: this.domain, commit, key, words });
  }

  /** What `read` gives, or `otherwise` where the store refuses or fails, which is reported: no evidence, for or against. */
  async reading<T, U>(place: Place, read: () => Promise<T>, otherwise: U): Promise<T | U> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      this.add(error.reason, place, error.message);
      return otherwise;
    }
  }
}
