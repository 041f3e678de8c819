import { type Cell, type CommitFacts, commitColumns, type Row } from './expected-rows';

/** A row by its key, and its fault: ids, numbers and column names, never values. */
export interface Finding {
  readonly caseId: string;
  readonly eventId: string;
  readonly fieldIndex: number;
  /** Of a row that differs. */
  readonly columns?: readonly string[];
}

export interface Comparison {
  /** Rows of the archive that were compared with the history. */
  readonly compared: number;
  readonly columns: number;
  /** In the history, not in the archive. */
  readonly missing: readonly Finding[];
  /** In the archive more than once: one finding for each row too many. */
  readonly doubled: readonly Finding[];
  readonly different: readonly Finding[];
  /** In the archive, not in the history. */
  readonly unknown: readonly Finding[];
}

/**
 * Compares every exported row with the expected rows, both ways, by (case, event, field index) and in every column of
 * either side.
 */
export function compareRows(
  expected: readonly Row[],
  exported: readonly Row[],
  commits: ReadonlyMap<number, CommitFacts>,
): Comparison {
  const wanted = new Map(expected.map((row) => [keyOf(row), row]));
  const seen = new Set<string>();
  const columns = new Set<string>();
  const doubled: Finding[] = [];
  const different: Finding[] = [];
  const unknown: Finding[] = [];
  for (const row of exported) {
    const key = keyOf(row);
    const wantedRow = wanted.get(key);
    for (const column of Object.keys(row)) columns.add(column);
    if (seen.has(key)) doubled.push(findingOf(row));
    seen.add(key);
    if (wantedRow === undefined) unknown.push(findingOf(row));
    else {
      const wrong = wrongColumns(wantedRow, row, commits.get(Number(row['commit_seq'])));
      if (wrong.length > 0) different.push({ ...findingOf(row), columns: wrong });
    }
  }
  const missing = [...wanted].filter(([key]) => !seen.has(key)).map(([, row]) => findingOf(row));
  return { compared: exported.length, columns: columns.size, missing, doubled, different, unknown };
}

/** Whether nothing is missing, doubled, different or unknown, and there was something to compare. */
export function isExact(comparison: Comparison): boolean {
  const { compared, missing, doubled, different, unknown } = comparison;
  return compared > 0 && missing.length + doubled.length + different.length + unknown.length === 0;
}

/** Without the commit's facts, all columns of the commit count as wrong. */
function wrongColumns(wanted: Row, row: Row, commit: CommitFacts | undefined): string[] {
  if (commit === undefined) return ['commit_seq'];
  const whole: Row = { ...wanted, ...commitColumns(commit, wanted['field_id'] ?? null) };
  const names = new Set([...Object.keys(whole), ...Object.keys(row)]);
  return [...names].filter((name) => !sameCell(whole[name], row[name]));
}

function sameCell(a: Cell | undefined, b: Cell | undefined): boolean {
  return Object.is(a, b) || (a === 0 && b === 0);
}

function keyOf(row: Row): string {
  return JSON.stringify([row['case_id'], row['event_id'], row['field_index']]);
}

function findingOf(row: Row): Finding {
  return {
    caseId: String(row['case_id']),
    eventId: String(row['event_id']),
    fieldIndex: Number(row['field_index']),
  };
}
