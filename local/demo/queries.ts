import type { FieldChanges } from '../../tools/query/field-changes';
import { asTable } from '../../tools/query/formats';
import { heading, type Print } from './print';

interface Question {
  readonly title: string;
  readonly sql: string;
}

/** The author in one word. */
const BY = `coalesce(split_part(performed_by_user_arn, '/', -1), performed_by_custom_entity, 'IAM role only')`;

/** `old → new`; only the new value where there was no old one. */
const CHANGE = `left(coalesce(${side('old')} || ' → ', '') || ${side('new')}, 30)`;

const QUESTIONS: readonly Question[] = [
  {
    title: 'The latest changes',
    sql: `SELECT strftime(performed_time, '%m-%d %H:%M:%S') AS "time", left(case_id, 8) AS "case",
       field_name AS field, ${CHANGE} AS change, ${BY} AS "by"
FROM field_changes
WHERE event_type = 'Case.Updated'
ORDER BY performed_time DESC, event_id, field_index
LIMIT 10`,
  },
  {
    title: 'One case from its first event to its last',
    sql: `SELECT strftime(performed_time, '%m-%d %H:%M') AS "time",
       lower(split_part(event_type, '.', 2)) AS event,
       left(CASE WHEN related_item_type IS NULL OR related_item_type = 'Custom' THEN field_name
            ELSE related_item_type || ' ' || field_id END, 20) AS field,
       ${CHANGE} AS change, ${BY} AS "by"
FROM field_changes
WHERE case_id = (SELECT case_id FROM field_changes GROUP BY case_id
                 ORDER BY count(*) <= 22 DESC, count(old_value_type) DESC, case_id LIMIT 1)
ORDER BY performed_time, event_id, field_index`,
  },
  {
    title: 'Who changed the status of cases most?',
    sql: `SELECT ${BY} AS who, count(*) AS changes, count(DISTINCT case_id) AS cases,
       count(*) FILTER (new_value = 'closed') AS closed, strftime(max(performed_time), '%m-%d %H:%M') AS latest
FROM field_changes
WHERE event_type = 'Case.Updated' AND field_id = 'status'
GROUP BY ALL
ORDER BY changes DESC, who
LIMIT 6`,
  },
];

/** Asks the files three questions and prints the answers as tables, at most 100 characters wide. */
export async function printAnswers(print: Print, changes: FieldChanges): Promise<void> {
  for (const { title, sql } of QUESTIONS) {
    print();
    print(heading(title));
    print(asTable(await changes.query(sql), 100));
  }
}

/** Shortens a value: an ARN to its last part, a time to its minute, a cleared field to a mark. */
function side(which: 'old' | 'new'): string {
  const short = `regexp_replace(regexp_replace(${which}_value, '^arn:.*/', ''), '^(....-..-..)T(..:..):.*Z$', '\\1 \\2')`;
  return `CASE ${which}_value_type WHEN 'empty' THEN '(cleared)' ELSE ${short} END`;
}
