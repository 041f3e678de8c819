/**
 * A walk over a list finds every element that does not move, and ends. The service is a list that the test makes and that may
 * change between two answers; its tokens walk an offset, as they may.
 */
import fc from 'fast-check';
import { type Cursor, nextStep, startCursor, withoutToken } from '../../../lambda/export/domain/keyset';

interface Item {
  readonly id: string;
  value: number;
}

interface Service {
  items: Item[];
  readonly pageSize: number;
  /** Answers empty pages with a token before the page itself, this many. */
  readonly emptyPages?: number;
  /** Also the last page carries a token. */
  readonly alwaysToken?: boolean;
  /** Something happens between two answers. */
  readonly between?: (call: number) => void;
  /** The order that the service gives, where it is not ascending. */
  readonly order?: (a: Item, b: Item) => number;
}

interface Walk {
  readonly found: Set<string>;
  readonly calls: number;
  readonly end: 'end' | 'token-repeats' | 'never';
  readonly unsorted: boolean;
}

const MAX_CALLS = 2000;

function ask(service: Service, cursor: Cursor) {
  const order = service.order ?? ((a, b) => a.value - b.value);
  const list = service.items.filter(({ value }) => value >= cursor.from).sort(order);
  const [offset = 0, empties = 0] = cursor.token?.split('/').map(Number) ?? [];
  if (empties < (service.emptyPages ?? 0)) return { items: [], nextToken: `${offset}/${empties + 1}` };
  const end = offset + service.pageSize;
  const isLast = end >= list.length;
  const items = list.slice(offset, end);
  return { items, nextToken: isLast && !service.alwaysToken ? undefined : `${Math.min(end, list.length)}/0` };
}

function walk(service: Service, from = 0, endAt = Number.POSITIVE_INFINITY): Walk {
  const found = new Set<string>();
  let cursor = startCursor(from);
  let unsorted = false;
  for (let calls = 1; calls <= MAX_CALLS; calls += 1) {
    const page = ask(service, cursor);
    for (const { id } of page.items) found.add(id);
    const step = nextStep(cursor, { values: page.items.map(({ value }) => value), nextToken: page.nextToken }, endAt);
    if (step.kind === 'token-repeats') return { found, calls, end: 'token-repeats', unsorted };
    unsorted ||= step.unsorted;
    if (step.kind === 'end') return { found, calls, end: 'end', unsorted };
    cursor = step.cursor;
    service.between?.(calls);
  }
  return { found, calls: MAX_CALLS, end: 'never', unsorted };
}

function listOf(values: readonly number[]): Item[] {
  return values.map((value, index) => ({ id: `item-${index}`, value }));
}

function idsOf(items: readonly Item[]): Set<string> {
  return new Set(items.map(({ id }) => id));
}

const pageSize = fc.integer({ min: 1, max: 12 });
/** Lists with ties of every length. */
const anyValues = fc.oneof(
  fc.array(fc.nat(5), { maxLength: 60 }),
  fc.array(fc.nat(40), { maxLength: 60 }),
  fc.uniqueArray(fc.nat(10_000), { maxLength: 60 }),
);

describe('A keyset walk over a list that stands still', () => {
  test('finds every element at or above its start, whatever the ties and page sizes, and ends', () => {
    fc.assert(
      fc.property(anyValues, pageSize, fc.nat(3), fc.nat(10), (values, size, emptyPages, from) => {
        const items = listOf(values);
        const { found, end, unsorted } = walk({ items, pageSize: size, emptyPages }, from);
        expect(end).toBe('end');
        expect(unsorted).toBe(false);
        expect(found).toEqual(idsOf(items.filter(({ value }) => value >= from)));
      }),
    );
  });

  test('takes at most one call a page, and two for each tie, beyond what the overlap of one value costs', () => {
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 2, max: 12 }), (values, size) => {
        const ties = [...new Set(values)].map((value) => values.filter((other) => other === value).length);
        // A page starts with the last value of the page before, so a run of one value is paid for twice.
        const pages = Math.ceil((2 * values.length) / size);
        const longTies = ties.filter((length) => length >= size).length;
        expect(walk({ items: listOf(values), pageSize: size }).calls).toBeLessThanOrEqual(pages + 2 * longTies + 2);
      }),
    );
  });

  test('of distinct values takes one call for each page of them, less the one that overlaps', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(10_000), { maxLength: 80 }),
        fc.integer({ min: 2, max: 30 }),
        (values, size) => {
          const { calls } = walk({ items: listOf(values), pageSize: size }, -1);
          expect(calls).toBe(Math.max(1, Math.ceil((values.length - 1) / (size - 1))));
        },
      ),
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

  test('ends at a page that ends at or after its end, even where a token leads on, and has found all before it', () => {
    fc.assert(
      fc.property(anyValues, pageSize, fc.nat(40), (values, size, endAt) => {
        const items = listOf(values);
        const { found, end } = walk({ items, pageSize: size, alwaysToken: true }, 0, endAt);
        if (values.some((value) => value >= endAt)) expect(end).toBe('end');
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
        fc.uniqueArray(fc.nat(300), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 2, max: 12 }),
        fc.array(anyChange, { maxLength: 60 }),
        (values, size, changes) => {
          const service: Service = { items: listOf(values), pageSize: size, between };
          const moved = new Set<string>();
          let tail = 1000;
          function between(): void {
            const change = changes.pop();
            const item = service.items[(change?.which ?? 0) % Math.max(1, service.items.length)];
            if (change === undefined || item === undefined) return;
            moved.add(item.id);
            if (change.vanishes) service.items = service.items.filter((other) => other !== item);
            else item.value = tail++;
          }
          const still = idsOf(service.items);
          const { found, end } = walk(service);
          expect(end).toBe('end');
          for (const id of still) if (!moved.has(id)) expect(found).toContain(id);
        },
      ),
    );
  });

  test('a case that is updated while the walk goes on is found where it went', () => {
    const service: Service = { items: listOf([1, 2, 3, 4, 5, 6]), pageSize: 2, between };
    function between(call: number): void {
      if (call === 1) (service.items[4] as Item).value = 100;
    }
    expect(walk(service).found).toEqual(idsOf(service.items));
  });
});

describe('A page that is not sorted', () => {
  test('says so also where its token repeats', () => {
    const cursor = { ...startCursor(5), tie: true, tokensSeen: ['a'], token: 'a' };
    expect(nextStep(cursor, { values: [9, 7], nextToken: 'a' }, 100)).toEqual({
      kind: 'token-repeats',
      unsorted: true,
    });
  });
});

describe('A token', () => {
  test('is none at the start of a walk, nor was any followed: whichever comes first leads on', () => {
    const start = { from: 5, token: undefined, tie: false, held: false, tokensSeen: [] };
    expect(startCursor(5)).toEqual(start);
    fc.assert(
      fc.property(fc.string(), (token) => {
        const step = nextStep(startCursor(5), { values: [], nextToken: token }, 100);
        expect(step).toEqual({ kind: 'next', cursor: { ...start, token, tokensSeen: [token] }, unsorted: false });
      }),
    );
  });

  test('is used inside a tie and past empty pages only; afterwards a first page is asked for, from the next value on', () => {
    const first = nextStep(startCursor(5), { values: [5, 5], nextToken: 'a' }, 100);
    expect(first).toMatchObject({ kind: 'next', cursor: { from: 5, token: 'a', tie: true } });
    const inTie = (first as { cursor: Cursor }).cursor;
    expect(nextStep(inTie, { values: [5, 9], nextToken: 'b' }, 100)).toEqual({
      kind: 'next',
      cursor: startCursor(6),
      unsorted: false,
    });
    expect(nextStep(startCursor(5), { values: [5, 9], nextToken: 'b' }, 100)).toEqual({
      kind: 'next',
      cursor: startCursor(9),
      unsorted: false,
    });
    const empty = nextStep(startCursor(5), { values: [], nextToken: 'a' }, 100);
    expect(empty).toMatchObject({ kind: 'next', cursor: { from: 5, token: 'a', tie: false } });
  });

  test('that comes again is named, also when it leads round a circle of several', () => {
    let cursor = startCursor(5);
    for (const token of ['a', 'b', 'c']) {
      const step = nextStep(cursor, { values: [], nextToken: token }, 100);
      if (step.kind !== 'next') throw new Error(step.kind);
      cursor = step.cursor;
    }
    for (const token of ['a', 'b', 'c']) {
      expect(nextStep(cursor, { values: [5], nextToken: token }, 100)).toEqual({
        kind: 'token-repeats',
        unsorted: false,
      });
    }
    expect(withoutToken(cursor)).toEqual(startCursor(5));
  });
});

describe('A service that does not sort', () => {
  test.each([
    ['descending within a page', [3, 2]],
    ['below what was asked for', [0, 2]],
  ])('is noticed (%s), and the rest is walked by token', (_, values) => {
    const step = nextStep(startCursor(1), { values, nextToken: 'a' }, 100);
    expect(step).toMatchObject({ kind: 'next', unsorted: true, cursor: { from: 1, token: 'a', held: true } });
    const held = (step as { cursor: Cursor }).cursor;
    // A value at the end of the window proves nothing any more.
    expect(nextStep(held, { values: [200], nextToken: 'b' }, 100)).toMatchObject({
      kind: 'next',
      cursor: { from: 1, token: 'b' },
    });
    expect(nextStep(held, { values: [5], nextToken: undefined }, 100)).toMatchObject({ kind: 'end' });
  });

  test('is noticed on the last page too', () => {
    expect(nextStep(startCursor(1), { values: [3, 2], nextToken: undefined }, 100)).toEqual({
      kind: 'end',
      unsorted: true,
    });
  });

  test('newest first, or in any order that shows on the first page: every element is found', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(1000), { minLength: 3, maxLength: 60 }),
        fc.integer({ min: 2, max: 12 }),
        (values, size) => {
          const items = listOf(values);
          const { found, end, unsorted } = walk({ items, pageSize: size, order: (a, b) => b.value - a.value });
          expect({ end, unsorted }).toEqual({ end: 'end', unsorted: true });
          expect(found).toEqual(idsOf(items));
        },
      ),
    );
  });
});
