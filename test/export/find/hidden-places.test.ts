import { HiddenPlaces, MAX_HELD_PASSES } from '../../../lambda/export/find/hidden-places';

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
