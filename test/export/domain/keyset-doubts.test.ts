/** Answers of a search that are not taken at their word: its places, its counts, its nulls, its ends. */
import fc from 'fast-check';
import { type Item, idsOf, listOf, walk } from './keyset-walk';

const SECOND = 1000;
const pageSize = fc.integer({ min: 1, max: 12 });
const counts = fc.boolean();
/** Where the pages of the calls are cut, one after the other. */
const cutBy = (cuts: readonly (number | undefined)[]) => (call: number) => cuts[call - 1];

describe('A search that shows newer values than it places by', () => {
  const lagging = fc.array(
    fc.record({ place: fc.nat(60 * SECOND), lag: fc.oneof(fc.constant(0), fc.nat(60 * SECOND)) }),
    {
      maxLength: 60,
    },
  );

  test('hides nothing: where the last case does not come again, the walk goes back, or on by token', () => {
    fc.assert(
      fc.property(lagging, pageSize, counts, (all, size, tells) => {
        const items: Item[] = all.map(({ place, lag }, index) => ({ id: `item-${index}`, place, value: place + lag }));
        const { found, end, notShown } = walk({ items, pageSize: size, counts: tells });
        expect({ end, notShown }).toEqual({ end: 'end', notShown: 0 });
        expect(found).toEqual(idsOf(items));
      }),
    );
  });

  test('costs two calls more where one case has leapt, not the walk', () => {
    const items: Item[] = listOf(Array.from({ length: 400 }, (_, index) => index * SECOND));
    const leapt = items[99] as Item;
    items[99] = { ...leapt, place: leapt.value, value: 900 * SECOND };
    const { found, leaps, calls } = walk({ items, pageSize: 100 });
    expect(found).toEqual(idsOf(items));
    expect(leaps).toBe(1);
    expect(calls).toBeLessThanOrEqual(6);
  });
});

describe('A page without a token', () => {
  test('that shows fewer than the service counts is no end', () => {
    const items = listOf(Array.from({ length: 250 }, (_, index) => index * SECOND));
    const { found, end, notShown, calls } = walk({ items, pageSize: 100, cutTo: () => 100 });
    expect({ end, notShown, calls }).toEqual({ end: 'end', notShown: 0, calls: 3 });
    expect(found).toEqual(idsOf(items));
  });

  test('never hides more cases than are counted as not shown, nor one below the place that is told', () => {
    const values = fc.array(fc.nat(20 * SECOND), { maxLength: 60 });
    const cuts = fc.array(fc.option(fc.nat(8), { nil: undefined }), { maxLength: 30 });
    fc.assert(
      fc.property(values, pageSize, cuts, (all, size, cutTo) => {
        const items = listOf(all);
        const { found, end, notShown, notShownFrom } = walk({ items, pageSize: size, cutTo: cutBy(cutTo) });
        expect(end).toBe('end');
        expect(items.length - found.size).toBeLessThanOrEqual(notShown);
        for (const { id, value } of items) if (!found.has(id)) expect(value).toBeGreaterThanOrEqual(notShownFrom);
      }),
    );
  });

  test('never hides a case unnoticed, also where the search shows newer values than it places by', () => {
    const all = fc.array(fc.record({ place: fc.nat(20 * SECOND), lag: fc.constantFrom(0, 0, 5 * SECOND) }), {
      maxLength: 40,
    });
    const cuts = fc.array(fc.option(fc.nat(8), { nil: undefined }), { maxLength: 30 });
    fc.assert(
      fc.property(all, pageSize, cuts, (placed, size, cutTo) => {
        const items: Item[] = placed.map(({ place, lag }, index) => ({ id: `${index}`, place, value: place + lag }));
        const { found, end, notShown, notShownFrom } = walk({ items, pageSize: size, cutTo: cutBy(cutTo) });
        expect(end).toBe('end');
        if (found.size < items.length) expect(notShown).toBeGreaterThan(0);
        for (const { id, place = 0 } of items) {
          if (!found.has(id)) expect(place).toBeGreaterThanOrEqual(notShownFrom);
        }
      }),
    );
  });

  test('is the end where the service counts no more than it has shown, or does not count', () => {
    const items = listOf([0, 1, 2].map((second) => second * SECOND));
    for (const tells of [true, false]) {
      expect(walk({ items, pageSize: 3, counts: tells })).toMatchObject({ end: 'end', calls: 1, notShown: 0 });
    }
  });

  test('in the middle of a second that nothing leads on from is looked beyond once, and what is left is counted', () => {
    const items = listOf([...Array.from({ length: 10 }, () => 500), 9 * SECOND]);
    const { found, notShown, end } = walk({ items, pageSize: 4, cutTo: (call) => (call === 1 ? 4 : undefined) });
    expect(end).toBe('end');
    expect(found.has('item-10')).toBe(true);
    expect(notShown).toBe(items.length - found.size);
  });
});

describe('A null in the place of a case', () => {
  test('hides that case alone, and is not counted twice: the count of the service agrees', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40 * SECOND), { maxLength: 60 }), pageSize, fc.nat(9), (values, size, every) => {
        const items = listOf(values);
        const nulls = idsOf(items.filter((_, index) => index % 10 === every));
        const { found, end } = walk({ items, pageSize: size, nulls });
        expect(end).toBe('end');
        for (const { id } of items) expect(found.has(id)).toBe(!nulls.has(id));
      }),
    );
  });

  test('at the end of the list leaves nothing to look for', () => {
    const items = listOf([0, 1, 2, 3].map((second) => second * SECOND));
    expect(walk({ items, pageSize: 4, nulls: new Set(['item-3']) })).toMatchObject({
      end: 'end',
      notShown: 0,
      calls: 1,
    });
  });
});
