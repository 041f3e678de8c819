/** The archive of a run of the built bundle, held against the history that the local Cases service keeps. */
import { join } from 'node:path';
import { MANIFEST } from '../../lambda/export/domain/manifest';
import type { CasesService } from '../../local/cases/server';
import { plainRows, readManifests } from '../../local/demo/archive';
import { type Comparison, compareRows } from '../../local/demo/compare';
import { type CommitFacts, expectedRows } from '../../local/demo/expected-rows';
import { contradictionsIn, verifyFolder } from '../../tools/cases-audit/verify/verify-folder';
import { openFieldChanges } from '../../tools/query/field-changes';

/** What differs, and what the chain of manifests, of this form, has against it; `isExact` and `[]` when all is well. */
export async function compareExported(
  cases: CasesService,
  domainId: string,
  archiveFolder: string,
  form = MANIFEST,
): Promise<{ comparison: Comparison; chain: string[]; withoutTemplate: number }> {
  const manifests = readManifests(archiveFolder, domainId, form);
  const fields = new Map(
    [...(cases.world.domains.get(domainId)?.fields ?? [])].map(([id, field]) => [id, { ...field }]),
  );
  const commits = new Map<number, CommitFacts>(
    manifests.map(({ seq, runId, exportedAt, exportDate }) => [
      seq,
      { seq, runId, exportedAt: Date.parse(exportedAt), exportDate, domainId, fields },
    ]),
  );
  const changes = await openFieldChanges(archiveFolder);
  try {
    const exported = plainRows(await changes.query('SELECT * FROM field_changes'));
    const found = exported.filter((row) => row['template_id'] !== null);
    const unsearched = exported.filter((row) => row['template_id'] === null);
    // The template comes with a search: a case that a related item led to before any search found it has none.
    const templates = new Map(
      expectedRows(cases.history(domainId)).map((row) => [row['case_id'], row['template_id'] ?? null]),
    );
    const completed = unsearched.map((row) => ({ ...row, template_id: templates.get(row['case_id'] ?? '') ?? null }));
    const comparison = compareRows(expectedRows(cases.history(domainId)), [...found, ...completed], commits);
    // What a killed run has staged stays until lifecycle removes it, and is no part of the archive.
    const chain = contradictionsIn(await verifyFolder(archiveFolder, { domain: domainId, readData: 'all', form }));
    return { comparison, chain, withoutTemplate: unsearched.length / exported.length };
  } finally {
    changes.close();
  }
}

/** Of `comparison` and `chain`, when every row is there once and right. */
export const EXACT = { missing: [], doubled: [], different: [], unknown: [], chain: [] };

export function archiveFolder(root: string, bucket: string): string {
  return join(root, bucket);
}
