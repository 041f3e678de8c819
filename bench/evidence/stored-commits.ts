/** Manifests and dictionaries of a domain in which little happens, as the exporter stores them. */
import { join } from 'node:path';
import { fieldChangesKey, fieldsKey, manifestKey } from '../../lambda/export/domain/keys';
import { encodeRows } from '../../lambda/export/parquet/encode';
import { row } from '../../test/support/rows';
import { soundManifest } from '../../test/tools/query/world/sound-manifest';
import { writeBelow } from '../harness';

export const DOMAIN = 'bench';
export const FIRST_DATE = '2026-01-01';
export const LAST_DAY = '2026-01-01';

const START = Date.parse(FIRST_DATE);
const DAY = 86_400_000;
const GAPS = 3;
const FIELDS = 20;
const VALUES = 10;

/**
 * Commits `from` to `until`, `perDay` of them a day, each with three gaps; a dictionary at the first of each day, when labels
 * are asked for again. Rows are in the first commit only, so that what is read beside them is what is measured.
 */
export async function writeCommits(
  archive: string,
  { from, until, perDay }: { readonly from: number; readonly until: number; readonly perDay: number },
): Promise<void> {
  for (let seq = from; seq <= until; seq += 1) {
    const at = START + Math.floor(((seq - 1) * DAY) / perDay);
    const sound = soundManifest(DOMAIN, seq, at);
    const isFirst = seq === 1;
    const since = new Date(at).toISOString();
    const gaps = Array.from({ length: GAPS }, (_, index) => ({
      caseId: `0a1b2c3d-0000-4000-8000-${String(index).padStart(12, '0')}`,
      cause: 'malformed' as const,
      since,
      attempts: 3,
    }));
    const debts = [{ cause: 'malformed' as const, cases: GAPS, neverRead: 0, since: at, missingFrom: at }];
    const manifest = { ...sound, gaps, debts, counts: { ...sound.counts, rows: isFirst ? 1 : 0 } };
    if (isFirst) await writeRow(archive);
    if ((seq - 1) % perDay === 0)
      writeBelow(join(archive, fieldsKey(DOMAIN, seq)), `${JSON.stringify(dictionary(seq, since))}\n`);
    writeBelow(join(archive, manifestKey(DOMAIN, seq)), `${JSON.stringify(manifest)}\n`);
  }
}

async function writeRow(archive: string): Promise<void> {
  const change = row({ case_id: 'case', event_id: 'event', field_index: 0, performed_time: new Date(START) });
  const commit = { exported_at: new Date(START), run_id: 'run-1', commit_seq: 1 };
  const path = join(archive, fieldChangesKey(DOMAIN, FIRST_DATE, 1));
  writeBelow(path, await encodeRows([change], commit, { domain_id: DOMAIN, export_date: FIRST_DATE }));
}

function dictionary(seq: number, asOf: string): object {
  const ids = Array.from({ length: FIELDS }, (_, index) => `field-${index}`);
  const options = Array.from({ length: VALUES }, (_, index) => ({
    value: `value-${index}`,
    name: `Value ${index}`,
    active: true,
  }));
  return {
    version: 1,
    domainId: DOMAIN,
    seq,
    fields: ids.map((fieldId) => ({
      fieldId,
      name: fieldId,
      type: 'SingleSelect',
      namespace: 'Custom',
      deleted: false,
    })),
    options: ids.map((fieldId) => ({ fieldId, asOf, options })),
    templates: null,
  };
}
