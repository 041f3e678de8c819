/** What the project would say of a period, held to what the service had recorded: no false proof, after any tick. */
import { judgePeriod, type PeriodAnswer } from '../../lambda/export/domain/completeness';
import { flattenEvent } from '../../lambda/export/domain/flatten';
import type { ExportAnswer } from '../../lambda/export/run/invocation';
import { manifests, type TickOptions, visibleRows, type World } from './world';

/** The answer of `period-complete` for everything before `until`. */
export function judge(world: World, until = world.clock.now()): PeriodAnswer {
  return judgePeriod(manifests(world), rowsByCommit(world), until);
}

export function rowsByCommit(world: World): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of visibleRows(world)) {
    const seq = Number(row['commit_seq']);
    counts.set(seq, (counts.get(seq) ?? 0) + 1);
  }
  return counts;
}

/** One invocation, which may fail; whatever it did, nothing is proven that is not so. */
export async function judgedTick(world: World, options: TickOptions = {}): Promise<ExportAnswer | Error> {
  const answer = await world.tick(options).catch((error: Error) => error);
  expectNoFalseProof(world);
  return answer;
}

/** So many judged invocations, with a pause after each. What failed, in their order. */
export async function judgedTicks(
  world: World,
  count: number,
  pauseMs: number,
  options: TickOptions = {},
): Promise<Error[]> {
  const errors: Error[] = [];
  for (let tick = 0; tick < count; tick += 1) {
    const answer = await judgedTick(world, options);
    if (answer instanceof Error) errors.push(answer);
    world.clock.advance(pauseMs);
  }
  return errors;
}

/** Judged invocations until everything before `until` is proven, at most sixty. */
export async function ticksUntilProven(world: World, until: number, pauseMs: number): Promise<void> {
  for (let tick = 0; tick < 60; tick += 1) {
    await judgedTick(world);
    if (judge(world, until).isComplete) return;
    world.clock.advance(pauseMs);
  }
  expect(judge(world, until)).toMatchObject({ isComplete: true });
}

/**
 * No row is there twice; and of every event that the service had recorded before the end of a period that is called complete, every row
 * is there.
 */
export function expectNoFalseProof(world: World): void {
  const visible = new Map<string, number>();
  for (const row of visibleRows(world)) {
    const key = keyOf(row['case_id'], row['event_id'], row['field_index']);
    visible.set(key, (visible.get(key) ?? 0) + 1);
  }
  expect([...visible].filter(([, times]) => times > 1)).toEqual([]);
  expect(missingThoughProven(world, visible)).toEqual([]);
}

function missingThoughProven(world: World, visible: ReadonlyMap<string, number>): string[] {
  const all = manifests(world);
  const rows = rowsByCommit(world);
  const answers = new Map<number, boolean>();
  const isProven = (time: number) => {
    const known = answers.get(time);
    if (known !== undefined) return known;
    const { isComplete } = judgePeriod(all, rows, time + 1);
    answers.set(time, isComplete);
    return isComplete;
  };
  return [...world.cases.cases.values()].flatMap(({ caseId, templateId, events }) =>
    events.flatMap((event) => {
      if (event === null || !isProven(event.performedTime?.getTime() ?? 0)) return [];
      const flattened = flattenEvent(event, caseId, templateId, world.cases.fields);
      // What no row can hold stands in quarantine, and then nothing is complete.
      if (flattened.kind !== 'rows') return [keyOf(caseId, event.eventId, flattened.kind)];
      const keys = flattened.rows.map((row) => keyOf(row.case_id, row.event_id, row.field_index));
      return keys.filter((key) => !visible.has(key));
    }),
  );
}

function keyOf(...parts: readonly unknown[]): string {
  return parts.join('|');
}
