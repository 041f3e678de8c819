/** Why an archive has no rows of a case: what to say in place of an empty answer. */
import type { FieldChanges } from './field-changes';

const NEAREST = 5;

/** Whether any row is of the case. */
export async function hasCase(changes: FieldChanges, caseId: string): Promise<boolean> {
  const { rows } = await changes.query('SELECT 1 FROM field_changes WHERE case_id = ? LIMIT 1', [caseId]);
  return rows.length > 0;
}

/**
 * A sentence that says that the case is an open gap, owed, or not there, then with the ids that look most like it.
 * @param where what was looked at, for people.
 */
export async function whyNoRows(changes: FieldChanges, caseId: string, where: string): Promise<string> {
  const gap = await gapOf(changes, caseId);
  if (gap !== undefined) {
    const attempts = `${gap.attempts} attempt${gap.attempts === 1 ? '' : 's'} since ${gap.since}`;
    return `No event of the case ${caseId} could be read yet: ${gap.cause}, ${attempts}. It is an open gap.`;
  }
  const nearest = await nearestCaseIds(changes, caseId);
  const hint = nearest.length === 0 ? 'no case at all is there' : `the nearest ids are\n  ${nearest.join('\n  ')}`;
  return `There is no case ${caseId} in ${where}: expected the id of an exported case; ${hint}`;
}

interface Gap {
  readonly cause: string;
  readonly attempts: number;
  readonly since: string;
}

async function gapOf(changes: FieldChanges, caseId: string): Promise<Gap | undefined> {
  const { rows } = await changes.query(
    `SELECT gap.cause, gap.attempts, gap.since
     FROM (SELECT unnest(gaps) AS gap FROM manifest_files
           QUALIFY row_number() OVER (PARTITION BY domain_id ORDER BY seq DESC) = 1)
     WHERE gap.caseId = ? LIMIT 1`,
    [caseId],
  );
  const [cause, attempts, since] = rows[0] ?? [];
  return rows.length === 0 ? undefined : { cause: String(cause), attempts: Number(attempts), since: String(since) };
}

/** Up to five ids that look most like this one. */
async function nearestCaseIds(changes: FieldChanges, caseId: string): Promise<string[]> {
  const { rows } = await changes.query(
    `SELECT case_id FROM (SELECT DISTINCT case_id FROM field_changes)
     ORDER BY NOT starts_with(lower(case_id), lower(?)), levenshtein(lower(case_id), lower(?)), case_id LIMIT ${NEAREST}`,
    [caseId, caseId],
  );
  return rows.map(([id]) => String(id));
}
