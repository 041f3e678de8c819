/** What an extract says of itself, as values: `extract.json`. It names no other case than its own. */
import { parseNote } from '../../../lambda/export/domain/commit-note';
import { type NoteKey, verifyNote } from '../../../lambda/export/domain/note-keys';
import type { MadePage } from '../../timeline/make-page';
import { commitKeyOf } from '../archive/archive-keys';
import type { FoundCase } from '../case/find-case';
import { FINDING_KINDS, type Finding, type FindingKind } from '../verify/findings';
import type { VerifyResult } from '../verify/verify-archive';
import type { CommitOfCase } from './commits-of-case';

const EXTRACT_FORMAT = 'cases-audit-extract/v1';

/** `extract.json`. Members are added, never renamed or removed, within a version. */
export interface ExtractFacts {
  readonly format: typeof EXTRACT_FORMAT;
  readonly domain: string;
  readonly case: string;
  /** ISO 8601, UTC, as all times here. */
  readonly asOf: string;
  readonly events: number;
  readonly rows: number;
  readonly completeAsOf: string | null;
  readonly reasons: readonly string[];
  readonly notLater: readonly string[];
  /** The checker's answer for the domain, but for signatures: those stand with each commit. */
  readonly archive: {
    readonly commits: number;
    readonly newest: { readonly commit: number; readonly exportedAt: string; readonly manifestSha256: string } | null;
    readonly filesChecked: number;
    readonly contradictions: readonly ArchiveFinding[];
    readonly unchecked: readonly ArchiveFinding[];
  };
  /** Those that say something of the case. */
  readonly commits: readonly CommitFactsOfCase[];
  /** Public keys in the bag, each of which signed a note in it. */
  readonly keys: readonly { readonly keyId: string; readonly sha256: string }[];
}

/** A finding without its words, which may name other cases. */
interface ArchiveFinding {
  readonly kind: FindingKind;
  readonly commit: number | null;
  readonly key: string | null;
}

export interface CommitFactsOfCase {
  readonly commit: number;
  readonly exportedAt: string;
  readonly manifestSha256: string;
  readonly rows: number;
  readonly quarantinedEvents: number;
  /** Null where no slice is in the bag; `why` says why. */
  readonly sliceSha256: string | null;
  readonly listSha256: string | null;
  readonly digests: number | null;
  /** Ids of the enclosed keys whose signature of the commit's own note holds. */
  readonly signedBy: readonly string[];
  readonly why: string | null;
}

/** What the facts are made of. */
interface FactsInput {
  readonly caseId: string;
  readonly found: FoundCase;
  /** Epoch ms. */
  readonly asOf: number;
  readonly checked: Pick<VerifyResult, 'findings' | 'domains'>;
  readonly made: MadePage;
  readonly commits: readonly CommitOfCase[];
  /** Those that are enclosed. */
  readonly keys: readonly NoteKey[];
}

/** The same input gives the same facts. */
export function factsOf({ caseId, found, asOf, checked, made, commits, keys }: FactsInput): ExtractFacts {
  const { findings, domains } = checked;
  const { timeline, completeness } = made;
  const newest = found.commits.at(-1);
  const bare = findings.kept.map(({ kind, commit, key }) => ({ kind, commit, key: bareKey(key) }));
  const ofClass = (wanted: string) => bare.filter(({ kind }) => FINDING_KINDS[kind] === wanted);
  return {
    format: EXTRACT_FORMAT,
    domain: newest?.domainId ?? found.partition,
    case: caseId,
    asOf: new Date(asOf).toISOString(),
    events: timeline.events.length,
    rows: timeline.rowCount,
    completeAsOf: completeness.completeAsOf === null ? null : new Date(completeness.completeAsOf).toISOString(),
    reasons: completeness.reasons,
    notLater: completeness.limits,
    archive: {
      commits: found.commits.length,
      newest:
        newest === undefined
          ? null
          : { commit: newest.seq, exportedAt: newest.exportedAt, manifestSha256: newest.sha256 },
      filesChecked: domains.reduce((sum, { objects }) => sum + objects, 0),
      contradictions: ofClass('contradicts'),
      unchecked: ofClass('unchecked'),
    },
    commits: commits.map((each) => commitFacts(each, keys)),
    keys: keys.map(({ id, sha256 }) => ({ keyId: id, sha256 })),
  };
}

function commitFacts(
  { commit, rows, quarantined, bound, why }: CommitOfCase,
  keys: readonly NoteKey[],
): CommitFactsOfCase {
  return {
    commit: commit.seq,
    exportedAt: commit.exportedAt,
    manifestSha256: commit.sha256,
    rows,
    quarantinedEvents: quarantined,
    sliceSha256: bound?.sliceSha256 ?? null,
    listSha256: bound?.manifest.cases?.sha256 ?? null,
    digests: bound?.digests ?? null,
    signedBy: bound === null ? [] : signersOf(bound.note, keys).map(({ id }) => id),
    why,
  };
}

/** A finding as a sentence that names no case. */
export function bareWords({ kind, commit, key }: Finding): string {
  const place = bareKey(key);
  const where = commit === null ? '' : ` at commit ${commit}`;
  return `The check of the archive found ${kind}${where}${place === null ? '' : ` (${place})`}.`;
}

/** Anybody may have given a foreign key the id of another case for a name. */
function bareKey(key: string | null): string | null {
  return key !== null && commitKeyOf(key) !== null ? key : null;
}

/** Those of the keys whose signature of the note holds; none of a note that cannot be read. */
export function signersOf(note: Uint8Array, keys: readonly NoteKey[]): readonly NoteKey[] {
  try {
    return verifyNote(parseNote(note), keys).signedBy;
  } catch {
    return [];
  }
}
