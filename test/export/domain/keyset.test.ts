/** A keyset walk over a list finds every element that does not move, and ends, whatever the pages, ties and tokens are. */
import fc from 'fast-check';
import { idsOf, listOf, type Service, walk } from './keyset-walk';

const SECOND = 1000;
const pageSize = fc.integer({ min: 1, max: 12 });
const emptyPages = fc.nat(3);
const counts = fc.boolean();

/** Lists with ties of every length, in one second and in one millisecond. */
const anyValues = fc.oneof(
  fc.array(fc.nat(5), { maxLength: 60 }),
  fc.array(fc.nat(4_000), { maxLength: 60 }),
  fc.array(
    fc.nat(40).map((value) => value * 100),
    { maxLength: 60 },
  ),
  fc.uniqueArray(fc.nat(100_000), { maxLength: 60 }),
);
const distinctSeconds = (maxLength: number) =>
  fc.uniqueArray(fc.nat(10_000_000), { maxLength, selector: (value) => Math.floor(value / SECOND) });

describe('A keyset walk over a list that stands still', () => {
  test('finds every element at or above its start, whatever the ties and page sizes, and ends', () => {
    fc.assert(
      fc.property(anyValues, pageSize, emptyPages, counts, fc.nat(3_000), (values, size, empties, tells, from) => {
        const items = listOf(values);
        const { found, end, ...rest } = walk({ items, pageSize: size, emptyPages: empties, counts: tells }, from);
        expect(end).toBe('end');
        expect(rest).toMatchObject({ inOrder: true, leaps: 0, notShown: 0 });
        for (const { id, value } of items) if (value >= from) expect(found).toContain(id);
      }),
    );
  });

  test('begins at the whole second of its start, as the service may compare no finer', () => {
    const items = listOf([1999, 2000, 2400, 2500, 2600]);
    expect(walk({ items, pageSize: 10 }, 2500).found).toEqual(idsOf(items.slice(1)));
  });

  test('takes at most one call a page, beyond what the overlap of a second costs', () => {
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 2, max: 12 }), (values, size) => {
        const seconds = values.map((value) => Math.floor(value / SECOND));
        const ties = [...new Set(seconds)].map((second) => seconds.filter((other) => other === second).length);
        // A page starts with the second that the page before ended in, so its elements are paid for twice.
        const pages = Math.ceil((2 * values.length) / size);
        const longTies = ties.filter((length) => length >= size).length;
        expect(walk({ items: listOf(values), pageSize: size }).calls).toBeLessThanOrEqual(pages + 2 * longTies + 2);
      }),
    );
  });

  test('of distinct seconds takes one call for each page of them, less the one that overlaps', () => {
    fc.assert(
      fc.property(distinctSeconds(80), fc.integer({ min: 2, max: 30 }), counts, (values, size, tells) => {
        const { calls } = walk({ items: listOf(values), pageSize: size, counts: tells });
        expect(calls).toBe(Math.max(1, Math.ceil((values.length - 1) / (size - 1))));
      }),
    );
  });

  test('of a service that always gives a token finds all, and stops where the token repeats', () => {
    fc.assert(
      fc.property(anyValues, pageSize, (values, size) => {
        const items = listOf(values);
        const { found, end } = walk({ items, pageSize: size, alwaysToken: true });
        expect(end).toBe('token-repeats');
        expect(found).toEqual(idsOf(items));
      }),
    );
  });

  test('ends once a value at or after its end is confirmed by the page after, even where a token leads on, and has found all before it', () => {
    fc.assert(
      fc.property(anyValues, pageSize, fc.nat(4_000), (values, size, endAt) => {
        const items = listOf(values);
        const { found, end } = walk({ items, pageSize: size, alwaysToken: true }, 0, endAt);
        // A value that leads to no other second is confirmed by no page.
        if (values.some((value) => value - (value % SECOND) >= Math.max(endAt, SECOND))) expect(end).toBe('end');
        expect(end).not.toBe('never');
        for (const { id, value } of items) if (value < endAt) expect(found).toContain(id);
      }),
    );
  });
});

describe('A keyset walk over a list that moves', () => {
  test('finds every element that does not move: others jump to the tail, vanish or appear between any two answers', () => {
    const anyChange = fc.record({ which: fc.nat(), vanishes: fc.boolean() });
    fc.assert(
      fc.property(
        distinctSeconds(60),
        fc.integer({ min: 2, max: 12 }),
        fc.array(anyChange, { maxLength: 60 }),
        (values, size, changes) => {
          const service: Service = { items: listOf(values), pageSize: size, between };
          const moved = new Set<string>();
          let tail = 20_000_000;
          function between(): void {
            const change = changes.pop();
            const item = service.items[(change?.which ?? 0) % Math.max(1, service.items.length)];
            if (change === undefined || item === undefined) return;
            moved.add(item.id);
            if (change.vanishes) service.items = service.items.filter((other) => other !== item);
            else {
              tail += SECOND;
              item.value = tail;
            }
          }
          const still = idsOf(service.items);
          const { found, end, notShown } = walk(service);
          expect({ end, notShown }).toEqual({ end: 'end', notShown: 0 });
          for (const id of still) if (!moved.has(id)) expect(found).toContain(id);
        },
      ),
    );
  });

  test('a case that is updated while the walk goes on is found where it went', () => {
    const service: Service = { items: listOf([1, 2, 3, 4, 5, 6].map((value) => value * SECOND)), pageSize: 2, between };
    function between(call: number): void {
      const item = service.items[4];
      if (call === 1 && item) item.value = 100 * SECOND;
    }
    expect(walk(service).found).toEqual(idsOf(service.items));
  });
});

describe('A service that does not sort', () => {
  test('newest first, or in any order that shows on the first page: every element is found', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(100_000), { minLength: 3, maxLength: 60 }),
        fc.integer({ min: 2, max: 12 }),
        counts,
        (values, size, tells) => {
          const items = listOf(values);
          const order: Service['order'] = (a, b) => b.value - a.value;
          const { found, end, inOrder } = walk({ items, pageSize: size, order, counts: tells });
          expect({ end, inOrder }).toEqual({ end: 'end', inOrder: false });
          expect(found).toEqual(idsOf(items));
        },
      ),
    );
  });

  test('in one pair only: it costs its own place, and the walk goes on by values beyond it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 0, max: 39 }), counts, (size, swapped, tells) => {
        const items = listOf(Array.from({ length: 41 }, (_, index) => index * SECOND));
        const late = items[swapped];
        // It comes after the one that follows it.
        if (late) late.place = late.value + 1.5 * SECOND;
        const { found, end, calls } = walk({ items, pageSize: size, counts: tells });
        expect(end).toBe('end');
        expect(found).toEqual(idsOf(items));
        expect(calls).toBeLessThanOrEqual(Math.ceil(40 / (size - 1)) + 3);
      }),
    );
  });
});
