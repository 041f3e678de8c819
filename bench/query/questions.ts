/** Five questions of the kind that analysts ask, over either table. */

interface Question {
  readonly name: string;
  readonly sql: string;
}

export interface Period {
  /** YYYY-MM-DD, of the archive. */
  readonly firstDate: string;
  readonly lastDate: string;
  /** A case that is there. */
  readonly caseId: string;
}

const DAY = 86_400_000;

/**
 * The same text for both tables. A question about a time says so by both of its columns, as `docs/querying.md` teaches: the day of
 * export is what the raw table is read by, the time of the change what the curated one is.
 */
export function questions(table: string, { firstDate, lastDate, caseId }: Period): Question[] {
  const middle = dayBetween(firstDate, lastDate, 0.5);
  const within = (days: number) => {
    const end = dayBetween(middle, middle, 0, days);
    return `export_date >= '${middle}' AND export_date <= '${dayBetween(end, end, 0, 1)}'
      AND performed_time >= TIMESTAMP '${middle} 00:00:00' AND performed_time < TIMESTAMP '${end} 00:00:00'`;
  };
  return [
    {
      name: 'who changed most, in a month',
      sql: `SELECT performed_by_user_arn, count(*) AS changes, count(DISTINCT case_id) AS cases FROM ${table}
        WHERE ${within(30)} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20`,
    },
    {
      name: 'status changes by day, in a week',
      sql: `SELECT cast(performed_time AS date) AS day, new_value, count(*) AS changes FROM ${table}
        WHERE ${within(7)} AND field_id = 'status' GROUP BY 1, 2 ORDER BY 1, 2`,
    },
    {
      name: 'one case, from its creation on',
      sql: `SELECT performed_time, event_type, field_name, old_value, new_value FROM ${table}
        WHERE case_id = '${caseId}' ORDER BY performed_time, event_id, field_index`,
    },
    {
      name: 'status of every case now',
      sql: `SELECT status, count(*) AS cases FROM (
        SELECT case_id, max_by(new_value, performed_time) AS status FROM ${table} WHERE field_id = 'status' GROUP BY 1
      ) GROUP BY 1 ORDER BY 1`,
    },
    {
      name: 'changes by field, of all time',
      sql: `SELECT field_id, count(*) AS changes, count_if(new_value_type = 'empty') AS cleared FROM ${table}
        GROUP BY 1 ORDER BY 2 DESC, 1`,
    },
  ];
}

function dayBetween(first: string, last: string, share: number, daysLater = 0): string {
  const time = Date.parse(first) + (Date.parse(last) - Date.parse(first)) * share + daysLater * DAY;
  return new Date(time).toISOString().slice(0, 10);
}
