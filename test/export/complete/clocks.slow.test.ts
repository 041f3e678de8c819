/** A run goes by one clock that never goes back, however far the wall clock is set, inside whichever call. */
import { expectNoHarm, OPERATIONS, SHIFTS_MS } from './set-clock';

test.each(SHIFTS_MS.flatMap((byMs) => OPERATIONS.map((operation) => [byMs, operation] as const)))(
  'A wall clock that is set by %i ms inside a call of %s moves no watermark into the future, and loses nothing',
  expectNoHarm,
);
