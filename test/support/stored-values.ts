/** One value of each stored type, as plain as it can be; a test names only what it is about. */

import type { CaseRecord, RetryEntry } from '../../lambda/export/domain/case-items';
import type { FieldDefinition } from '../../lambda/export/domain/fields';
import { MANIFEST_VERSION, type Manifest, type ManifestCounts } from '../../lambda/export/domain/manifest';
import type { park } from '../../lambda/export/domain/retry-list';
import type {
  DomainState,
  HistoryProof,
  Lanes,
  LiveLane,
  PartialRead,
  RelatedLane,
  SweepLane,
  WaitingCase,
} from '../../lambda/export/domain/state';
import { NEW_DOMAIN } from '../../lambda/export/domain/stored-items';

/** A live lane between two passes, before its first. */
export function aLiveLane(change: Partial<LiveLane> = {}): LiveLane {
  return { watermark: null, passStartedAt: null, anchor: null, provenUntil: null, heldPasses: 0, ...change };
}

/** A lane of related items before its first walk. */
export function aRelatedLane(change: Partial<RelatedLane> = {}): RelatedLane {
  return { watermark: null, walk: null, ticksWithoutBottom: 0, heldPasses: 0, ...change };
}

/** A first sweep for history that has just begun, at the epoch. */
export function aSweep(change: Partial<SweepLane> = {}): SweepLane {
  return {
    number: 1,
    purpose: 'history',
    startedAt: 0,
    anchor: null,
    finishedAt: null,
    exportFrom: null,
    paidUntil: null,
    casesRead: 0,
    eventsMissed: 0,
    totalCount: null,
    casesFound: 0,
    casesHidden: 0,
    heldPasses: 0,
    isAccounted: true,
    ...change,
  };
}

/** Lanes of a new domain. */
export function someLanes(change: Partial<Lanes> = {}): Lanes {
  return { live: aLiveLane(), related: aRelatedLane(), sweep: null, ...change };
}

/** STATE of a domain that was never exported. */
export function aState(change: Partial<DomainState> = {}): DomainState {
  return { ...NEW_DOMAIN, ...change };
}

/** The record of a case that was found and never read. */
export function aRecord(change: Partial<CaseRecord> = {}): CaseRecord {
  return {
    caseId: 'case',
    touched: null,
    readAt: null,
    waitingSince: null,
    templateId: null,
    eventCount: 0,
    seq: 1,
    goneAt: null,
    content: null,
    unexplained: false,
    owedFrom: null,
    ...change,
  };
}

/** An open entry of a case that was refused once, at the epoch, and is due. */
export function aRetry(change: Partial<RetryEntry> = {}): RetryEntry {
  return {
    caseId: 'case',
    templateId: null,
    touched: 0,
    cause: 'refused',
    attempts: 1,
    firstSeen: 0,
    notFoundSince: null,
    notBefore: 0,
    seq: 1,
    closed: false,
    missingFrom: null,
    neverRead: true,
    triedAt: null,
    lastUpdated: null,
    sweptAt: null,
    lostAt: null,
    pending: [],
    ...change,
  };
}

/** A case that is too fresh to be read since the epoch, and was never read. */
export function aWaitingCase(change: Partial<WaitingCase> = {}): WaitingCase {
  return {
    caseId: 'case',
    templateId: null,
    touched: 0,
    lastUpdated: null,
    since: 0,
    missingFrom: null,
    neverRead: true,
    ...change,
  };
}

/** A case that was refused, as it comes to the retry list. */
type FailedCase = Parameters<typeof park>[1];

export function aFailedCase(change: Partial<FailedCase> = {}): FailedCase {
  return {
    caseId: 'case',
    templateId: null,
    touched: 0,
    lastUpdated: null,
    cause: 'refused',
    missingFrom: null,
    neverRead: true,
    ...change,
  };
}

/** A text field that every domain has. */
export function aField(change: Partial<FieldDefinition> = {}): FieldDefinition {
  return { fieldId: 'status', name: 'Status', type: 'Text', namespace: 'System', deleted: false, ...change };
}

/** A case of which one page is read, at the epoch. */
export function aPartialRead(change: Partial<PartialRead> = {}): PartialRead {
  return {
    caseId: 'case',
    templateId: null,
    touched: 0,
    token: 'token',
    firstPageAt: 0,
    restarts: 0,
    newSinceRestart: true,
    incomplete: false,
    newest: 0,
    missingFrom: null,
    neverRead: true,
    ...change,
  };
}

/** A first manifest of a domain that is empty and whole: one scan has finished, and nothing is owed. */
export function aManifest(change: Partial<Manifest> = {}): Manifest {
  return {
    version: MANIFEST_VERSION,
    domainId: 'domain-1',
    seq: 1,
    previousSha256: null,
    runId: 'run-1',
    fence: 1,
    exportDate: '2026-01-10',
    exportedAt: '2026-01-10T12:00:00.000Z',
    lanes: someLanes({ sweep: aSweep({ finishedAt: 0 }) }),
    livePassFinished: true,
    counts: someCounts(),
    objects: [],
    redo: { sha256: '', bytes: 0 },
    gaps: [],
    debts: [],
    history: aHistoryProof(),
    unexplainedTouches: 0,
    changedUpstream: [],
    halfRead: [],
    openQuarantine: 0,
    gone: [],
    voids: null,
    bundleSha256: '',
    settingsSha256: '',
    ...change,
  };
}

/** Counts of a commit that brings nothing. */
export function someCounts(change: Partial<ManifestCounts> = {}): ManifestCounts {
  return {
    calls: {},
    casesFound: 0,
    casesRead: 0,
    pages: 0,
    events: 0,
    rows: 0,
    quarantined: 0,
    replayed: 0,
    nullElements: 0,
    anomalies: 0,
    totalCount: null,
    ...change,
  };
}

/** A scan over all cases that found each. */
export function aHistoryProof(change: Partial<HistoryProof> = {}): HistoryProof {
  return { sweepNumber: 1, startedAt: 0, finishedAt: 0, exportFrom: null, casesFound: 0, casesNotFound: 0, ...change };
}
