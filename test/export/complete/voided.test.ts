/** A commit that was made and lost, and then voided by an operator, leaves no proof of what it would have brought. */
import { expectVoidedWithoutFalseProof, LOSSES } from './voided';

/** Nothing published, a part of it, all of it; the slow tests stop the run at every call. */
const SOME = [0, 8, 29];

test.each(LOSSES)(
  'With what is staged lost (%p), whatever of it was published: void, and everything comes out, proven only when it has',
  (loss) => expectVoidedWithoutFalseProof(loss, SOME),
);
