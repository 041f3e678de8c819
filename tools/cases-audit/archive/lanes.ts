/** How far each lane has come, as of a commit, in times that people read. */
import { historyOf } from '../../../lambda/export/domain/completeness';
import type { Manifest } from '../../../lambda/export/domain/manifest';
import { isoOrNull } from '../words';

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
