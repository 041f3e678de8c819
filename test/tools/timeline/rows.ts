/** Rows for tests of the timeline, and pages of them. */

import { judge } from '../../../tools/timeline/completeness';
import { dictionaryOf } from '../../../tools/timeline/evidence';
import type { ChangeRow, CommitFacts, DomainEvidence, UserName } from '../../../tools/timeline/facts';
import { renderPage } from '../../../tools/timeline/html/page';
import { clockIn } from '../../../tools/timeline/html/times';
import { buildTimeline } from '../../../tools/timeline/model';

export const START = Date.UTC(2026, 0, 10, 12);
export const NO_NAMES = dictionaryOf([]);

/** A change of `status` from `open` to `closed` in an event of its own, a minute behind `START` for each number. */
export function change(number: number, values: Partial<ChangeRow> = {}): ChangeRow {
  return {
    eventId: `event-${number}`,
    eventType: 'Case.Updated',
    performedAt: START + number * 60_000,
    relatedItemType: null,
    userArn: 'arn:aws:connect:us-east-1:111122223333:instance/i/agent/maria',
    customEntity: null,
    otherUser: null,
    iamPrincipalArn: 'arn:aws:iam::111122223333:role/desk',
    fieldIndex: 0,
    fieldId: 'status',
    fieldName: 'Status',
    fieldType: 'SingleSelect',
    oldType: 'string',
    oldValue: 'open',
    newType: 'string',
    newValue: 'closed',
    templateId: 'template-1',
    commitSeq: 1,
    fileKey: 'field_changes/domain_id=d/export_date=2026-01-10/000000000001.parquet',
    ...values,
  };
}

/** A commit against which nothing stands. */
export function commit(seq: number, values: Partial<CommitFacts> = {}): CommitFacts {
  return {
    seq,
    key: `manifests/domain_id=d/${String(seq).padStart(12, '0')}.json`,
    sha256: String(seq).repeat(64).slice(0, 64),
    exportedAt: '2026-01-10T13:00:00.000Z',
    liveProvenUntil: START,
    relatedWatermark: START,
    sweep: { number: 1, isHistory: true, startedAt: START - 1, finishedAt: START, exportFrom: null },
    objects: [],
    gaps: new Map(),
    halfRead: new Set(),
    waiting: new Set(),
    debts: [],
    history: { startedAt: START - 1, finishedAt: START, exportFrom: null, casesNotFound: 0 },
    unexplainedTouches: 0,
    changedUpstream: new Set(),
    gone: new Set(),
    ...values,
  };
}

export function evidence(values: Partial<DomainEvidence> = {}): DomainEvidence {
  return { domainId: 'd', commits: [commit(1)], filesChecked: 1, problems: [], ...values };
}

/** The page of these rows, in UTC. */
export function pageOf(
  rows: readonly ChangeRow[],
  options: { caseId?: string; users?: ReadonlyMap<string, UserName>; evidence?: DomainEvidence; zone?: string } = {},
): string {
  const { caseId = 'case-1', users = new Map(), evidence: proof = evidence() } = options;
  const quarantine = { open: 0, altered: 0 };
  return renderPage({
    timeline: buildTimeline(caseId, rows, NO_NAMES, users),
    evidence: proof,
    quarantine,
    completeness: judge({ caseId, seqs: [1], changedAt: null }, proof, quarantine),
    clock: clockIn(options.zone ?? 'UTC'),
    madeAt: START,
  });
}
