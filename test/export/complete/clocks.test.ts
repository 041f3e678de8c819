/** A run goes by one clock that never goes back: no wall clock set inside a call can move a watermark past what is still to come. */
import { HOUR } from '../../support/world';
import { expectNoHarm, OPERATIONS, SHIFTS_MS } from './set-clock';

/** Each operation forward and back, each shift inside one; the slow tests take every pair. */
const PAIRS = [
  ...OPERATIONS.flatMap((operation) => [-HOUR, HOUR].map((byMs) => [byMs, operation] as const)),
  ...SHIFTS_MS.map((byMs) => [byMs, 'searchCases'] as const).filter(([byMs]) => Math.abs(byMs) !== HOUR),
];

test.each(PAIRS)(
  'A wall clock that is set by %i ms inside a call of %s moves no watermark into the future, and loses nothing',
  expectNoHarm,
);
