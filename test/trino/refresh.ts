/** The refresh of the curated table: the statements of `sql/curated/`, in the order of the state machine (`lib/refresh-definition.ts`). */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CuratedStatements } from '../../lib/curated-statements';
import { fillIn } from '../../lib/sql-files';
import { type Trino, TrinoError, type TrinoResult } from './client';
import { trinoStatements } from './dialect';

export interface RefreshOptions {
  readonly statements: CuratedStatements;
  readonly database: string;
  readonly buckets: string;
  /** Folder of the archive bucket. */
  readonly archive: string;
  readonly location: string;
  readonly firstExportDate: string;
}

export interface Refresh {
  /** Makes the table, or brings it to the newest schema. */
  create(): Promise<void>;
  /** Merges until nothing published is left. Answers how many merges it took and how many met another commit and ran again. */
  run(
    domain: string,
    options?: { readonly mostRows?: number },
  ): Promise<{ readonly merges: number; readonly conflicts: number }>;
  /** Only the merge of these commits, from what the table says of itself. */
  optimize(): Promise<void>;
  vacuum(): Promise<void>;
  drop(): Promise<void>;
}

const MOST_ROWS = 10_000_000;

export function refreshOf(client: Trino, options: RefreshOptions): Refresh {
  const { statements, database, buckets, archive, location, firstExportDate } = options;
  const run = async (statement: string): Promise<TrinoResult> => {
    let result: TrinoResult = { columns: [], rows: [] };
    for (const each of trinoStatements(statement, { buckets, database })) result = await client.query(each);
    return result;
  };

  return {
    async create() {
      for (const { applied, statement } of statements.schemaChanges) {
        const { rows } = await run(fillIn(applied, { database }));
        if (rows.length === 0) await run(fillIn(statement, { database, location }));
      }
    },

    async run(domain, { mostRows = MOST_ROWS } = {}) {
      let merges = 0;
      let conflicts = 0;
      for (;;) {
        const common = { domain_id: domain, first_export_date: firstExportDate };
        const [position] = (await run(fillIn(statements.position, common))).rows;
        const [last_commit = '', last_date = ''] = (position ?? []).map(String);
        const range = { ...common, last_commit, last_date };
        const newest_published = String(newestManifest(archive, domain));
        const [next] = (await run(fillIn(statements.next, { ...range, newest_published, most_rows: String(mostRows) })))
          .rows;
        const [until_commit = '', until_date = '', newest = ''] = (next ?? []).map(String);
        if (until_commit === '0') return { merges, conflicts };
        const merge = fillIn(statements.merge, { ...range, until_date, until_commit });
        conflicts += await againOnConflict(() => run(merge));
        merges += 1;
        if (until_commit === newest) return { merges, conflicts };
      }
    },

    optimize: async () => void (await run(statements.optimize)),
    vacuum: async () => void (await run(statements.vacuum)),
    drop: async () => void (await run(statements.drop)),
  };
}

/** What is visible without a manifest is not published: its commit may still lack rows. */
function newestManifest(archive: string, domain: string): number {
  const folder = join(archive, 'manifests', `domain_id=${domain}`);
  if (!existsSync(folder)) return 0;
  return Math.max(0, ...readdirSync(folder).map((name) => Number.parseInt(name, 10)));
}

/** Iceberg refuses a commit that met another one; the state machine runs such a statement again. Resolves to how often that was. */
async function againOnConflict(run: () => Promise<unknown>): Promise<number> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      await run();
      return conflicts;
    } catch (error) {
      const isConflict = error instanceof TrinoError && error.errorName === 'ICEBERG_COMMIT_ERROR';
      if (!isConflict || conflicts === 20) throw error;
      await sleep(50 + Math.random() * 200);
    }
  }
}
