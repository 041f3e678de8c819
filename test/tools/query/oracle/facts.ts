/**
 * What the oracle is told: the history that the service keeps, and what the exporter says of its commits. Of the files with the
 * rows it takes only in which commit an event is and which template its case had by then; every value comes from the history.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import type { AuditEvent } from '../../../../lambda/export/domain/audit-event';
import type { StoredDictionary } from '../../../../lambda/export/domain/fields';
import type { Manifest } from '../../../../lambda/export/domain/manifest';
import { COMPRESSORS } from '../../../support/parquet-files';

/** A case as the service knows it, deleted or not, with all its events. */
export interface CaseOfHistory {
  readonly caseId: string;
  readonly events: readonly (AuditEvent | null)[];
}

export interface DomainFacts {
  readonly domainId: string;
  readonly history: readonly CaseOfHistory[];
  /** By number. */
  readonly manifests: readonly Manifest[];
  /** By number of the commit. */
  readonly dictionaries: readonly StoredDictionary[];
  /** By `exportKey`. An event that is not there is in no row. */
  readonly exported: ReadonlyMap<string, { readonly commitSeq: number; readonly templateId: string | null }>;
  /** How many rows the files of each commit hold. */
  readonly rowsByCommit: ReadonlyMap<number, number>;
}

export interface User {
  readonly arn: string;
  readonly name: string;
  readonly team: string;
}

export interface Facts {
  readonly domains: readonly DomainFacts[];
  readonly users: readonly User[];
  /** When the queries are asked, epoch ms. */
  readonly now: number;
}

export function exportKey(caseId: string, eventId: string): string {
  return JSON.stringify([caseId, eventId]);
}

/** The facts of one domain, its archive read from disk. */
export async function readDomainFacts(
  archive: string,
  domainId: string,
  history: readonly CaseOfHistory[],
): Promise<DomainFacts> {
  const exported = new Map<string, { commitSeq: number; templateId: string | null }>();
  const rowsByCommit = new Map<number, number>();
  for (const file of filesOf(join(archive, 'field_changes', `domain_id=${domainId}`), '.parquet')) {
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
      columns: ['case_id', 'event_id', 'template_id', 'commit_seq'],
      compressors: COMPRESSORS,
    });
    for (const row of rows) {
      const commitSeq = Number(row['commit_seq']);
      rowsByCommit.set(commitSeq, (rowsByCommit.get(commitSeq) ?? 0) + 1);
      exported.set(exportKey(String(row['case_id']), String(row['event_id'])), {
        commitSeq,
        templateId: (row['template_id'] as string | null | undefined) ?? null,
      });
    }
  }
  return {
    domainId,
    history,
    manifests: jsonFiles<Manifest>(join(archive, 'manifests', `domain_id=${domainId}`)),
    dictionaries: jsonFiles<StoredDictionary>(join(archive, 'fields', `domain_id=${domainId}`)),
    exported,
    rowsByCommit,
  };
}

function jsonFiles<T>(folder: string): T[] {
  return filesOf(folder, '.json').map((file) => JSON.parse(readFileSync(file, 'utf8')) as T);
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}
