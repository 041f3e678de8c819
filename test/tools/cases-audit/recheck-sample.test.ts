/** Promise: a sample is uniform, repeats by its seed, and its odds are those of the hypergeometric distribution. */
import { frameOf } from '../../../tools/cases-audit/recheck/answer';
import { frameWords } from '../../../tools/cases-audit/recheck/report';
import { oddsOf, Sample } from '../../../tools/cases-audit/recheck/sample';

const IDS = Array.from({ length: 200 }, (_, index) => `case-${index}`);

function draw(seed: string, size: number, ids: readonly string[]): string[] {
  const sample = new Sample(seed, size);
  for (const caseId of ids) sample.offer(caseId);
  return sample.caseIds;
}

test('the same seed draws the same cases, in whatever order and however often they come', () => {
  const drawn = draw('seed', 20, IDS);
  expect(new Set(drawn).size).toBe(20);
  expect(draw('seed', 20, [...IDS.toReversed(), ...IDS])).toEqual(drawn);
  expect(draw('other', 20, IDS)).not.toEqual(drawn);
  expect(draw('seed', 10, IDS)).toEqual(drawn.slice(0, 10));
});

test('who is evicted is never drawn again, and nobody else is forgotten', () => {
  const sample = new Sample('seed', 20);
  const kept = new Set<string>();
  const evicted = new Set<string>();
  for (const caseId of [...IDS, ...IDS]) {
    const offered = sample.offer(caseId);
    if (offered.evicted !== undefined) {
      kept.delete(offered.evicted);
      evicted.add(offered.evicted);
    }
    if (offered.isDrawn) {
      expect(evicted.has(caseId)).toBe(false);
      kept.add(caseId);
    }
  }
  expect([...kept].sort()).toEqual(sample.caseIds.toSorted());
});

test('a sample that is larger than its population is all of it, and one of none is none', () => {
  expect(draw('seed', 500, IDS).toSorted()).toEqual(IDS.toSorted());
  expect(draw('seed', 0, IDS)).toEqual([]);
});

test('each case is drawn about as often as any other', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 400; seed += 1) {
    for (const caseId of draw(`seed-${seed}`, 20, IDS)) counts.set(caseId, (counts.get(caseId) ?? 0) + 1);
  }
  // 40 expected, with a standard deviation of 6: the seeds are fixed, so is the answer.
  expect(counts.size).toBe(IDS.length);
  expect(Math.min(...counts.values())).toBeGreaterThan(15);
  expect(Math.max(...counts.values())).toBeLessThan(65);
});

/** The chance that a sample of `drawn` holds none of `bad` among `population`, by counting. */
function chanceOfNone(population: number, drawn: number, bad: number): number {
  let chance = 1;
  for (let index = 0; index < drawn; index += 1) chance *= Math.max(0, population - bad - index) / (population - index);
  return chance;
}

test('the bound is the largest number of bad cases that 5 of 100 clean samples would hide', () => {
  for (const population of [1, 2, 3, 7, 20, 59, 100, 400]) {
    for (let clean = 0; clean <= population; clean += Math.ceil(population / 20)) {
      const { casesAtMost, shareAtMost } = oddsOf(population, clean);
      expect(chanceOfNone(population, clean, casesAtMost)).toBeGreaterThan(0.05);
      if (casesAtMost < population - clean) {
        expect(chanceOfNone(population, clean, casesAtMost + 1)).toBeLessThanOrEqual(0.05 + 1e-9);
      } else expect(casesAtMost).toBe(population - clean);
      expect(shareAtMost).toBeCloseTo(casesAtMost / population, 12);
    }
  }
});

test('of a large population it is the rule of three, of a small one it is sharper, of all it is nothing', () => {
  expect(oddsOf(1_000_000, 300).shareAtMost).toBeCloseTo(3 / 300, 3);
  expect(oddsOf(1_000, 300).shareAtMost).toBeLessThan(0.009);
  expect(oddsOf(40, 40)).toEqual({ casesAtMost: 0, shareAtMost: 0 });
  expect(oddsOf(0, 0)).toEqual({ casesAtMost: 0, shareAtMost: 0 });
  expect(oddsOf(10, 0)).toEqual({ casesAtMost: 10, shareAtMost: 1 });
});

test.each([
  [5, 6],
  [5, -1],
  [5.5, 1],
])('odds of %s cases with %s clean are refused', (population, clean) => {
  expect(() => oddsOf(population, clean)).toThrow(RangeError);
});

test('nothing is said of the others where cases were chosen, one differs, or none is clean', () => {
  const counts = { population: 100, drawn: 10, clean: 10, differing: 0, gone: 0, unread: 0 };
  expect(frameOf({ ...counts, frame: 'chosen' }).odds).toBeNull();
  expect(frameOf({ ...counts, frame: 'archive', clean: 9, differing: 1 }).odds).toBeNull();
  expect(frameOf({ ...counts, frame: 'archive', clean: 0, unread: 10 }).odds).toBeNull();
  expect(frameOf({ ...counts, frame: 'archive' }).odds).toMatchObject({ confidence: 0.95, casesAtMost: 24 });
});

test.each([
  [{ frame: 'chosen', clean: 10 }, 'say nothing of the others'],
  [{ frame: 'archive', clean: 10 }, 'At 95 % confidence at most 24 (24 %) of them differ.'],
  [{ frame: 'archive', clean: 8, gone: 1, unread: 1 }, '10 were drawn (1 deleted since, 1 not read), 8 clean'],
  [{ frame: 'archive', clean: 8, gone: 2 }, 'of those that can still be read differ'],
  [{ frame: 'archive', population: 10, clean: 10 }, 'None of them differs: all were looked at.'],
  [
    { frame: 'archive', population: 10, clean: 9, gone: 1 },
    'At 95 % confidence at most 1 (10 %) of those that can still be read differs.',
  ],
  [
    { frame: 'archive', population: 63, drawn: 63, clean: 62, gone: 1 },
    'At 95 % confidence none of those that can still be read differs.',
  ],
  [{ frame: 'service-only', population: 0, drawn: 0, clean: 0 }, 'Of cases that only the search shows there is none.'],
] as const)('what a frame says: %j', (parts, words) => {
  const counts = { population: 100, drawn: 10, differing: 0, gone: 0, unread: 0, ...parts };
  expect(frameWords(frameOf(counts))).toContain(words);
});
