/**
 * Records refreshes of the curated table as the interpreter of the tests runs them: definition, input, each call of a service with
 * its answer, and the end. `replay.py` has them run again by another interpreter.
 *
 *   tsx .ci/states/record.ts <file>
 */
import { writeFileSync } from 'node:fs';
import { expect } from 'expect';
import type { RefreshWorld, ServiceCall } from '../../test/lib/curated/refresh-world';

/** What a call was answered with: a value, or an error by name and cause. */
interface Outcome {
  readonly answer?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

interface Recording {
  readonly name: string;
  readonly machine: string;
  readonly execution: string;
  readonly definition: object;
  readonly input: object;
  readonly calls: readonly (ServiceCall & Outcome)[];
  readonly status: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

interface Scenario {
  readonly name: string;
  readonly input?: object;
  /** What is done to the world before the refresh. */
  readonly before?: (world: RefreshWorld) => unknown;
}

const OTHER = { ExecutionArn: 'arn:other', StartDate: '2026-06-15T03:00:00.000Z' };
const CONFLICT = 'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: field_changes_curated';

/** One after the other, in one world. */
const SCENARIOS: readonly Scenario[] = [
  { name: 'from an empty catalog' },
  { name: 'nothing new' },
  {
    name: 'new rows, and a merge that meets a conflict once',
    before: async (world) => {
      await world.commit('b', { date: '2026-06-15', rows: 5, dictionary: true });
      world.onStatement = once((sql) => sql.startsWith('MERGE'), CONFLICT);
    },
  },
  {
    name: 'a domain that fails, and the others go on',
    before: async (world) => {
      await world.commit('b', { date: '2026-06-16', rows: 3 });
      world.onStatement = (sql) =>
        sql.startsWith('MERGE') && sql.includes("'b'") ? { error: 'SYNTAX_ERROR: line 1' } : undefined;
    },
  },
  {
    name: 'the catalog does not answer',
    before: (world) => {
      world.onStatement = () => undefined;
      world.onCatalog = () => ({ error: 'Glue.InternalServiceException' });
    },
  },
  {
    name: 'left to an older execution',
    before: (world) => {
      world.onCatalog = () => undefined;
      world.others = () => [OTHER];
    },
  },
  {
    name: 'rebuilt, after the wait for an older execution',
    input: { rebuild: true },
    before: (world) => {
      let looks = 0;
      world.others = () => (looks++ < 2 ? [OTHER] : []);
    },
  },
  { name: 'maintained, with manifests expired', input: { maintain: true }, before: (world) => world.expire('b', 2) },
];

function once(isMeant: (sql: string) => boolean, error: string): RefreshWorld['onStatement'] {
  let isOver = false;
  return (sql) => {
    if (isOver || !isMeant(sql)) return undefined;
    isOver = true;
    return { error };
  };
}

async function main(file: string): Promise<void> {
  // The world is made for jest: it expects, and clears up after each test.
  Object.assign(globalThis, { expect, afterEach: () => undefined });
  const { filled, FIRST_DATE, MACHINE } = await import('../../test/lib/curated/refresh-world');
  const { filledWorld, DOMAINS } = await import('../../test/lib/curated/filled-world');
  const { refreshDefinition } = await import('../../lib/curated/refresh-definition');
  const definition = refreshDefinition({
    domains: DOMAINS,
    firstExportDate: FIRST_DATE,
    rowsPerMerge: 10,
    commitsPerMerge: 3,
  });
  const world = await filledWorld({ definition });
  const recordings: Recording[] = [];
  for (const [index, { name, input = {}, before }] of SCENARIOS.entries()) {
    await before?.(world);
    const answered: Promise<ServiceCall & Outcome>[] = [];
    world.onCall = (call, answer) =>
      void answered.push(
        answer.then(
          (value) => ({ ...call, answer: value }),
          (failure: { error: string; cause: string }) => ({ ...call, error: failure.error, cause: failure.cause }),
        ),
      );
    const { status, output, error, cause } = await world.refresh(input);
    const calls = await Promise.all(answered);
    const execution = `${MACHINE}:${index + 1}`;
    const of = { name, machine: MACHINE, execution, definition: filled(definition), input, calls, status };
    recordings.push({ ...of, ...(status === 'FAILED' ? { error, cause } : { output }) } as Recording);
    console.log(`${name}: ${calls.length} calls, ${status}`);
  }
  writeFileSync(file, JSON.stringify(recordings));
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: tsx .ci/states/record.ts <file>');
main(file).then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
