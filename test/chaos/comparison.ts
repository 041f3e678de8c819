/** The end of a world: every row of the archive against the history, every manifest against its files and the table. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '../../local/demo/archive';
import type { Comparison } from '../../local/demo/compare';
import { compareExported } from '../support/exported';
import { readCheckpoints } from './checkpoints';
import { DOMAIN, type Setting } from './setting';

export interface Differences {
  /** Rows of the archive, each held against the history in every column. */
  readonly rowsCompared: number;
  /** What is wrong, a line each: ids, keys and counts, never values. Empty when the export is exact. */
  readonly problems: readonly string[];
}

export async function findDifferences({ stack, archiveFolder }: Setting): Promise<Differences> {
  if (!existsSync(join(archiveFolder, 'field_changes'))) return { rowsCompared: 0, problems: ['nothing was exported'] };
  const { comparison, chain } = await compareExported(stack.cases, DOMAIN, archiveFolder);
  const { head, applied } = await readCheckpoints(stack.dynamodb);
  const manifests = readManifests(archiveFolder, DOMAIN).length;
  const isOne = head === manifests && applied === head;
  const problems = [
    ...rowLines(comparison),
    ...chain,
    ...(isOne ? [] : [`the table tells of commit ${head}, applied ${applied}; the archive holds ${manifests}`]),
  ];
  return { rowsCompared: comparison.compared, problems };
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
