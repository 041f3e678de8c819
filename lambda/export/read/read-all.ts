import { ReadingOver } from '../run/budget';
import type { Run } from '../run/run';
import { maxReaders } from './poison-case';
import { readCase } from './read-case';
import type { PlannedRead } from './reading';

/** Number of cases read concurrently. The pacer sets the pace; this many hide the latency of answers. */
const READERS = 8;

/** Cases being read now, each with its read. */
type Reading = Map<string, Promise<unknown>>;

/**
 * Reads the cases as they are found. True if each was read, or had its share; false if time ran out first.
 * @throws the first error, after all readers have come to rest.
 */
export async function readAll(run: Run, tasks: AsyncGenerator<PlannedRead, void>, readers = READERS): Promise<boolean> {
  const errors: unknown[] = [];
  const reading: Reading = new Map();
  const length = Math.min(readers, maxReaders(run));
  await Promise.all(Array.from({ length }, () => readUntilDone(run, tasks, reading, errors)));
  await tasks.return();
  const failures = errors.filter((error) => !(error instanceof ReadingOver));
  if (failures.length > 0) throw failures[0];
  return errors.length === 0;
}

/** Never rejects: it adds errors to `errors`, in the order of time. */
async function readUntilDone(
  run: Run,
  tasks: AsyncGenerator<PlannedRead, void>,
  reading: Reading,
  errors: unknown[],
): Promise<void> {
  try {
    for (let next = await tasks.next(); !next.done; next = await tasks.next())
      await readAlone(run, next.value, reading);
  } catch (error) {
    errors.push(error);
    // The run ends, so the other readers need not wait for their turn.
    run.budget.endReading();
  }
}

/** Reads no case twice at once: the second read would not know the events that the first has found. */
async function readAlone(run: Run, { task, done }: PlannedRead, reading: Reading): Promise<void> {
  const before = reading.get(task.caseId);
  const mine = Promise.resolve(before?.catch(() => undefined)).then(() => readCase(run, task));
  reading.set(task.caseId, mine);
  try {
    if ((await mine) === 'done') done();
  } finally {
    if (reading.get(task.caseId) === mine) reading.delete(task.caseId);
  }
}
