import type { Manifest } from '../../../../lambda/export/domain/manifest';
import type { HistoryProof, SweepLane } from '../../../../lambda/export/domain/state';
import { someCounts } from '../../../support/stored-values';

const HASH = 'a'.repeat(64);
const DAY = 86_400_000;

/** The manifest of a quiet commit against which nothing stands: all of it is exported up to `until`, and nothing is owed. */
export function soundManifest(domainId: string, seq: number, until: number): Manifest {
  return {
    version: 1,
    domainId,
    seq,
    previousSha256: seq === 1 ? null : HASH,
    runId: `run-${seq}`,
    fence: seq,
    exportDate: new Date(until).toISOString().slice(0, 10),
    exportedAt: new Date(until + seq).toISOString(),
    lanes: {
      live: { watermark: until, passStartedAt: null, anchor: null, provenUntil: until, heldPasses: 0 },
      related: { watermark: until, walk: null, ticksWithoutBottom: 0, heldPasses: 0 },
      sweep: finishedSweep(until),
    },
    livePassFinished: true,
    counts: someCounts(),
    objects: [],
    redo: { sha256: HASH, bytes: 1 },
    gaps: [],
    debts: [],
    history: wholeHistory(until),
    unexplainedTouches: 0,
    changedUpstream: [],
    halfRead: [],
    openQuarantine: 0,
    gone: [],
    voids: null,
    bundleSha256: HASH,
    settingsSha256: HASH,
  };
}

/** The first sweep, over three cases, at its end. */
export function finishedSweep(until: number): SweepLane {
  return {
    number: 1,
    purpose: 'history',
    startedAt: until - DAY,
    anchor: null,
    finishedAt: until,
    exportFrom: null,
    paidUntil: null,
    casesRead: 3,
    eventsMissed: 0,
    totalCount: 3,
    casesFound: 3,
    casesHidden: 0,
    heldPasses: 0,
    isAccounted: true,
  };
}

/** What that sweep has proven. */
export function wholeHistory(until: number): HistoryProof {
  const { number, startedAt, casesFound } = finishedSweep(until);
  return { sweepNumber: number, startedAt, finishedAt: until, exportFrom: null, casesFound, casesNotFound: 0 };
}
