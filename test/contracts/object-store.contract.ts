import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../lambda/export/ports';

export interface ObjectStoreSetup {
  /** Two empty buckets. */
  readonly store: ObjectStore;
  close(): Promise<void>;
}

/**
 * What the port promises, whoever implements it: bytes come back as they were given, a missing key is null, of many writers
 * of one absent key exactly one wins, and the two roles are apart.
 */
export function describeObjectStore(name: string, setUp: () => Promise<ObjectStoreSetup>): void {
  describe(`object store: ${name}`, () => {
    let setup: ObjectStoreSetup;
    let store: ObjectStore;

    beforeEach(async () => {
      setup = await setUp();
      store = setup.store;
    });
    afterEach(() => setup.close());

    test('a key that nobody wrote is null', async () => {
      expect(await store.get('archive', 'nothing')).toBeNull();
    });

    test.each([
      ['no bytes', new Uint8Array()],
      ['text', Buffer.from('{"a":"ü😀"}')],
      ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['what looks like chunk framing', Buffer.from('5;chunk-signature=0\r\nhello\r\n0\r\n\r\n')],
      ['5 MB', FIVE_MB],
    ])('%s come back as they were given', async (_, bytes) => {
      await store.put('work', 'k', bytes);
      expect(digest(await store.get('work', 'k'))).toBe(digest(bytes));
    });

    test.each([
      'manifests/domain_id=d/000000000001.json',
      'field_changes/domain_id=d/export_date=2026-01-01/000000000001.parquet',
      'a b/+plus/ü/😀/(paren)/100%/a&b=c?d',
    ])('the key %s is one like any other', async (key) => {
      await store.put('archive', key, Buffer.from('1'));
      expect(await store.putIfAbsent('archive', key, Buffer.from('2'))).toBe('exists');
      expect(text(await store.get('archive', key))).toBe('1');
      await store.delete('archive', key);
      expect(await store.get('archive', key)).toBeNull();
    });

    test('put replaces', async () => {
      await store.put('work', 'k', Buffer.from('old'));
      await store.put('work', 'k', Buffer.from('new'));
      expect(text(await store.get('work', 'k'))).toBe('new');
    });

    test('putIfAbsent writes once and then leaves what stands, also for the same bytes', async () => {
      expect(await store.putIfAbsent('archive', 'k', Buffer.from('first'))).toBe('created');
      expect(await store.putIfAbsent('archive', 'k', Buffer.from('second'))).toBe('exists');
      expect(await store.putIfAbsent('archive', 'k', Buffer.from('first'))).toBe('exists');
      expect(text(await store.get('archive', 'k'))).toBe('first');
    });

    test('of 50 writers of one key one wins, and its bytes stand', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, writer) => store.putIfAbsent('archive', 'k', Buffer.from(`writer ${writer}`))),
      );
      const winners = answers.flatMap((answer, writer) => (answer === 'created' ? [writer] : []));
      expect(winners).toHaveLength(1);
      expect(text(await store.get('archive', 'k'))).toBe(`writer ${winners[0]}`);
    });

    test('a deleted key is absent again and can be written again', async () => {
      await store.putIfAbsent('work', 'k', Buffer.from('1'));
      await store.delete('work', 'k');
      expect(await store.get('work', 'k')).toBeNull();
      expect(await store.putIfAbsent('work', 'k', Buffer.from('2'))).toBe('created');
      expect(text(await store.get('work', 'k'))).toBe('2');
    });

    test('deleting what is not there is fine', async () => {
      await expect(store.delete('work', 'nothing')).resolves.toBeUndefined();
    });

    test('the two buckets are apart', async () => {
      await store.put('work', 'k', Buffer.from('staged'));
      expect(await store.get('archive', 'k')).toBeNull();
      expect(await store.putIfAbsent('archive', 'k', Buffer.from('final'))).toBe('created');
      await store.delete('work', 'k');
      expect(text(await store.get('archive', 'k'))).toBe('final');
    });

    test('bytes that change after the call, or in the hands of a reader, change nothing', async () => {
      const bytes = Buffer.from('abc');
      const done = store.put('work', 'k', bytes);
      await done;
      bytes.fill(0);
      (await store.get('work', 'k'))?.fill(0);
      expect(text(await store.get('work', 'k'))).toBe('abc');
    });
  });
}

/** Made once for all stores of a file. */
const FIVE_MB = pseudoRandom(5_000_000);

function pseudoRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

function digest(bytes: Uint8Array | null): string | null {
  return bytes && `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;
}

function text(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('utf8');
}
