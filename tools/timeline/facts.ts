/** What is read from an archive, as values. Times are epoch milliseconds, UTC; hashes are lower-case hex. */
import type { ManifestObject } from '../../lambda/export/domain/manifest';
import type { HistoryProof, DebtSum as StoredDebtSum, SweepLane } from '../../lambda/export/domain/state';
import { compareCodeUnits } from '../../lambda/export/domain/values';

/** One row of `field_changes`, as far as a timeline shows it. */
export interface ChangeRow {
  readonly eventId: string;
  readonly eventType: string;
  readonly performedAt: number;
  readonly relatedItemType: string | null;
  readonly userArn: string | null;
  readonly customEntity: string | null;
  /** JSON of a kind of user that no version knows. */
  readonly otherUser: string | null;
  readonly iamPrincipalArn: string | null;
  readonly fieldIndex: number;
  /** Null for an event without fields. */
  readonly fieldId: string | null;
  readonly fieldName: string | null;
  readonly fieldType: string | null;
  readonly oldType: string | null;
  readonly oldValue: string | null;
  readonly newType: string | null;
  readonly newValue: string | null;
  readonly templateId: string | null;
  readonly commitSeq: number;
  /** Key of the Parquet file that holds the row, from the archive's root, with `/`. */
  readonly fileKey: string;
}

/** Whether the row is a change of the case itself, and of none of its related items. */
export function isCaseChange({
  eventType,
  relatedItemType,
}: Pick<ChangeRow, 'eventType' | 'relatedItemType'>): boolean {
  return relatedItemType === null && !eventType.startsWith('RelatedItem.');
}

/**
 * Whether the ids in the row are ids of fields: in a change of the case, and in one of a custom item. A comment or an SLA has
 * members instead, which may share an id with a field, and none of its names, types and labels.
 */
export function hasFields(row: Pick<ChangeRow, 'eventType' | 'relatedItemType'>): boolean {
  return row.relatedItemType === 'Custom' || isCaseChange(row);
}

interface Gap {
  readonly cause: string;
  readonly since: string;
  readonly attempts: number;
}

/** The debts of one cause, as a manifest has them; the cause may be one that no version knows. */
export type DebtSum = Omit<StoredDebtSum, 'cause'> & { readonly cause: string };

/** What a commit's manifest says. */
export interface CommitFacts {
  readonly seq: number;
  readonly key: string;
  /** Of the manifest's own bytes. */
  readonly sha256: string;
  readonly exportedAt: string;
  /** The watermark of the last pass over the latest changes that saw the end of the list. */
  readonly liveProvenUntil: number | null;
  readonly relatedWatermark: number | null;
  readonly sweep:
    | (Pick<SweepLane, 'number' | 'startedAt' | 'finishedAt' | 'exportFrom'> & { readonly isHistory: boolean })
    | null;
  readonly objects: readonly Pick<ManifestObject, 'key' | 'sha256'>[];
  readonly gaps: ReadonlyMap<string, Gap>;
  readonly halfRead: ReadonlySet<string>;
  readonly waiting: ReadonlySet<string>;
  /** Null in manifests of builds that kept no account. */
  readonly debts: readonly DebtSum[] | null;
  /** Null before a scan over all cases has finished under the account. */
  readonly history: Pick<HistoryProof, 'startedAt' | 'finishedAt' | 'exportFrom' | 'casesNotFound'> | null;
  readonly unexplainedTouches: number;
  readonly changedUpstream: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** The manifests of a domain, and what checking them and their files found. */
export interface DomainEvidence {
  /** As the manifests call it; the name of its partition if there is none. */
  readonly domainId: string;
  /** By number. */
  readonly commits: readonly CommitFacts[];
  readonly filesChecked: number;
  /** What does not hold, a sentence each; empty if the chain and every file verify. */
  readonly problems: readonly string[];
}

/** Events of one case that quarantines name. */
export interface CaseQuarantine {
  /** In no row yet. */
  readonly open: number;
  /** In rows, with U+FFFD for what is not text; the raw event is kept. */
  readonly altered: number;
}

export interface UserName {
  readonly name: string;
  readonly team: string | null;
}

/** A row by column name, as a reader of Parquet gives it. */
type Cells = Readonly<Record<string, unknown>>;

/** @param fileKey key of the file that holds the row. */
export function changeRowOf(row: object, fileKey: string): ChangeRow {
  const cells = row as Cells;
  const text = (name: string) => (typeof cells[name] === 'string' ? cells[name] : null);
  return {
    eventId: text('event_id') ?? '',
    eventType: text('event_type') ?? '',
    performedAt: Number(cells['performed_time']),
    relatedItemType: text('related_item_type'),
    userArn: text('performed_by_user_arn'),
    customEntity: text('performed_by_custom_entity'),
    otherUser: text('performed_by_other'),
    iamPrincipalArn: text('performed_by_iam_principal_arn'),
    fieldIndex: Number(cells['field_index']),
    fieldId: text('field_id'),
    fieldName: text('field_name'),
    fieldType: text('field_type'),
    oldType: text('old_value_type'),
    oldValue: text('old_value'),
    newType: text('new_value_type'),
    newValue: text('new_value'),
    templateId: text('template_id'),
    commitSeq: Number(cells['commit_seq']),
    fileKey,
  };
}

/** By performed_time, event_id, field_index, commit_seq: no better order is promised. */
export function compareChanges(a: ChangeRow, b: ChangeRow): number {
  return (
    a.performedAt - b.performedAt ||
    compareCodeUnits(a.eventId, b.eventId) ||
    a.fieldIndex - b.fieldIndex ||
    a.commitSeq - b.commitSeq
  );
}
