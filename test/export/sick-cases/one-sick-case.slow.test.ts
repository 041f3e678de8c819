/** No case is fatal to the feed, whichever way one or two of them are sick. */
import { expectOthersComeOut, SICKNESSES } from './sick-promises';

describe.each(SICKNESSES)('A case that %s, for ever,', (_, sicknessOf, cause) => {
  test.each([1, 2])('does not keep the first export from coming out, nor any change after it: %i of them', (count) =>
    expectOthersComeOut(sicknessOf, cause, count),
  );
});
