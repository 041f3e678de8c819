/** Promise: the parts of the checker that need no archive keep what it relies on: nothing comes twice unseen, nothing listed is forgotten, and what was not looked at is said. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ListedKey } from '../../../tools/cases-audit/archive/archive';
import { ExpectedKeys } from '../../../tools/cases-audit/verify/expected-keys';
import { FINDING_KINDS, Findings } from '../../../tools/cases-audit/verify/findings';
import { mapInOrder } from '../../../tools/cases-audit/verify/in-order';
import { readingPlan } from '../../../tools/cases-audit/verify/reading-plan';
import { SeenOnce } from '../../../tools/cases-audit/verify/seen-once';
import { newSigner, type Signer } from './signed-archive';
import { soundArchiveOfFile } from './sound-archive';

const archive = soundArchiveOfFile();
const { forged, signer, stateFile, verify } = archive;
const successor = newSigner('successor');

async function* listing(keys: readonly string[]): AsyncGenerator<ListedKey, void> {
  for (const key of keys) yield { key, size: 1, writtenAt: 0, versions: 1, deleteMarkers: 0, isHidden: false };
}

describe('keys that come twice', () => {
  test('are told with the number that they came with first, however many there are', () => {
    const seen = new SeenOnce();
    for (let index = 0; index < 20_000; index += 1) expect(seen.add(`key-${index}`, index)).toBeNull();
    for (let index = 0; index < 20_000; index += 1) expect(seen.add(`key-${index}`, 99)).toBe(index);
    expect(seen.size).toBe(20_000);
  });

  test('and those that are never struck are left, also with the number 0', () => {
    const seen = new SeenOnce();
    for (let index = 0; index < 10_000; index += 1) seen.add(`key-${index}`, index);
    for (let index = 1; index < 10_000; index += 1) expect(seen.strike(`key-${index}`)).toBe(true);
    expect(seen.strike('key of nobody')).toBe(false);
    expect([...seen.left()]).toEqual([0]);
  });
});

describe('keys that manifests list', () => {
  test('are found in their order and out of it, and what nobody listed is left', async () => {
    const foreign: string[] = [];
    const expected = new ExpectedKeys(listing(['a', 'b', 'c', 'd', 'e']), ({ key }) => foreign.push(key));
    expect((await expected.take('b'))?.key).toBe('b');
    expect((await expected.take('d'))?.key).toBe('d');
    expect((await expected.take('a'))?.key).toBe('a');
    expect(await expected.take('a')).toBeNull();
    expect(await expected.take('cc')).toBeNull();
    expect((await expected.rest()).map(({ key }) => key)).toEqual(['c', 'e']);
    expect(foreign).toEqual([]);
  });

  test('beyond what memory has room for count as foreign at once, and are never dropped', async () => {
    const keys = Array.from({ length: 50_003 }, (_, index) => String(index).padStart(6, '0'));
    const foreign: string[] = [];
    const expected = new ExpectedKeys(listing(keys), ({ key }) => foreign.push(key));
    expect(await expected.rest()).toHaveLength(50_000);
    expect(foreign).toEqual(keys.slice(50_000));
  });
});

test('work side by side gives its results in order, and a rejection at its place', async () => {
  const results: number[] = [];
  const work = async (index: number) => {
    await new Promise((resolve) => setTimeout(resolve, (10 - index) % 3));
    if (index === 7) throw new Error('seventh');
    return index;
  };
  const items = (async function* () {
    yield* Array.from({ length: 10 }, (_, index) => index);
  })();
  await expect(
    (async () => {
      for await (const result of mapInOrder(items, 4, work)) results.push(result);
    })(),
  ).rejects.toThrow('seventh');
  expect(results).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

describe('which commits are decoded', () => {
  const read = (text: string, seed = 'seed') => {
    const plan = readingPlan(text, () => seed);
    return Array.from({ length: 1_000 }, (_, index) => index + 1).filter((seq) => plan.reads(seq));
  };

  test('a share is about as large as was asked for, and another with another seed', () => {
    expect(read('20%').length).toBeGreaterThan(150);
    expect(read('20%').length).toBeLessThan(250);
    expect(read('20%', 'another')).not.toEqual(read('20%'));
    expect(read('100%')).toHaveLength(1_000);
  });

  test('the seed is said, so that the draw can be made again', () => {
    expect(readingPlan('5%', () => 'abc').words).toContain('drawn by the seed abc');
  });

  test('the parts make up the whole, each commit once', () => {
    const parts = [1, 2, 3].flatMap((part) => read(`${part}/3`));
    expect(parts.toSorted((a, b) => a - b)).toEqual(read('all'));
  });
});

describe('the verdict', () => {
  const of = (...kinds: (keyof typeof FINDING_KINDS)[]) => {
    const findings = new Findings();
    for (const kind of kinds) findings.add({ kind, domain: null, commit: null, key: null, words: '' });
    return findings;
  };

  test('is the worst of what was found, and all is counted beyond what is kept', () => {
    expect(of().verdict).toBe('sound');
    expect(of('denied').verdict).toBe('sound-as-far-as-checked');
    expect(of('denied', 'fork').verdict).toBe('contradicted');
    const many = of(...Array.from({ length: 1_200 }, () => 'foreign-key' as const), 'no-key');
    expect(many.kept).toHaveLength(1_001);
    expect(many.counts.get('foreign-key')).toBe(1_200);
  });

  test('lets a state move on past what concerns signatures, and what has expired', () => {
    const passed = ['no-key', 'unsigned', 'unknown-key', 'expired'] as const;
    expect(of(...passed).isWhollyRead).toBe(true);
    for (const kind of Object.keys(FINDING_KINDS) as (keyof typeof FINDING_KINDS)[]) {
      if ((passed as readonly string[]).includes(kind)) continue;
      expect({ kind, isWhollyRead: of(kind).isWhollyRead }).toEqual({ kind, isWhollyRead: false });
    }
  });
});

describe('between two checks', () => {
  const upTo = (seq: number, signers: (seq: number) => readonly Signer[] = () => [signer]) =>
    forged((all) => all.splice(seq), { signers });

  test('a key that a signed commit introduced still counts, without its PEM being given', async () => {
    const args = ['--state', stateFile()];
    const rotated = (seq: number) => (seq < 3 ? [signer, successor] : [successor]);
    await verify(await upTo(4, rotated), { args });
    const { exitCode, domains } = await verify(await upTo(8, rotated), { args });
    expect(exitCode).toBe(0);
    expect(domains).toMatchObject([{ since: 5, signed: { commit: 8, keyIds: [successor.key.id] } }]);
  });

  test('a key that counted then and is not given now vouches for nothing', async () => {
    const state = stateFile();
    const args = ['--state', state];
    await verify(await upTo(4), { args });
    expect(JSON.parse(readFileSync(state, 'utf8')).domains['domain-1'].signed).toMatchObject({ seq: 4 });
    const others = { signers: [newSigner('of another archive')], args, now: Date.UTC(2026, 0, 11) };
    expect(await verify(await upTo(4), others)).toMatchObject({ exitCode: 3, domains: [{ signed: null }] });
  });

  test('a state that was written for another archive of the domain is a FORK', async () => {
    const state = stateFile();
    const args = ['--state', state];
    await verify(await upTo(4), { args });
    const held = JSON.parse(readFileSync(state, 'utf8'));
    held.domains['domain-1'].carry.sha256 = 'a'.repeat(64);
    writeFileSync(state, JSON.stringify(held));
    const { exitCode, findings, domains } = await verify(await upTo(8), { args });
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ kind: 'fork', commit: 4 }]);
    // All of it is checked again.
    expect(domains).toMatchObject([{ since: 1, commits: 8 }]);
  });
});

test('what a check did not look at is said, each with what to do', async () => {
  const state = ['--state', stateFile()];
  const limitsOf = async (...args: string[]) => (await verify(archive.sound, { args: [...args, ...state] })).limits;
  const first = await limitsOf('--read-data', 'none');
  expect(first.map(({ what }) => what)).toEqual(['rows', 'versions', 'what was taken away', 'the table', 'the source']);
  const second = await limitsOf();
  expect(second.map(({ what }) => what)).toEqual(['earlier commits', 'versions', 'the table', 'the source']);
  expect(second[0]?.why).toContain('Without --state all are.');
});
