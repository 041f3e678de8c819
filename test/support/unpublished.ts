/** A commit that is made and not published: what is staged of it, what is lost of that, and what must not change meanwhile. */
import { IntegrityError } from '../../lambda/export/domain/errors';
import { stateKey } from '../../lambda/export/domain/keys';
import type { CommitHead } from '../../lambda/export/domain/state';
import { DOMAIN, lastManifest, type World } from './world';

/** The last commit that was made. @throws Error if there is none. */
export function headOf(world: World): CommitHead {
  const head = world.checkpoints.item(stateKey(DOMAIN))?.['head'];
  if (head === undefined) throw new Error('no commit was made');
  return head as CommitHead;
}

/** Keys that are staged of the last commit, below the folder or file of this name if one is given. */
export function stagedOf(world: World, part = ''): string[] {
  const { manifestKey } = headOf(world);
  const prefix = manifestKey.slice(0, manifestKey.indexOf('manifests/'));
  return world.objects.keys('work', prefix).filter((key) => key.includes(`/${part}`));
}

/** Staged objects are gone; how many. */
export function loseStaged(world: World, part = ''): number {
  const lost = stagedOf(world, part);
  for (const key of lost) world.objects.buckets.work.delete(key);
  return lost.length;
}

/** Whether a tick stops with the error that a person must look into. */
export function stopsLoudly(world: World): Promise<boolean> {
  return world.tick().then(
    () => false,
    (error: unknown) => error instanceof IntegrityError,
  );
}

/** What is published now; the answer expects that no key of it has other bytes by then. */
export function freeze({ objects }: World): () => void {
  const before = new Map(objects.buckets.archive);
  return () => {
    for (const [key, bytes] of before) expect(objects.buckets.archive.get(key)).toEqual(bytes);
  };
}

/** Every case gets an event that no row can hold. */
export function poison(world: World, caseId: string, at: number): void {
  const fields = [{ eventFieldId: 'status', newValue: { doubleValue: 'NaN?' as unknown as number } }];
  const event = { eventId: `poison-${caseId}`, type: 'Case.Updated', performedTime: new Date(at), fields };
  world.cases.cases.get(caseId)?.events.push(event);
}

/** The event of `poison` of each case stands in quarantine, once, and nothing else is open there. */
export function expectEachPoisonOnce(world: World): void {
  const kept = world.objects.keys('archive', 'quarantine/').flatMap((key) => {
    const { events } = JSON.parse(world.objects.text('archive', key)) as { events: { eventKey: string }[] };
    return events.map(({ eventKey }) => eventKey).filter((eventKey) => eventKey.startsWith('poison-'));
  });
  expect(kept.sort()).toEqual([...world.cases.cases.keys()].map((caseId) => `poison-${caseId}`).sort());
  expect(lastManifest(world).openQuarantine).toBe(world.cases.cases.size);
}
