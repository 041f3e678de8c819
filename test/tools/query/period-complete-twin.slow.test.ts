/** Promise: the SQL of period-complete and `judgePeriod` give the same answer, column for column, of whatever an archive holds. */
import { readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COLUMNS } from '../../../lambda/export/domain/columns';
import { openFieldChanges } from '../../../tools/query/field-changes';
import { scratchOfFile } from '../../support/scratch';
import { answerOf, saveManifests } from './database';
import { runInDuckDb } from './duck-rows';
import type { Row } from './oracle/canonical';
import { periodAnswer } from './oracle/debts';
import { type RandomDomain, randomDomains } from './world/random-chains';

const LAST_DAY = '2026-01-10';
const UNTIL = Date.UTC(2026, 0, 11);
const DOMAINS = 400;
const SEED = Number(process.env['SEED'] ?? 1);

const scratch = scratchOfFile();
let domains: readonly RandomDomain[];
let answers: ReadonlyMap<unknown, Row>;

beforeAll(async () => {
  domains = randomDomains(DOMAINS, SEED, UNTIL);
  answers = await ask(scratch.emptyFolder(), domains);
});

test('of hundreds of random chains, a row each, but for domains that nothing is there of', () => {
  const expected = domains
    .filter(({ manifests, rowsByCommit }) => manifests.length > 0 || hasRows(rowsByCommit))
    .map(({ domainId, manifests, rowsByCommit }) => periodAnswer(domainId, manifests, rowsByCommit, UNTIL));
  for (const row of expected) expect({ seed: SEED, ...answers.get(row['domain_id']) }).toEqual({ seed: SEED, ...row });
  expect(answers.size).toBe(expected.length);
});

test('and among them are enough that are complete, and each reason alone', () => {
  const reasons = [...answers.values()].map(reasonsOf);
  expect(reasons.filter((each) => each.length === 0).length).toBeGreaterThan(DOMAINS / 8);
  expect([...answers.values()].every((row) => row['is_complete'] === (reasonsOf(row).length === 0))).toBe(true);
  const alone = new Set(reasons.filter((each) => each.length === 1).flat());
  expect([...alone].sort()).toEqual([...REASONS].sort());
});

const REASONS = [
  'watermark_passed',
  'history_finished',
  'account_kept',
  'export_from',
  'cases_not_found',
  'debts',
  'open_quarantine',
  'commits_with_other_rows',
  'holes_in_chain',
] as const;

/** Which columns say no. */
function reasonsOf(row: Row): string[] {
  return REASONS.filter((name) => {
    const value = row[name] ?? null;
    return typeof value === 'boolean' ? !value : value !== null && value !== 0;
  });
}

function hasRows(rowsByCommit: ReadonlyMap<number, number>): boolean {
  return [...rowsByCommit.values()].some((rows) => rows > 0);
}

async function ask(archive: string, asked: readonly RandomDomain[]): Promise<Map<unknown, Row>> {
  for (const { manifests } of asked) saveManifests(archive, manifests);
  await writeRows(join(archive, 'field_changes'), asked);
  const database = await openFieldChanges(archive);
  try {
    const rows = await answerOf(database, 'period-complete', [LAST_DAY]);
    return new Map(rows.map((row) => [row['domain_id'], row]));
  } finally {
    database.close();
  }
}

/** Rows that hold nothing but the number of their commit. */
async function writeRows(to: string, asked: readonly RandomDomain[]): Promise<void> {
  const counts = asked.flatMap(({ domainId, rowsByCommit }) =>
    [...rowsByCommit].map(([seq, rows]) => `('${domainId}', ${seq}, ${rows})`),
  );
  const columns = COLUMNS.map(({ name, type }) =>
    name === 'commit_seq' ? 'commit_seq' : `cast(NULL AS ${type === 'string' ? 'varchar' : type}) AS ${name}`,
  );
  await runInDuckDb(`COPY (
    SELECT ${columns.join(', ')}, domain_id, '2026-01-12' AS export_date
    FROM (VALUES ${counts.join(', ')}) AS counts (domain_id, commit_seq, row_count)
    CROSS JOIN UNNEST(range(row_count))
  ) TO '${to}' (FORMAT parquet, PARTITION_BY (domain_id, export_date))`);
  // One file has the rows of many commits, so it takes the key of a commit that has no manifest.
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.parquet')) renameSync(join(to, name), join(to, dirname(name), '999999999999.parquet'));
  }
}
