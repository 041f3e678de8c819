/** A commit that was made and lost at any call of its publishing, and then voided, leaves no proof of what it would have brought. */
import { expectVoidedWithoutFalseProof, LOSSES } from './voided';

const EVERY = Array.from({ length: 30 }, (_, calls) => calls);

test.each(LOSSES)(
  'With what is staged lost (%p), whatever of it was published: void, and everything comes out, proven only when it has',
  (loss) => expectVoidedWithoutFalseProof(loss, EVERY),
);
