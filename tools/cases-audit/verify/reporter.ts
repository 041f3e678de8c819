import type { ArchiveError } from '../archive/archive';
import type { FindingKind, Findings } from './findings';

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

  /** What could not be read is no evidence, for or against. */
  unread(error: ArchiveError, place: Place): void {
    this.add(error.reason, place, error.message);
  }
}
