import { ReadingOver } from './budget';
import { readCase } from './read';
import type { Run } from './run';
import type { Work } from './select';

/** Cases read side by side. The pacer sets the pace; this many hide the latency of answers. */
const READERS = 8;

/**
 * Reads the cases as they are found. True if all of them were settled; false if time ran out first.
 * @throws whatever failed first, after all readers have come to rest.
 */
export async function readAll(run: Run, works: AsyncGenerator<Work, void>): Promise<boolean> {
  const readers = await Promise.allSettled(Array.from({ length: READERS }, () => readUntilDone(run, works)));
  await works.return();
  const errors = readers.flatMap((reader) => (reader.status === 'rejected' ? [reader.reason as unknown] : []));
  const failure = errors.find((error) => !(error instanceof ReadingOver));
  if (failure !== undefined) throw failure;
  return errors.length === 0;
}

async function readUntilDone(run: Run, works: AsyncGenerator<Work, void>): Promise<void> {
  try {
    for (let next = await works.next(); !next.done; next = await works.next()) await readAlone(run, next.value);
  } catch (error) {
    // The others need not wait for their turn: the run ends.
    run.budget.endReading();
    throw error;
  }
}

/** No case is read twice at once: the second read would not know what the first has found. */
async function readAlone(run: Run, { task, settled }: Work): Promise<void> {
  const before = run.reading.get(task.caseId);
  const reading = Promise.resolve(before?.catch(() => undefined)).then(() => readCase(run, task));
  run.reading.set(task.caseId, reading);
  try {
    await reading;
    settled();
  } finally {
    if (run.reading.get(task.caseId) === reading) run.reading.delete(task.caseId);
  }
}
