import fc from 'fast-check';
import { HiddenPlaces, MAX_HELD_PASSES, PageCounts } from '../../../lambda/export/find/census';
import type { FoundPage } from '../../../lambda/export/find/search';

describe('Hidden places', () => {
  test('are none at first', () => {
    const { cases, lowest, lowestGivenUp } = new HiddenPlaces();
    expect({ cases, lowest, lowestGivenUp }).toEqual({
      cases: 0,
      lowest: Number.POSITIVE_INFINITY,
      lowestGivenUp: Number.POSITIVE_INFINITY,
    });
  });

  test('sum their cases, and know the lowest, and the lowest behind which nothing could be looked at', () => {
    const hidden = new HiddenPlaces();
    hidden.add([{ place: 30, cases: 2 }]);
    hidden.add([
      { place: 20, cases: 1 },
      { place: 25, cases: 1, isGivenUp: true },
    ]);
    expect(hidden).toMatchObject({ cases: 4, lowest: 20, lowestGivenUp: 25 });
  });

  test('hold a lane for three passes, after which they are owed', () => {
    expect(MAX_HELD_PASSES).toBe(3);
  });

  test('are owed since they were met first, of unknown contents, and no fewer than before', () => {
    const owed = new HiddenPlaces(2).owedWith(null, 100);
    expect(owed).toEqual({ cause: 'not-shown', cases: 2, neverRead: 2, since: 100, missingFrom: null });
    expect(new HiddenPlaces(1).owedWith(owed, 200)).toEqual(owed);
    expect(new HiddenPlaces(5).owedWith(owed, 200)).toEqual({ ...owed, cases: 5, neverRead: 5 });
  });
});

describe('What pages count against what they show', () => {
  const found = (caseId: string, place: number) => ({
    place,
    found: { caseId, templateId: null, lastUpdated: place, created: place },
  });
  const page = (from: number, totalCount: number | undefined, ...cases: FoundPage['cases'][number][]): FoundPage => ({
    ...{ from, cases, reached: null, isLast: false, isEndOfList: false, hidden: [], totalCount },
  });
  const notShown = (...pages: readonly FoundPage[]) => {
    const counts = new PageCounts();
    for (const one of pages) counts.add(one);
    return counts.notShown;
  };

  test('is nothing where every counted case is shown, also again and further up', () => {
    const [a, b] = [found('a', 10), found('b', 20)];
    expect(notShown(page(0, 2, a, b), page(20, 1, b))).toEqual([]);
    expect(notShown(page(0, 2, a), page(10, 2, a), page(10, 2, found('b', 30)))).toEqual([]);
    expect(notShown(page(0, undefined, a))).toEqual([]);
    expect(notShown(page(0, 2, a, b), page(20, 3, b, found('new', 30), found('newer', 40)))).toEqual([]);
  });

  test('is a case that the last pages do not show any more, as of the last place that counted it', () => {
    const [a, b, c] = [found('a', 10), found('b', 20), found('c', 30)];
    expect(notShown(page(0, 4, a, b), page(20, 3, b), page(20, 1, c))).toEqual([{ place: 20, cases: 1 }]);
  });

  test('is nothing more than what the search knows to be hidden there', () => {
    const hidden = { ...page(0, 3, found('a', 10), found('b', 20)), hidden: [{ place: 10, cases: 1 }] };
    expect(notShown(hidden)).toEqual([]);
  });

  test('may lie before a page that counts more than was left, though as many are hidden behind it', () => {
    const first = page(0, 3, found('a', 10), found('b', 20));
    const second = { ...page(20, 4, found('b', 20), found('c', 30)), hidden: [{ place: 20, cases: 2 }] };
    expect(notShown({ ...first, totalCount: 4 }, second)).toEqual([{ place: 0, cases: 0 }]);
    expect(notShown(first, { ...second, totalCount: 2, hidden: [] })).toEqual([]);
  });

  test('is the same by the count of each place, whatever the number of cases', () => {
    const places = fc.array(fc.nat(50), { maxLength: 30 });
    fc.assert(
      fc.property(places, fc.nat(50), fc.nat(40), (all, from, count) => {
        const cases = all.map((place, index) => found(`case-${index}`, place));
        const lacking = count - all.filter((place) => place >= from).length;
        expect(notShown(page(from, count, ...cases))).toEqual(lacking > 0 ? [{ place: from, cases: lacking }] : []);
      }),
    );
  });
});
