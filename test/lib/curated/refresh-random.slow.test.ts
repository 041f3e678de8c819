/**
 * Promises: whatever happens between, the curated table never doubles a row, never skips a commit, and one good refresh completes
 * it; and the views over manifests and dictionaries say at any time what all files of the archive say.
 */
import fc from 'fast-check';
import { CURATED_TABLE } from '../../../lib/curated/curated-statements';
import { expectEvidence } from './evidence-world';
import { type Fault, type RefreshWorld, refreshWorld } from './refresh-world';

const DOMAINS = ['a', 'b'] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      domain: fc.nat(1),
      rows: fc.nat(9),
      days: fc.nat(2),
      published: fc.boolean(),
      dictionary: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('refresh' as const), faults: fc.array(fc.nat(7), { maxLength: 30 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rebuild' as const), faults: fc.array(fc.nat(7), { maxLength: 30 }) }),
  },
  // Another one, where executions do not see each other.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('overlap' as const), at: fc.nat(20) }) },
  // Somebody drops the table while a refresh is at work.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race' as const), at: fc.nat(12) }) },
);

test('random histories', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const world = await refreshWorld(DOMAINS, { rowsPerMerge: 10 });
      const domains: Domain[] = DOMAINS.map((id) => ({ id, day: 1, open: [] }));
      for (const each of steps) {
        if (each.kind === 'commit') {
          const domain = domains[each.domain];
          if (domain !== undefined) await commit(world, domain, each);
        } else if (each.kind === 'overlap') {
          await withAnotherAt(world, each.at);
        } else if (each.kind === 'race') {
          await withDropAt(world, each.at);
        } else {
          await withFaults(world, each.faults, each.kind === 'rebuild');
        }
        await expectPrefix(world);
        await expectEvidence(world, { ifThere: true });
      }
      for (const domain of domains) for (const seq of domain.open) await world.publish(domain.id, seq);
      expect(await world.refresh()).toMatchObject({ status: 'SUCCEEDED' });
      expect(await world.curated()).toEqual(await world.published());
      await expectEvidence(world);
    }),
    { numRuns: 20 },
  );
});

interface Domain {
  readonly id: string;
  day: number;
  /** Commits without a manifest: at most the last one, as the exporter makes no other before it is published. */
  open: number[];
}

async function commit(
  world: RefreshWorld,
  domain: Domain,
  { rows, days, published, dictionary }: { rows: number; days: number; published: boolean; dictionary: boolean },
): Promise<void> {
  for (const seq of domain.open) await world.publish(domain.id, seq);
  domain.day += days;
  const date = `2026-01-${String(domain.day).padStart(2, '0')}`;
  const seq = await world.commit(domain.id, { date, rows, published, dictionary });
  domain.open = published ? [] : [seq];
}

/** 0: before the statement, 1: after it, else none. A statement that fails five times in a row fails for good. */
async function withFaults(world: RefreshWorld, faults: readonly number[], rebuild: boolean): Promise<void> {
  const left = [...faults];
  world.onStatement = (): Fault | undefined => {
    const fault = left.shift() ?? 7;
    return fault > 1 ? undefined : { error: 'Internal error', done: fault === 1 };
  };
  await world.refresh({ rebuild });
  world.onStatement = () => undefined;
}

async function withAnotherAt(world: RefreshWorld, at: number): Promise<void> {
  let statements = 0;
  world.onStatement = async () => {
    if (statements++ === at) await world.refresh();
    return undefined;
  };
  await world.refresh();
  world.onStatement = () => undefined;
}

async function withDropAt(world: RefreshWorld, at: number): Promise<void> {
  let statements = 0;
  world.onStatement = async () => {
    if (statements++ === at) {
      await world.connection.run(
        `CREATE TABLE IF NOT EXISTS ${CURATED_TABLE} AS SELECT * FROM field_changes WHERE false`,
      );
      await world.connection.run(`DELETE FROM ${CURATED_TABLE}`);
    }
    return undefined;
  };
  await world.refresh();
  world.onStatement = () => undefined;
}

/** Each row once, of published commits, and of a domain all rows up to some commit. */
async function expectPrefix(world: RefreshWorld): Promise<void> {
  const { connection } = world;
  const exists = `SELECT count(*) AS n FROM information_schema.tables WHERE table_name = '${CURATED_TABLE}'`;
  if (Number((await connection.runAndReadAll(exists)).getRowObjectsJson()[0]?.['n']) === 0) return;
  const curated = await world.curated();
  const published = await world.published();
  expect(new Set(curated).size).toBe(curated.length);
  for (const id of DOMAINS) {
    const held = curated.filter((row) => row.startsWith(`${id}/`));
    const last = Math.max(0, ...held.map(commitOf));
    expect(held).toEqual(published.filter((row) => row.startsWith(`${id}/`) && commitOf(row) <= last));
  }
}

function commitOf(row: string): number {
  return Number(row.split('/')[1]);
}
