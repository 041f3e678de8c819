/** The note of a commit: signed before COMMIT, published after the manifest; whatever becomes of a signature, no commit is held back. */
import { noteText, parseNote } from '../../../lambda/export/domain/commit-note';
import { noteKey } from '../../../lambda/export/domain/keys';
import { parseManifest } from '../../../lambda/export/domain/manifest';
import { verifyNote } from '../../../lambda/export/domain/note-keys';
import { sha256 } from '../../../lambda/export/domain/stored-form';
import type { NoteSigner } from '../../../lambda/export/ports';
import { createMemorySigner } from '../../fakes/memory-signer';
import {
  anomaliesOf,
  createFilled,
  DOMAIN,
  expectExactlyTheHistory,
  expectWholeChain,
  HOUR,
  MINUTE,
  manifests,
  START,
  ticks,
  type World,
} from '../../support/world';

const KEY = createMemorySigner('key-1');
const SECOND = createMemorySigner('key-2');
const STRANGER = createMemorySigner('key-3');

const createSigned = (...signers: NoteSigner[]) => createFilled(3, START - 10 * HOUR, 1, { signers });

const noteOf = (world: World, seq: number) =>
  parseNote(world.objects.buckets.archive.get(noteKey(DOMAIN, seq)) ?? Buffer.of());
const warned = (world: World) =>
  world.logs
    .filter(({ message }) => message === 'anomaly: note-unsigned')
    .map(({ values }) => (values as { reason: string }).reason);
const ageOf = (world: World) =>
  (world.logs.findLast(({ level }) => level === 'metrics')?.values as Record<string, number> | undefined)?.[
    'SignedNoteAgeSeconds'
  ];

test('Each commit has a note that its manifest makes, signed by every key, and the manifest names the keys', async () => {
  const world = createSigned(KEY, SECOND);
  await world.tick();
  for (const { seq } of manifests(world)) {
    const note = noteOf(world, seq);
    expect(verifyNote(note, [KEY.key, SECOND.key])).toMatchObject({
      signedBy: [KEY.key, SECOND.key],
      invalid: [],
      unknown: [],
    });
  }
  expect(manifests(world).at(-1)).toMatchObject({
    signingKeys: [KEY.key.sha256, SECOND.key.sha256],
    cases: { count: 3 },
  });
  expectWholeChain(world);
  expect(world.objects.keys('work')).toEqual([]);
});

test('Without a key the note is its text alone, and no metric speaks of signatures', async () => {
  const world = createSigned();
  await world.tick();
  expect(noteOf(world, 1).signatures).toEqual([]);
  expect(manifests(world)[0]).not.toHaveProperty('signingKeys');
  expect(ageOf(world)).toBeUndefined();
  expectWholeChain(world);
});

test.each([
  ['is denied', 'denied', { ...KEY, sign: async () => createFailing('denied').sign(Buffer.alloc(32)) }],
  ['fails', 'unavailable', { ...KEY, sign: async () => createFailing('unavailable').sign(Buffer.alloc(32)) }],
  ['throws what nobody expects', 'failed', { ...KEY, sign: async () => Promise.reject(new TypeError('?')) }],
  ['comes from another key', 'another key has signed', { ...KEY, sign: STRANGER.sign }],
] as const)('Where a signature %s the commit goes out unsigned, and says so', async (_, reason, signer) => {
  const world = createSigned(signer, SECOND);
  await world.tick();
  expect(noteOf(world, 1).signatures).toMatchObject([{ keyId: SECOND.key.id }]);
  expect(warned(world)).toContain(reason);
  const alone = createSigned(signer);
  await alone.tick();
  expect(noteOf(alone, 1).signatures).toEqual([]);
  for (const one of [world, alone]) {
    expectExactlyTheHistory(one);
    expectWholeChain(one);
  }
});

function createFailing(failure: 'denied' | 'unavailable') {
  const signer = createMemorySigner();
  signer.setFailure(failure);
  return signer;
}

test('The age of the newest signed note goes on over runs that sign nothing', async () => {
  const signer = createMemorySigner();
  const world = createSigned(signer);
  await world.tick();
  expect(ageOf(world)).toBeLessThan(60);
  signer.setFailure('unavailable');
  world.clock.advance(20 * MINUTE);
  await ticks(world, 3, 20 * MINUTE);
  expect(ageOf(world)).toBeGreaterThan(59 * 60);
  signer.setFailure(null);
  world.clock.advance(20 * MINUTE);
  await world.tick();
  expect(ageOf(world)).toBeLessThan(60);
});

describe('A commit that is published by another run', () => {
  /** Killed right after COMMIT. */
  async function createKilled(signer: NoteSigner): Promise<World> {
    const world = createSigned(signer);
    const dead = async () => Promise.reject(new Error('killed'));
    await world.tick({ objects: { ...world.objects, putIfAbsent: dead } }).catch(() => undefined);
    world.clock.advance(HOUR);
    return world;
  }

  test('has the signature that was staged', async () => {
    const world = await createKilled(KEY);
    await world.tick();
    expect(verifyNote(noteOf(world, 1), [KEY.key]).signedBy).toEqual([KEY.key]);
    expectWholeChain(world);
  });

  test.each(['lost', 'of another text'])('is unsigned where what was staged is %s, and not held back', async (what) => {
    const world = await createKilled(KEY);
    const [staged = ''] = world.objects.keys('work').filter((key) => key.endsWith('.note'));
    if (what === 'lost') world.objects.buckets.work.delete(staged);
    else world.objects.buckets.work.set(staged, Buffer.from('something else\n\n'));
    await world.tick();
    expect(noteOf(world, 1).signatures).toEqual([]);
    expectExactlyTheHistory(world);
    expectWholeChain(world);
  });

  test('goes on where another text stands at the place of its note: whoever verifies the archive finds it', async () => {
    const world = await createKilled(KEY);
    world.objects.buckets.archive.set(noteKey(DOMAIN, 1), Buffer.from('foreign'));
    await world.tick();
    expect(anomaliesOf(world)).toContain('note-differs');
    expectExactlyTheHistory(world);
  });
});

test('Death between manifest and note: the next run writes the note, though nothing staged is needed any more', async () => {
  const world = createSigned(KEY);
  const { putIfAbsent } = world.objects;
  await world
    .tick({
      objects: {
        ...world.objects,
        putIfAbsent: async (role, key, bytes) => {
          if (key.startsWith('notes/')) throw new Error('killed');
          return putIfAbsent(role, key, bytes);
        },
      },
    })
    .catch(() => undefined);
  expect(world.objects.keys('archive', 'notes/')).toEqual([]);
  for (const key of world.objects.keys('work')) world.objects.buckets.work.delete(key);
  world.clock.advance(HOUR);
  await world.tick();
  const bytes = world.objects.buckets.archive.get('manifests/domain_id=domain-1/000000000001.json') ?? Buffer.of();
  expect(noteOf(world, 1).text).toBe(noteText(parseManifest(bytes, { domainId: DOMAIN, seq: 1 }), sha256(bytes)));
  expectWholeChain(world);
});
