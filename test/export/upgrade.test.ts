/**
 * A newer version takes over what an older one stored, at any moment of its life, and goes on exactly: nothing lost, nothing
 * twice, nothing that was published changed. The states under `stored-states/` were written by those versions themselves.
 */
import { manifestKey as manifestKeyOf } from '../../lambda/export/domain/keys';
import { sha256 } from '../../lambda/export/domain/stored-form';
import { caseItem, eventIdsItem, retryItem, SCHEMA_VERSION, stateItem } from '../../lambda/export/domain/stored-items';
import { freeze, headOf, stagedOf } from '../support/unpublished';
import { DOMAIN, expectExactlyTheHistory, manifests } from '../support/world';
import { MOMENTS, recordedStates } from './stored-states/stored-state';
import { advance, expectExact, expectVoidable, isUnpublished, restore } from './stored-states/take-over';

/** By the first part of the sort key. The fake store fills in what a STATE lacks; the table does not. */
const DECODERS: Readonly<Record<string, (domainId: string, item: Record<string, unknown>) => unknown>> = {
  STATE: stateItem.decode,
  CASE: caseItem.decode,
  IDS: eventIdsItem.decode,
  RETRY: retryItem.decode,
};
const recorded = recordedStates();

test('each version of the stored form has recorded states', () => {
  const versions = new Set(recorded.map(({ form }) => form.split('/')[0]));
  expect(versions.size).toBe(SCHEMA_VERSION);
  expect(recorded.length).toBeGreaterThanOrEqual(3 * MOMENTS.length);
  expect(new Set(recorded.map(({ moment }) => moment))).toEqual(new Set(MOMENTS));
});

describe.each(recorded)('$form, $moment', (one) => {
  test('goes on exactly, and changes nothing that was published', async () => {
    const world = restore(one);
    const unchanged = freeze(world);
    await advance(world);
    unchanged();
    expectExact(world, one);
  });

  test('every item is read as it stands', () => {
    const items = restore(one).checkpoints.items();
    expect(items.length).toBeGreaterThan(5);
    for (const item of items) expect(DECODERS[String(item['sk']).split('#')[0] ?? '']?.(DOMAIN, item)).toBeDefined();
  });
});

describe.each(recorded.filter(isUnpublished))('$form, $moment', (one) => {
  test('is published to the byte as the older version made it', async () => {
    const world = restore(one);
    const { seq, manifestKey, sha256: hash } = headOf(world);
    const prefix = manifestKey.slice(0, manifestKey.indexOf('manifests/'));
    const staged = stagedOf(world).filter((key) => !key.endsWith('redo.json'));
    const bytes = new Map(staged.map((key) => [key.slice(prefix.length), world.objects.buckets.work.get(key)]));
    await world.tick();
    expect(bytes.size).toBeGreaterThan(1);
    for (const [key, made] of bytes) expect(world.objects.buckets.archive.get(key)).toEqual(made);
    expect(sha256(Buffer.from(world.objects.text('archive', manifestKeyOf(DOMAIN, seq))))).toBe(hash);
  });

  test('can be voided when all of its staged objects are lost', () => expectVoidable(one, ''));
});

describe.each(recorded.filter(({ moment }) => moment === 'at-rest'))('$form, $moment', (one) => {
  test('what it had to put into quarantine is replayed, each event once', async () => {
    const world = restore(one);
    expect(await world.replayQuarantine()).toMatchObject({ status: 'complete', eventsExported: 3 });
    expect(await world.replayQuarantine()).toMatchObject({ status: 'complete', eventsExported: 0 });
    expectExactlyTheHistory(world);
    expect(manifests(world).at(-1)).toMatchObject({ openQuarantine: 4, gaps: [{ caseId: 'case-3' }] });
  });
});
