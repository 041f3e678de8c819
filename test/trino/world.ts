/** What the tests ask about: two domains with every type and edge value, exported by the bundle as files of an archive. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectCasesClient } from '@aws-sdk/client-connectcases';
import { type ParquetParsers, parquetReadObjects } from 'hyparquet';
import { createCase } from '../../local/cases/model/cases';
import { filesOf, readManifests } from '../../local/demo/archive';
import { compareRows } from '../../local/demo/compare';
import { type Cell, expectedRows, type Row } from '../../local/demo/expected-rows';
import { ARCHIVE_BUCKET, type LocalStack, startLocalStack } from '../../local/exporter/stack';
import { runTick } from '../../local/exporter/tick';
import { setUpDesk } from '../../local/seed/desk';
import { Player } from '../../local/seed/player';
import { historyStartsAt, nextChanges, pastWeeks } from '../../local/seed/scenario';
import { contradictionsIn, verifyFolder } from '../../tools/cases-audit/verify/verify-folder';
import { COMPRESSORS, inMemory } from '../support/parquet-files';
import { Random } from '../support/random';
import { edgeEvents } from './edge-events';

/** A support desk as people use it. */
const DESK = 'desk';
/** Events that hold every edge value. */
export const EDGES = 'edges';
export const DOMAINS = [DESK, EDGES] as const;

interface ExportedWorld {
  /** For each domain, what in the archive is not as the service's history says; empty if all is well. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
}

const SETTINGS = {
  SEARCH_CASES_RPS: '10000',
  AUDIT_EVENTS_RPS: '10000',
  RELATED_ITEMS_RPS: '10000',
  SETTLE_SECONDS: '0',
  COMMIT_RESERVE_SECONDS: '2',
  LEASE_MARGIN_SECONDS: '0',
  // Several files.
  MAX_ROWS_PER_COMMIT: '300',
};
const DESK_CASES = 40;
const EDGE_CASES = 8;

/** Makes the history and exports it into folders below `buckets`, one a bucket. Takes half a minute. */
export async function exportWorld(buckets: string): Promise<ExportedWorld> {
  const endsAt = Date.now() - 60_000;
  let casesTime: number | undefined = historyStartsAt(endsAt);
  const now = () => casesTime ?? Date.now();
  const switches = { unknownTypeRate: 0.02, unknownValueRate: 0.02, unknownUserRate: 0.02 };
  const stack = await startLocalStack({ cases: { domains: DOMAINS, now, switches }, root: buckets });
  try {
    const client = new ConnectCasesClient({
      endpoint: stack.cases.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const player = new Player(client, await setUpDesk(client, DESK));
    for (const action of pastWeeks({ seed: 3, cases: DESK_CASES, endsAt })) {
      casesTime = action.at;
      await player.play(action);
    }
    makeEdges(stack);
    casesTime = undefined;
    await exportAll(stack);
    for (const action of nextChanges({ seed: 3, chapter: 'later', changes: 30, cases: player.cases, now: now() })) {
      await player.play(action);
    }
    // The clock's millisecond of the last change has to be over.
    await sleep(20);
    await exportAll(stack);
    const problems = await Promise.all(
      DOMAINS.map(async (domain) => [domain, await problemsOf(stack, domain, buckets)]),
    );
    return { problems: Object.fromEntries(problems) };
  } finally {
    await stack.close();
  }
}

function makeEdges({ cases }: LocalStack): void {
  const { world } = cases;
  const ids = Array.from({ length: EDGE_CASES }, (_, index) => {
    const value = { stringValue: `case ${index}` };
    const fields = ['title', 'customer_id'].map((id) => ({ id, value }));
    return createCase(world, { domainId: EDGES, templateId: cases.templateId(EDGES), fields }).caseId;
  });
  const random = new Random(5);
  edgeEvents().forEach((event, index) => {
    cases.injectEvent(EDGES, ids[Math.floor(random.next() * ids.length)] ?? '', { ...event, eventId: `edge-${index}` });
  });
}

async function exportAll(stack: LocalStack): Promise<void> {
  for (const domainId of DOMAINS) {
    const { answer, error } = await runTick({
      event: { domainId },
      env: { ...stack.env, ...SETTINGS },
      timeoutMs: 120_000,
    });
    if (answer?.status !== 'complete') throw new Error(`not exported: ${JSON.stringify(answer ?? error)}`);
  }
}

/** Not by DuckDB, whose binding for JavaScript drops a leading byte order mark. */
async function problemsOf(stack: LocalStack, domainId: string, buckets: string): Promise<string[]> {
  const archive = join(buckets, ARCHIVE_BUCKET);
  const manifests = readManifests(archive, domainId);
  const fields = stack.cases.world.domains.get(domainId)?.fields ?? new Map();
  const commits = new Map(
    manifests.map(({ seq, runId, exportedAt, exportDate }) => [
      seq,
      { seq, runId, exportedAt: Date.parse(exportedAt), exportDate, domainId, fields },
    ]),
  );
  const exported = (await readRows(archive)).filter((row) => row['domain_id'] === domainId);
  const { missing, doubled, different, unknown } = compareRows(
    expectedRows(stack.cases.history(domainId)),
    exported,
    commits,
  );
  const findings = Object.entries({ missing, doubled, different, unknown }).flatMap(([kind, found]) =>
    found.map(({ caseId, eventId, columns }) => `${kind}: case ${caseId}, event ${eventId}, ${columns?.join() ?? ''}`),
  );
  const chain = contradictionsIn(await verifyFolder(archive, { domain: domainId, readData: 'all' }));
  return [...findings, ...chain];
}

/** The reader's own drops a leading byte order mark. */
const PARSERS: Partial<ParquetParsers> = { stringFromBytes: (bytes) => Buffer.from(bytes).toString('utf8') };

/**
 * Every row of the files, by a reader that is not Trino's: timestamps as epoch milliseconds, bigints as numbers, `domain_id` and
 * `export_date` from the path.
 */
export async function readRows(archive: string): Promise<Row[]> {
  const keys = filesOf(archive).filter((key) => key.endsWith('.parquet'));
  const files = await Promise.all(
    keys.map(async (key) => {
      const [, domain_id = '', export_date = ''] = /domain_id=([^/]+)\/export_date=([^/]+)\//.exec(key) ?? [];
      const file = inMemory(readFileSync(join(archive, key)));
      const rows = (await parquetReadObjects({ file, compressors: COMPRESSORS, parsers: PARSERS })) as Record<
        string,
        unknown
      >[];
      return rows.map((row) => ({ ...plain(row), domain_id, export_date }));
    }),
  );
  return files.flat();
}

function plain(row: Readonly<Record<string, unknown>>): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value instanceof Date) return [name, value.getTime()];
      return [name, typeof value === 'bigint' ? Number(value) : ((value ?? null) as Cell)];
    }),
  );
}
