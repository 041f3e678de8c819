/** A table that is restored to every moment, also inside a publish: the export goes on exactly, or refuses and says so. */
import { expectRestored } from './restored-life';

test('Restored to any moment at all, no row comes twice, no gap is forgotten and nothing is proven falsely', () =>
  expectRestored(() => true));
