import type { Manifest } from '../../../../lambda/export/domain/manifest';
import type { HistoryProof, SweepLane } from '../../../../lambda/export/domain/state';
import { aHistoryProof, aLiveLane, aManifest, aRelatedLane, aSweep } from '../../../support/stored-values';

const HASH = 'a'.repeat(64);
const DAY = 86_400_000;

/** The manifest of a quiet commit against which nothing stands: all of it is exported up to `until`, and nothing is owed. */
export function soundManifest(domainId: string, seq: number, until: number): Manifest {
  return aManifest({
    domainId,
    seq,
    previousSha256: seq === 1 ? null : HASH,
    runId: `run-${seq}`,
    fence: seq,
    exportDate: new Date(until).toISOString().slice(0, 10),
    exportedAt: new Date(until + seq).toISOString(),
    lanes: {
      live: aLiveLane({ watermark: until, provenUntil: until }),
      related: aRelatedLane({ watermark: until }),
      sweep: finishedSweep(until),
    },
    redo: { sha256: HASH, bytes: 1 },
    history: wholeHistory(until),
    bundleSha256: HASH,
    settingsSha256: HASH,
  });
}

/** The first sweep, over three cases, at its end. */
export function finishedSweep(until: number): SweepLane {
  return aSweep({ startedAt: until - DAY, finishedAt: until, casesRead: 3, totalCount: 3, casesFound: 3 });
}

/** What that sweep has proven. */
export function wholeHistory(until: number): HistoryProof {
  return aHistoryProof({ startedAt: until - DAY, finishedAt: until, casesFound: 3 });
}
