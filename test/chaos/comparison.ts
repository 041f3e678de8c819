/** The end of a world: every row of the archive against the history, every manifest against its files and the table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CasesService } from '../../local/cases/server';
import { readManifests } from '../../local/demo/archive';
import type { Comparison, Finding } from '../../local/demo/compare';
import { openFieldChanges } from '../../tools/query/field-changes';
import { compareExported } from '../support/exported';
import { readCheckpoints } from './checkpoints';
import { DOMAIN, type Setting } from './setting';

interface Differences {
  /** Rows of the archive, each held against the history in every column. */
  readonly rowsCompared: number;
  /** What is wrong, a line each: ids, keys and counts, never values. Empty when the export is exact. */
  readonly problems: readonly string[];
  /** Rows that are right but for the name of a deleted field, which could not be had on a bad day. */
  readonly nameless: number;
}

/** `quietRuns`: run ids of the ticks without a fault, which have no excuse. */
export async function findDifferences(
  { stack, archiveFolder }: Setting,
  quietRuns: ReadonlySet<string>,
): Promise<Differences> {
  if (!existsSync(join(archiveFolder, 'field_changes'))) {
    return { rowsCompared: 0, problems: ['nothing was exported'], nameless: 0 };
  }
  const { comparison, chain } = await compareExported(stack.cases, DOMAIN, archiveFolder);
  const { head, applied } = await readCheckpoints(stack.dynamodb);
  const manifests = readManifests(archiveFolder, DOMAIN).length;
  const isOne = head === manifests && applied === head;
  const excused = await namelessRows(archiveFolder, deletedFields(stack.cases), quietRuns);
  const different = comparison.different.filter(
    (finding) => !(isAboutNames(finding) && excused.has(keyOf(finding.caseId, finding.eventId, finding.fieldIndex))),
  );
  const problems = [
    ...rowLines({ ...comparison, different }),
    ...chain,
    ...(isOne ? [] : [`the table tells of commit ${head}, applied ${applied}; the archive holds ${manifests}`]),
  ];
  const nameless = comparison.different.length - different.length;
  return { rowsCompared: comparison.compared, problems, nameless };
}

const NAME_COLUMNS: ReadonlySet<string> = new Set(['field_name', 'field_type', 'field_namespace']);

function isAboutNames({ columns = [] }: Finding): boolean {
  return columns.length > 0 && columns.every((column) => NAME_COLUMNS.has(column));
}

/** No list has these any more; a look-up by id is all there is, and the export goes on without its answer. */
function deletedFields({ world }: CasesService): string[] {
  return [...(world.domains.get(DOMAIN)?.fields.values() ?? [])]
    .filter(({ deleted }) => deleted)
    .map(({ fieldId }) => fieldId);
}

/** Rows of these fields without anything of their names, but for those of a quiet run. */
async function namelessRows(
  archiveFolder: string,
  fieldIds: readonly string[],
  quietRuns: ReadonlySet<string>,
): Promise<Set<string>> {
  const changes = await openFieldChanges(archiveFolder);
  try {
    const { objects } = await changes.query(`
      SELECT case_id, event_id, field_index, field_id, run_id FROM field_changes
      WHERE field_name IS NULL AND field_type IS NULL AND field_namespace IS NULL`);
    return new Set(
      objects
        .filter(({ field_id, run_id }) => fieldIds.includes(String(field_id)) && !quietRuns.has(String(run_id)))
        .map(({ case_id, event_id, field_index }) => keyOf(String(case_id), String(event_id), Number(field_index))),
    );
  } finally {
    changes.close();
  }
}

function keyOf(caseId: string, eventId: string, fieldIndex: number): string {
  return JSON.stringify([caseId, eventId, fieldIndex]);
}

function rowLines({ missing, doubled, different, unknown }: Comparison): string[] {
  return Object.entries({ missing, doubled, different, unknown }).flatMap(([what, findings]) => {
    const [first] = findings;
    if (first === undefined) return [];
    const where = `case ${first.caseId}, event ${first.eventId}, field ${first.fieldIndex}`;
    const columns = first.columns === undefined ? '' : `, columns ${first.columns.join(', ')}`;
    return [`rows ${what}: ${findings.length}, the first: ${where}${columns}`];
  });
}
